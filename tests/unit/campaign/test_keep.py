"""Which folders stay: everything of a small campaign, else findings, what is unknown, and a sample."""

from __future__ import annotations

from typing import Any

from harness.campaign.keep import keep_rule
from harness.store import Row


def row(number: int, **rest: Any) -> Row:
    return Row(number=number, name=str(number), system="s", workload="w", nemesis="n", seed=1, **rest)


def kept(keep: str, total: int, *rows: Row) -> list[int]:
    rule = keep_rule(keep, total)
    return [one.number for one in rows if rule(one)]


UNDECIDED = {"lost-write": {"verdict": "unknown", "asserted": True}}
ROWS = (
    row(1, verdict="valid"),
    row(2, verdict="valid"),
    row(3, verdict="invalid"),
    row(4, verdict="unknown", reason="too few chances"),
    row(5, verdict="unknown", checks=UNDECIDED),
    row(6, verdict="unknown", failure="worker: died"),
    row(7, verdict="unknown", interrupted=True),
)


def test_a_small_campaign_keeps_all() -> None:
    assert kept("auto", 200, *ROWS) == [1, 2, 3, 4, 5, 6, 7]
    assert kept("all", 100_000, *ROWS) == [1, 2, 3, 4, 5, 6, 7]


def test_a_large_one_keeps_findings_unknowns_and_the_first_of_each_cell() -> None:
    assert kept("auto", 201, *ROWS) == [1, 3, 5, 6, 7]


def test_findings_only() -> None:
    assert kept("findings", 10, *ROWS) == [3, 5, 6, 7]
