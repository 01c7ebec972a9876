"""What a campaign came to: from rows alone, cells pooled, claims apart from measurements."""

from __future__ import annotations

from typing import Any

import pytest

from harness.campaign.summary import exit_code, summarise
from harness.plan.cells import Cell
from harness.store import Row

CHANCES: dict[str, Any] = {
    "main": True,
    "ok": 200,
    "by_f": {"get": 100, "put": 100},
    "functions": ["get", "put"],
}
CHANCES |= {
    "conflicts": 10,
    "stale_reads": 10,
    "faults": 2,
    "effective": 2,
    "verified": 2,
    "keys": 1,
    "finals": 1,
}


def row(number: int, system: str = "dotted", **rest: Any) -> Row:
    verdict = rest.setdefault("verdict", "valid")
    rest = {
        "before_minima": verdict,
        "chances": CHANCES,
        "promise": "mvr-sloppy",
        "counts": {"ok": 200},
    } | rest
    named = {"workload": "w", "nemesis": "skew", "seed": number, "name": f"run{number}"}
    return Row(number=number, system=system, **named, **rest)


def check(verdict: str, asserted: bool) -> dict[str, Any]:
    return {"lost-write": {"verdict": verdict, "asserted": asserted, "violations": int(verdict == "invalid")}}


def test_a_campaign_where_every_promise_was_kept() -> None:
    summary = summarise("demo", 1, 3, [row(1), row(2), row(3)])
    assert (summary["verdict"], summary["exit"], summary["done"]) == ("valid", 0, 3)
    assert summary["cells"][0]["runs"] == {"valid": 3, "invalid": 0, "unknown": 0, "failed": 0}
    assert summary["systems"][0]["ops"] == {"ok": 600}


def test_a_campaign_that_ended_early_kept_nothing_and_may_have_broken_something() -> None:
    summary = summarise("demo", 1, 9, [row(1), row(2), row(3)])
    assert (summary["verdict"], summary["exit"], summary["done"]) == ("unknown", 2, 3)
    (system,) = summary["systems"]
    assert (system["verdict"], system["reason"]) == ("unknown", "the campaign ended after 3 of 9 runs")
    broken = summarise("demo", 1, 9, [row(1), row(2, verdict="invalid")])
    assert (broken["verdict"], broken["systems"][0]["verdict"]) == ("invalid", "invalid")


def test_one_invalid_run_makes_its_cell_system_and_campaign_invalid() -> None:
    summary = summarise("demo", 1, 4, [row(1), row(2), row(3, verdict="invalid"), row(4, system="lww")])
    assert (summary["verdict"], summary["exit"]) == ("invalid", 1)
    assert [system["verdict"] for system in summary["systems"]] == ["invalid", "valid"]


def test_a_crash_is_never_absorbed_and_outranks_unknown_but_not_invalid() -> None:
    crashed = row(3, verdict="unknown", chances={}, failure="worker: died by SIGKILL")
    runs = [row(1), row(2), crashed, row(4)]
    summary = summarise("demo", 1, 4, runs)
    assert (summary["verdict"], summary["exit"]) == ("unknown", 3)
    assert summary["failures"] == [{"run": "run3", "failure": "worker: died by SIGKILL"}]
    assert summary["cells"][0]["runs"]["failed"] == 1
    assert summarise("demo", 1, 5, [*runs, row(5, verdict="invalid")])["exit"] == 1


def test_few_chances_of_a_run_are_pooled_in_its_cell() -> None:
    poor = row(
        2, verdict="unknown", before_minima="valid", reason="too few chances to fail: no conflicting writes"
    )
    assert summarise("demo", 1, 3, [row(1), poor, row(3)])["verdict"] == "valid"
    assert summarise("demo", 1, 2, [row(1), poor])["verdict"] == "unknown"


def test_what_was_claimed_is_counted_apart_from_what_was_measured() -> None:
    runs = [row(1, checks=check("valid", True)), row(2, checks=check("invalid", False))]
    runs += [row(3, system="lww", checks=check("invalid", False))]
    claims = summarise("demo", 1, 3, runs)["checks"]["lost-write"]
    assert claims["dotted"] == {
        "claimed": True,
        "runs": 2,
        "judged": 1,
        "invalid": 0,
        "unknown": 0,
        "nothing": 0,
        "measured": {"judged": 1, "invalid": 1, "unknown": 0, "nothing": 0},
        "why": {"measured": ""},
    }
    assert (claims["lww"]["claimed"], claims["lww"]["invalid"]) == (False, 1)


def test_a_run_in_which_a_check_had_nothing_to_judge_did_not_keep_its_promise_there() -> None:
    empty = {"lost-write": {**check("valid", True)["lost-write"], "judged": 0}}
    full = {"lost-write": {**check("valid", True)["lost-write"], "judged": 7}}
    seen = summarise("demo", 1, 2, [row(1, checks=empty), row(2, checks=full)])["checks"]["lost-write"]
    assert {name: seen["dotted"][name] for name in ("runs", "judged", "nothing")} == {
        "runs": 2,
        "judged": 1,
        "nothing": 1,
    }


def test_why_a_promised_check_was_only_measured_is_told_by_one_run() -> None:
    measured = {**check("valid", False)["lost-write"], "why": "measured: wipe `f1` lost data"}
    runs = [row(1, checks=check("valid", True)), row(2, checks={"lost-write": measured})]
    seen = summarise("demo", 1, 2, runs)["checks"]["lost-write"]["dotted"]
    assert seen["why"] == {"measured": "wipe `f1` lost data"}


def test_what_the_plan_names_and_no_run_reached_is_undecided_and_listed() -> None:
    planned = [Cell("dotted", "w", "skew"), Cell("dotted", "w", "kill"), Cell("lww", "w", "skew")]
    summary = summarise("demo", 1, 9, [row(1), row(2)], planned)
    assert [(one["system"], one["verdict"]) for one in summary["systems"]] == [
        ("dotted", "unknown"),
        ("lww", "unknown"),
    ]
    assert sum(summary["systems"][1]["runs"].values()) == 0
    assert [(one["verdict"], one["reason"][:9]) for one in summary["cells"][1:]] == [
        ("unknown", "not begun")
    ] * 2


def test_a_promise_that_was_not_the_one_judged_by_is_told_beside_it() -> None:
    weak = {"system": {"label": "dotted", "system": "dynamo", "promise": "mvr-strict"}}
    (system,) = summarise("demo", 1, 1, [row(1, plan=weak)])["systems"]
    assert (system["promise"], system["declared"]) == ("mvr-sloppy", "mvr-strict")
    (system,) = summarise("demo", 1, 1, [row(1, promise="mvr-strict", plan=weak)])["systems"]
    assert (system["promise"], system.get("declared")) == ("mvr-strict", None)


def test_findings_that_break_a_promise_come_first() -> None:
    measured = {"check": "lost-write", "asserted": False, "message": "m"}
    broken = {"check": "phantom", "asserted": True, "message": "b"}
    found = summarise("demo", 1, 2, [row(1, findings=[measured]), row(2, findings=[broken])])["findings"]
    assert [(one["run"], one["check"]) for one in found] == [("run2", "phantom"), ("run1", "lost-write")]


@pytest.mark.parametrize(
    ("verdict", "failed", "code"),
    [
        ("valid", 0, 0),
        ("invalid", 0, 1),
        ("unknown", 0, 2),
        ("unknown", 1, 3),
        ("valid", 1, 3),
        ("invalid", 1, 1),
    ],
)
def test_exit_codes(verdict: str, failed: int, code: int) -> None:
    assert exit_code(verdict, failed) == code
