"""`schism list`: what there is, generated from the registries."""

from __future__ import annotations

from typing import Any, Literal

from checkers.conditions.promises import CONDITIONS, table
from checkers.registry import checks
from harness import registry
from harness.cli.output import print_json, print_table
from harness.errors import Exit
from harness.report.model.guarantees import PROMISES

Kind = Literal["checks", "promises", "nemeses", "workloads", "systems", "testbeds"]


def list_extensions(kind: Kind, /, *, json: bool = False) -> int:
    """List what there is of one kind, with the options that a plan may give.

    Examples:

        schism list nemeses
        schism list checks --json

    Parameters
    ----------
    kind
        checks, promises, nemeses, workloads, systems or testbeds.
    json
        Print one JSON list instead of a table.
    """
    entries = _entries(kind)
    if json:
        print_json(entries)
        return Exit.VALID
    rows: list[list[str]] = []
    for entry in entries:
        rows.append([entry["name"], entry["summary"]])
        rows += [["", f"{name}: {meaning}"] for name, meaning in entry.get("options", {}).items()]
        rows += [
            ["", f"{name}: {', '.join(entry[name])}"] for name in ("asserted", "testbeds") if entry.get(name)
        ]
    if kind == "promises":
        rows += [["", ""], *([f"[{name}]", f"only if {words}"] for name, words in CONDITIONS.items())]
    print_table(rows or [[f"no {kind}"]])
    return Exit.VALID


def _entries(kind: Kind) -> list[dict[str, Any]]:
    if kind == "checks":
        return _checks()
    return _promises() if kind == "promises" else [_entry(one) for one in registry.extensions(kind).values()]


def _promises() -> list[dict[str, Any]]:
    """Each promise in words, and what of it every check asserts; the names of conditions in brackets."""
    known, rows = checks(), table()
    return [
        {
            "name": promise,
            "summary": f"It promises that {words}",
            "options": {
                name: f"{known[name].guarantee} {_conditions(row[promise].conditions)}".rstrip()
                for name, row in rows.items()
                if name in known and row[promise].asserted
            },
        }
        for promise, words in PROMISES.items()
    ]


def _conditions(names: tuple[str, ...]) -> str:
    return f"[{', '.join(names)}]" if names else ""


def _checks() -> list[dict[str, Any]]:
    terms = table()
    return [
        {
            "name": check.name,
            "summary": check.question,
            "guarantee": check.guarantee,
            "source": check.source,
            "asserted": [promise for promise, said in terms.get(check.name, {}).items() if said.asserted],
        }
        for check in checks().values()
    ]


def _entry(extension: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": extension.name, "summary": getattr(extension, "summary", "")}
    for name in ("options", "testbeds", "needs", "kinds", "functions", "capabilities"):
        if (value := getattr(extension, name, None)) is not None:
            entry[name] = dict(value) if isinstance(value, dict) else sorted(value)
    return entry
