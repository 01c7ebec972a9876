"""The story of one key, as lines in order of time."""

from __future__ import annotations

from checkers.model.history import Fault, Final, History, Op
from harness.report.model.story import busiest_key, story

MS = 1_000_000


def op(id: int, f: str, inv_ms: int, value: object = None, **rest: object) -> Op:
    done = {"ret": (inv_ms + 5) * MS, "type": "ok", "node": "n1", "key": "x"}
    return Op(id=id, process=id, f=f, value=value, inv=inv_ms * MS, **{**done, **rest})  # type: ignore[arg-type]


CUT = Fault("f1", "partition", ["n1", "n2"], 5 * MS, 6 * MS, 7 * MS, 30 * MS, {"blocked": [["n1", "n2"]]})
SLOW = Fault("f2", "link", ["n3"], 8 * MS, 8 * MS, None, None, {"shape": {"loss": 0.1, "delay_ms": 0.0}})
OFFSETS = {"how": "bump", "offset_ms": {"n1": 12.5, "n2": -3.0}, "max_offset_ms": 12.5}
OFF = Fault("f3", "skew", ["n1", "n2"], 9 * MS, 9 * MS, 9 * MS, None, OFFSETS)
HISTORY = History(
    meta={},
    ops=[
        op(0, "put", 1, "0:0"),
        op(1, "get", 10, result=["0:0"]),
        op(2, "put", 20, "2:0", context=1, type="info", ret=2**63 - 1, error="late"),
        op(3, "get", 25, key="y", result=[]),
        op(4, "add", 26, "t", node=None),
        op(5, "put", 27, "5:0|t", parent=4),
    ],
    faults=[CUT, SLOW, OFF],
    phases=[(0, "main"), (40 * MS, "final")],
    finals=[
        Final(50 * MS, "n1", "x", ["2:0"]),
        Final(50 * MS, "n2", "x", None),
        Final(50 * MS, "n1", "y", []),
    ],
)

EXPECTED = """\
00:00.0000  ── main
00:00.0010 ✘#0     c0 → n1    put 0:0                  ok · 5.0 ms · blind: replaces nothing  ◂ lost-write
00:00.0060  ▼  partition n1 n2 (blocked n1→n2) verified
00:00.0080  ▼  link n3 (shape loss 0.1) NOT verified
00:00.0090  ▼  skew n1 n2 (how bump, offsets n1 +12.5 ms, n2 -3 ms) verified
00:00.0100 ·#1     c1 → n1    get                      ok [0:0] · 5.0 ms  ◂ safe
00:00.0200  #2     c2 → n1    put 2:0                  info (late) · no answer · replaces [0:0] as read by #1
00:00.0260  #4     c4         add t                    ok · 5.0 ms
00:00.0270    #5     c5 → n1    put 5:0|t                ok · 5.0 ms · blind: replaces nothing
00:00.0300  ▲  partition n1 n2 healed
00:00.0400  ── final
00:00.0500     final 1  n1 holds [2:0]
00:00.0500     final 1  n2 could not be read"""
MARKS = {0: [("lost-write", True)], 1: [("safe", False)]}


def test_every_operation_fault_and_version_in_order_and_findings_marked() -> None:
    assert "\n".join(one.line for one in story(HISTORY, "x", MARKS)) == EXPECTED


def test_the_same_as_plain_values() -> None:
    events = list(story(HISTORY, "x", MARKS))
    told = {(one.what, one.facts.get("op", one.facts.get("id"))): one.facts for one in events}
    assert told["op", 0]["findings"] == ["lost-write"]
    assert told["fault", "f3"]["offset_ms"] == {"n1": 12.5, "n2": -3.0}
    assert told["op", 2]["end"] is None


def test_the_busiest_key() -> None:
    assert busiest_key(HISTORY) == "x"
    assert busiest_key(History(meta={})) is None


def test_nothing_unprintable_reaches_the_terminal() -> None:
    history = History(meta={}, ops=[op(0, "put", 1, "\x1b[2Jgone\n\u202e")])
    assert "\\x1b[2Jgone\\n\\u202e" in next(iter(story(history, "x"))).line
