"""Errors and exit codes: what a user may be told, and what only we can have done.

    SchismError
    ├── UsageError      the user's plan, path or option is wrong: exit 4, one line, the fix
    └── HarnessError    we failed (a client, nemesis or testbed broke): exit 3

Definiteness lives on the error: a client raises `Refused` only where certainly nothing happened, and
`Unanswered` where the store may have acted. No adapter decides for itself what is a failure; any other
exception is the harness's own and never becomes an outcome.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process says to a script. Of several, 1 outranks 3, 3 outranks 2."""

    VALID = 0
    INVALID = 1
    UNKNOWN = 2
    HARNESS = 3
    USAGE = 4
    INTERRUPTED = 130


class SchismError(Exception):
    """An error that we understand."""

    exit = Exit.HARNESS


class UsageError(SchismError):
    """The input is wrong. The message names file, line or path, field, and the fix."""

    exit = Exit.USAGE


class HarnessError(SchismError):
    """Our own failure, with its place (`client`, `nemesis`, `testbed` or `checker`)."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where


class Outcome(Exception):
    """How an operation ended without an answer; never raised itself."""


class Refused(Outcome):
    """The store certainly did nothing, in every attempt: the operation is a `fail`."""


class Unanswered(Outcome):
    """The store may have acted, or may yet act: the operation is an `info`."""
