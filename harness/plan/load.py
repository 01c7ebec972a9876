"""YAML to a `Plan` or a `Run`, and back. Whatever is wrong is one UsageError that names the place.

The rules that need the registries (is there such a nemesis?) are in `harness.campaign.preflight`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args

import msgspec
import yaml

from harness.errors import UsageError
from harness.plan import rules
from harness.plan.document import Document, read_document
from harness.plan.schema import Plan, Run, Variant
from harness.plan.suggest import did_you_mean
from harness.plan.variants import on_testbed

P = TypeVar("P", Plan, Run, Variant)

_AT = re.compile(r"^(?P<said>.*?)(?: - at `(?P<at>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^Object (?P<what>contains unknown|missing required) field `(?P<field>[^`]*)`$")
_WORDS = {"`object`": "a mapping", "`array`": "a list", "`str`": "text", "`int`": "a whole number"}
_WORDS |= {"`float`": "a number", "`bool`": "true or false", "`null`": "null (leave it out)"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan or run, and the document that it came from (for messages about its parts)."""

    value: Plan | Run
    document: Document


def load(path: Path) -> Loaded:
    """Read a campaign's plan, or a single run's saved `plan.yaml`.

    Raises UsageError, one line that names file, line, field and the fix, for anything wrong with it.
    """
    document = read_document(path)
    single = "system" in document.data and "systems" not in document.data
    return load_run(document) if single else load_plan(document)


def load_plan(document: Document) -> Loaded:
    """The document as a `Plan`, its values checked."""
    variants = document.data.get("variants")
    for name, said in variants.items() if isinstance(variants, dict) else ():
        _convert(document, Variant, said, f"$.variants.{name}")
    plan = _convert(document, Plan, document.data)
    rules.check_plan(plan, document)
    for name in plan.variants:
        rules.check_plan(*on_testbed(plan, document, name))
    return Loaded(plan, document)


def load_run(document: Document) -> Loaded:
    """The document as a `Run`, its values checked."""
    run = _convert(document, Run, document.data)
    rules.check_run(run, document)
    return Loaded(run, document)


def read_run(path: Path) -> Run:
    """The `Run` saved in this file. Raises UsageError, also where it is a whole campaign's plan."""
    loaded = load(path)
    if isinstance(loaded.value, Run):
        return loaded.value
    raise UsageError(f"{path}: is a campaign's plan, not a single run's: give a run's folder")


def dump(value: Plan | Run) -> str:
    """YAML text that loads as the same value; same value, same bytes."""
    return yaml.safe_dump(msgspec.to_builtins(value), sort_keys=False, allow_unicode=True, width=100)


def run_from_json(data: Any) -> Run:
    """A `Run` from the builtins of its JSON form (a row of the store, a worker's line)."""
    return msgspec.convert(data, Run)


def _convert(document: Document, kind: type[P], data: Any, place: str = "$") -> P:
    """`data`, which stands at `place`, as a value of this kind."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        _explain(document, kind, str(error), place)


def _explain(document: Document, kind: type[Any], message: str, place: str) -> NoReturn:
    """Say what msgspec said, with line, field and what may have been meant."""
    match = _AT.match(message)
    said, below = (match["said"], match["at"] or "$") if match else (message, "$")
    at = place + below.removeprefix("$")
    if field := _FIELD.match(said):
        name = field["field"]
        if field["what"] == "contains unknown":
            document.fail(f"{at}.{name}", f"unknown field{did_you_mean(name, _fields_at(kind, below))}")
        document.fail(at, f"the field `{name}` is missing")
    for term, words in _WORDS.items():
        said = said.replace(term, words)
    document.fail(at, said[:1].lower() + said[1:])


def _fields_at(kind: Any, at: str) -> tuple[str, ...]:
    """The names of the fields that the schema knows at a path like `$.nemeses[0].lanes[1]`."""
    for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", at):
        if name:
            kind = {field.name: field.type for field in msgspec.structs.fields(kind)}[name]
        elif index:
            listed = next((one for one in get_args(kind) if get_args(one)), kind)  # of `list | None`
            kind = get_args(listed)[0]
    return tuple(field.name for field in msgspec.structs.fields(kind))
