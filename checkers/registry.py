"""Checks, found by folder: one guarantee (or a few close relatives) a file in `checkers/checks/`.

    @check("phantom", question="...", guarantee="...", source="...")
    def phantom(case: Case) -> Finding: ...

That is all: the decorated function becomes a `Check`, and the folder is the list. Outsiders publish theirs
(a Check, a tuple of them, or a module) through the entry point group `schism.checks`; SCHISM_NO_PLUGINS=1
leaves those out.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checkers.case import Case
    from checkers.verdict import Finding

_ORDER = """
phantom aborted-read future-read duplicate-sibling false-sibling lost-write unreplaced unstable-read
resurrection zombie convergence quiescence mvr-regular lww-regular safe read-your-writes monotonic-reads
monotonic-writes writes-follow-reads pram causal linearizable k-atomicity delta-atomicity staleness
lww-inversion siblings clock-audit set set-resurfaced counter availability crash
"""
ORDER = tuple(_ORDER.split())
"""The names of docs/history.md, in its order: those that a promise can speak of."""


@dataclass(frozen=True, slots=True)
class Check:
    """One guarantee, judged. `judge` is pure: a case in, a finding out; it may raise, the suite copes."""

    name: str
    question: str
    """What it asks, in one line."""
    guarantee: str
    """What the store promised, in words that a report can quote."""
    source: str
    """Where the guarantee is defined."""
    judge: Callable[[Case], Finding]


def check(
    name: str, *, question: str, guarantee: str, source: str
) -> Callable[[Callable[[Case], Finding]], Check]:
    """Make a function that judges a case into the check called `name`."""
    return lambda judge: Check(name, question, guarantee, source, judge)


@cache
def checks() -> dict[str, Check]:
    """All checks by name: the known ones in the contract's order, then others by name."""
    package = importlib.import_module("checkers.checks")
    found: list[Check] = []
    for info in pkgutil.iter_modules(package.__path__):
        found += _in(importlib.import_module(f"{package.__name__}.{info.name}"))
    if not os.environ.get("SCHISM_NO_PLUGINS"):
        for entry in importlib.metadata.entry_points(group="schism.checks"):
            found += _loaded(entry)
    place = {name: index for index, name in enumerate(ORDER)}
    found.sort(key=lambda one: (place.get(one.name, len(place)), one.name))
    named: dict[str, Check] = {}
    for one in found:
        if one.name in named:
            raise RuntimeError(f"two checks are called `{one.name}`: rename one of them")
        named[one.name] = one
    return named


def _loaded(entry: importlib.metadata.EntryPoint) -> list[Check]:
    """An outsider's checks. One that cannot be loaded stands for itself: the suite reports why."""
    try:
        return _in(entry.load())
    except Exception as error:
        reason = f"cannot be loaded from `{entry.value}`: {type(error).__name__}: {error}"

        def fail(_: Case) -> Finding:
            raise ImportError(reason)

        return [Check(entry.name, "Can it be loaded?", "unknown: it cannot be loaded.", entry.value, fail)]


def _in(thing: Any) -> list[Check]:
    """The checks that a module, a check or a collection of them offers."""
    if isinstance(thing, Check):
        return [thing]
    if isinstance(thing, ModuleType):
        return [one for _, one in sorted(vars(thing).items()) if isinstance(one, Check)]
    if isinstance(thing, Iterable):
        return [one for one in thing if isinstance(one, Check)]
    raise TypeError(f"`{thing!r}` offers no checks: publish a Check, a tuple of them, or a module")
