"""Every way in which a history can be malformed ends in one line that names file, line, field and fix."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from checkers.errors import HistoryError
from checkers.formats.detect import load
from checkers.model.history import OPEN, History

META = '{"kind":"meta","version":1,"system":"s","promise":"mvr-sloppy","config":{"n":3}}'
PUT = '{"kind":"op","type":"invoke","op":0,"time":1,"process":0,"f":"put","key":"x","value":"a"}'
PUT_OK = '{"kind":"op","type":"ok","op":0,"time":2,"process":0,"f":"put","key":"x"}'
GET = '{"kind":"op","type":"invoke","op":1,"time":3,"process":1,"f":"get","key":"x"}'
GET_OK = '{"kind":"op","type":"ok","op":1,"time":4,"process":1,"f":"get","key":"x","value":["a"]}'
WHOLE = [META, PUT, PUT_OK, GET, GET_OK]


@pytest.fixture
def read(tmp_path: Path):
    """Write lines to a file and read them as a history."""

    def reader(*lines: str, end: str = "\n") -> History:
        path = tmp_path / "history.jsonl"
        path.write_text("\n".join(lines) + end)
        return load(path)

    return reader


def test_both_ends_of_an_operation_are_one(read) -> None:
    put, get = read(*WHOLE).ops
    assert (put.f, put.value, put.inv, put.ret, put.type) == ("put", "a", 1, 2, "ok")
    assert (get.returned_values, get.attempts, get.context) == (["a"], 1, None)


def test_an_operation_without_completion_is_open(read) -> None:
    (put,) = read(META, PUT).ops
    assert (put.type, put.ret, put.gave_up) == ("info", OPEN, None)


def test_an_info_stays_open_and_says_when_its_client_gave_up(read) -> None:
    (put,) = read(META, PUT, PUT_OK.replace('"ok"', '"info"')).ops
    assert (put.type, put.ret, put.gave_up) == ("info", OPEN, 2)


def test_the_larger_count_of_attempts_wins(read) -> None:
    (put,) = read(META, PUT.replace('"op":0', '"op":0,"attempts":3'), PUT_OK).ops
    assert put.attempts == 3


def test_lines_in_another_order_than_their_times_are_put_in_order_with_a_warning(read) -> None:
    history = read(META, GET, GET_OK, PUT, PUT_OK)
    assert [op.f for op in history.ops] == ["put", "get"]
    assert history.warnings == ["lines are not in order of time: operations were put in order"]
    assert read(*WHOLE).warnings == []


@pytest.mark.parametrize(
    "lines",
    [
        (PUT.replace('"put"', '"incr"'),),
        (GET.replace('"get"', '"total"'), GET_OK.replace('"get"', '"total"').replace('["a"]', '"a"')),
    ],
)
def test_what_is_counted_is_a_number(read, lines: tuple[str, ...]) -> None:
    with pytest.raises(HistoryError, match="field `value`: expected a number"):
        read(META, *lines)


def test_a_torn_last_line_is_dropped_with_a_warning(read) -> None:
    history = read(*WHOLE, '{"kind":"op","type":"inv', end="")
    assert len(history.ops) == 2
    assert history.warnings == ["line 6 is torn (the last one): dropped"]


@pytest.mark.parametrize("length", range(1, len(PUT_OK)))
def test_any_prefix_of_a_history_reads(read, length: int) -> None:
    assert len(read(META, PUT, PUT_OK[:length], end="").ops) == 1


def test_unknown_fields_are_ignored(read) -> None:
    assert len(read(META, PUT.replace('"op":0', '"op":0,"colour":"red"')).ops) == 1


def test_the_config_is_kept_whole(read) -> None:
    assert read(META.replace('"n":3', '"n":3,"shards":7')).config == {"n": 3, "shards": 7}


def test_a_byte_order_mark_and_other_line_ends_are_no_matter(read) -> None:
    assert len(read("\ufeff" + META + "\r", PUT + "\r", PUT_OK + "\r", "").ops) == 1


def test_a_number_as_key_is_its_text(read) -> None:
    assert [op.key for op in read(META, PUT.replace('"x"', "7"), PUT_OK.replace('"x"', "7")).ops] == ["7"]


def test_moments_of_a_fault_are_one_interval_with_its_largest_offset(read) -> None:
    line = '{"kind":"fault","type":"%s","time":%d,"id":1,"fault":"skew","nodes":["n1"],"max_offset_ms":%d}'
    moments = [("requested", 1, 10), ("effective", 2, 10), ("verified", 3, 80), ("healed", 9, 70)]
    (fault,) = read(META, *(line % moment for moment in moments)).faults
    assert (fault.requested, fault.effective, fault.verified, fault.healed) == (1, 2, 3, 9)
    assert fault.details == {"max_offset_ms": 80}


def test_finals_states_phases_notes_and_failures_are_kept(read) -> None:
    history = read(
        META,
        '{"kind":"phase","time":1,"name":"final"}',
        '{"kind":"final","time":2,"node":"n1","key":"x","values":null}',
        '{"kind":"state","time":3,"node":"n1","hints":2,"mood":"calm"}',
        '{"kind":"note","time":4,"text":"hello","nodes":["n1"]}',
        '{"kind":"harness","time":5,"where":"client","error":"KeyError"}',
    )
    assert history.phases == [(1, "final")]
    assert (history.finals[0].values, history.finals[0].round) == (None, 1)
    assert history.states[0].facts == {"hints": 2, "mood": "calm"}
    assert history.notes == [{"time": 4, "text": "hello", "nodes": ["n1"]}]
    assert history.failures == [{"time": 5, "where": "client", "error": "KeyError"}]


MALFORMED = {
    "no meta": ([PUT], 1, None, "the first line must be `meta`"),
    "not an object": (["7"], 1, None, "not a history"),
    "no kind": (['{"a":1}'], 1, None, "not a history"),
    "unknown version": ([META.replace(":1,", ":2,")], 1, "version", "2 is unknown"),
    "no version": (['{"kind":"meta"}'], 1, "version", "is missing"),
    "config of a wrong type": (
        [META.replace('"n":3', '"n":"3"')],
        1,
        "config.n",
        "expected int | null, got str",
    ),
    "unknown durability": (
        [META.replace('"n":3', '"durability":"fsynch"')],
        1,
        "durability",
        "`fsynch` is unknown; known: fsync interval buffer none",
    ),
    "second meta": ([META, META], 2, "kind", "a second `meta`"),
    "torn in the middle": ([META, PUT[:30], PUT_OK], 2, None, "only the last line may be torn"),
    "unknown kind": ([META, '{"kind":"opp"}'], 2, "kind", "`opp` is unknown; version 1 knows: meta op"),
    "missing kind": ([META, '{"type":"invoke"}'], 2, "kind", "is missing"),
    "missing key": ([META, PUT.replace('"key":"x",', "")], 2, "key", "every `op` line needs it"),
    "missing value": ([META, PUT.replace(',"value":"a"', "")], 2, "value", "a `put` says what it writes"),
    "null value": ([META, PUT.replace('"a"', "null")], 2, "value", "a `put` says what it writes"),
    "wrong type": ([META, PUT.replace(":1,", ':"1",')], 2, "time", "expected int, got str"),
    "value is a list": ([META, PUT.replace('"a"', "[1]")], 2, "value", "expected a JSON scalar, got a list"),
    "unknown f": ([META, PUT.replace('"put"', '"poke"')], 2, "f", "`poke` is unknown; known: get put"),
    "unknown type": ([META, PUT.replace('"invoke"', '"call"')], 2, "type", "`call` is unknown"),
    "never invoked": ([META, PUT_OK], 2, "op", "0 was never invoked"),
    "invoked twice": ([META, PUT, PUT], 3, "op", "0 was invoked before"),
    "completed twice": ([META, PUT, PUT_OK, PUT_OK], 4, "op", "0 was completed before"),
    "another process": ([META, PUT, PUT_OK.replace('ess":0', 'ess":1')], 3, "process", "invoked with (`0`)"),
    "another key": ([META, PUT, PUT_OK.replace('"x"', '"y"')], 3, "key", "invoked with (`x`)"),
    "back in time": ([META, PUT, PUT_OK.replace(":2,", ":0,")], 3, "time", "completes before"),
    "get without values": (
        [META, *WHOLE[1:4], GET_OK.replace(',"value":["a"]', "")],
        5,
        "value",
        "an ok `get`",
    ),
    "get of no list": ([META, *WHOLE[1:4], GET_OK.replace('["a"]', '"a"')], 5, "value", "expected a list"),
    "context of nothing": ([META, PUT.replace('"a"', '"a","context":9')], 2, "context", "never invoked"),
    "context of a put": (
        [META, PUT, PUT_OK, PUT.replace(":0,", ":2,", 1).replace('"a"', '"b","context":0')],
        4,
        "context",
        "returned no values",
    ),
    "context of another key": (
        [*WHOLE, PUT.replace(":0,", ":2,", 1).replace('"x","value":"a"', '"y","value":"b","context":1')],
        6,
        "context",
        "read key `x`, not `y`",
    ),
    "fault never requested": (
        [META, '{"kind":"fault","type":"healed","time":1,"id":"f","fault":"kill","nodes":[]}'],
        2,
        "id",
        "was never requested",
    ),
    "final without values": (
        [META, '{"kind":"final","time":1,"node":"n1","key":"x"}'],
        2,
        "values",
        "is missing",
    ),
    "failure of nobody": (
        [META, '{"kind":"harness","time":1,"where":"moon","error":"e"}'],
        2,
        "where",
        "known: client nemesis testbed checker",
    ),
}


@pytest.mark.parametrize("case", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_histories_are_refused_in_one_line(read, case) -> None:
    lines, number, field, words = case
    with pytest.raises(HistoryError) as refused:
        read(*lines)
    message = str(refused.value)
    assert words in message
    assert "\n" not in message
    if "elle" not in words:
        assert (refused.value.line, refused.value.field) == (number, field)
        assert f"history.jsonl:{number}: " in message


def test_reading_leaves_the_garbage_collector_as_it_was(read) -> None:
    read(*WHOLE)
    assert gc.isenabled()
    with pytest.raises(HistoryError):
        read(META, "torn", PUT)
    assert gc.isenabled()


def test_a_process_that_does_two_things_at_once_is_warned_of(tmp_path: Path) -> None:
    op = '{{"kind":"op","type":"{}","op":{},"time":{},"process":0,"f":"write","key":"x"{}}}'
    lines = [
        '{"kind":"meta","version":1}',
        op.format("invoke", 0, 1, ',"value":1'),
        op.format("ok", 0, 2, ""),
    ]
    lines += [op.format("invoke", 1, 3, ',"value":2'), op.format("invoke", 2, 4, ',"value":3')]
    path = tmp_path / "h.jsonl"
    path.write_text("\n".join([*lines, op.format("ok", 2, 5, "")]))
    assert load(path).warnings == []
    path.write_text("\n".join([*lines, op.format("ok", 2, 5, ""), op.format("ok", 1, 6, "")]))
    assert "process 0 invoked operation 2 before its operation 1 had ended" in load(path).warnings[0]
