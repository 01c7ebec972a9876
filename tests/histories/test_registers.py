"""Single values: known answers R1 to R8, and the fast algorithms against every order of the operations."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from checkers.case import Case
from checkers.checks.atomicity import delta_atomicity, k_atomicity
from checkers.checks.linearizable import linearizable
from checkers.checks.lww_regular import lww_regular
from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories import brute_registers as brute
from tests.histories.notation import history as notated
from tests.histories.random_registers import cas_history, chain_history, history

seeds = pytest.mark.parametrize(
    "seeds", [range(500), pytest.param(range(500, 10_500), marks=pytest.mark.slow)], ids=["some", "many"]
)


def register(text: str) -> History:
    """A history in the usual notation, as reads and writes of a single-value register."""
    found = notated(text, "linearizable")
    for op in found.ops:
        op.f = {"put": "write", "get": "read"}[op.f]
        op.result = op.result[0] if op.result else None
    return found


@dataclass(frozen=True)
class Row:
    name: str
    text: str
    atomic: bool
    two_atomic: bool
    delta_ms: float | None
    regular: bool = True


ROWS = [
    Row("R1", "a:put1[1,20]; b:get{1}[2,3]; c:get{}[5,6]", False, True, 2),
    Row("R2", "put1[1,2]; b:put2[3,]; c:get{1}[5,6]; c:get{2}[90,91]", True, True, 0),
    Row("R3", "put1[1,2]; b:put2[3,]; c:get{1}[5,6]", True, True, 0),
    Row("R4", "put1[1,2]; put2[3,4]; b:get{1}[5,6]", False, True, 1, regular=False),
    Row("R5", "put1[1,2]; put2[3,4]; put3[5,6]; b:get{1}[7,8]", False, False, 3, regular=False),
    Row("R6", "a:put1[1,9]; b:put2[1,9]; c:get{1}[10,11]; c:get{2}[12,13]", False, True, 1),
    Row("R7", "b:get{1}[1,2]; put1[5,6]", False, False, None),
    Row("R8", "put1[1,2]; b:put2[3,]; c:get{2}[5,6]; c:get{1}[7,8]", False, True, 1),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_known_answer(row: Row) -> None:
    report = check(register(row.text))
    assert not report.failures
    found = {name: one.finding for name, one in report.checks.items()}
    assert (found["linearizable"].verdict is Verdict.VALID) == row.atomic
    assert (found["k-atomicity"].verdict is Verdict.VALID) == row.two_atomic
    assert found["delta-atomicity"].stats["delta_ms"] == row.delta_ms
    assert report.verdict == ("valid" if row.atomic else "invalid")
    case = Case(register(row.text))
    assert (lww_regular.judge(case).verdict is Verdict.VALID) == row.regular


@seeds
def test_zones_against_all_orders(seeds: range) -> None:
    atomic = 0
    for seed in seeds:
        drawn = history(Random(seed), operations=6 + seed % 2)
        found = linearizable.judge(Case(drawn)).verdict
        assert (found is Verdict.VALID) == brute.atomic(drawn), seed
        atomic += found is Verdict.VALID
    assert 0.3 < atomic / len(seeds) < 0.9, "the histories must be of both sorts"


@seeds
def test_two_atomicity_against_all_orders(seeds: range) -> None:
    worse = 0
    for seed in seeds:
        drawn = history(Random(seed), operations=7, spoilt=0.6)
        found = k_atomicity.judge(Case(drawn)).verdict
        assert (found is Verdict.VALID) == brute.atomic(drawn, 2), seed
        worse += found is Verdict.INVALID
    assert worse > len(seeds) / 10


@seeds
def test_delta_against_moving_the_reads(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), operations=5, spoilt=0.5)
        found = delta_atomicity.judge(Case(drawn)).stats
        delta = None if found["infinite"] else round(found["delta_ms"] * 1e6)
        assert delta == brute.least_delta(drawn, 30), seed


@seeds
def test_search_of_compare_and_set_against_all_orders(seeds: range) -> None:
    atomic = 0
    for seed in seeds:
        drawn = cas_history(Random(seed), operations=6 + seed % 3)
        found = linearizable.judge(Case(drawn)).verdict
        assert (found is Verdict.VALID) == brute.atomic(drawn), seed
        atomic += found is Verdict.VALID
    assert atomic / len(seeds) < 0.97


@seeds
def test_chains_of_compare_and_set_against_all_orders(seeds: range) -> None:
    atomic = chains = 0
    for seed in seeds:
        drawn = chain_history(Random(seed), operations=5 + seed % 3)
        found = linearizable.judge(Case(drawn))
        assert (found.verdict is Verdict.VALID) == brute.atomic(drawn), seed
        atomic += found.verdict is Verdict.VALID
        chains += found.stats.get("keys_by_chains", 0)
    assert 0.3 < atomic / len(seeds) < 0.9
    assert chains > len(seeds) / 2


@seeds
def test_search_agrees_with_zones_where_both_can_judge(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), operations=12)
        zones = linearizable.judge(Case(drawn))
        # A failed cas of a value that nobody writes asks nothing, and sends the key to the search.
        extra = cas_history(Random(0), operations=1).ops[0]
        extra.f, extra.type, extra.error, extra.id = "cas", "fail", "mismatch", 99
        extra.value, extra.inv, extra.ret, extra.result = ["never", "never"], 1, 1, None
        searched = linearizable.judge(Case(History(drawn.meta, [*drawn.ops, extra])))
        others = searched.stats["keys_by_search"] + searched.stats.get("keys_by_chains", 0)
        assert (zones.stats["keys_by_zones"], others) == (1, 1)
        assert searched.verdict is zones.verdict, seed


@seeds
def test_regular_reads_against_the_definition(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), operations=9, spoilt=0.5)
        found = lww_regular.judge(Case(drawn)).violations
        assert {one.data["get"] for one in found} == brute.irregular(drawn), seed


@seeds
def test_one_copy_is_never_accused(seeds: range) -> None:
    names = (
        "linearizable",
        "k-atomicity",
        "delta-atomicity",
        "lww-regular",
        "safe",
        "causal",
        "read-your-writes",
    )
    for seed in seeds[::5]:
        for drawn in (history(Random(seed), 30, spoilt=0), cas_history(Random(seed), 30, spoilt=0)):
            checks = check(drawn, "linearizable").checks
            assert [name for name in names if checks[name].finding.verdict is Verdict.INVALID] == [], seed
            assert checks["linearizable"].finding.verdict is Verdict.VALID


def cas(text: str) -> History:
    """`a:cas 0 1[1,2]; b:read 1[3,4]; a:write 2?[5,]`: initially 0."""
    found = History({"version": 1, "promise": "linearizable", "initial": 0})
    for statement in text.split("; "):
        who, asked = statement.split(":")
        name, *values, times = asked.replace("[", " [").split()
        [base] = cas_history(Random(1), operations=1).ops
        marks = name.strip("abcdefghijklmnopqrstuvwxyz")
        base.id, base.process, base.f = len(found.ops), ord(who) - 97, name.rstrip("!?")
        base.type = {"?": "info", "!": "fail", "": "ok"}[marks]
        base.error = "mismatch" if marks == "!" else None
        start, _, end = times.strip("[]").partition(",")
        base.inv, base.ret = int(start), int(end) if end else 2**63 - 1
        numbers = [int(value) for value in values]
        base.value = numbers if base.f == "cas" else None if base.f == "read" else numbers[0]
        base.result = numbers[0] if base.f == "read" else None
        found.ops.append(base)
    return found


CAS = [
    ("a chain", "a:cas 0 1[1,2]; b:cas 1 2[3,4]; a:read 2[5,6]", True),
    ("from what is not there", "a:cas 0 1[1,2]; b:cas 0 2[3,4]", False),
    ("one of two at once", "a:cas 0 1[1,4]; b:cas 0 2[2,3]", False),
    ("a mismatch is an answer", "a:write 1[1,2]; b:cas! 1 2[3,4]", False),
    ("a mismatch that is one", "a:write 1[1,2]; b:cas! 0 2[3,4]", True),
    ("an unanswered one may act late", "a:cas? 0 1[1,]; b:read 0[3,4]; b:read 1[90,91]", True),
    ("or never", "a:cas? 0 1[1,]; b:read 0[3,4]; b:read 0[90,91]", True),
    ("but not twice", "a:cas? 0 1[1,]; b:read 1[3,4]; b:write 0[5,6]; b:read 1[7,8]", False),
]


@pytest.mark.parametrize("row", CAS, ids=lambda row: row[0])
def test_compare_and_set(row: tuple[str, str, bool]) -> None:
    report = check(cas(row[1]))
    assert not report.failures
    assert report.verdict == ("valid" if row[2] else "invalid")


def test_the_evidence_of_a_search_leaves_out_what_has_nothing_to_do_with_it() -> None:
    noise = "; ".join(f"c:write {i}[{10 * i},{10 * i + 1}]" for i in range(3, 20))
    found = cas(f"{noise}; a:write 1[500,501]; a:cas 1 2[502,503]; b:read 1[504,505]; b:read 1[506,507]")
    [violation] = check(found).checks["linearizable"].finding.violations
    assert violation.ops == (18, 19)
    assert "op 18 (cas 1 to 2) had left 2 by 0.000000503 s, and nobody made 1 after that" in violation.message


def test_a_search_without_end_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkers.checks.linearizable.BUDGET", 3)
    text = (
        "; ".join(f"{chr(97 + i)}:write {i}[1,50]" for i in range(8)) + "; z:read 9[60,61]; z:cas! 9 9[70,71]"
    )
    finding = check(cas(text)).checks["linearizable"].finding
    assert finding.verdict is Verdict.UNKNOWN
    assert "was not decided within 3 configurations" in finding.reason
    finding = check(cas(text), time_limit_s=60.0).checks["linearizable"].finding
    assert finding.verdict is Verdict.INVALID, "the seconds that were asked for count, not the steps"


def test_revisions_of_the_store_are_tried_first_and_never_believed() -> None:
    good = cas("a:write 1[1,9]; b:write 2[2,8]; c:cas 2 1[3,7]; d:read 1[10,11]")
    for op, order in zip(good.ops, (1, 2, 3, 3), strict=True):
        op.order = order
    finding = check(good).checks["linearizable"].finding
    assert (finding.verdict, finding.stats["keys_by_revision"], finding.stats["states"]) == ("valid", 1, 0)
    for op, order in zip(good.ops, (3, 2, 1, 3), strict=True):
        op.order = order
    finding = check(good).checks["linearizable"].finding
    assert (finding.verdict, finding.stats["keys_by_revision"]) == ("valid", 0)
