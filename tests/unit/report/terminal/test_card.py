"""The card at the end, line by line: what was claimed and kept, what was seen, and how to replay it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.report.terminal.card import card, counts, table


def claim(claimed: bool, judged: int, invalid: int = 0, unknown: int = 0) -> dict[str, Any]:
    return {"claimed": claimed, "judged": judged, "invalid": invalid, "unknown": unknown}


def runs(valid: int = 0, invalid: int = 0, unknown: int = 0, failed: int = 0) -> dict[str, int]:
    return {"valid": valid, "invalid": invalid, "unknown": unknown, "failed": failed}


def cell(system: str, verdict: str, reason: str, counted: dict[str, int]) -> dict[str, Any]:
    named = {"system": system, "workload": "cart", "nemesis": "skew"}
    return {**named, "verdict": verdict, "reason": reason, "runs": counted}


def system(name: str, promise: str, verdict: str, reason: str, counted: dict[str, int]) -> dict[str, Any]:
    return {"system": name, "promise": promise, "verdict": verdict, "reason": reason, "runs": counted}


SUMMARY: dict[str, Any] = {
    "cells": [
        cell("dotted", "invalid", "1 of 8 runs: lost-write", runs(valid=7, invalid=1)),
        cell("lww", "unknown", "3 conflicts, needs 20", runs(valid=8)),
    ],
    "systems": [
        system("dotted", "mvr-sloppy", "invalid", "cart, skew: 1 of 8 runs: lost-write", runs(7, 1)),
        system("lww", "lww", "unknown", "cart, skew: 3 conflicts, needs 20", runs(8)),
    ],
    "checks": {
        "phantom": {"dotted": claim(True, 8), "lww": claim(True, 7, unknown=1)},
        "lost-write": {"dotted": claim(True, 8, invalid=1), "lww": claim(False, 8, invalid=5)},
        "convergence": {"dotted": claim(True, 0, unknown=8), "lww": claim(False, 8)},
        "counter": {"dotted": claim(False, 0), "lww": claim(False, 0)},
    },
    "findings": [
        {
            "run": "0003-dotted-cart-skew-3",
            "check": "lost-write",
            "asserted": True,
            "key": "k1",
            "message": "acknowledged 0:0 is lost",
            "proof": ["op 0 was acknowledged", "no replica holds it"],
        },
        {
            "run": "0009-lww-cart-skew-1",
            "check": "lost-write",
            "asserted": False,
            "key": "k2",
            "message": "m",
        },
    ],
    "failures": [{"run": "0005-dotted-cart-skew-5", "failure": "worker: died by SIGKILL"}],
}

EXPECTED = """\

  cells        dotted            lww
  cart   skew  ✘ 1 invalid of 8  ? 8/8
  ? lww, cart, skew: 3 conflicts, needs 20

  claimed, observed  dotted              lww
                     mvr-sloppy          lww
  phantom            ✔ kept in 8         ✔ kept in 7 of 8 +1?
  lost-write         ✘ broken in 1 of 8  · seen in 5 of 8
  convergence        ? 8 undecided       · none in 8
  phantom in lww: undecided in 1 run
  convergence in dotted: undecided in 8 runs

  ✘ lost-write · key k1 · 0003-dotted-cart-skew-3
    acknowledged 0:0 is lost
    op 0 was acknowledged
    no replica holds it
    replay: schism replay store/demo-1/runs/0003-dotted-cart-skew-3

  ! harness failure in 0005-dotted-cart-skew-5: worker: died by SIGKILL
    replay: schism replay store/demo-1/runs/0005-dotted-cart-skew-5

  ✘  dotted  mvr-sloppy  BROKE its promise  7 valid, 1 invalid
      cart, skew: 1 of 8 runs: lost-write
  ?  lww     lww         undecided          8 valid
      cart, skew: 3 conflicts, needs 20"""


def test_the_whole_card() -> None:
    assert "\n".join(text for text, _ in card(SUMMARY, Path("store/demo-1"))) == EXPECTED


def test_a_campaign_that_was_interrupted_before_its_first_run_has_a_card() -> None:
    empty: dict[str, Any] = {"cells": [], "systems": [], "checks": {}, "findings": [], "failures": []}
    lines = [text for text, _ in card(empty, Path("s"))]
    assert lines == ["", "  no run ended: there is nothing to judge"]


def test_checks_that_only_describe_claim_nothing() -> None:
    checks = {"staleness": {"dotted": claim(False, 8), "lww": claim(False, 8)}}
    lines = [text for text, _ in card({**SUMMARY, "checks": {**SUMMARY["checks"], **checks}}, Path("s"))]
    assert any(line.startswith("  convergence") for line in lines)
    assert not any("staleness" in line for line in lines)


def test_columns_are_aligned_and_nothing_trails() -> None:
    assert table([["a", "bb", ""], ["ccc", "d"]], indent="") == ["a    bb", "ccc  d"]


def test_counts_leave_out_what_is_not() -> None:
    assert counts(runs(3, 0, 1)) == "3 valid, 1 unknown"
    assert counts(runs()) == "no runs"


def test_findings_of_every_kind_come_before_more_of_one() -> None:
    found = [
        ("lost-write", "r1"),
        ("lost-write", "r1"),
        ("lost-write", "r2"),
        ("phantom", "r2"),
        ("zombie", "r3"),
    ]
    findings = [
        {"run": run, "check": check, "asserted": True, "key": "k", "message": str(number)}
        for number, (check, run) in enumerate(found)
    ]
    lines = [text for text, _ in card({**SUMMARY, "findings": findings}, Path("s"))]
    assert [line for line in lines if "· key k ·" in line] == [
        "  ✘ lost-write · key k · r1",
        "  ✘ phantom · key k · r2",
        "  ✘ zombie · key k · r3",
    ]
    assert "  2 more: see the report" in lines
    assert "    0" in lines, "the first of them"


def with_checks(**checks: dict[str, Any]) -> list[str]:
    return [text for text, _ in card({**SUMMARY, "checks": checks}, Path("s"))]


def test_a_check_that_was_not_judged_everywhere_says_of_how_many_and_why() -> None:
    measured = {"judged": 21, "invalid": 3, "unknown": 0, "nothing": 0}
    why = {"measured": "power-cut `f2` lost data"}
    seen = {**claim(True, 43), "runs": 64, "nothing": 0, "measured": measured, "why": why}
    lines = with_checks(unstable={"dotted": seen})
    assert any("✔ kept in 43 of 64" in line for line in lines)
    said = "only measured in 21 runs, and violated in 3 (one of them: power-cut `f2` lost data)"
    assert f"  unstable in dotted: {said}" in lines


def test_a_check_that_had_nothing_to_judge_gets_no_tick() -> None:
    seen = {**claim(True, 0), "runs": 8, "nothing": 8, "why": {"nothing": ""}}
    (line,) = [line for line in with_checks(phantom={"dotted": seen}) if line.startswith("  phantom  ")]
    assert line == "  phantom            · nothing to judge  ·"


def test_a_promise_that_the_quorums_cannot_keep_is_said_with_what_was_judged() -> None:
    strict = {**SUMMARY["systems"][0], "declared": "mvr-strict"}
    lines = [text for text, _ in card({**SUMMARY, "systems": [strict]}, Path("s"))]
    assert any("declares mvr-strict, judged by mvr-sloppy" in line for line in lines)


def test_cells_that_no_run_reached_are_told_in_one_line() -> None:
    none = [cell(name, "unknown", "not begun: none of its runs ended", runs()) for name in ("dotted", "lww")]
    lines = [text for text, _ in card({**SUMMARY, "cells": none}, Path("s"))]
    assert "  cart   skew  ? not begun  ? not begun" in lines
    assert [line for line in lines if "not begun," in line] == [
        "  ? not begun, and so undecided: 2 cells of 2"
    ]
