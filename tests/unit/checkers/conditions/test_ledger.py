"""Each named condition of docs/promises.md, where it holds and where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from checkers.conditions.ledger import MS, Ledger
from checkers.model.history import Fault, History, Op

FSYNC = {"engine": "log", "durability": "fsync", "w": 2}


def ledger(*faults: Fault, **config: Any) -> Ledger:
    return Ledger(History({"config": FSYNC | config}, faults=list(faults)))


def fault(kind: str, *nodes: str, start: int = 10, end: int | None = 20, **details: Any) -> Fault:
    return Fault(f"{kind}-{nodes[0]}-{start}", kind, list(nodes), start, start, start, end, details)


def reason(at: Ledger, condition: str) -> str:
    doubt = at.doubt(condition)
    return f"{doubt.outcome}: {doubt.reason}" if doubt else ""


# Tolerable


def test_tolerable_fewer_than_w_nodes_may_lose_data() -> None:
    assert not reason(ledger(fault("wipe", "n1"), fault("wipe", "n1", start=30, end=40)), "tolerable")


def test_tolerable_w_distinct_nodes_may_not() -> None:
    two = ledger(fault("wipe", "n1"), fault("wipe", "n2", start=30, end=40))
    assert reason(two, "tolerable") == "unknown: 2 nodes lost data (n1, n2); a write quorum is W = 2"


def test_tolerable_with_w_of_one_no_node_may() -> None:
    assert reason(ledger(fault("wipe", "n1"), w=1), "tolerable").startswith("unknown: 1 nodes lost data")


def test_tolerable_no_loss_during_a_ring_change() -> None:
    wipe = fault("wipe", "n1", start=15, end=25)
    assert "overlaps ring change" in reason(ledger(fault("join", "n4"), wipe), "tolerable")
    assert not reason(ledger(fault("join", "n4", end=14), wipe), "tolerable")


def test_tolerable_a_ring_change_that_never_ended_lasts() -> None:
    wipe = fault("wipe", "n1", start=1000, end=2000)
    assert "overlaps ring change" in reason(ledger(fault("join", "n4", end=None), wipe), "tolerable")


@pytest.mark.parametrize("kind", ["kill", "power-cut", "wipe"])
def test_tolerable_buffered_writes_tolerate_no_end_of_a_process(kind: str) -> None:
    buffered = ledger(fault(kind, "n1", lost="none"), durability="buffer", w=3)
    assert "acknowledges before it writes" in reason(buffered, "tolerable")


def test_tolerable_w_matters_only_where_something_was_lost() -> None:
    assert not reason(ledger(fault("partition", "n1"), w=None), "tolerable")
    assert "`config.w` is not given" in reason(ledger(fault("wipe", "n1"), w=None), "tolerable")


# Repairing


def test_repairing_holds_with_anti_entropy_on_or_not_mentioned() -> None:
    for setting in (1, 0.5, None):
        assert not reason(ledger(fault("wipe", "n1"), anti_entropy_s=setting), "repairing")


def test_repairing_without_it_hints_must_do_where_nothing_was_lost() -> None:
    assert not reason(ledger(fault("kill", "n1"), anti_entropy_s=0), "repairing")


def test_repairing_but_not_after_a_loss_or_a_power_cut() -> None:
    assert reason(ledger(fault("wipe", "n1"), anti_entropy_s=0), "repairing").startswith("measured: ")
    assert "power was cut" in reason(ledger(fault("power-cut", "n1"), anti_entropy_s=0), "repairing")


# No loss


def test_no_loss_holds_through_faults_that_keep_data() -> None:
    assert not reason(ledger(fault("kill", "n1"), fault("partition", "n1")), "no-loss")


def test_no_loss_not_after_a_loss_nor_a_leave() -> None:
    assert "lost data" in reason(ledger(fault("wipe", "n1")), "no-loss")
    assert "left" in reason(ledger(fault("leave", "n1", drained=True)), "no-loss")


# Before loss


def get_returned_at(ret: int) -> Op:
    return Op(0, 0, "get", "x", None, 1, ret, "ok", [])


def test_before_loss_each_get_for_itself() -> None:
    lossy = ledger(fault("wipe", "n1", start=10))
    assert lossy.before_loss(get_returned_at(9))
    assert not lossy.before_loss(get_returned_at(10))


def test_before_loss_a_ring_change_counts_as_well() -> None:
    assert not ledger(fault("join", "n4", start=10)).before_loss(get_returned_at(11))


def test_before_loss_measured_once_no_get_is_left() -> None:
    history = History({"config": FSYNC}, ops=[get_returned_at(30)], faults=[fault("wipe", "n1")])
    assert reason(Ledger(history), "before-loss").startswith("measured: no read returned")
    history.ops.append(get_returned_at(5))
    assert not reason(Ledger(history), "before-loss")


# Clock bound


def test_clock_bound_without_skew_it_is_what_the_clocks_were_apart() -> None:
    assert ledger().epsilon_ns(100) == (0, "")
    assert ledger(clock_sync_ms=3).epsilon_ns(100) == (3 * MS, "")


def test_clock_bound_twice_the_worst_node_skew_and_freezes_together() -> None:
    faults = [
        fault("skew", "n1", max_offset_ms=10),
        fault("skew", "n1", start=30, max_offset_ms=-40),
        fault("freeze", "n1", start=50, end=50 + 5 * MS),
        fault("freeze", "n2", start=50, end=50 + 7 * MS),
    ]
    assert ledger(*faults, clock_sync_ms=1).epsilon_ns(10**9) == (2 * 45 * MS + MS, "")


def test_clock_bound_only_what_was_requested_by_then() -> None:
    later = fault("skew", "n1", start=500, max_offset_ms=10)
    assert ledger(later, clock_sync_ms=1).epsilon_ns(499) == (MS, "")
    assert ledger(later, clock_sync_ms=1).epsilon_ns(500) == (21 * MS, "")


def test_clock_bound_a_healed_skew_still_counts() -> None:
    healed = fault("skew", "n1", start=1, end=2, max_offset_ms=10)
    assert ledger(healed, clock_sync_ms=0).epsilon_ns(10**9)[0] == 20 * MS


def test_clock_bound_unknown_where_the_history_does_not_tell() -> None:
    assert ledger(fault("skew", "n1"), clock_sync_ms=1).epsilon_ns(100)[0] is None
    epsilon, why = ledger(fault("skew", "n1", max_offset_ms=1)).epsilon_ns(100)
    assert epsilon is None
    assert "`config.clock_sync_ms` is not given" in why


def test_conditions_that_a_plan_or_a_system_declares() -> None:
    assert not reason(ledger(), "unreaped")
    assert reason(ledger(reap_tombstones_s=60), "unreaped").startswith("measured: ")
    assert reason(ledger(), "finals") == "measured: the history has no final reads"
    assert reason(ledger(), "observed-remove").startswith("measured: ")
    assert not reason(ledger(observed_remove=True), "observed-remove")
