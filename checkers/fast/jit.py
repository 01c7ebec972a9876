"""Compiles the loops that numpy cannot express, if numba is there; else they are plain Python.

Compiled code is cached beside the source: a machine waits for the compiler once.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = find_spec("numba") is not None
"""Whether loops over millions of operations are fast; without it the screens are not worth their while."""


def kernel(function: F) -> F:
    """A function of numpy arrays and numbers, compiled at its first call."""
    if not COMPILED:
        return function
    from numba import njit  # slow to import: only for large histories

    compiled: F = njit(cache=True, nogil=True)(function)
    return compiled
