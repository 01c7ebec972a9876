"""What the docs say is so: tables, names, links, commands, examples. A page gone stale fails here."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml

from checkers import check
from checkers.promises import CONDITIONS, table
from checkers.registry import ORDER, checks
from harness.cli.app import build
from harness.errors import Exit
from harness.plan import schema
from harness.plan.load import load
from harness.registry import extensions
from harness.store import Row

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ids = [str(page.relative_to(ROOT)) for page in PAGES]
every_page = pytest.mark.parametrize("page", PAGES, ids=ids)


def text(page: Path | str) -> str:
    path = page if isinstance(page, Path) else ROOT / page
    return path.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), re.DOTALL | re.MULTILINE)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# the pages and the registries


@every_page
def test_generated_tables_are_those_of_the_registries(page: Path) -> None:
    assert text(page) == generator().render(text(page)), "stale: run `python docs/generate.py`"


@pytest.mark.parametrize("kind", ["nemeses", "workloads", "systems", "testbeds"])
def test_plans_md_names_every_extension_and_option(kind: str) -> None:
    plans = text("docs/plans.md")
    for name, extension in extensions(kind).items():
        assert f"### `{name}`" in plans
        for option in extension.options:
            assert f"| `{option}` |" in plans


def test_checks_md_tells_of_every_check() -> None:
    page = text("docs/checks.md")
    for name in checks():
        assert re.search(rf"^### .*`{name}`", page, re.MULTILINE), (
            f"docs/checks.md has no section on `{name}`"
        )


def test_history_md_names_every_check_in_order() -> None:
    listed = re.search(r"in the order in which they report:\n\n(.*?)\n\n", text("docs/history.md"), re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"`([\w-]+)`", listed[1])) == ORDER


def test_promises_md_has_the_table_that_the_code_has() -> None:
    page = text("docs/promises.md")
    rows = re.findall(r"^\| ((?:`[\w-]+` ?)+)\| (.*) \|$", page, re.MULTILINE)
    written = {
        name: [cell.strip() for cell in cells.split(" | ")]
        for names, cells in rows
        for name in re.findall(r"`([\w-]+)`", names)
        if name in table()
    }
    coded = {
        name: [
            " ".join(("A", *terms.conditions)) if terms.asserted else "m" if terms.applies else "n/a"
            for terms in by_promise.values()
        ]
        for name, by_promise in table().items()
    }
    assert written == coded
    for condition in CONDITIONS:
        assert re.search(rf"(### |\*\*){condition}", page), f"docs/promises.md explains no `{condition}`"


def _fields(struct: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(struct):
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        yield field.name, default


PLAN_STRUCTS = {
    "The plan": schema.Plan,
    "`systems[]`": schema.SystemPlan,
    "`workloads[]`": schema.WorkloadPlan,
    "`nemeses[]`": schema.NemesisPlan,
    "`nemeses[].lanes[]`": schema.LanePlan,
    "`testbed`": schema.TestbedPlan,
    "`targets`": schema.Targets,
}


@pytest.mark.parametrize("heading", PLAN_STRUCTS)
def test_plans_md_has_every_field_and_its_default(heading: str) -> None:
    section = re.search(rf"^\*\*{re.escape(heading)}\*\*.*?\n\n(.*?)\n\n", text("docs/plans.md"), re.S | re.M)
    assert section is not None
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\|", section[1], re.MULTILINE))
    fields = dict(_fields(PLAN_STRUCTS[heading]))
    assert list(rows) == list(fields) or set(rows) == set(fields)
    for name, default in fields.items():
        shown = rows[name].strip("`")
        if default is msgspec.NODEFAULT:
            assert shown == ""
        elif isinstance(default, msgspec.Struct):
            assert shown in ("none", "sim")
        elif default == ():
            assert shown == "[]"
        else:
            assert yaml.safe_load(shown) == msgspec.json.decode(msgspec.json.encode(default)), name


def test_results_md_names_every_column_of_campaign_db() -> None:
    page = text("docs/results.md")
    for field in msgspec.structs.fields(Row):
        assert re.search(rf"^\| `{field.name}`", page, re.MULTILINE), field.name


@pytest.mark.parametrize("name", ["README.md", "docs/promises.md"])
def test_every_exit_code_is_explained(name: str) -> None:
    for code in Exit:
        assert re.search(rf"^\| {int(code)} \| \S", text(name), re.MULTILINE), code


def test_every_configuration_key_of_the_system_is_documented() -> None:
    page = text("docs/history.md")
    run = schema.SystemPlan(label="x")
    system = extensions("systems")[run.system]
    testbed = extensions("testbeds")["sim"].create(1, schema.TestbedPlan())
    for key in system.deploy(testbed, {}).config:
        assert f"`{key}`" in page, key


# what can be clicked, pasted, typed


def _anchors(page: Path) -> set[str]:
    """Anchors as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert ROOT in (there, *there.parents), f"{target} leaves the project"
        if anchor:
            assert anchor in _anchors(there), target


