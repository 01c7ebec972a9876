"""Where the traceback of an unexpected failure goes: into a file, so that the terminal stays readable."""

from __future__ import annotations

import os
import tempfile
import traceback


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
