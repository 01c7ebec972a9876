"""From what a user types to a run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.campaign.find import find_run
from harness.errors import UsageError
from harness.plan.load import dump
from harness.plan.schema import NemesisPlan, Run, SystemPlan, WorkloadPlan
from harness.store import CampaignFolder, Row

RUN = Run(
    name="0002-dotted-register-none-2",
    seed=2,
    system=SystemPlan("dotted"),
    workload=WorkloadPlan("register"),
    nemesis=NemesisPlan("none"),
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one campaign: run 2 has its folder, run 3 was dropped."""
    folder = CampaignFolder.create(tmp_path, "demo", 1)
    database = folder.database(write=True)
    for number in (2, 3):
        run = msgspec.structs.replace(RUN, name=f"000{number}-dotted-register-none-{number}", seed=number)
        cell = {"system": "dotted", "workload": "register", "nemesis": "none"}
        plan = msgspec.to_builtins(run)
        database.put(Row(number=number, name=run.name, seed=number, plan=plan, kept=number == 2, **cell))
    database.close()
    kept = folder.run_directory(RUN.name)
    kept.mkdir()
    (kept / "plan.yaml").write_text(dump(RUN))
    (kept / "history.jsonl").write_text("")
    folder.finished()
    return tmp_path


def test_a_folder_or_a_file_in_it(store: Path) -> None:
    folder = store / "demo-1" / "runs" / RUN.name
    for text in (
        folder,
        folder / "plan.yaml",
        folder / "history.jsonl",
        store / "latest" / "runs" / RUN.name,
    ):
        found = find_run(str(text), Path("elsewhere"))
        assert found.run == RUN
        assert found.row is not None
        assert found.row.number == 2


def test_the_folder_of_a_run_that_was_dropped(store: Path) -> None:
    folder = store / "demo-1" / "runs" / "0003-dotted-register-none-3"
    found = find_run(str(folder), Path("elsewhere"))
    assert (found.run.seed, found.directory, found.history.exists()) == (3, folder, False)


def test_a_name_or_a_number_in_the_last_campaign(store: Path) -> None:
    for text in ("0003-dotted-register-none-3", "3", "0003"):
        assert find_run(text, store).run.seed == 3


@pytest.mark.parametrize("run", ["0003-dotted-register-none-3", "3"])
def test_a_run_of_a_campaign_that_is_not_the_last(store: Path, run: str) -> None:
    CampaignFolder.create(store, "other", 1).finished()  # `latest` points elsewhere now
    assert find_run(f"demo-1/{run}", store).run.seed == 3
    assert find_run(f"{store}/demo-1/{run}", Path("elsewhere")).run.seed == 3
    assert find_run(f"{store}/demo-1/runs/{run}", Path("elsewhere")).run.seed == 3


def test_a_run_of_a_campaign_by_its_link(store: Path) -> None:
    assert find_run("latest/2", store).directory == store / "demo-1" / "runs" / RUN.name


def test_a_folder_that_was_copied_out_of_its_campaign(store: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "plan.yaml").write_text(dump(RUN))
    assert find_run(str(alone), store).row is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9", "9: no such run in"),
        ("0003-dotted-registre-none-3", "did you mean `0003-dotted-register-none-3`?"),
        ("demo-1", "demo-1: no such run in"),
        ("some/where", "some/where: no such run"),
        ("demo-1/9", "demo-1/9: no such run in"),
        ("demo-1/..", "demo-1/..: no such run in"),
    ],
)
def test_there_is_none(store: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_run(text, store)
    assert says in str(caught.value)


def test_a_campaign_is_no_run(store: Path) -> None:
    with pytest.raises(UsageError, match="a campaign: name one of its runs"):
        find_run(str(store / "demo-1"), store)
    with pytest.raises(UsageError, match=r"no run: it has no plan\.yaml"):
        find_run(str(store), store)
