"""Reads Jepsen's `history.edn`: a vector of op maps, bare op maps, or `[process type f value]` vectors.

edn-format reads the values; only the cutting into operations is ours, because errors must name a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from checkers.errors import HistoryError
from checkers.formats.jepsen import assemble
from checkers.formats.records import Record
from checkers.model.history import History

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")|(?P<comment>;[^\n]*)|\\.|(?P<open>[\[({])|(?P<close>[\])}])""", re.S
)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_ATOM = r'(?::[\w.-]+|"[^"\\\n]*"|-?\d+|nil|\[(?:-?\d+|nil)\s+(?:-?\d+|nil)\])'
_FLAT = re.compile(r"\{(?:\s*:[\w-]+\s+" + _ATOM + r"\s*,?)*\s*\}")
_FIELD = re.compile(r":([\w-]+)\s+(?::([\w.-]+)|\"([^\"\\\n]*)\"|(-?\d+)|nil|\[(-?\d+|nil)\s+(-?\d+|nil)\])")
BATCH = 2000
"""Operations that are read at once."""
_SIMPLE = re.compile(r"-?\d+|nil")


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file, line and field."""
    data = path.read_bytes() if content is None else content
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise HistoryError(str(path), f"is not UTF-8 ({error.reason} at byte {error.start})") from None
    return assemble(str(path), _records(str(path), text))


def _records(path: str, text: str) -> Iterator[Record]:
    forms = _forms(path, text)
    count = 0
    while batch := list(islice(forms, BATCH)):
        count += len(batch)
        flat = [_flat(form) for _, form in batch]
        parsed = iter(
            _parsed_together(path, [one for one, known in zip(batch, flat, strict=True) if not known])
        )
        for (line, _), known in zip(batch, flat, strict=True):
            yield _record(path, line, known or next(parsed))
    if not count:
        raise HistoryError(path, "no operations: a history is a vector of op maps, or bare op maps")


def _forms(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Every operation's text with the line it begins on; an enclosing vector or list is looked through."""
    open_at: list[tuple[str, int, int]] = []
    line = at = 0
    outer = _outer(text)
    start_line = 1
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        if token["open"]:
            if len(open_at) == outer:
                start_line = line + 1
            open_at.append((token["open"], token.start(), line + 1))
        elif token["close"]:
            if not open_at or _CLOSING[open_at[-1][0]] != token["close"]:
                raise HistoryError(path, f"`{token['close']}` closes nothing: this is not EDN", line + 1)
            _, start, _ = open_at.pop()
            if len(open_at) == outer:
                yield start_line, text[start : token.end()]
    if open_at:
        bracket, _, begun = open_at[-1]
        raise HistoryError(path, f"the `{bracket}` opened here is never closed: is the file cut off?", begun)


def _outer(text: str) -> int:
    """How many brackets enclose the operations: 1, or 0 where op maps or op vectors stand bare."""
    bare = re.sub(r"\A(?:\s|,|;[^\n]*\n|#[\w./-]+)*", "", text)
    if bare.startswith("{"):
        return 0
    inside = re.sub(r"\A(?:\s|,|;[^\n]*\n|#[\w./-]+)*", "", bare[1:])
    return 1 if inside[:1] in ("{", "[", "(", "]", ")") else 0


def _flat(form: str) -> dict[str, Any] | None:
    """The common case without a parser: keywords, integers, nil and pairs of them. None: ask edn-format."""
    if not _FLAT.fullmatch(form):
        return None
    found: dict[str, Any] = {}
    for field in _FIELD.finditer(form):
        name, word, text, number, one, other = field.groups()
        if word or text is not None:
            found[name] = word or text
        elif number:
            found[name] = int(number)
        elif one:
            found[name] = [None if item == "nil" else int(item) for item in (one, other)]
        else:
            found[name] = None
    return found


def plain_values(text: str) -> list[Any]:
    """Every EDN value of a text as Python's own. Raises ValueError if it is not EDN.

    Tags of records (`#jepsen.history.Op{…}`) are looked through: the map behind them says it all.
    """
    if _SIMPLE.fullmatch(text):
        return [None if text == "nil" else int(text)]
    import edn_format  # slow to import, and few histories need it

    untagged = re.sub(r"#[A-Za-z][\w./-]*\s*(?=[{\[(])", "", text)
    try:
        found = edn_format.loads_all(untagged, write_ply_tables=False)
    except Exception as error:  # ply and edn-format raise many kinds, all about the text
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None
    return [_plain(value) for value in found]


def _parsed_together(path: str, forms: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """edn-format makes its parser anew for every call, so one call reads many; errors are found singly."""
    try:
        plain = plain_values("\n".join(form for _, form in forms)) if len(forms) > 1 else []
    except ValueError:
        plain = []
    if len(plain) == len(forms) and all(isinstance(one, dict) for one in plain):
        return plain
    return [_parsed(path, line, form) for line, form in forms]


def _parsed(path: str, line: int, form: str) -> dict[str, Any]:
    try:
        plain = plain_values(form)[0]
    except (ValueError, IndexError) as error:
        raise HistoryError(path, f"this operation is not EDN: {error}", line) from None
    if isinstance(plain, list) and len(plain) >= 3:
        return dict(zip(("process", "type", "f", "value"), plain, strict=False))
    if isinstance(plain, dict):
        return plain
    raise HistoryError(path, "expected an op map {:process … :type … :f …} or [process type f value]", line)


def _record(path: str, line: int, fields: dict[str, Any]) -> Record:
    for name in ("process", "type", "f"):
        if fields.get(name) is None:
            raise HistoryError(path, "is missing: every operation needs it", line, name)
    return Record(
        process=fields["process"],
        type=str(fields["type"]),
        f=str(fields["f"]),
        value=fields.get("value"),
        time=fields.get("time"),
        error=fields.get("error"),
        line=line,
    )


def _plain(value: Any) -> Any:
    """edn-format's values as Python's own: keywords and symbols are text, every sequence a list."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "items"):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted((_plain(item) for item in value), key=repr)
    if hasattr(value, "__iter__"):
        return [_plain(item) for item in value]
    name = getattr(value, "name", None)
    return str(name if name is not None else value)
