"""Cause and effect over all keys, from arrays.

Defined as in `checkers.causality.happened_before` and `checkers.causality.visibility`.

A history that is causally consistent in this sense keeps the four session guarantees and PRAM as well: what
they ask for happened before the read. Vector clocks over sessions, each write looked at once per session that
reads its key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checkers.fast.index import FAIL, GET, INFO, OK, Flags, Index, Ints
from checkers.fast.jit import kernel
from checkers.fast.reach import stamp_below

CLEAN, BROKEN, CANNOT = 0, 1, -1
CELLS = 500_000_000
"""The most numbers (of 4 bytes) that clocks and pointers may take: beyond it the plain way is tried."""


@dataclass(slots=True)
class Sessions:
    """Who did what after what. Steps are reads and writes, in an order in which causes come first."""

    count: int
    steps: int
    read_step: Ints
    """Step -> its read; -1 for a write."""
    write_step: Ints
    """Step -> its write; -1 for a read."""
    session: Ints
    place: Ints
    """From 1, within the session."""


def sessions_of(index: Index) -> Sessions | None:
    """The sessions; None where a process does two things at once."""
    columns = index.columns
    is_get = columns.f == GET
    kept = np.flatnonzero((columns.type != FAIL) & ~(is_get & (columns.type == INFO)))
    by_process = kept[np.argsort(columns.process[kept], kind="stable")]
    process = columns.process[by_process]
    is_same = process[1:] == process[:-1]
    if np.any(is_same & (columns.ret[by_process[:-1]] > columns.inv[by_process[1:]])):
        return None
    starts = np.flatnonzero(np.concatenate([[True], ~is_same])) if len(kept) else np.array([], np.int64)
    session = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(kept))))
    place = np.arange(len(kept)) - np.repeat(starts, np.diff(np.append(starts, len(kept)))) + 1
    # A write is a cause from its invocation on, a read an effect until it returns; at ties, writes first.
    moment = np.where(is_get[by_process], columns.ret[by_process], columns.inv[by_process])
    order = np.lexsort((by_process, is_get[by_process], moment))
    rows = by_process[order]
    read_of = np.full(columns.rows, -1, np.int64)
    read_of[index.gets] = np.arange(len(index.gets))
    write_of = np.full(columns.rows, -1, np.int64)
    write_of[index.row] = np.arange(index.count)
    return Sessions(
        len(starts), len(rows), read_of[rows], write_of[rows], session[order].astype(np.int64), place[order]
    )


def walk(index: Index, sessions: Sessions, budget: int) -> int:
    """CLEAN, BROKEN (some read hides its past, or shows what a delete of it covered), or CANNOT tell."""
    is_write = sessions.write_step >= 0
    write_session = np.full(index.count, -1, np.int64)
    write_place = np.zeros(index.count, np.int64)
    write_session[sessions.write_step[is_write]] = sessions.session[is_write]
    write_place[sessions.write_step[is_write]] = sessions.place[is_write]
    key_of = np.repeat(np.arange(len(index.first) - 1), np.diff(index.first))
    live = np.flatnonzero(write_session >= 0)
    order = live[np.lexsort((write_place[live], write_session[live], key_of[live]))]
    pair = key_of[order] * max(1, sessions.count) + write_session[order]
    begins = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])) if len(pair) else pair
    group_first = np.searchsorted(key_of[order[begins]], np.arange(len(index.first)))
    cells = sessions.count * (index.count + len(begins) + len(index.first))
    if cells > CELLS:
        return CANNOT
    source = _sources(index)
    is_deleting = ~index.is_put & (index.type == OK)
    deletes = np.flatnonzero(is_deleting)
    get_key = index.columns.key[index.gets].astype(np.int64)
    return int(
        _walk(
            sessions.count,
            sessions.read_step,
            sessions.write_step,
            sessions.session,
            sessions.place,
            write_session,
            write_place,
            index.is_put,
            index.once,
            index.earliest(~index.is_put & (index.type != FAIL), index.inv),
            index.earliest(is_deleting, index.ret),
            deletes.astype(np.int64),
            np.searchsorted(deletes, index.first).astype(np.int64),
            index.inv,
            source,
            get_key,
            index.columns.ret[index.gets].astype(np.int64),
            index.cell_at,
            index.cells,
            index.first,
            group_first.astype(np.int64),
            np.append(begins, len(order)).astype(np.int64),
            write_session[order[begins]],
            order.astype(np.int64),
            write_place[order],
            index.parent_at,
            index.parents,
            budget,
        )
    )


def _sources(index: Index) -> Ints:
    """Write -> the read whose context it carried; -1 if it was blind."""
    read_of = np.full(index.columns.rows, -1, np.int64)
    read_of[index.gets] = np.arange(len(index.gets))
    context = index.columns.context[index.row]
    return np.where(context < 0, -1, read_of[context])


@kernel
def _walk(
    count: int,
    read_step: Ints,
    write_step: Ints,
    session_of: Ints,
    place_of: Ints,
    write_session: Ints,
    write_place: Ints,
    is_put: Flags,
    once: Flags,
    deleted_from: Ints,
    deleted_by: Ints,
    deletes: Ints,
    delete_at: Ints,
    write_inv: Ints,
    source: Ints,
    get_key: Ints,
    get_ret: Ints,
    cell_at: Ints,
    cells: Ints,
    first: Ints,
    group_first: Ints,
    group_at: Ints,
    group_session: Ints,
    members: Ints,
    member_place: Ints,
    parent_at: Ints,
    parents: Ints,
    budget: int,
) -> int:
    writes = len(write_session)
    keys = len(first) - 1
    clocks = np.zeros((count, count), np.int32)
    of_write = np.zeros((writes, count), np.int32)
    seen = np.zeros((count, max(1, len(group_at) - 1)), np.int32)
    last_read = np.full((count, keys), -1, np.int32)
    read_session = np.full(len(get_key), -1, np.int64)
    read_place = np.zeros(len(get_key), np.int64)
    # Contexts that another session carries need the reader's clock as it was.
    slot = np.full(len(get_key), -1, np.int64)
    for step in range(len(read_step)):
        if read_step[step] >= 0:
            read_session[read_step[step]] = session_of[step]
            read_place[read_step[step]] = place_of[step]
    slots = 0
    for write in range(writes):
        get = source[write]
        if (
            get >= 0
            and write_session[write] >= 0
            and read_session[get] != write_session[write]
            and slot[get] < 0
        ):
            slot[get] = slots
            slots += 1
    if slots * count > 150_000_000:
        return -1
    cited = np.zeros((max(1, slots), count), np.int32)
    stamps = np.full(writes, -1, np.int64)
    stack = np.empty(writes + 1, np.int64)
    fresh = np.empty(writes + 1, np.int64)
    asked = np.full(writes, -1, np.int64)
    spent = 0
    stamp = 0
    for step in range(len(read_step)):
        session = session_of[step]
        clock = clocks[session]
        if clock[session] != place_of[step] - 1:
            return -1  # moments that coincide: this order is not one of cause and effect
        write = write_step[step]
        if write >= 0:
            get = source[write]
            if get >= 0 and read_session[get] != session and read_place[get] > clock[read_session[get]]:
                if clocks[read_session[get], read_session[get]] < read_place[get]:
                    return -1
                for i in range(count):
                    clock[i] = max(clock[i], cited[slot[get], i])
            clock[session] = place_of[step]
            for i in range(count):
                of_write[write, i] = clock[i]
            continue
        get = read_step[step]
        for at in range(cell_at[get], cell_at[get + 1]):
            shown = cells[at]
            if shown < 0 or write_session[shown] < 0:
                return 1  # nobody wrote it, or its write failed
            if of_write[shown, write_session[shown]] == 0:
                return -1
            if write_place[shown] > clock[write_session[shown]]:
                for i in range(count):
                    clock[i] = max(clock[i], of_write[shown, i])
        clock[session] = place_of[step]
        if slot[get] >= 0:
            for i in range(count):
                cited[slot[get], i] = clock[i]
        key = get_key[get]
        size = 0
        least = writes
        for group in range(group_first[key], group_first[key + 1]):
            begin, end = group_at[group], group_at[group + 1]
            at = begin + seen[session, group]
            known = clock[group_session[group]]
            while at < end and member_place[at] <= known:
                write = members[at]
                if is_put[write] and deleted_from[write] > get_ret[get]:
                    asked[write] = get
                    fresh[size] = write
                    size += 1
                    least = min(least, write)
                at += 1
            seen[session, group] = at - begin
        before = last_read[session, key]
        if before >= 0:
            for at in range(cell_at[before], cell_at[before + 1]):
                if deleted_from[cells[at]] > get_ret[get] and asked[cells[at]] != get:
                    asked[cells[at]] = get
                    fresh[size] = cells[at]
                    size += 1
                    least = min(least, cells[at])
        last_read[session, key] = get
        tops = cells[cell_at[get] : cell_at[get + 1]]
        stamp += 1
        spent += size + stamp_below(tops, least, stamp, stamps, stack, parent_at, parents)
        for i in range(size):
            if stamps[fresh[i]] != stamp:
                return 1
        for i in range(len(tops)):
            if deleted_by[tops[i]] > get_ret[get] or not once[tops[i]]:
                continue
            # An acknowledged delete covered it, so one of a larger number: did that happen before this read?
            low, high = delete_at[key], delete_at[key + 1]
            while low < high:
                middle = (low + high) // 2
                if deletes[middle] > tops[i]:
                    high = middle
                else:
                    low = middle + 1
            for at in range(low, delete_at[key + 1]):
                delete = deletes[at]
                if write_inv[delete] > get_ret[get]:
                    break
                if write_place[delete] <= clock[write_session[delete]]:
                    stamp += 1
                    below = parents[parent_at[delete] : parent_at[delete + 1]]
                    spent += 1 + stamp_below(below, tops[i], stamp, stamps, stack, parent_at, parents)
                    if stamps[tops[i]] == stamp:
                        return 1
        if spent > budget:
            return -1
    return 0
