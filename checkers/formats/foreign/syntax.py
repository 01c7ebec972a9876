"""Whether a text begins like EDN or like JSON, told by its first few tokens."""

from __future__ import annotations

from typing import Literal

from checkers.formats.foreign.edn_values import tokens

Syntax = Literal["edn", "json", ""]


def looks_like(text: str) -> Syntax:
    """`edn`, `json`, or empty if it begins like neither (a log, for instance).

    Comments, tags and discards are EDN's; `{"` and lists of it are JSON, `{:a` and `[0 :invoke` EDN.
    """
    opened = ""
    for kind, token in tokens(text):
        if kind in ("comment", "tag", "discard"):
            return "edn"
        if kind == "open":
            opened += token
            if token in ("(", "#{"):
                return "edn"
        elif not opened:
            return ""
        elif kind == "close":
            return "json"
        elif opened.endswith("{"):
            return "edn" if token.startswith(":") else "json" if kind == "text" else ""
        else:
            return _vector(text, opened)
    return "json" if opened else ""


def _vector(text: str, opened: str) -> Syntax:
    """One that begins with a scalar: `[0 :invoke` is an operation, `[["x"` JSON, `[2020-03-09` a log."""
    found: list[str] = []
    for kind, token in tokens(text):
        if kind != "open":
            found.append(token)
        if len(found) == 2:
            break
    if len(found) == 2 and found[1].startswith(":"):
        return "edn"
    return "json" if len(opened) > 1 or found[0].startswith('"') else ""