def _command_lines(page: Path) -> Iterator[str]:
    """Command lines that begin with `schism`, in code: indented, fenced, or between backticks."""
    for line in text(page).splitlines():
        if match := re.match(r"^(?: {4,}|\$ |)(?:\.venv/bin/)?(schism [a-z].*)$", line):
            yield match[1].split("  ")[0].split(" # ")[0]
        yield from re.findall(r"`(?:\.venv/bin/)?(schism [a-z][^`]*)`", line)


def _fill(word: str) -> str:
    """A placeholder such as N, PATH or NAME as a value that parses."""
    return {"N": "7", "SEED": "7"}.get(word, word)


@every_page
def test_every_schism_command_parses(page: Path) -> None:
    app = build()
    for line in _command_lines(page):
        if "·" in line or "[" in line or "…" in line:  # a banner, a synopsis
            continue
        words = [_fill(word) for word in shlex.split(line)[1:]]
        if all(word.startswith("--") for word in words[1:]) and words[0] != "soak":  # a mention
            assert words[0] in app, f"{page.name}: {line}"
            continue
        command, bound, *_ = app.parse_args(words, exit_on_error=False, print_error=False)
        assert inspect.isfunction(command), line
        assert bound is not None


@every_page
def test_every_synopsis_names_real_options(page: Path) -> None:
    app = build()
    for line in _command_lines(page):
        name = line.split()[1]
        assert name in app, f"{page.name}: there is no `schism {name}`"
        known = {f"--{p.replace('_', '-')}" for p in inspect.signature(app[name].default_command).parameters}
        assert set(re.findall(r"--[a-z-]+", line)) <= known | {"--help"}, line


@every_page
def test_every_make_target_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    code = [*re.findall(r"`(make [^`]*)`", text(page)), *re.findall(r"^ {4}(make .*)$", text(page), re.M)]
    for line in code:
        for word in line.split("  ")[0].split()[1:]:
            assert "=" in word or word in known, f"{page.name}: {line}"


@every_page
def test_paths_in_backticks_exist(page: Path) -> None:
    folders = r"(?:reference|harness|checkers|workloads|tests|campaigns|docs)"
    for path in re.findall(rf"`({folders}/[\w./-]*)`", text(page)):
        assert (ROOT / path).exists(), f"{page.name}: {path}"


@every_page
def test_no_page_knows_the_machine_it_was_written_on(page: Path) -> None:
    for word in ("/work/", "/home/", "/tmp/", "../shared", "localhost"):
        assert word not in text(page)


# examples


HISTORIES = [(page, number) for page in PAGES for number in range(len(blocks(page, "jsonl")))]


@pytest.mark.parametrize(("page", "number"), HISTORIES, ids=lambda value: str(getattr(value, "name", value)))
def test_example_histories_can_be_judged(page: Path, number: int, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(blocks(page, "jsonl")[number], encoding="utf-8")
    report = check(path)
    assert not report.warnings
    assert not report.failures


def test_the_example_of_history_md_loses_its_write(tmp_path: Path) -> None:
    page = ROOT / "docs" / "history.md"
    path = tmp_path / "history.jsonl"
    path.write_text(blocks(page, "jsonl")[0], encoding="utf-8")
    shown = json.loads(blocks(page, "json")[0])
    found = check(path).to_json()
    assert found["verdict"] == shown["verdict"] == "invalid"
    for name in ("promise", "ops"):
        assert found[name] == shown[name]
    said, says = shown["checks"]["lost-write"], found["checks"]["lost-write"]
    for name, value in said["violations"][0].items():
        assert says["violations"][0][name] == value


PLANS = [(page, number) for page in PAGES for number in range(len(blocks(page, "yaml")))]


@pytest.mark.parametrize(("page", "number"), PLANS, ids=lambda value: str(getattr(value, "name", value)))
def test_example_plans_load(page: Path, number: int, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(blocks(page, "yaml")[number], encoding="utf-8")
    assert load(path).value


def test_docstrings_name_only_pages_that_exist() -> None:
    sources = [
        path
        for folder in ("reference", "harness", "checkers", "workloads")
        for path in (ROOT / folder).rglob("*.py")
    ]
    for source in sources:
        for page in re.findall(r"docs/[\w/-]+\.md", text(source)):
            assert (ROOT / page).exists(), f"{source.name}: {page}"
