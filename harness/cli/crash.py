"""Where the traceback of an unexpected failure goes: into a file, so that the terminal stays readable."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import UsageError


def save_traceback(error: BaseException) -> str:
    """Write the traceback to a new file; words that say where it is."""
    text = "".join(traceback.format_exception(error))
    try:
        handle, path = tempfile.mkstemp(prefix="schism-failure-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return "its traceback could not be written"
    return f"traceback in {path}"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around whatever reads what a store holds: a file there that is damaged is no failure of ours.

    Raises UsageError that names the folder where its contents have not the shape that we wrote. Its traceback
    is kept, since nobody can tell damage from a mistake in how we read.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        where = save_traceback(error)
        raise UsageError(
            f"{path}: what it holds is damaged, or not what we wrote ({said}; {where})"
        ) from None
