"""What a proof without an order names: the few operations that matter, and why, in a sentence."""

from __future__ import annotations

from random import Random

import pytest

from checkers.model.history import History
from checkers.registers.actions import actions
from checkers.registers.register_search import Search
from checkers.registers.shrink import core
from checkers.suite import check
from checkers.verdict import Violation
from tests.histories.hard_registers import Hard, hard
from tests.histories.random_registers import cas_history
from tests.histories.test_registers import cas


def proof(found: History) -> Violation:
    [violation] = check(found).checks["linearizable"].finding.violations
    return violation


def lock(text: str) -> History:
    """`a:acquire[1,2]; b:release[3,4]`: a mutex, free at first."""
    text = text.replace("acquire", "cas 0 1").replace("release", "cas 1 0")
    found = cas(text)
    found.meta["initial"] = "free"
    for op in found.ops:
        op.value = ["held" if one else "free" for one in op.value]
    return found


@pytest.mark.parametrize(
    ("text", "ops", "why"),
    [
        (
            "a:write 3[1,2]; a:write 5[3,4]; b:cas 4 5[5,6]; a:read 5[7,8]",
            (2,),
            "op 2 (cas 4 to 5) succeeded, so it found 4, but nobody had made 4",
        ),
        (
            "c:write 4[1,2]; a:cas 4 2[3,6]; b:write 0[4,5]; a:read 2[7,8]",
            (2, 3),
            "op 3 read 2, but op 2 (write 0) had left 0 by 0.000000005 s, and op 1 cannot have made 2 after",
        ),
        (
            "a:write 0[1,2]; b:cas? 0 1[3,]; c:read 1[4,5]; c:read 0[6,7]",
            (2, 3),
            "op 3 read 0, but op 2 (read) had found 1 by 0.000000005 s, and nobody made 0 after that",
        ),
        (
            "a:write 1[1,2]; b:write 2[3,4]; c:cas! 2 9[5,6]",
            (1, 2),
            "op 2 (cas 2 to 9) found another value than 2, but op 1 (write 2) had left 2",
        ),
        (
            "d:write 3[1,4]; e:write 4[1,4]; f:write 3[1,4]; a:read 3[5,9]; b:read 4[6,8]",
            (3, 4),
            "whichever came first, nobody can have made what the other one found after that",
        ),
    ],
    ids=["never made", "made too early", "back again", "a failed cas", "two at once"],
)
def test_few_operations_and_a_reason(text: str, ops: tuple[int, ...], why: str) -> None:
    found = proof(cas(text))
    assert found.ops == ops
    assert why in found.message
    assert found.message.removeprefix("key `x`: ") in found.proof


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:acquire[1,2]; b:acquire[3,4]", "process 1 acquired the lock (op 1) while process 0 held it from"),
        (
            "a:acquire[1,2]; b:acquire[3,4]; a:release[5,6]",
            "while process 0 held it from 0.000000002 s to 0.000000006 s (op 0)",
        ),
        ("a:acquire[1,2]; a:release[3,4]; b:release[5,6]", "the lock was released 2 times (ops 1, 2)"),
    ],
    ids=["two holders", "until it was released", "released twice"],
)
def test_a_mutex_is_told_in_its_own_words(text: str, why: str) -> None:
    assert why in proof(lock(text)).message


def test_a_late_violation_among_two_thousand_names_a_handful() -> None:
    assert len(proof(hard(Hard(2_000, 20, values=20, late=True), 1)).ops) <= 4


def test_what_is_left_out_may_have_acted_or_not_and_there_is_still_no_order() -> None:
    """A proof that leaves out a write is none if that write would have explained it."""
    count = 0
    for seed in range(400):
        drawn = cas_history(Random(seed), 9, 0.3)
        found = actions(drawn.ops)
        search = Search(10**6)
        if search.linearizable(found, [0]):
            continue
        count += 1
        kept = core(found, 0, search.stuck, 10**6)
        needed = {one.op.id for one in kept.needed}
        freed = [one if one.op.id in needed else one._replace(must=False) for one in found]
        freed = [one for one in freed if one.must or one.changes]
        assert not Search(10**6).linearizable(freed, [0]), seed
    assert count > 50
