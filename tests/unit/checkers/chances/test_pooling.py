"""A campaign cell: its runs pooled to one verdict, every rule of docs/promises.md shown both ways."""

from __future__ import annotations

from typing import Any

from checkers.chances.pooling import pool
from checkers.suite import check
from tests.histories.notation import history


def run(verdict: str = "valid", before: str | None = None, **changes: Any) -> dict[str, Any]:
    chances = {
        "ok": 200,
        "by_f": {"get": 100, "put": 100},
        "functions": ["get", "put"],
        "conflicts": 10,
        "stale_reads": 10,
        "faults": 3,
        "effective": 3,
        "verified": 3,
    }
    failure = changes.pop("failure", None)
    return {
        "verdict": verdict,
        "before_minima": before or verdict,
        "reason": "because" if verdict != "valid" else "",
        "failure": failure,
        "chances": chances | changes,
    }


def verdict(*runs: dict[str, Any], label: str = "partitions", **cell: Any) -> tuple[str, str]:
    found = pool({"label": label, "runs": list(runs), **cell})
    return found["verdict"], found["reason"]


GOOD = [run() for _ in range(8)]


def test_enough_of_everything_is_valid() -> None:
    found = pool({"label": "partitions", "runs": GOOD})
    assert (found["verdict"], found["exit"], found["counted"]) == ("valid", 0, 8)
    assert found["chances"]["ok"] == 1600
    assert found["chances"]["by_f"] == {"get": 800, "put": 800}


def test_one_invalid_run_is_enough() -> None:
    found = pool({"label": "partitions", "runs": [*GOOD, run("invalid")]})
    assert (found["verdict"], found["exit"], found["reason"]) == ("invalid", 1, "1 of 9 runs: because")


def test_runs_that_missed_their_own_minima_are_pooled() -> None:
    assert verdict(*[run("unknown", "valid") for _ in range(8)]) == ("valid", "")


def test_small_cells_are_not_pooled() -> None:
    assert verdict(run(), run("unknown", "valid")) == ("unknown", "because")
    assert verdict(run(), run()) == ("valid", "")
    assert verdict() == ("unknown", "no runs")


def test_too_few_chances_over_all_runs() -> None:
    assert (
        verdict(*[run(conflicts=2) for _ in range(8)])[1] == "too few chances to fail: 16 conflicts, needs 20"
    )
    assert "8 possibly stale reads" in verdict(*[run(stale_reads=1) for _ in range(8)])[1]
    assert "480 acknowledged operations, needs 500" in verdict(*[run(ok=60) for _ in range(8)])[1]


def test_each_function_of_the_workload_must_have_succeeded_somewhere() -> None:
    assert verdict(*GOOD, functions=["get", "put"]) == ("valid", "")
    assert "no acknowledged delete" in verdict(*GOOD, functions=["get", "put", "delete"])[1]
    once = run(by_f={"delete": 1})
    assert verdict(*GOOD, once, functions=["get", "put", "delete"]) == ("valid", "")


def test_a_run_without_an_effective_fault_does_not_count_unless_none_were_wanted() -> None:
    calm = [run(effective=0, faults=0, verified=0) for _ in range(8)]
    assert verdict(*calm)[0] == "unknown"
    assert "no fault took effect in any run" in verdict(*calm)[1]
    assert verdict(*calm, label="none") == ("valid", "")
    assert pool({"label": "partitions", "runs": [*GOOD, *calm]})["counted"] == 8


def test_where_no_faults_were_wanted_no_read_need_be_possibly_stale() -> None:
    calm = [run(effective=0, faults=0, verified=0, stale_reads=0) for _ in range(8)]
    assert verdict(*calm, label="none") == ("valid", "")
    assert "0 conflicts" in verdict(*[run(stale_reads=0, conflicts=0)] * 8, label="none")[1]


def test_unverified_faults_in_one_run_or_a_tenth_are_absorbed() -> None:
    assert verdict(*GOOD[1:], run(verified=2)) == ("valid", "")
    assert verdict(*GOOD[2:], *[run(verified=2)] * 2)[0] == "unknown"
    quiet = run(verified=2, unverified="n1 sent nothing")
    assert verdict(*GOOD[2:], quiet, quiet)[1].endswith("faults that nothing verified: n1 sent nothing")
    assert verdict(*GOOD, *GOOD, *GOOD[:2], *[run(verified=2)] * 2)[0] == "valid"


def test_unknown_runs_up_to_one_or_a_twentieth_are_absorbed() -> None:
    assert verdict(*GOOD, run("unknown")) == ("valid", "")
    assert verdict(*GOOD, *[run("unknown")] * 2) == ("unknown", "2 of 10 runs are unknown: because")
    assert verdict(*GOOD * 5, *[run("unknown")] * 2) == ("valid", "")


def test_a_run_that_crashed_is_never_absorbed() -> None:
    crashed = {"verdict": "unknown", "before_minima": "unknown", "failure": "worker died (signal 9)"}
    found = pool({"label": "partitions", "runs": [*GOOD * 5, crashed]})
    assert (found["verdict"], found["exit"]) == ("unknown", 3)
    assert "worker died (signal 9)" in found["reason"]


def test_a_run_without_a_history_to_judge_is_one_unknown_run() -> None:
    nothing = {"verdict": "unknown", "before_minima": "unknown", "reason": "no history", "failure": None}
    assert verdict(*GOOD, nothing) == ("valid", "")
    assert verdict(*GOOD, nothing, nothing)[0] == "unknown"


def test_a_crash_does_not_hide_a_violation() -> None:
    found = pool({"label": "partitions", "runs": [*GOOD, run(failure="lost a checker"), run("invalid")]})
    assert (found["verdict"], found["exit"]) == ("invalid", 1)


def test_summaries_of_real_reports_pool() -> None:
    summaries = [check(history("#main; a:put1 ∥ b:put2; #final[9]; F{1,2}")).summary() for _ in range(3)]
    found = pool({"label": "none", "runs": summaries})
    assert found["verdict"] == "unknown"
    assert found["reason"].startswith("too few chances to fail: 6 acknowledged operations, needs 500")
