"""What the reference node's statuses mean: what may be called a failure, what must stay open."""

import pytest

from harness.errors import HarnessError, Refused, Unanswered
from harness.systems.dynamo_local import outcome
from harness.systems.http import Response


@pytest.mark.parametrize("status", [400, 403, 404, 405, 411, 413, 428, 431])
def test_a_request_at_fault_was_not_carried_out(status: int) -> None:
    assert isinstance(outcome(Response(status, {}, b"")), Refused)


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504])
def test_of_whatever_else_nobody_knows(status: int) -> None:
    said = outcome(Response(status, {}, b'{"outcome": "unknown", "reason": "too few answered"}'))
    assert isinstance(said, Unanswered)
    assert str(said) == "too few answered"


@pytest.mark.parametrize("status", [409, 503, 504])
def test_a_nodes_own_word_that_nothing_was_done_counts(status: int) -> None:
    said = outcome(Response(status, {}, b'{"outcome": "refused", "reason": "starting"}'))
    assert isinstance(said, Refused)
    assert str(said) == "starting"


@pytest.mark.parametrize("status", [100, 201, 302])
def test_what_is_in_no_table_is_our_own_failure(status: int) -> None:
    assert isinstance(outcome(Response(status, {}, b"")), HarnessError)
