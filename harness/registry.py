"""Finds extensions by folder and by entry point, so that adding one is one new file.

A nemesis module exports `NEMESES`, a workload module `WORKLOADS`, a testbed module `TESTBEDS` and a system
module `SYSTEMS`: tuples of objects with a `name`. Outsiders publish the same tuples through the entry
point groups `schism.nemeses` and so on; SCHISM_NO_PLUGINS=1 leaves those out.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import os
import pkgutil
from functools import cache
from typing import Any

from harness.errors import UsageError

_FOLDERS = {
    "nemeses": "harness.nemeses",
    "workloads": "workloads",
    "testbeds": "harness.testbeds",
    "systems": "harness.systems",
}


@cache
def extensions(kind: str) -> dict[str, Any]:
    """All extensions of one kind (`nemeses`, `workloads`, `testbeds`, `systems`), by name, sorted."""
    package = importlib.import_module(_FOLDERS[kind])
    modules = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    ]
    found = [extension for module in modules for extension in getattr(module, kind.upper(), ())]
    if not os.environ.get("SCHISM_NO_PLUGINS"):
        for entry in importlib.metadata.entry_points(group=f"schism.{kind}"):
            found.extend(entry.load())
    return {
        extension.name: extension for extension in sorted(found, key=lambda extension: str(extension.name))
    }


def find(kind: str, name: str, where: str) -> Any:
    """The extension called `name`. Raises UsageError, with what it could have meant, naming `where`."""
    known = extensions(kind)
    if name in known:
        return known[name]
    raise UsageError(f"{where}: unknown {kind_in_words(kind)} `{name}`{did_you_mean(name, known)}")


def kind_in_words(kind: str) -> str:
    """The singular that a message uses."""
    return {"nemeses": "nemesis"}.get(kind, kind.removesuffix("s"))


def did_you_mean(name: str, known: Any) -> str:
    """The end of an error message about a misspelt name."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f": did you mean `{close[0]}`?" if close else f" (known: {', '.join(known)})"
