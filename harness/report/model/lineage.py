"""The versions that one violation is about, and which of them had seen which: known from the clients.

A put supersedes what the get had returned whose context it carried, and all below that.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkers.model.history import History, Op
from harness.report.model.proofs import sources
from harness.report.model.run_model import Proof

MOST_VERSIONS = 9


@dataclass(frozen=True, slots=True)
class Version:
    """One put or delete: how deep it stands, who held it at the end, and whether what is held covers it."""

    op: Op
    depth: int
    held_by: tuple[str, ...]
    covered: bool
    loud: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """`later` carried a context that covers `earlier`; `between` versions lie between and are left out."""

    earlier: int
    later: int
    between: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """The graph that a page draws."""

    versions: tuple[Version, ...]
    edges: tuple[Edge, ...]
    left_out: int


def lineage(proof: Proof, history: History) -> Lineage:
    """The versions named by the proof, read by its operations, or held at the end."""
    writes = {op.id: op for op in history.ops if op.key == proof.key and op.f in ("put", "delete")}
    by_value = {str(op.value): op.id for op in writes.values() if op.f == "put"}
    below = _below(writes, by_value, history)
    chosen = _chosen(proof, writes, by_value)
    chosen += [op for op in _parents(chosen[:4], below) if op not in chosen]
    kept = sorted(chosen[:MOST_VERSIONS], key=lambda op: (writes[op].inv, op))
    held: dict[int, list[str]] = {}
    for final in proof.finals:
        for value in final.values or []:
            held.setdefault(by_value.get(str(value), -1), []).append(final.node)
    covered = set().union(*(below[op] for op in held if op in below)) if held else set()
    about = {op.id for op in writes.values() if proof.loud is not None and proof.loud in (op.id, op.parent)}
    edges = _edges(kept, below)
    depth = _depths(kept, edges)
    versions = tuple(
        Version(writes[op], depth[op], tuple(held.get(op, ())), op in covered, op in about) for op in kept
    )
    return Lineage(versions, edges, len(chosen) - len(kept))


def _below(writes: dict[int, Op], by_value: dict[str, int], history: History) -> dict[int, frozenset[int]]:
    """For each write, every write that it supersedes; an impossible cycle ends where it closes."""
    by_id = {op.id: op for op in history.ops}
    direct = {
        op.id: [
            by_value[str(value)]
            for source in sources(op)
            if source in by_id
            for value in by_id[source].returned_values or []
            if str(value) in by_value
        ]
        for op in writes.values()
    }
    below: dict[int, frozenset[int]] = {}
    for op in sorted(writes.values(), key=lambda op: (op.inv, op.id)):
        seen: set[int] = set()
        frontier = list(direct[op.id])
        while frontier:
            now = frontier.pop()
            if now not in seen:
                seen.add(now)
                frontier += direct.get(now, [])
        below[op.id] = frozenset(seen - {op.id})
    return below


def _chosen(proof: Proof, writes: dict[int, Op], by_value: dict[str, int]) -> list[int]:
    """Named writes first, then what is held at the end, then what the named gets returned."""
    found = [op.id for op in proof.ops if op.id in writes]
    values = [value for final in proof.finals for value in final.values or []]
    values += [value for op in proof.ops for value in op.returned_values or []]
    found += [by_value[str(value)] for value in values if str(value) in by_value]
    return list(dict.fromkeys(found))


def _parents(some: list[int], below: dict[int, frozenset[int]]) -> list[int]:
    """The versions that these replaced directly."""
    return [
        parent
        for op in some
        for parent in sorted(below[op])
        if not any(parent in below[middle] for middle in below[op] if middle != parent)
    ]


def _edges(kept: list[int], below: dict[int, frozenset[int]]) -> tuple[Edge, ...]:
    """Supersession among the kept versions, without what follows from two others."""
    edges = []
    for later in kept:
        under = [op for op in kept if op in below[later]]
        for earlier in under:
            if any(earlier in below[middle] for middle in under if middle != earlier):
                continue
            between = sum(1 for op in below[later] if earlier in below.get(op, frozenset()))
            edges.append(Edge(earlier, later, between))
    return tuple(edges)


def _depths(kept: list[int], edges: tuple[Edge, ...]) -> dict[int, int]:
    """Longest path from a version that supersedes nothing."""
    depth = dict.fromkeys(kept, 0)
    for _ in kept:
        for edge in edges:
            depth[edge.later] = min(max(depth[edge.later], depth[edge.earlier] + 1), len(kept))
    return depth
