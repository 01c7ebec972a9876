"""What each check and promise means, in words: the one place where the guarantees' sentences live.

Quotations are of the Dynamo paper (DeCandia et al., SOSP 2007), with their section.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One check in words: its group in the table, what it promises, the title of a violation, the source."""

    group: str
    promise: str
    broken: str
    clean: str
    source: str = ""
    conditions: str = ""


REAL, SURVIVE, AGREE, QUORUM, ALWAYS, OTHER = GROUPS = (
    "Reads name only real writes",
    "Acknowledged writes survive",
    "Replicas agree after healing",
    "Quorum, session and stronger models",
    "Always writeable",
    "Measured",
)

_ADD_TO_CART = "After the paper: “an ‘Add to Cart’ operation can never be forgotten or rejected” (§4.4)"
_AFTER = "while the damage is tolerable and the system has settled"

GUARANTEES: dict[str, Guarantee] = {
    "phantom": Guarantee(
        REAL, "A read returns only values that were written to its key.",
        "A read returned a value that nobody wrote", "every value read was written",
    ),
    "aborted-read": Guarantee(
        REAL, "A write that was refused is never read.",
        "A refused write was read", "no refused write was read",
    ),
    "future-read": Guarantee(
        REAL, "A read returns nothing that was written only after it ended.",
        "A read returned a value before it was written", "no value was read before its write",
    ),
    "duplicate-sibling": Guarantee(
        REAL, "A value that was sent once is never its own sibling.",
        "One write was returned twice by one read", "no value twice in one read",
    ),
    "false-sibling": Guarantee(
        REAL, "A value that was replaced is never returned beside the value that replaced it.",
        "A replaced value was returned beside its replacement", "no value beside one that replaced it",
        "The paper truncates clocks, and says that this can make “inefficiencies in reconciliation” (§4.4)",
    ),
    "lost-write": Guarantee(
        SURVIVE,
        "A write that was acknowledged is, in the end, held by some replica, or superseded by a held"
        " write that had seen it.",
        "An acknowledged write was lost", "every acknowledged write is held or superseded",
        _ADD_TO_CART, _AFTER,
    ),
    "set": Guarantee(
        SURVIVE, "An element that was acknowledged, and that nobody removed, is in the set at the end.",
        "An acknowledged addition vanished", "every acknowledged addition is there", _ADD_TO_CART, _AFTER,
    ),
    "unreplaced": Guarantee(
        SURVIVE, "A write that was acknowledged stays, if no other write of its key can have replaced it.",
        "An acknowledged write is gone that nothing can have replaced", "no such write is lost",
        "“an ‘Add to Cart’ operation can never be forgotten or rejected” (§4.4), of a store without contexts",
        _AFTER,
    ),
    "unstable-read": Guarantee(
        SURVIVE, "A value that was read is, in the end, held or superseded, even if its write got no answer.",
        "A value that was read is gone", "every value read is held or superseded", "",
        "in runs without data loss, once the system has settled",
    ),
    "zombie": Guarantee(
        SURVIVE, "A value that an acknowledged delete covered does not come back.",
        "A deleted value came back", "no deleted value came back", "", _AFTER,
    ),
    "resurrection": Guarantee(
        SURVIVE, "A value that an acknowledged write superseded does not come back.",
        "A superseded value came back", "no superseded value came back", "", _AFTER,
    ),
    "lww-inversion": Guarantee(
        SURVIVE, "The value that stays is not older, beyond the clocks’ bound, than an acknowledged write.",
        "An older write won over a newer acknowledged one", "no older write won over a newer one", "", _AFTER,
    ),
    "set-resurfaced": Guarantee(
        SURVIVE, "An element whose removal was acknowledged does not come back.",
        "A removed element resurfaced", "no removed element came back",
        "The paper’s cart allows it: “deleted items can resurface” (§4.4)",
    ),
    "counter": Guarantee(
        SURVIVE, "The total lies between what was certainly and what was possibly added.",
        "The total is impossible", "every total is possible",
    ),
    "convergence": Guarantee(
        AGREE, "After healing and settling, all replicas of a key hold the same values.",
        "Replicas of one key disagree at the end", "all replicas of every key agree",
        "“eventually consistent” (§2.3)", "once the system has settled",
    ),
    "quiescence": Guarantee(
        AGREE, "After settling nothing is left to do: no hint waits, no repair runs, digests agree.",
        "The store never came to rest", "no hint waits and no repair runs", "", "once the system has settled",
    ),
    "mvr-regular": Guarantee(
        QUORUM, "A read misses no write that was acknowledged before it began.",
        "A read missed a write acknowledged before it began", "no read missed an acknowledged write",
        "R + W > N “yields a quorum-like system” (§4.5)",
    ),
    "lww-regular": Guarantee(
        QUORUM, "A read is not older than a write that was acknowledged before it began.",
        "A read was older than an acknowledged write", "no read was older than an acknowledged write",
    ),
    "safe": Guarantee(
        QUORUM, "A read that overlaps no write misses no acknowledged write.",
        "A quiet read missed an acknowledged write", "no quiet read missed an acknowledged write",
    ),
    "read-your-writes": Guarantee(
        QUORUM, "A session reads its own acknowledged writes, or what replaced them.",
        "A session did not see its own write", "every session saw its own writes",
    ),
    "monotonic-reads": Guarantee(
        QUORUM, "What a session has read once, its later reads show, or what replaced it.",
        "A session lost sight of what it had read", "no session went back in time",
    ),
    "monotonic-writes": Guarantee(
        QUORUM, "Whoever sees a session’s write sees its earlier ones, or what replaced them.",
        "A write was seen without an earlier one of its session", "writes were seen in each session’s order",
    ),
    "writes-follow-reads": Guarantee(
        QUORUM, "Whoever sees a write sees what its session had read before, or what replaced that.",
        "A write was seen without what its session had read", "every write was seen with what it followed",
    ),
    "pram": Guarantee(
        QUORUM, "Each process’s writes are seen in its order, over all keys.",
        "A process’s writes were seen out of order", "each process’s writes were seen in order",
    ),
    "causal": Guarantee(
        QUORUM, "Whoever sees an effect sees its causes, over all keys.",
        "An effect was seen without its cause", "every effect was seen with its causes",
    ),
    "linearizable": Guarantee(
        QUORUM, "Every operation takes effect at one moment between its call and its answer.",
        "No order of the operations explains the answers", "one order explains all answers",
    ),
    "k-atomicity": Guarantee(
        QUORUM, "A read returns one of the last two writes.",
        "Reads were two or more writes behind", "no read was two writes behind",
    ),
    "delta-atomicity": Guarantee(
        QUORUM, "No read is stale by any span of time.",
        "Reads were stale by some span of time", "no read was stale",
    ),
    "clock-audit": Guarantee(
        OTHER, "The store’s own clocks agree with what superseded what.",
        "A clock of the store does not tell the truth", "the store’s clocks tell the truth",
    ),
    "staleness": Guarantee(
        OTHER, "Reads are rarely stale, and not for long.", "Reads were stale", "measured",
    ),
    "availability": Guarantee(
        ALWAYS, "A client that reaches enough live nodes can write, within the plan’s targets.",
        "A write was not accepted where it had to be", "the targets were met",
        "“an ‘always writeable’ data store” (§2.3)", "against the plan’s targets",
    ),
    "crash": Guarantee(
        ALWAYS, "A node ends only when somebody ends it.",
        "A node ended by itself", "no node ended by itself", "", "unless the plan allows it",
    ),
    "siblings": Guarantee(
        OTHER, "A key has few versions at once.",
        "A read returned more versions than the configured maximum", "within the configured maximum",
    ),
}  # fmt: skip


def guarantee(check: str) -> Guarantee:
    """The words for a check; a check of an outsider is described by its name."""
    known = GUARANTEES.get(check)
    return known or Guarantee(
        OTHER, f"The check `{check}` holds.", f"{check} was violated", "nothing seen", "", ""
    )


PROMISES: dict[str, str] = {
    "mvr-sloppy": "no acknowledged write is lost, no deleted value returns, and replicas agree once healed.",
    "mvr-strict": "no acknowledged write is lost, and a read sees every write acknowledged before it.",
    "mvr-paper": "reads return only what was written, replicas agree once healed, a write that nothing can "
    "have replaced stays. Other losses and false siblings are measured, not promised.",
    "mvr-blind": "reads return only what was written, replicas agree once healed, a write stays that began "
    "after every other put and delete of its key had ended.",
    "lww": "the newest stamp wins, within the bound of the clocks, and replicas agree once healed.",
    "linearizable": "every operation takes effect at one moment between its call and its answer.",
}
"""Completes “It promises that …”."""
