"""Finds extensions by folder and by entry point, so that adding one is one new file.

A nemesis module exports `NEMESES`, a workload module `WORKLOADS`, a testbed module `TESTBEDS` and a system
module `SYSTEMS`: tuples of objects with a `name`. Outsiders publish the same tuples through the entry
point groups `schism.nemeses` and so on; SCHISM_NO_PLUGINS=1 leaves those out.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import pkgutil
import traceback
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from harness.errors import UsageError
from harness.plan.suggest import did_you_mean

_FOLDERS = {
    "nemeses": "harness.nemeses",
    "workloads": "workloads",
    "testbeds": "harness.testbeds",
    "systems": "harness.systems",
}


@cache
def extensions(kind: str) -> dict[str, Any]:
    """All extensions of one kind (`nemeses`, `workloads`, `testbeds`, `systems`), by name, sorted.

    Raises UsageError if one of them cannot be loaded, or if two have one name: which of them a plan then
    means would be a matter of chance.
    """
    package = importlib.import_module(_FOLDERS[kind])
    found: dict[str, tuple[Any, str]] = {}

    def add(place: str, load: Callable[[], Any]) -> None:
        try:
            named = [(str(extension.name), extension) for extension in load()]
        except Exception as error:
            raise UsageError(f"{place}: cannot be loaded: {_words(error)}") from error
        for name, extension in named:
            if name in found:
                other = found[name][1]
                raise UsageError(f"{place}: the {kind_in_words(kind)} `{name}` is in {other} too: rename one")
            found[name] = extension, place

    for info in pkgutil.iter_modules(package.__path__):
        module = f"{package.__name__}.{info.name}"
        add(module, partial(_in_module, module, kind))
    if not os.environ.get("SCHISM_NO_PLUGINS"):
        for entry in importlib.metadata.entry_points(group=f"schism.{kind}"):
            add(f"plugin {entry.value} (SCHISM_NO_PLUGINS=1 leaves it out)", entry.load)
    return {name: found[name][0] for name in sorted(found)}


def _in_module(name: str, kind: str) -> Any:
    return getattr(importlib.import_module(name), kind.upper(), ())


def _words(error: Exception) -> str:
    """What went wrong, and the line where it did."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"


def find(kind: str, name: str, where: str) -> Any:
    """The extension called `name`. Raises UsageError, with what it could have meant, naming `where`."""
    known = extensions(kind)
    if name in known:
        return known[name]
    raise UsageError(f"{where}: unknown {kind_in_words(kind)} `{name}`{did_you_mean(name, known)}")


def kind_in_words(kind: str) -> str:
    """The singular that a message uses."""
    return {"nemeses": "nemesis"}.get(kind, kind.removesuffix("s"))
