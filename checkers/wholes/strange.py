"""Elements that no order of operations and no fault explains: nobody added them, or there are too many of
them.

That a set shows only what somebody added asks for no final read and for no condition. An element twice in
one answer is none of a set's; but where the store keeps a set as a list, two adds of one element, or one
that was sent again, may stand there twice, unless one copy is promised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from checkers.model.elements import Elements
from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.words import at, what
from checkers.order.key_view import KeyView
from checkers.verdict import Violation


def strange(view: KeyView, elements: Elements, round: Round | None, one_copy: bool) -> Iterator[Violation]:
    """One violation for each element and way in which it is strange; answers of clients first."""
    told: set[tuple[str, str]] = set()
    for read, tags in elements.reads:
        where = f"op {read.id} read"
        for one in _of_answer(view, elements, tags, read.ret, where, one_copy):
            if (one.data["tag"], one.data["cause"]) not in told:
                told.add((one.data["tag"], one.data["cause"]))
                yield _at(one, (read.id,), ())
    for last in [round] if round else view.rounds[-1:]:
        for final in last.readable:
            values = final.values or ()
            if elements.is_cart:
                tags = sorted(elements.present(values))
            else:
                tags = [elements.name(value) for value in values]
            where = f"{final.node} holds at the end"
            for one in _of_answer(view, elements, tags, final.time, where, one_copy):
                if (one.data["tag"], one.data["cause"]) not in told:
                    told.add((one.data["tag"], one.data["cause"]))
                    yield _at(one, (), (final.node,))


def _at(one: Violation, ops: tuple[int, ...], nodes: tuple[str, ...]) -> Violation:
    return Violation("set", one.key, (*one.ops, *ops), one.message, one.proof, nodes, one.data, always=True)


def _of_answer(
    view: KeyView, elements: Elements, tags: list[str], until: int, where: str, one_copy: bool
) -> Iterator[Violation]:
    counts = Counter(tags)
    for tag in sorted(counts):
        adds, failed = elements.adds.get(tag), elements.failed.get(tag)
        shown = f"{where} `{tag}` in `{view.key}`"
        if not adds and failed is None:
            yield _wrong(view, tag, "phantom", (), f"{shown}, which nobody added")
        elif not adds and failed is not None:
            why = f" with `{failed.error}`" if failed.error else ""
            line = f"{what(failed)} failed{why}: it certainly did nothing"
            message = f"{shown}, which only an add that certainly failed explains"
            yield _wrong(view, tag, "failed", (failed,), message, line)
        elif adds and adds[0].inv > until:
            line = f"{what(adds[0])}, the first to add it, was invoked at {at(adds[0].inv)}: later"
            message = f"{shown} at {at(until)}, before it was added"
            yield _wrong(view, tag, "future", (adds[0],), message, line)
        if counts[tag] > 1 and (one_copy or _once(elements, adds)):
            message = f"{where} `{tag}` {counts[tag]} times in `{view.key}`: a set holds an element once"
            yield _wrong(view, tag, "twice", tuple(adds or ())[:1], message)


def _once(elements: Elements, adds: list[Op] | None) -> bool:
    return adds is not None and len(adds) == 1 and adds[0].id not in elements.sent_again


def _wrong(
    view: KeyView, tag: str, cause: str, ops: tuple[Op, ...], message: str, line: str = ""
) -> Violation:
    data: dict[str, Any] = {"tag": tag, "cause": cause}
    proof = (line, message) if line else (message,)
    return Violation("set", view.key, tuple(op.id for op in ops), message, proof, (), data)
