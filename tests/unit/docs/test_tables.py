"""Tables and names in the docs are those of the code. A page that has gone stale fails here."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml

from checkers.conditions.promises import CONDITIONS, table
from checkers.formats.detect import READERS
from checkers.registry import ORDER, checks
from harness.errors import Exit
from harness.plan import schema
from harness.registry import extensions
from harness.store import Row
from tests.unit.docs.pages import ROOT, every_page, text


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    "`variants.<testbed>`": schema.Variant,
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


def test_history_md_says_which_formats_are_read() -> None:
    rows = dict(re.findall(r"^\| [^|]+ \| `([\w-]+)` \| (\w+)", text("docs/history.md"), re.MULTILINE))
    assert {name for name, read in rows.items() if read == "yes"} == set(READERS)
