"""Small wordings that all pages share: verdicts, numbers, moments of a run, and what the paper reported."""

from __future__ import annotations

import re

VERDICT_WORDS = {"invalid": "Broke its promise", "unknown": "Undecided", "valid": "Kept its promise"}
GLYPHS = {"invalid": "bad", "unknown": "unk", "valid": "ok", "n/a": "mok"}
DESCRIPTIVE = ("siblings", "staleness")
"""Checks that only describe: they find nothing by design, so that "none in 64" would say what is not so."""
PAPER_SIBLINGS_PERCENT = ("99.94", "0.00057", "0.00047", "0.00009")
"""§6.3: the share of requests that saw one, two, three and four versions, as printed."""
MARKS = re.compile(r"\b[Oo]ps? (\d+(?:(?:, | and )\d+)*)|`([^`]+)`")
"""What a check's text marks: `op 12`, `ops 3, 4 and 7`, and words in backticks."""
PAPER_LATENCY_MS = 300.0
"""§2.2: the service level at the 99.9th percentile."""


UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e007f]"
)
"""What is not seen, or moves what is: control characters but tab and line end, marks of direction."""


def visible(text: str) -> str:
    """The text with control characters written out (`\\x1b`), so that none acts on a terminal or a page."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """The same on one line: ends of lines and tabs are written out, too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 run`, `2 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def of_runs(some: int, all_: int) -> str:
    """`3 of 8 runs`, `1 of 1 run`."""
    return f"{some:,} of {plural(all_, 'run')}"


def in_words(count: int, capital: bool = False) -> str:
    """Small numbers as words, as a headline writes them."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    word = words[count] if count < len(words) else f"{count:,}"
    return word.capitalize() if capital else word


def clock(time_ns: int | None, places: int = 3) -> str:
    """A moment of a run: minutes, seconds, and `places` digits of it."""
    if time_ns is None:
        return ""
    unit = 10 ** (9 - places)
    ticks = (time_ns + unit // 2) // unit
    seconds, rest = divmod(ticks, 10**places)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes:02d}:{seconds:02d}" + (f".{rest:0{places}d}" if places else "")


def listing(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""


def sentence(text: str) -> str:
    """A message as a sentence of its own."""
    text = text.strip()
    ended = text if text.endswith((".", "!", "?")) else text + "."
    return ended[:1].upper() + ended[1:]


def named_in(text: str) -> list[int]:
    """The operations that a line names, in order."""
    return [int(op) for match in MARKS.finditer(text) if match[1] for op in re.findall(r"\d+", match[1])]


def count_of(value: object) -> int:
    """A count from a results file; whatever is no whole number counts nothing."""
    return value if isinstance(value, int) else 0
