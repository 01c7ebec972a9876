"""How long adds took until readers saw them for good: the latencies of Jepsen's set-full."""

from __future__ import annotations

from checkers.model.elements import Elements


def visibility_ns(found: Elements) -> tuple[list[int], list[int], int]:
    """Latencies of acknowledged adds: (stable, lost, number never read).

    An element is known from its acknowledgement or the start of the first read that saw it, whichever is
    earlier. Stable: seen by every read that began after some moment; its latency runs from known to the start
    of the last read that missed it. Lost: missed by every read from some moment on, after it was known. Of
    reads that began at one moment, one that saw it counts.
    """
    stable: list[int] = []
    lost: list[int] = []
    never = 0
    reads = [(read.inv, frozenset(tags)) for read, tags in found.reads]
    for tag, add in found.acked:
        seen = [inv for inv, tags in reads if tag in tags]
        known = min([add.ret, *seen[:1]])
        missed = [inv for inv, tags in reads if tag not in tags and inv >= known]
        last_seen, last_missed = max(seen, default=-1), max(missed, default=-1)
        if seen and last_seen >= last_missed:
            stable.append(max(0, last_missed - known))
        elif missed and tag not in found.removes:
            lost.append(min(inv for inv in missed if inv > last_seen) - known)
        else:
            never += 1
    return stable, lost, never
