"""Final reads of foreign sets and counters: those marked `:final? true`, or the last read after all adds."""

from __future__ import annotations

from checkers.model.history import OPEN, Final, Op

_LAST, _MARKED = "last read", "final read "
_ADDS, _READS = ("add", "incr"), ("members", "total")


def finals_of(ops: list[Op], marked: list[bool], empty: list[bool]) -> tuple[list[Final], int | None]:
    """The final reads, and how many a key needs (None: as many as it has). `marked` and
    `empty` (answered, but with nil: such a read could not read) stand beside `ops`.

    Each marked read counts as a replica of its own: which one answered is not known, and all must agree.
    Where none is marked, Jepsen's sets and counters end with a read of the whole after all adds: that one.
    """
    finals = []
    by_key: dict[str, list[tuple[Op, bool, bool]]] = {}
    for op, is_final, is_empty in zip(ops, marked, empty, strict=True):
        if op.f in (*_ADDS, *_READS):
            by_key.setdefault(op.key or "", []).append((op, is_final, is_empty))
    for key, mine in by_key.items():
        reads = [(op, is_final) for op, is_final, is_empty in mine if op.f in _READS and (op.ok or is_empty)]
        chosen = [op for op, is_final in reads if is_final]
        if not chosen and reads:
            ends = [op.inv if op.ret == OPEN else op.ret for op, _, _ in mine if op.f in _ADDS]
            last = reads[-1][0]
            if ends and last.inv >= max(ends):
                finals.append(_final(last, key, _LAST))
        finals += [_final(op, key, f"{_MARKED}{op.id}") for op in chosen]
    finals.sort(key=lambda final: final.time)
    keys = {final.key for final in finals}
    return finals, 1 if finals and len(keys) == len(finals) else None


def is_derived(final: Final) -> bool:
    """Whether it was made of a read of the history itself, by `finals_of`."""
    return final.node == _LAST or final.node.startswith(_MARKED)


def marked(finals: list[Final]) -> set[int]:
    """The operations that are marked as final reads."""
    return {int(final.node.removeprefix(_MARKED)) for final in finals if final.node.startswith(_MARKED)}


def _final(read: Op, key: str, node: str) -> Final:
    if not read.ok:
        return Final(read.gave_up or read.inv, node, key, None)
    return Final(read.ret, node, key, read.result if read.f == "members" else [read.result])
