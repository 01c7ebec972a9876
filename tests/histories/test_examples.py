"""The examples of docs/guarantees.md are kept and broken as the page says, and drawn without lying."""

from __future__ import annotations

import pytest

from checkers.registry import checks
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.examples import EXAMPLES, MEASURED, Example
from tests.histories.notation import history
from tests.histories.timeline import drawn

each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.check)


@each
def test_one_keeps_it_and_the_other_breaks_it(example: Example) -> None:
    silent = example.check == "crash"  # a history in which nothing crashed says nothing of crashes
    kept = Verdict.NOT_APPLICABLE if silent else Verdict.VALID
    for broken, verdict in ((False, kept), (True, Verdict.INVALID)):
        report = check(example.history(broken))
        assert not report.failures
        finding = report.checks[example.check].finding
        assert finding.verdict is verdict, f"{finding.verdict}: {finding.reason}"
        assert finding.judged or broken or silent


def test_every_check_has_an_example_or_only_measures() -> None:
    assert sorted([*(example.check for example in EXAMPLES), *MEASURED]) == sorted(checks())


@each
def test_every_operation_is_drawn_in_its_clients_row(example: Example) -> None:
    found = example.history(True)
    picture = drawn(found)
    assert picture.count("├") == len([op for op in found.ops if op.parent is None])
    assert picture.count("┤") == len([op for op in found.ops if op.ok])


def test_a_picture() -> None:
    assert drawn(history("a:put1[1,9]; b:get{}[2,3]; b:put2?[5,]; F{1}|{1,2}|-")) == (
        "a  ├ put 1 ───────┤\nb    ├ get {} ┤ ├ put 2 ┄┄┄┄\nat the end:  n1 {1}  n2 {1, 2}  n3 ?\n"
    )
