"""For each guarantee a history that keeps it and one that breaks it, and what the break means to an
application.

The pages draw them, and `test_examples.py` judges them. All are in the notation of `notation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checkers.model.history import Exit, History, State
from tests.histories.notation import MS, history

Change = Callable[[History], None]


def registers(found: History) -> None:
    """Puts and gets become writes and reads of a single value."""
    for op in found.ops:
        op.f = {"put": "write", "get": "read"}[op.f]
        op.result = op.result[0] if op.result else None


def counter(found: History) -> None:
    """Puts become increments, and gets reads of the total."""
    for op in found.ops:
        op.f = {"put": "incr", "get": "total"}[op.f]
        op.value = None if op.value is None else int(op.value)
        op.result = int(op.result[0]) if op.result else None
    for final in found.finals:
        final.values[:] = [int(value) for value in final.values or []]


def clocks(*vectors: dict[str, int]) -> Change:
    """The vectors of the reads, in order."""

    def change(found: History) -> None:
        reads = [op for op in found.ops if op.f == "get"]
        for op, vector in zip(reads, vectors, strict=True):
            op.clock = {"vector": vector}

    return change


def hints(left: int) -> Change:
    """Each node reports so many undelivered hints at the end."""

    def change(found: History) -> None:
        found.states += [State(99 * MS, node, {"hints": left, "repairs": 0}) for node in found.meta["nodes"]]

    return change


def ends(found: History) -> None:
    """The first node panics."""
    found.exits.append(Exit(2 * MS, "n1", 2, last=["panic: index out of range"]))


@dataclass(frozen=True)
class Example:
    """`keeps` and `breaks` in notation; `measured` where there is nothing to break."""

    check: str
    keeps: str
    breaks: str
    means: str
    promise: str = "mvr-sloppy"
    config: dict[str, Any] = field(default_factory=dict)
    change: Change | None = None
    change_broken: Change | None = None

    def history(self, broken: bool) -> History:
        """One of the two."""
        found = history(self.breaks if broken else self.keeps, self.promise, **self.config)
        change = (self.change_broken or self.change) if broken else self.change
        if change is not None:
            change(found)
        return found


EXAMPLES = (
    Example("phantom", "put x1; put y2; get x{1}", "put x1; put y2; get x{2}",
            "Somebody sees data that are not theirs, or that nobody ever wrote: treat it as corruption."),
    Example("aborted-read", "put1!; b:get{}", "put1!; b:get{1}",
            "An error that the caller reported, or retried, took effect all the same: things happen twice."),
    Example("future-read", "b:get{}[1,2]; put1[5,6]", "b:get{1}[1,2]; put1[5,6]",
            "Time has gone wrong, in the store or in the tool that recorded it: believe nothing else."),
    Example("duplicate-sibling", "put1; get{1}", "put1; get{1,1}",
            "Merging siblings counts one change twice: two of an item, a sum too large."),
    Example("false-sibling", "put1; get{1}; put2{1}; get{2}", "put1; get{1}; put2{1}; get{1,2}",
            "A conflict that somebody had resolved is there again: what was removed in resolving it "
            "comes back."),
    Example("lost-write", "put1; b:get{1}; b:put2{1}; F{2}", "a:put1 ∥ b:put2; c:get{1}; c:put3{1}; F{3}",
            "The user was told that it was saved. It is gone, and no later read can tell."),
    Example("unreplaced", "put1; put2; F{2}", "put1; put2; F{1}",
            "Whoever saved last, when nobody else was saving, lost what they saved: no merge can explain it.",
            "mvr-blind"),
    Example("unstable-read", "put1?; b:get{1}; F{1}", "put1?; b:get{1}; F{}",
            "Somebody acted on data that then vanished: a mail was sent about an order that is not there."),
    Example("resurrection", "put1; get{1}; put2{1}; F{2}", "put1; get{1}; put2{1}; F{1}",
            "An old state is back: an address that was changed, a price that was corrected."),
    Example("zombie", "put1; get{1}; del{1}; F{}", "put1; get{1}; del{1}; F{1}",
            "Deleted data are back, and with them what the law may have wanted gone."),
    Example("convergence", "a:put1 ∥ b:put2; F{1,2}", "a:put1 ∥ b:put2; F{1,2}|{1}|{1,2}",
            "Two users see two truths for ever, and which one depends on the node that happens to answer."),
    Example("quiescence", "put1; F{1}", "put1; F{1}",
            "The store works without end on nothing: load that grows, and repairs that do not repair.",
            change=hints(0), change_broken=hints(2)),
    Example("mvr-regular", "put1; b:get{1}", "put1; b:get{}",
            "A reader decides on an old state although the new one was confirmed: the second "
            "check-out of a seat.",
            "mvr-strict"),
    Example("lww-regular", "put1; put2; b:get{2}", "put1; put2; b:get{1}",
            "Likewise, where there is one value: the reader sees the past.", "lww"),
    Example("safe", "a:put1; b:get{1}", "a:put1; b:get{}",
            "Not even a quiet store shows what was written: there is a replica that nobody repairs."),
    Example("read-your-writes", "a:put1; b:put2; a:get{1,2}", "a:put1; b:put2; a:get{2}",
            "A user saves a form, the page reloads, and the old text is there. They type it again.",
            "mvr-strict"),
    Example("monotonic-reads", "a:put1[1,20]; b:get{}[2,3]; b:get{1}[5,6]",
            "a:put1[1,20]; b:get{1}[2,3]; b:get{}[5,6]",
            "A message is there, and after a refresh it is not: a reader goes back in time."),
    Example("monotonic-writes", "a:put1; a:put2; b:get{1,2}", "a:put1; a:put2; b:get{2}",
            "Somebody sees the second step without the first: the reply to a deleted draft."),
    Example("writes-follow-reads", "put1; b:get{1}; b:put2; c:get{1,2}", "put1; b:get{1}; b:put2; c:get{2}",
            "An answer can be read before its question."),
    Example("pram", "a:put x1; a:put y2; b:get y{2}; b:get x{1}", "a:put x1; a:put y2; b:get y{2}; b:get x{}",
            "A flag says that the data are ready, and they are not there."),
    Example("causal", "a:put x1; b:get x{1}; b:put y2; c:get y{2}; c:get x{1}",
            "a:put x1; b:get x{1}; b:put y2; c:get y{2}; c:get x{}",
            "Permissions are narrowed, then a secret is written: a reader has the secret under the "
            "old permissions."),
    Example("linearizable",
    "a:put1[1,20]; b:get{1}[2,3]; c:get{1}[5,6]", "a:put1[1,20]; b:get{1}[2,3]; c:get{}[5,6]",
            "There is no single copy: locks, counters and unique names built on the register are unsafe.",
            "linearizable", change=registers),
    Example("k-atomicity", "put1; put2; b:get{1}", "put1; put2; put3; b:get{1}",
            "Readers are two or more versions behind, not just one.", change=registers),
    Example("delta-atomicity", "put1; put2; b:get{2}", "put1; put2; b:get{1}",
            "Readers see a past state; delta says how old it may be.", change=registers),
    Example("lww-inversion", "put1; put2; F{2}", "put1; put2; F{1}",
            "The later change was confirmed, and the earlier one won: a clock was wrong, or the "
            "store compared badly.",
            "lww", {"clock_sync_ms": 0}),
    Example("clock-audit", "a:put1; b:get{1}; a:put2; c:get{1,2}", "a:put1; b:get{1}; a:put2; c:get{2}",
            "A write is lost already, though no promise is broken yet: whoever saves next makes it final.",
            change=clocks({"n1": 1}, {"n1": 2})),
    Example("set", "add tea; b:add jam; F{tea,jam}", "add tea; b:add jam; F{jam}",
            "An item that was put into the cart is not in it: exactly what the paper's store was "
            "built to prevent."),
    Example("set-resurfaced", "add tea; b:rem tea{tea}; F{}", "add tea; b:rem tea{tea}; F{tea}",
            "A removed item is in the cart again. The paper's cart accepts this, and its users "
            "delete it once more."),
    Example("counter", "put1; put2; b:get{3}; F{3}", "put1; put2; b:get{9}; F{2}",
            "Money is missing, or there is money that nobody paid in.", change=counter),
    Example("availability", "put1; put2; F{1,2}", "put1; put2?; F{1}",
            "A customer could not save, though enough of the store was up.", config={"put_success_min": 0.9}),
    Example("crash", "put1; F{1}", "put1; F{1}",
            "A node dies of what a client or a peer said. Its supervisor starts it again, and nobody looks.",
            change_broken=ends),
)  # fmt: skip

MEASURED = {
    "staleness": "Nothing is broken: it is the price list. Whether 50 ms of staleness matter is the "
    "application's "
    "business.",
    "siblings": "Nothing is broken, but each sibling is a merge that the application has to get right.",
}
"""Checks that only measure, and what their numbers mean."""
