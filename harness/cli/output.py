"""How commands speak: plain lines on stdout, one line of complaint on stderr, JSON where asked.

The one door to the terminal: what comes from histories, plans and stores may hold anything. Characters which
would move the cursor, clear the screen or turn the reading order round are shown, never sent.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console

from harness.report.model.words import UNSEEN, one_line
from harness.report.terminal.card import Line, table


def visible(text: str) -> str:
    """One line of text; what a terminal would obey or hide is written out (`\\x1b`, `\\u202e`)."""
    return one_line(text)


class PlainConsole(Console):
    """A console that shows what it is given, line by line, and obeys nothing in it."""

    def print(self, *objects: Any, **how: Any) -> None:
        """As `Console.print`; text is made visible first."""
        shown = ["\n".join(map(visible, one.split("\n"))) if isinstance(one, str) else one for one in objects]
        super().print(*shown, **how)


def console() -> Console:
    """Standard output; colours only on a terminal, and only if NO_COLOR does not forbid them."""
    return PlainConsole(highlight=False, markup=False, soft_wrap=True)


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"schism: {visible(' '.join(message.split()))}", file=sys.stderr)


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output, in characters that every terminal only shows."""
    text = msgspec.json.encode(value).decode()
    print(UNSEEN.sub(lambda match: _escaped(ord(match[0])), text), flush=True)


def _escaped(number: int) -> str:
    if number < 0x10000:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns."""
    print_lines(table([[visible(cell) for cell in row] for row in rows], indent=""))


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines."""
    for line in lines:
        print(visible(line))


def print_styled(lines: Iterable[Line]) -> None:
    """Lines with a style each, never wrapped, with nothing in them read as markup."""
    out = console()
    for text, style in lines:
        out.print(visible(text), style=style or None, markup=False, highlight=False, soft_wrap=True)
