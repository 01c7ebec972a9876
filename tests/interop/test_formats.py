"""Other tools' histories, small enough to read, one file a shape: what becomes of them, and what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checkers import check
from checkers.formats.detect import guess, load
from checkers.model.history import OPEN, Op
from checkers.verdict import Verdict

DATA = Path(__file__).parent / "data"


def ops(name: str) -> list[Op]:
    return load(DATA / name).ops


def told(op: Op) -> tuple[Any, ...]:
    return op.process, op.f, op.key, op.value, op.type, op.result


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("register.edn", "jepsen-edn"),
        ("independent.edn", "jepsen-edn"),
        ("vectors.edn", "jepsen-edn"),
        ("etcd.log", "jepsen-log"),
        ("rw-register.json", "elle-json"),
        ("set.json", "elle-json"),
        ("mutex.json", "elle-json"),
    ],
)
def test_the_format_is_told_from_the_content(name: str, format: str) -> None:
    assert guess(name, (DATA / name).read_bytes()) == format


def test_op_maps_become_operations_and_the_nemesis_a_note() -> None:
    history = load(DATA / "register.edn")
    assert [told(op) for op in history.ops] == [
        (0, "write", "register", 1, "ok", None),
        (1, "write", "register", 2, "ok", None),
        (2, "read", "register", None, "ok", 1),
    ]
    assert [(op.inv, op.ret) for op in history.ops] == [(1000, 2000), (3000, 4000), (5000, 6000)]
    assert history.notes == [{"time": 2500, "text": "nemesis info start-partition n1 | n2 n3"}]


def test_a_register_without_a_promise_is_judged_as_linearizable_and_says_so() -> None:
    report = check(DATA / "register.edn")
    assert report.promise == "linearizable"
    assert any("`linearizable` is taken for it" in warning for warning in report.warnings)


def test_what_a_register_may_have_held_from_the_start_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "history.edn"
    path.write_text("{:type :invoke :f :read :process 1}{:type :ok :f :read :value 0 :process 1}")
    assert "--initial 0" in " ".join(check(path).warnings)


def test_tuples_of_independent_keys_are_taken_apart() -> None:
    assert [told(op) for op in ops("independent.edn")] == [
        (0, "write", "7", 1, "ok", None),
        (1, "read", "8", None, "ok", None),
        (0, "cas", "7", [1, 2], "info", None),
        (1, "read", "7", None, "ok", 2),
    ]
    unanswered = ops("independent.edn")[2]
    assert (unanswered.ret, unanswered.gave_up, unanswered.error) == (OPEN, 60, "timeout")


def test_vectors_without_times_keep_their_order() -> None:
    first, second = ops("vectors.edn")
    assert (told(first)[:5], told(second)[5]) == ((0, "write", "register", 3, "ok"), 3)
    assert first.inv < first.ret < second.inv < second.ret


def test_in_the_log_a_failed_cas_saw_something_and_a_failed_read_nothing() -> None:
    write, cas, read, last = ops("etcd.log")
    assert (write.type, cas.type, cas.error) == ("ok", "fail", "mismatch")
    assert (read.type, read.result, read.error) == ("fail", None, "timed-out")
    assert (last.type, last.value, last.ret) == ("info", 4, OPEN)


def test_single_step_transactions_are_operations_on_keys() -> None:
    report = check(DATA / "rw-register.json")
    assert [told(op)[1:] for op in ops("rw-register.json")] == [
        ("write", "x", 1, "ok", None),
        ("read", "x", None, "ok", 9),
    ]
    assert report.exit == 1
    assert report.checks["phantom"].finding.violations[0].ops == (1,)


def test_a_set_ends_with_its_last_read() -> None:
    report = check(DATA / "set.json")
    assert [violation.data["tag"] for violation in report.checks["set"].finding.violations] == ["1"]
    assert report.exit == 1


@pytest.mark.parametrize(
    ("asked", "answered", "check_name"),
    [("1", "#{1}", "set"), ("1", "1", "counter")],
)
def test_a_set_or_counter_that_kept_its_promise_is_valid(
    tmp_path: Path, asked: str, answered: str, check_name: str
) -> None:
    path = tmp_path / "history.edn"
    ends = [
        f":invoke :f :add :value {asked} :process 0",
        f":ok :f :add :value {asked} :process 0",
        ":invoke :f :read :value nil :process 1",
        f":ok :f :read :value {answered} :process 1",
    ]
    path.write_text("".join(f"{{:type {end}}}\n" for end in ends))
    report = check(path)
    assert report.checks[check_name].finding.judged
    assert report.verdict is Verdict.VALID


def test_a_mutex_is_a_register_that_moves_from_free_to_held() -> None:
    history = load(DATA / "mutex.json")
    assert history.meta["initial"] == "free"
    assert [(op.f, op.value) for op in history.ops] == [("cas", ["free", "held"])] * 2


@pytest.mark.parametrize(
    ("value", "told"), [("0", "0"), ('"1"', "'\"1\"'"), (":a", ":a"), ("true", "true"), ('"x y"', "'x y'")]
)
def test_the_hint_at_the_initial_value_is_what_the_command_line_takes(
    tmp_path: Path, value: str, told: str
) -> None:
    path = tmp_path / "h.edn"
    path.write_text(f"{{:type :invoke :f :read :process 1}}{{:type :ok :f :read :value {value} :process 1}}")
    assert f"(--initial {told})" in " ".join(load(path).warnings)
