"""`schism list`: what there is, generated from the registries."""

from __future__ import annotations

from typing import Any, Literal

from checkers.conditions.promises import table
from checkers.registry import checks
from harness import registry
from harness.cli.output import print_json, print_table
from harness.errors import Exit

Kind = Literal["checks", "nemeses", "workloads", "systems", "testbeds"]


def list_extensions(kind: Kind, /, *, json: bool = False) -> int:
    """List what there is of one kind, with the options that a plan may give.

    Examples:

        schism list nemeses
        schism list checks --json

    Parameters
    ----------
    kind
        checks, nemeses, workloads, systems or testbeds.
    json
        Print one JSON list instead of a table.
    """
    entries = _checks() if kind == "checks" else [_entry(one) for one in registry.extensions(kind).values()]
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
    print_table(rows or [[f"no {kind}"]])
    return Exit.VALID


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
