"""How one version superseded another, told step by step: the middle of many proofs."""

from __future__ import annotations

from itertools import pairwise

from checkers.model.history import Op
from checkers.model.words import at, outcome, values, what
from checkers.order.key_view import KeyView


def told(view: KeyView, lower: Op, upper: Op) -> tuple[list[Op], list[str]]:
    """The operations of a shortest chain from `lower` to `upper`, and a line for each step.

    The operations are the writes of the chain and, before each, the read whose context it carried: without
    any one of them the chain does not hold.
    """
    order = view.certain
    cited = [lower]
    lines = [f"{what(lower)} on key `{view.key}` was invoked at {at(lower.inv)}; {outcome(lower)}"]
    for before, after in pairwise(order.path(lower, upper)):
        source = next(op for op in order.sources(after) if before.value in (op.returned_values or ()))
        cited += [source, after]
        lines.append(f"op {source.id} returned {values(source.returned_values or ())} at {at(source.ret)}")
        lines.append(f"{what(after)} carried that context, so it covers {before.value}; {outcome(after)}")
    return _once(cited), lines


def _once(ops: list[Op]) -> list[Op]:
    return list({op.id: op for op in ops}.values())
