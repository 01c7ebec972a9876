"""Faults in words."""

import pytest

from checkers.model.history import Fault
from harness.report.model import faults

NODES = ["n1", "n2", "n3", "n4", "n5"]


def fault(kind, nodes, **details):
    return Fault("f1", kind, nodes, 1_000_000_000, 1_100_000_000, 1_200_000_000, 3_000_000_000, details)


def wall(a, b):
    return [[x, y] for left, right in ((a, b), (b, a)) for x in left for y in right]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (fault("wipe", ["n3"]), "n3 wiped: killed, disk erased, started"),
        (fault("power-cut", ["n2", "n4"]), "n2 and n4 lost power"),
        (fault("skew", ["n1"], max_offset_ms=1234.5), "n1: clock off by up to 1,234 ms"),
        (
            fault("partition", NODES, blocked=wall(["n1", "n2"], ["n3", "n4", "n5"])),
            "partition: n3 n4 n5 | n1 n2",
        ),
        (fault("partition", NODES, blocked=[["n5", "n1"]]), "partition: n5 ↛ n1"),
        (fault("partition", NODES, blocked=wall(["n1"], ["n2"])), "partition: n1 ≁ n2"),
        (fault("link", NODES, shape={"loss": 0.1, "delay_ms": 45.359}), "link: loss 10 %, delay 45.4 ms"),
    ],
)
def test_what_a_fault_did(one, words):
    assert faults.told(one, NODES) == f"00:01.1–00:03.0 {words}"


def test_a_fault_that_never_ended_and_was_not_proven_says_so():
    one = Fault("f1", "kill", ["n1"], 1_000_000_000, 1_100_000_000)
    assert faults.told(one, NODES) == "00:01.1, never healed n1 killed (not verified)"


def test_a_bridge_leaves_one_side_because_one_node_reaches_all():
    one = fault("partition", NODES, blocked=wall(["n1", "n2"], ["n4", "n5"]))
    assert faults.sides(one, NODES) == [NODES]


def test_a_fault_counts_while_it_is_in_effect_and_not_while_it_is_requested():
    one = fault("kill", ["n1"])
    assert not faults.in_effect([one], 0, 1_050_000_000)
    assert faults.in_effect([one], 1_050_000_000, 1_150_000_000)
