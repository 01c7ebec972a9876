"""The shapes in which Jepsen's tests write one and the same thing, and those that are something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkers import check
from checkers.errors import HistoryError
from checkers.formats.detect import guess, load
from checkers.model.history import History
from checkers.model.values import TRUE
from checkers.verdict import Verdict


def edn(tmp_path: Path, *ends: str) -> Path:
    """Ends like `0 :invoke :read nil`, or whole maps."""
    path = tmp_path / "history.edn"
    names = (":process", ":type", ":f", ":value")
    maps = []
    for end in ends:
        if end.startswith("{"):
            maps.append(end)
            continue
        parts = end.split(" ", 3)
        maps.append("{" + ", ".join(f"{name} {part}" for name, part in zip(names, parts, strict=True)) + "}")
    path.write_text("\n".join(maps))
    return path


def keys(history: History) -> list[str | None]:
    return [op.key for op in history.ops]


@pytest.mark.parametrize(
    ("answers", "verdict"), [("#{0 1}", "valid"), ("#{0}", "invalid"), ("#{0 1 2}", "invalid")]
)
def test_sets_have_independent_keys(tmp_path: Path, answers: str, verdict: str) -> None:
    path = edn(
        tmp_path,
        "0 :invoke :add [7 0]",
        "0 :ok :add [7 0]",
        "0 :invoke :add [7 1]",
        "0 :ok :add [7 1]",
        "0 :invoke :add [8 2]",
        "0 :ok :add [8 2]",
        "1 :invoke :read [7 nil]",
        f"1 :ok :read [7 {answers}]",
        "1 :invoke :read [8 nil]",
        "1 :ok :read [8 [2]]",
    )
    assert keys(load(path)) == ["7", "7", "8", "7", "8"]
    assert check(path).checks["set"].finding.verdict == Verdict(verdict)


def test_counters_and_mutexes_have_independent_keys(tmp_path: Path) -> None:
    path = edn(
        tmp_path,
        "0 :invoke :add [:a 2]",
        "0 :ok :add [:a 2]",
        "0 :invoke :read [:b nil]",
        "0 :ok :read [:b 0]",
    )
    assert keys(load(path)) == [":a", ":b"]
    path = edn(tmp_path, *(f"{p} {t} :acquire [{p} nil]" for p in (0, 1) for t in (":invoke", ":ok")))
    assert keys(load(path)) == ["0", "1"]
    assert check(path).verdict is Verdict.VALID


def test_a_field_names_the_key_for_every_model(tmp_path: Path) -> None:
    path = edn(
        tmp_path,
        '{:process 0 :type :invoke :f :acquire :key "a"}',
        '{:process 0 :type :ok :f :acquire :key "a"}',
        '{:process 1 :type :invoke :f :acquire :key "b"}',
        '{:process 1 :type :ok :f :acquire :key "b"}',
    )
    assert keys(load(path)) == ["a", "b"]
    path = edn(tmp_path, "{:process 0 :type :invoke :f :read :key 1}", "0 :ok :read 1", "1 :invoke :read nil")
    with pytest.raises(HistoryError, match=r":3: field `key`: is missing"):
        load(path)


@pytest.mark.parametrize("key", ["1", '"1"', ":1", '":1"', "1.5", "true", '"true"'])
def test_keys_and_values_of_every_type_stay_apart(tmp_path: Path, key: str) -> None:
    others = [other for other in ("1", '"1"', ":1", '":1"', "true", '"true"') if other != key]
    for other in others:
        path = edn(
            tmp_path,
            f"0 :invoke :write [{key} {key}]",
            f"0 :ok :write [{key} {key}]",
            f"0 :invoke :read [{other} nil]",
            f"0 :ok :read [{other} nil]",
        )
        assert check(path).verdict is Verdict.VALID
        path = edn(tmp_path, f"0 :invoke :write {key}", f"0 :ok :write {key}", "0 :invoke :read nil",
                   f"0 :ok :read {other}")  # fmt: skip
        assert check(path).verdict is Verdict.INVALID


def test_an_answer_on_another_key_is_refused(tmp_path: Path) -> None:
    path = edn(tmp_path, "0 :invoke :read [6 nil]", "0 :ok :read [7 1]")
    with pytest.raises(HistoryError, match=r":2: field `value`: answers for key `7`"):
        load(path)
    path = edn(
        tmp_path, "{:process 0 :type :invoke :f :read :key 6}", "{:process 0 :type :ok :f :read :key 7}"
    )
    with pytest.raises(HistoryError, match=r":2: field `value`: answers for key `7`"):
        load(path)


def test_a_write_may_learn_its_value_from_the_answer(tmp_path: Path) -> None:
    ends = ["0 :invoke :write nil", "0 :ok :write 7", "1 :invoke :read nil", "1 :ok :read 7"]
    assert check(edn(tmp_path, *ends)).verdict is Verdict.VALID
    keyed = ["0 :invoke :write [1 nil]", "0 :ok :write [1 7]", "1 :invoke :read [1 nil]", "1 :ok :read [1 8]"]
    assert check(edn(tmp_path, *keyed)).verdict is Verdict.INVALID
    unsure = ["2 :invoke :write nil", *ends, "1 :invoke :read nil", "1 :ok :read 8"]
    with pytest.raises(HistoryError, match=r":1: .*nobody else wrote may be of it"):
        load(edn(tmp_path, *unsure))


@pytest.mark.parametrize(
    ("asked", "answered", "words"),
    [
        ("[[:r 0 nil] [:r 1 nil]]", "[[:r 0 1] [:r 1 nil]]", "micro-operations under `read`"),
        ("[:r 0 nil]", "[:r 0 1]", "micro-operations under `read`"),
        ("nil", "#{425 430}", "a list or set under `read`"),
        ("nil", "[1 2]", "a list or set under `read`"),
        ("nil", "[]", "a list or set under `read`"),
        ("nil", "{:value 1 :version 2}", "a map under `read`"),
    ],
)
def test_what_is_no_register_is_refused_with_the_reason(
    tmp_path: Path, asked: str, answered: str, words: str
) -> None:
    path = edn(
        tmp_path,
        "0 :invoke :write 1",
        "0 :ok :write 1",
        f"1 :invoke :read {asked}",
        f"1 :ok :read {answered}",
    )
    with pytest.raises(HistoryError, match=words):
        load(path)


@pytest.mark.parametrize("total", ['"1"', "{:value 1}", "true", ":one"])
def test_a_total_is_a_number(tmp_path: Path, total: str) -> None:
    path = edn(tmp_path, "0 :invoke :add 1", "0 :ok :add 1", "1 :invoke :read nil", f"1 :ok :read {total}")
    with pytest.raises(HistoryError, match=r":4: field `value`: expected a number"):
        load(path)


def test_transactions_without_f_and_with_words_for_steps(tmp_path: Path) -> None:
    path = edn(
        tmp_path,
        "{:type :invoke :value [[:write :x 1]] :process 0}",
        "{:type :ok :value [[:write :x 1]] :process 0}",
        "{:type :invoke :value [[:read :x]] :process 0}",
        "{:type :ok :value [[:read :x 1]] :process 0}",
    )
    assert [(op.f, op.key, op.value, op.result) for op in load(path).ops] == [
        ("write", ":x", 1, None),
        ("read", ":x", None, 1),
    ]
    path = edn(tmp_path, "0 :invoke :txn [[:r :x nil]]", "0 :ok :txn [[:r :y 1]]")
    with pytest.raises(HistoryError, match=r"answers a read of `:y`"):
        load(path)


def test_byte_order_marks_and_carriage_returns_are_passed_over(tmp_path: Path) -> None:
    edn, json = (
        "{:process 0 :type %s :f :write :value 1}",
        '{"process":0,"type":"%s","f":"read","value":null}',
    )
    op = '{"kind":"op","type":"invoke","op":1,"time":1,"process":0,"f":"read","key":"x"}'
    texts = {
        "h.edn": [edn % ":invoke", edn % ":ok"],
        "h.json": [json % "invoke", json % "ok"],
        "h.log": ["0\t:invoke\t:write\t1", "0\t:ok\t:write\t1"],
        "h.jsonl": ['{"kind":"meta","version":1}', op],
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(text).encode())
        assert len(load(tmp_path / name).ops) == 1


def test_regexes_discards_tags_and_comments_are_edn(tmp_path: Path) -> None:
    path = tmp_path / "h.edn"
    path.write_text(
        "; a comment\n#_ (no operation) "
        "[#_ {:process 9} #jepsen.history.Op{:process 0, :type :invoke, :f :read, #_ :x #_ 1 "
        ':value nil, :re #"a\\"b\\d+", :at #inst "2020-01-01"} ; more\n'
        "{:process 0, :type :ok, :f :read, :value true, :big 12N, :exact 1.5M, :c \\a}]"
    )
    (read,) = load(path).ops
    assert read.result is TRUE


def test_what_the_nemesis_does_needs_no_f(tmp_path: Path) -> None:
    path = edn(tmp_path, ":nemesis :info nil nil", "0 :invoke :write 1", "0 :ok :write 1")
    assert load(path).notes == [{"time": 0, "text": "nemesis info nil"}]


def test_columns_of_history_txt_and_logs_with_long_preambles(tmp_path: Path) -> None:
    path = tmp_path / "history.txt"
    path.write_text("0\t:invoke\t:write\t1\n:nemesis\t:info\t:start\tnil\n0\t:info\t:write\t1\t:timeout\n"
                    "1\t:invoke\t:read\tnil\n1\t:ok\t:read\t:a\n")  # fmt: skip
    write, read = load(path).ops
    assert (write.type, write.value, write.error, read.result) == ("info", 1, "timeout", ":a")
    preamble = "2020-03-09 17:50:00,885{GMT}\tINFO\t[jepsen node n1] jepsen.db: setting up\n" * 3000
    path.write_text(
        preamble + "2020-03-09 17:51:00,885{GMT}\tINFO\t[w 0] jepsen.util: 0\t:invoke\t:write\t1\n"
    )
    assert guess("jepsen.log", path.read_bytes()) == "jepsen-log"
    assert len(load(path).ops) == 1


def test_reads_marked_final_are_all_final(tmp_path: Path) -> None:
    final = "{{:process {0}, :type {1}, :f :read, :value {2}, :final? true}}"
    path = edn(
        tmp_path,
        "0 :invoke :add 3",
        "0 :ok :add 3",
        *(final.format(process, kind, value) for process, told in ((1, "0"), (0, "3"))
          for kind, value in ((":invoke", "nil"), (":ok", told))),
    )  # fmt: skip
    assert [final.values for final in load(path).finals] == [[0], [3]]


def test_an_ok_nil_is_no_answer_of_a_set_or_counter(tmp_path: Path) -> None:
    for read in ("#{1}", "1"):
        path = edn(tmp_path, "0 :invoke :add 1", "0 :ok :add 1", "1 :invoke :read nil", f"1 :ok :read {read}",
                   "1 :invoke :read nil", "1 :ok :read nil")  # fmt: skip
        history = load(path)
        assert history.ops[-1].type == "info"
        assert [final.values for final in history.finals] == [None]


def test_times_that_run_backwards_are_warned_of(tmp_path: Path) -> None:
    path = edn(tmp_path, "{:process 0 :type :invoke :f :write :value 1 :time 100}",
               "{:process 0 :type :ok :f :write :value 1 :time 90}")  # fmt: skip
    assert "times run backwards at line 2: the order of the lines counts instead" in load(path).warnings
