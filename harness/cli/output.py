"""How commands speak: plain lines on stdout, one line of complaint on stderr, JSON where asked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console

from harness.report.terminal.card import table


def console() -> Console:
    """Standard output; colours only on a terminal, and only if NO_COLOR does not forbid them."""
    return Console(highlight=False, markup=False, soft_wrap=True)


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"schism: {' '.join(message.split())}", file=sys.stderr)


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output."""
    print(msgspec.json.encode(value).decode(), flush=True)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns."""
    print_lines(table(rows, indent=""))


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines."""
    for line in lines:
        print(line)
