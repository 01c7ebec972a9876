"""`schism check --time-limit`: seconds, within reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.check import check
from harness.errors import UsageError

HISTORY = """{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value 1}
{:process 1, :type :invoke, :f :cas, :value [1 2]}
{:process 1, :type :ok, :f :cas, :value [1 2]}
{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value 1}
{:process 1, :type :invoke, :f :read, :value nil}
{:process 1, :type :ok, :f :read, :value %s}
"""


@pytest.mark.parametrize(("value", "exit"), [("1", 0), ("2", 1)])
def test_a_limit_changes_no_verdict_that_is_found_within_it(tmp_path: Path, value: str, exit: int) -> None:
    path = tmp_path / "history.edn"
    path.write_text(HISTORY % value)
    assert check(path, time_limit=600.0, json=True) == exit


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e300, float("nan")])
def test_a_limit_is_a_number_of_seconds(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "history.edn"
    path.write_text(HISTORY % "1")
    with pytest.raises(UsageError, match="--time-limit"):
        check(path, time_limit=seconds)
