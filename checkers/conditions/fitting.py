"""Which promises would fit a history that declares none: by what it records, never by what was found."""

from __future__ import annotations

from checkers.model.history import History

_SINGLE = frozenset({"read", "write", "cas"})


def fitting(history: History) -> list[str]:
    """Names of promises whose checks can look at what this history has, the likeliest first.

    What a store answers for only its operator knows: this is a place to begin, not a judgement.
    """
    functions, config = set(history.functions), history.config
    if functions & _SINGLE:
        return ["linearizable", "lww"] if "cas" not in functions else ["linearizable"]
    if "put" not in functions and "get" not in functions:
        return ["linearizable", "mvr-sloppy"] if functions else []
    by_mode = {"last-writer": ["lww"], "paper-clock": ["mvr-paper"]}.get(str(config.get("mode")))
    if by_mode or config.get("clock_limit"):
        return by_mode or ["mvr-paper", "mvr-blind"]
    has_contexts, has_siblings = _traits(history)
    if not has_contexts:
        return ["mvr-blind"] if has_siblings else ["lww", "mvr-blind"]
    n, r, w = (int(config.get(name) or 0) for name in "nrw")
    is_strict = 0 < n < r + w and config.get("sloppy") is False
    return ["mvr-strict", "mvr-sloppy"] if is_strict else ["mvr-sloppy", "mvr-paper"]


def _traits(history: History) -> tuple[bool, bool]:
    """Whether a write carried a context, and whether an answer held several values."""
    columns = getattr(history, "columns", None)
    if columns is not None:
        lengths = columns.offsets[1:] - columns.offsets[:-1]
        several = any("context" in few for few in columns.sparse.values())
        return several or bool((columns.context >= 0).any()), bool((lengths > 1).any())
    contexts = any(op.context is not None for op in history.ops)
    return contexts, any(len(op.returned_values or ()) > 1 for op in history.ops)
