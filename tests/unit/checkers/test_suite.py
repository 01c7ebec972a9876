"""Judging: what is folded, what is not, and what becomes of a check that crashes."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import checkers
from checkers.case import Case
from checkers.errors import HistoryError, PromiseError
from checkers.model.history import History
from checkers.model.rounds import REMEDY
from checkers.registry import Check, _loaded, checks
from checkers.suite import check
from checkers.verdict import Finding, Verdict, Violation, invalid, not_applicable, unknown, valid
from tests.histories.notation import history, jsonl

LOST = "put1; get{1}; put2{1}?; F{}"


def check_called(name: str, finding: Finding | Exception) -> Check:
    def judge(_: Case) -> Finding:
        if isinstance(finding, Exception):
            raise finding
        return finding

    return Check(name, "?", "!", "here", judge)


def judged_by(*found: tuple[str, Finding | Exception], promise: str = "mvr-sloppy"):
    only = {name: check_called(name, finding) for name, finding in found}
    return check(history("put1; F{1}", promise), only=only)


BROKEN = invalid(1, [Violation("phantom", "x", (0,), "it was never written")])


# Fold


def test_the_worst_asserted_finding() -> None:
    assert judged_by(("phantom", valid(1))).verdict is Verdict.VALID
    assert judged_by(("phantom", valid(1)), ("zombie", unknown("no"))).verdict is Verdict.UNKNOWN
    assert judged_by(("phantom", BROKEN), ("zombie", unknown("no"))).verdict is Verdict.INVALID


def test_measured_findings_are_shown_and_not_folded() -> None:
    report = judged_by(("phantom", valid(1)), ("mvr-regular", BROKEN))
    assert report.verdict is Verdict.VALID
    assert report.checks["mvr-regular"].finding.verdict is Verdict.INVALID
    assert not report.checks["mvr-regular"].asserted


def test_nothing_asserted_could_be_judged() -> None:
    assert judged_by(("phantom", not_applicable("none here"))).verdict is Verdict.UNKNOWN
    assert judged_by(("mvr-regular", valid(9))).verdict is Verdict.UNKNOWN
    assert judged_by(("phantom", valid(0))).verdict is Verdict.UNKNOWN


def test_what_is_asserted_and_not_built_is_listed() -> None:
    report = judged_by(("phantom", valid(1)))
    assert "lost-write" in report.not_built
    assert "phantom" not in report.not_built


def test_no_meaning_under_this_promise() -> None:
    report = judged_by(("zombie", BROKEN), ("phantom", valid(1)), promise="linearizable")
    assert report.checks["zombie"].finding.verdict is Verdict.NOT_APPLICABLE


def test_without_a_promise_all_is_measured_and_unknown() -> None:
    h = history("put1; F{1}")
    h.meta["promise"] = None
    report = check(h)
    assert report.verdict is Verdict.UNKNOWN
    assert not any(one.asserted for one in report.checks.values())
    assert "declares no promise" in report.warnings[0]


def test_the_callers_promise_overrides_the_historys() -> None:
    assert check(history(LOST, "mvr-paper")).verdict is Verdict.VALID
    assert check(history(LOST, "mvr-paper"), promise="mvr-sloppy").verdict is Verdict.INVALID
    with pytest.raises(PromiseError):
        check(history(LOST), promise="mvr")


def test_a_misspelt_promise_in_a_file_is_an_error_of_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(jsonl(history(LOST, "mvr-slopy")))
    with pytest.raises(HistoryError, match=r"history.jsonl:1: field `promise`: .*did you mean `mvr-sloppy`"):
        check(path)
    assert check(path, promise="lww").promise == "lww"


# Crash


def test_a_check_that_raises_is_unknown_and_the_others_go_on() -> None:
    report = judged_by(("phantom", valid(1)), ("lost-write", ZeroDivisionError("of 7")), ("zombie", valid(1)))
    crashed = report.checks["lost-write"].finding
    assert crashed.verdict is Verdict.UNKNOWN
    assert "the check itself failed: lost-write: ZeroDivisionError: of 7 (test_suite.py:" in crashed.reason
    assert report.checks["zombie"].finding.verdict is Verdict.VALID
    assert report.verdict is Verdict.UNKNOWN
    assert [failure["where"] for failure in report.failures] == ["checker"]
    assert report.exit == 3


def test_a_violation_outranks_it() -> None:
    report = judged_by(("phantom", BROKEN), ("lost-write", KeyError("x")))
    assert (report.verdict, report.exit) == (Verdict.INVALID, 1)


def test_a_recorded_failure_of_a_client_is_never_green() -> None:
    h = history("put1; F{1}")
    h.failures.append({"time": 5, "where": "client", "error": "KeyError: 'x'"})
    report = check(h)
    assert (report.verdict, report.exit) == (Verdict.UNKNOWN, 3)
    assert report.reason == "the harness itself failed (client): KeyError: 'x'"


# Conditions


def test_a_run_level_doubt_makes_the_asserted_check_unknown_and_keeps_what_it_saw() -> None:
    report = check(history(LOST + "; ~wipe(n1)[1,2]; ~wipe(n2)[1,2]", settle_bound_s=0))
    found = report.checks["lost-write"]
    assert (found.finding.verdict, found.raw, found.asserted) == (Verdict.UNKNOWN, Verdict.INVALID, True)
    assert "2 nodes lost data" in found.finding.reason
    assert found.finding.violations == ()


def test_another_doubt_turns_it_into_a_measured_one() -> None:
    text = "put1?; get{1}; ~wipe(n1)[0,1]; #settle[10]; #final[20]; F{}"
    found = check(history(text, settle_bound_s=0.001)).checks["unstable-read"]
    assert (found.finding.verdict, found.asserted) == (Verdict.INVALID, False)
    assert found.why.startswith("measured: wipe `f1` of n1")


def test_only_the_affected_keys_are_unknown() -> None:
    unread = "put x1; put y2; F x{1}; F y{2}|-|{2}"
    found = check(history(unread)).checks["lost-write"].finding
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == f"key `y` has no complete round of final reads: {REMEDY}"


def test_a_violation_on_a_judgeable_key_is_still_invalid() -> None:
    found = check(history("put x1; put y2; F x{}; F y{2}|-|{2}")).checks["lost-write"].finding
    assert found.verdict is Verdict.INVALID
    assert [violation.key for violation in found.violations] == ["x"]
    assert found.reason == f"key `y` has no complete round of final reads: {REMEDY}"


def test_a_key_with_only_unanswered_puts_and_no_round_is_not_judged() -> None:
    found = check(history("put x1; put y2?; get y{2}; F x{1}")).checks["lost-write"].finding
    assert found.verdict is Verdict.VALID


def test_strict_quorums_that_do_not_overlap_say_what_they_are_judged_by() -> None:
    report = check(history("put1; get{}; F{1}", "mvr-strict", r=1))
    assert not report.checks["mvr-regular"].asserted
    assert "judged as mvr-sloppy" in report.warnings[0]
    assert report.promise == "mvr-strict"


def test_reaped_tombstones_leave_zombies_measured() -> None:
    text = "put1; get{1}; del{1}; F{1}"
    assert check(history(text)).verdict is Verdict.INVALID
    reaped = check(history(text, reap_tombstones_s=60))
    assert not reaped.checks["zombie"].asserted
    assert reaped.verdict is Verdict.VALID


def test_multi_value_checks_have_no_meaning_for_single_value_registers() -> None:
    h = history("put1; put2; get{2}; F{2}", "mvr-sloppy")
    for op in h.ops:
        op.f = {"put": "write", "get": "read"}[op.f]
        op.result = op.result and op.result[0]
    report = check(h)
    assert report.checks["lost-write"].finding.verdict is Verdict.NOT_APPLICABLE
    assert report.checks["phantom"].finding.verdict is Verdict.VALID
    assert report.verdict is Verdict.VALID


def test_one_copy_is_broken_by_siblings_where_it_is_promised() -> None:
    text = "put1 ∥ b:put2; get{1,2}; F{1,2}"
    (violation,) = check(history(text, "linearizable")).checks["linearizable"].finding.violations
    assert violation.ops == (2,)
    assert check(history(text)).checks["linearizable"].finding.verdict is Verdict.NOT_APPLICABLE


def test_a_key_that_is_too_large_is_unknown_and_no_failure_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkers.order.versions.LIMIT", 2)
    report = check(history("put1; put2; put3; F{3}"))
    assert report.checks["lost-write"].finding.reason.startswith("key `x` has 3 writes")
    assert (report.verdict, report.failures) == (Verdict.UNKNOWN, [])


def test_a_history_of_both_kinds_is_never_green() -> None:
    h = history("put1; put2; get{}; F{}")
    h.ops[0].f = "write"
    report = check(h, only={name: checks()[name] for name in ("phantom", "lost-write")})
    assert report.verdict is Verdict.UNKNOWN
    assert "judge them apart" in report.reason


# Report


def test_has_the_shape_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(jsonl(history(LOST)))
    report = checkers.check(path).to_json()
    assert report["verdict"] == "invalid"
    assert report["promise"] == "mvr-sloppy"
    assert report["ops"] == {"ok": 2, "fail": 0, "info": 1}
    found = report["checks"]["lost-write"]
    assert (found["verdict"], found["asserted"]) == ("invalid", True)
    assert found["seconds"] >= 0
    (violation,) = found["violations"]
    assert (violation["kind"], violation["key"], violation["ops"]) == ("lost-write", "x", [0])
    assert violation["message"]
    assert violation["proof"]
    assert json.loads(json.dumps(report)) == report


def test_only_the_timings_depend_on_the_day() -> None:
    once, again = (json.dumps(check(history(LOST)).to_json(timings=False)) for _ in range(2))
    assert once == again
    assert "seconds" not in check(history(LOST)).to_json(timings=False)["checks"]["lost-write"]


def test_inner_operations_are_not_counted() -> None:
    report = check(history("a:add x t; ^a:get{}; ^a:put 0:0|t{}; F{0:0|t}"))
    assert sum(report.ops.values()) == 1


def test_a_long_list_of_violations_is_cut_and_counted() -> None:
    many = [Violation("phantom", "x", (id,), "?") for id in range(250)]
    found = judged_by(("phantom", invalid(250, many))).to_json()["checks"]["phantom"]
    assert len(found["violations"]) == 100
    assert found["violations_left_off"] == 150


# Registry


def test_checks_are_found_by_folder_in_the_contracts_order() -> None:
    names = list(checks())
    assert names[:3] == ["phantom", "aborted-read", "future-read"]
    assert names.index("lost-write") < names.index("convergence") < names.index("availability")


def test_each_says_what_it_asks_and_where_that_comes_from() -> None:
    for one in checks().values():
        assert one.question.endswith("?"), one.name
        assert one.guarantee.endswith("."), one.name
        assert one.source, one.name


def test_an_outsiders_check_that_cannot_be_loaded_is_unknown_and_a_failure_of_ours() -> None:
    (stand_in,) = _loaded(EntryPoint("of-a-plugin", "no.such.module:CHECKS", "schism.checks"))
    report = check(history("put1; F{1}"), only={"of-a-plugin": stand_in})
    assert report.exit == 3
    assert "cannot be loaded from `no.such.module:CHECKS`" in report.checks["of-a-plugin"].finding.reason


def test_an_empty_history_is_unknown_not_valid() -> None:
    report = check(History({"version": 1, "promise": "mvr-sloppy"}))
    assert (report.verdict, report.exit) == (Verdict.UNKNOWN, 2)
    assert report.reason == "nothing that the promise asserts could be judged"
