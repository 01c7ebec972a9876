"""Writes those tables of the docs that the registries know better: `python docs/generate.py`, in place.

A page has `<!-- generated: NAME -->` before such a table and `<!-- end -->` after it. A test holds that every
page is what this would write, so that an option which is added or renamed cannot be forgotten here.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from checkers.registry import checks
from harness.cli.app import execute
from harness.registry import extensions

DOCS = Path(__file__).parent
_BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def options(documented: Mapping[str, str]) -> str:
    """Options of one extension."""
    rows = ((f"`{name}`", meaning) for name, meaning in documented.items())
    return table(("option", "meaning"), rows) if documented else "No options.\n"


def every(kind: str) -> str:
    """All extensions of one kind, each with its options."""
    parts = []
    for name, extension in extensions(kind).items():
        facts = [_words(extension, fact, word) for fact, word in _FACTS]
        about = f"{_sentence(extension.summary)} {' '.join(fact for fact in facts if fact)}".strip()
        parts.append(f"### `{name}`\n\n{about}\n\n{options(extension.options)}")
    return "\n" + "\n".join(parts) + "\n"


_FACTS = (
    ("needs", "Needs"),
    ("kinds", "Kinds:"),
    ("functions", "Functions:"),
    ("testbeds", "Runs on"),
    ("capabilities", "Can do"),
)


def _words(extension: Any, fact: str, word: str) -> str:
    values = getattr(extension, fact, ())
    listed = sorted(values) if isinstance(values, frozenset) else values
    return f"{word} {', '.join(f'`{value}`' for value in listed)}." if listed else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def check_table() -> str:
    """Every check that is built."""
    rows = ((f"`{one.name}`", one.question, one.guarantee) for one in checks().values())
    return table(("check", "question", "what was promised"), rows)


def planted() -> str:
    """Every planted bug, and why the rest of the catalogue is not."""
    sys.path.insert(0, str(DOCS.parent))  # run as a script, only this folder is on the path
    from tests.planted.bugs import BUGS, NOT_PLANTED

    rows = (
        (bug.number, bug.what, bug.source, bug.trigger, ", ".join(f"`{name}`" for name in bug.checks))
        for bug in BUGS
    )
    found = table(("", "the bug", "seen in", "it takes", "found by"), rows)
    return f"{found}\nNot planted:\n\n{table(('', 'because'), NOT_PLANTED.items())}"


def console(arguments: list[str], first: str, last: str) -> str:
    """What a command prints, from the line that has `first` in it to the one that has `last`."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        execute(arguments)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    start = next(number for number, line in enumerate(lines) if first in line)
    end = next(number for number, line in enumerate(lines) if last in line and number >= start)
    return "\n".join(["```text", *lines[start : end + 1], "```", ""])


_LOST_ITEM = str(DOCS / "tutorial" / "lost-item.jsonl")


def _page(part: str) -> Callable[[], str]:
    def make() -> str:
        sys.path[:0] = [
            str(DOCS),
            str(DOCS.parent),
        ]  # this page is drawn by a module beside, from histories of tests
        import guarantee_page

        made: str = getattr(guarantee_page, part)()
        return made

    return make


BLOCKS: dict[str, Callable[[], str]] = {
    "guarantees": _page("guarantees"),
    "bugs-by-check": _page("bugs"),
    "checks": check_table,
    "nemeses": lambda: every("nemeses"),
    "workloads": lambda: every("workloads"),
    "systems": lambda: every("systems"),
    "testbeds": lambda: every("testbeds"),
    "planted": planted,
    "lost-item-check": lambda: console(["check", _LOST_ITEM], "✘ lost-write ·", "do not hold it"),
    "lost-item-show": lambda: console(["show", _LOST_ITEM], "▼  skew", "#13"),
}


def render(text: str) -> str:
    """The page with its generated tables made anew."""
    return _BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]]()}{block[3]}", text)


def main() -> None:
    """Rewrite every page."""
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := render(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"rewritten: {page.relative_to(DOCS)}")


if __name__ == "__main__":
    main()
