r"""EDN as values: one pass over the text, with a stack of our own: no text takes long or nests too deep.

Kinds stay apart as docs/history.md asks: keywords keep their colon (`:a`), symbols a quote (`'a`), characters
their backslash; text that begins like one of these, or like a collection, is put in quotes. Vectors, lists
and sets are lists, maps are dictionaries by the names of their keys. Tags of collections
(`#jepsen.history.Op{…}`) are looked through: what is in them says it all; other tagged values (`#inst "…"`)
are text with the tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from checkers.formats.limits import DEPTH, Malformed, decimal, integer
from checkers.model.values import FALSE, TRUE, name_of, plain

_TOKEN = re.compile(
    r"""[\s,]*+(?:
    (?P<atom>[^\s,;"()\[\]{}\#\\'`~@^][^\s,;"()\[\]{}\\]*+)
    |(?P<open>\#?\{|\[|\()
    |(?P<close>[\])}])
    |(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    |(?P<comment>;[^\n]*+|\#![^\n]*+)
    |(?P<char>\\(?:[A-Za-z][A-Za-z0-9]*+|.))
    |(?P<regex>\#"[^"\\]*+(?:\\.[^"\\]*+)*+")
    |(?P<discard>\#_)
    |(?P<symbolic>\#\#[A-Za-z]++)
    |(?P<tag>\#(?:'|::?)?[A-Za-z][^\s,;"()\[\]{}\\]*+)
    |(?P<end>\Z)
    |(?P<bad>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ATOM, _OPEN, _CLOSE, _TEXT, _COMMENT, _CHAR, _REGEX, _DISCARD, _SYMBOLIC, _TAG, _END, _BAD = range(1, 13)
_CLOSES = {"[": "]", "(": ")", "{": "}", "#{": "}"}
_WORDS = {"nil": None, "true": TRUE, "false": FALSE}
_NUMBER = re.compile(r"[+-]?[0-9]")
_WHOLE = re.compile(r"([+-]?[0-9]++)N?")
_REAL = re.compile(r"([+-]?[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?)M?")
_RATIO = re.compile(r"([+-]?[0-9]++)/([0-9]++)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_LOOKS_TYPED = tuple(":'\\\"#[{(")


def forms(text: str, look_through: bool = False) -> Iterator[tuple[int, Any]]:
    """Each value of a text with where it begins. `look_through`: an outermost collection of collections is
    no value but holds them. Raises Malformed, a ValueError, which says where.
    """
    stack: list[tuple[str, int, list[Any]]] = []
    wrapper: tuple[str, int] | None = None
    may_wrap = look_through
    for token in _TOKEN.finditer(text):
        kind, at = token.lastindex, token.start(token.lastindex or 0)
        if kind == _ATOM:
            value = _atom(token[_ATOM], at)
        elif kind == _OPEN:
            if may_wrap and not stack:
                may_wrap = False
                if token[_OPEN] != "{" and _holds_collections(text, token.end()):
                    wrapper = token[_OPEN], at
                    continue
            if len(stack) >= DEPTH:
                raise Malformed(f"is nested more than {DEPTH} deep", at)
            stack.append((token[_OPEN], at, []))
            continue
        elif kind == _CLOSE:
            opened = stack.pop() if stack else (*wrapper, []) if wrapper else None
            if opened is None or _CLOSES.get(opened[0]) != token[_CLOSE]:
                raise Malformed(f"`{token[_CLOSE]}` closes nothing", at)
            if not stack and wrapper and opened[1] == wrapper[1]:
                wrapper = None
                continue
            value, at = _collection(*opened), opened[1]
        elif kind == _TEXT:
            value = _text(token[_TEXT][1:-1])
        elif kind in (_COMMENT, _END):
            continue
        elif kind in (_DISCARD, _TAG):
            if len(stack) >= DEPTH:
                raise Malformed(f"is nested more than {DEPTH} deep", at)
            stack.append((token[kind], at, []))
            continue
        elif kind == _BAD:
            if token[_BAD] == '"':
                raise Malformed("the text that begins here is never closed: is the file cut off?", at)
            raise Malformed(f"`{token[_BAD]}` begins no value", at)
        else:  # a character, a regular expression or ##Inf: as it is written
            value = token[kind or 0].strip()
        while True:
            if not stack:
                may_wrap = False
                yield at, value
                break
            outer, begun, items = stack[-1]
            if outer in _CLOSES:
                items.append(value)
                break
            stack.pop()
            if outer == "#_":
                break
            value, at = _tagged(outer, value), begun
    if stack or wrapper:
        outer, begun = wrapper if wrapper else stack[0][:2]
        what = "is never closed: is the file cut off?" if outer in _CLOSES else "is followed by nothing"
        raise Malformed(f"the `{outer}` opened here {what}", begun)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The tokens of a text, each with its kind: atom, open, close, text, comment, tag, discard and others."""
    for token in _TOKEN.finditer(text):
        if token.lastgroup not in (None, "end"):
            yield token.lastgroup or "", token[token.lastgroup or 0]


def _holds_collections(text: str, at: int) -> bool:
    """Whether the collection that begins here holds others (or nothing): it is no operation then."""
    for token in _TOKEN.finditer(text, at):
        if token.lastindex not in (_COMMENT, _TAG):
            return token.lastindex in (_OPEN, _CLOSE, _DISCARD, _END)
    return True


def _collection(kind: str, begun: int, items: list[Any]) -> Any:
    if kind != "{":
        return items
    if len(items) % 2:
        raise Malformed("a map needs a value for each of its keys", begun)
    found = {
        name if type(name) is str else _name(name): value
        for name, value in zip(*[iter(items)] * 2, strict=True)
    }
    if len(found) * 2 != len(items):
        raise Malformed("a map has one key twice", begun)
    return found


def _name(key: Any) -> str:
    return text_of(key) if isinstance(key, (list, dict)) else name_of(key)


def text_of(value: Any) -> str:
    """A collection as text: equal collections, and no others, have the same one."""
    return json.dumps(_alike(value), sort_keys=True, ensure_ascii=False, default=plain)


def _alike(value: Any) -> Any:
    """1 for 1.0, in all of it: they are one number."""
    if isinstance(value, list):
        return [_alike(one) for one in value]
    if isinstance(value, dict):
        return {name: _alike(one) for name, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _tagged(tag: str, value: Any) -> Any:
    return value if isinstance(value, (list, dict)) else f"{tag} {value}"


def _atom(text: str, at: int) -> Any:
    if text[0] == ":":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.match(text):
        return f"'{text}"
    if match := _WHOLE.fullmatch(text):
        return integer(match[1], at)
    if match := _REAL.fullmatch(text):
        return decimal(match[1], at)
    if match := _RATIO.fullmatch(text):
        over, under = integer(match[1], at), integer(match[2], at)
        if under:
            return over // under if over % under == 0 else over / under
    if text.lower().startswith("0x"):
        return f"'{text}"  # an address, as objects are printed with
    raise Malformed(f"`{text[:40]}` is no number", at)


def _text(inside: str) -> str:
    if "\\" in inside:
        inside = _ESCAPE.sub(lambda match: _escaped(match[1]), inside)
    return json.dumps(inside, ensure_ascii=False) if inside.startswith(_LOOKS_TYPED) else inside


def _escaped(code: str) -> str:
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)
