"""From what a user types to a run: a folder, a file in it, or the name of a run whose folder was dropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.plan.load import read_run, run_from_json
from harness.plan.schema import Run
from harness.plan.suggest import did_you_mean
from harness.store import DATABASE, CampaignFolder, Row


@dataclass(frozen=True, slots=True)
class Found:
    """A run: its plan, the folder it has or would have, and its row if it belongs to a campaign."""

    run: Run
    directory: Path
    row: Row | None = None

    @property
    def history(self) -> Path:
        """Where its history is, if it was kept."""
        return self.directory / "history.jsonl"


def find_run(text: str, store: Path) -> Found:
    """The run that `text` means: a path, `CAMPAIGN/RUN`, or a run of the last campaign in `store`.

    A run is meant by its name or its number; a campaign by its folder, or by that folder's name in `store`
    (`latest` and `current` are such names). Raises UsageError if there is none.
    """
    path = Path(text)
    if path.is_file():
        path = path.parent
    if (path / "plan.yaml").is_file():
        return Found(read_run(path / "plan.yaml"), path, _row_beside(path))
    if path.is_dir():
        what = (
            "a campaign: name one of its runs"
            if (path / DATABASE).is_file()
            else "no run: it has no plan.yaml"
        )
        raise UsageError(f"{text}: {what}")
    if path.parent.name == "runs":
        return _in_campaign(CampaignFolder(path.parent.parent), path.name, text)
    if "/" in text:
        for campaign in (path.parent, store / path.parent):
            if (campaign / DATABASE).is_file():
                return _in_campaign(CampaignFolder(campaign.resolve()), path.name, text)
    else:
        for link in ("latest", "current"):
            if (store / link / DATABASE).is_file():
                return _in_campaign(CampaignFolder((store / link).resolve()), text, text)
    raise UsageError(
        f"{text}: no such run: give a run's folder, CAMPAIGN/RUN of a campaign in {store},"
        f" or the name of a run in {store}/latest"
    )


def _row_beside(directory: Path) -> Row | None:
    campaign = CampaignFolder(directory.resolve().parent.parent)
    if directory.resolve().parent.name != "runs" or not (campaign.directory / DATABASE).is_file():
        return None
    database = campaign.database()
    try:
        return database.row(directory.resolve().name)
    finally:
        database.close()


def _in_campaign(campaign: CampaignFolder, name: str, text: str) -> Found:
    database = campaign.database()
    try:
        row = database.row(name)
        if row is None:
            rows = list(database.rows())
            row = next((row for row in rows if name.isdecimal() and row.number == int(name)), None)
        if row is None:
            close = did_you_mean(name, [row.name for row in rows[:10_000]]) if len(rows) else ""
            where = campaign.directory
            raise UsageError(f"{text}: no such run in {where}{close if '?' in close else ''}")
    finally:
        database.close()
    return Found(run_from_json(row.plan), campaign.run_directory(row.name), row)
