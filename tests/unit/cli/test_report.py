"""`schism report`: pages drawn again, and the page of any history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Schism

STALE = """\
{:type :invoke, :f :write, :value 1, :process 0, :time 1000000, :index 0}
{:type :ok, :f :write, :value 1, :process 0, :time 2000000, :index 1}
{:type :invoke, :f :read, :value nil, :process 1, :time 3000000, :index 2}
{:type :ok, :f :read, :value 0, :process 1, :time 4000000, :index 3}
"""
"""A register that Jepsen tested: after the write of 1 a read returns 0, which it held at first."""


@pytest.fixture
def history() -> Path:
    path = Path("history.edn")
    path.write_text(STALE)
    return path


def test_the_page_of_a_jepsen_users_history_is_written_beside_it(schism: Schism, history: Path) -> None:
    said = schism("report", history, "--initial", "0", "--promise", "linearizable")
    where, verdict = said.out.splitlines()
    assert (said.code, where) == (0, "history.edn.html")
    assert verdict.startswith("INVALID · linearizable")
    page = Path(where).read_text()
    assert "Invalid: linearizable" in page
    assert "schism check history.edn" in page
    assert "schism replay" not in page, "there is no plan to run again"


def test_the_same_history_gives_the_same_bytes(schism: Schism, history: Path) -> None:
    pages = []
    for name in ("a.html", "b.html"):
        assert schism("report", history, "--initial", "0", "--output", name).code == 0
        pages.append(Path(name).read_bytes())
    assert pages[0] == pages[1]
    assert not Path("history.edn.html").exists()


def test_a_page_is_not_written_through_a_link(schism: Schism, history: Path) -> None:
    Path("precious").write_text("mine")
    Path("history.edn.html").symlink_to("precious")
    assert schism("report", history, "--initial", "0").code == 0
    assert Path("precious").read_text() == "mine"


def test_a_run_that_was_killed_before_it_was_judged_is_judged_for_its_page(
    schism: Schism, plan: Path
) -> None:
    schism("run", plan)
    run = next(iter(sorted(Path("store/small-5/runs").iterdir())))
    (run / "results.json").unlink()
    (run / "report.html").unlink(missing_ok=True)
    assert schism("report", run).code == 0
    assert (run / "report.html").is_file()


def test_a_folder_without_a_history_is_no_history(schism: Schism) -> None:
    Path("empty").mkdir()
    said = schism("report", "empty")
    assert said.code == 4
    assert "to draw a history, name its file" in said.err


def test_a_runs_page_goes_where_the_campaign_links_it(schism: Schism, plan: Path) -> None:
    schism("run", plan)
    said = schism("report", "store/latest", "--output", "elsewhere.html")
    assert said.code == 4
    assert "--output: for the page of a history" in said.err
