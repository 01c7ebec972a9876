"""Whatever somebody does to a history file, it is judged or refused in one line: never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkers.errors import HistoryError
from checkers.report import Report
from checkers.suite import check
from tests.histories.notation import history, jsonl

TEXT = (
    "#main; a:put1; b:get{1}; b:put2{1}?; c:add x t; ^c:get{2}; ^c:put 0:0|t{2}; a:get{0:0|t}; "
    "a:del{0:0|t}*2; ~skew(n1, max_offset_ms=7)[3,4]; ~wipe(n2)[5,6]; #heal[60]; "
    "#settle[70]; #final[200]; F{}[200]; F{}[300]"
)
LINES = jsonl(history(TEXT, settle_bound_s=0.1, clock_sync_ms=1, anti_entropy_s=1, detect_ms=5)).splitlines()
ANYTHING = st.sampled_from(
    [
        None,
        0,
        -1,
        1.5,
        "x",
        "",
        [],
        [1],
        {},
        True,
        2**62,
        10**30,
        [[1]],
        ["0:0", "0:0"],
        "b64:zz",
        float("nan"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["set", "set", "drop", "cut", "swap", "twice"]))
        if how == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif how == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif how == "twice":
            lines.insert(at, lines[at])
        elif lines[at].endswith("}"):
            lines[at] = _changed(draw, json.loads(lines[at]), how)
    return "\n".join(lines) + "\n"


def _changed(draw: st.DrawFn, event: dict[str, Any], how: str) -> str:
    inside = event["config"] if isinstance(event.get("config"), dict) and draw(st.booleans()) else event
    if inside:
        field = draw(st.sampled_from(sorted(inside)))
        if how == "set":
            inside[field] = draw(ANYTHING)
        else:
            del inside[field]
    return json.dumps(event)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations") / "history.jsonl"


def test_the_history_itself_is_judged(path: Path) -> None:
    path.write_text("\n".join(LINES))
    report = check(path)
    assert report.failures == []
    assert report.checks["lost-write"].finding.judged


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=mutated())
def test_a_mutated_history_is_judged_or_refused(path: Path, text: str) -> None:
    path.write_text(text)
    report, refused = _judged(path)
    if refused is not None:
        assert "\n" not in refused
        assert str(path) in refused
    else:
        assert report is not None
        assert report.failures == []
        json.dumps(report.to_json())


def _judged(path: Path) -> tuple[Report | None, str | None]:
    try:
        return check(path), None
    except HistoryError as refused:
        return None, str(refused)
