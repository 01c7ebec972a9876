"""The store: a row for every run, folders that cannot be left, one clear error where it cannot be written."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from harness.errors import HarnessError, UsageError
from harness.store import CampaignFolder, Row, require_safe, write_anew, writing

ROW = Row(
    number=2,
    name="0002-a-b-c-1",
    system="a",
    workload="b",
    nemesis="c",
    seed=2**64 - 1,
    promise="lww",
    verdict="invalid",
    counts={"ok": 3},
    checks={"phantom": {"verdict": "invalid", "asserted": True, "violations": 1}},
    findings=[{"check": "phantom", "asserted": True, "ops": [1], "message": "“ghost”"}],
    failure=None,
    seconds=0.25,
    plan={"name": "0002-a-b-c-1"},
)


def test_rows_come_back_whole_and_in_order(tmp_path: Path) -> None:
    folder = CampaignFolder.create(tmp_path, "demo", 7)
    writer = folder.database(write=True)
    first = Row(number=1, name="0001-a-b-c-1", system="a", workload="b", nemesis="c", seed=0)
    for row in (ROW, first):
        writer.put(row)
    reader = folder.database()
    assert list(reader.rows()) == [first, ROW]
    assert reader.row("0002-a-b-c-1") == ROW
    assert reader.row("nobody") is None
    writer.dropped(2)
    assert [row.kept for row in reader.rows()] == [True, False]
    reader.close()
    writer.close()


def test_facts_of_the_campaign(tmp_path: Path) -> None:
    database = CampaignFolder.create(tmp_path, "demo", 7).database(write=True)
    database.note(state="running", seed="7")
    database.note(state="complete")
    assert database.facts() == {"seed": "7", "state": "complete"}
    database.close()


def test_rows_are_on_disk_before_the_writer_closes(tmp_path: Path) -> None:
    folder = CampaignFolder.create(tmp_path, "demo", 7)
    writer = folder.database(write=True)
    writer.put(ROW)
    with sqlite3.connect(folder.directory / "campaign.db") as other:
        assert other.execute("SELECT name, seed FROM runs").fetchall() == [(ROW.name, str(2**64 - 1))]
    writer.close()


def test_a_campaign_never_overwrites_another(tmp_path: Path) -> None:
    names = [CampaignFolder.create(tmp_path, "demo", 7).directory.name for _ in range(3)]
    assert names == ["demo-7", "demo-7-2", "demo-7-3"]


def test_links(tmp_path: Path) -> None:
    first = CampaignFolder.create(tmp_path, "demo", 7)
    first.finished()
    CampaignFolder.create(tmp_path, "demo", 7)
    assert os.readlink(tmp_path / "latest") == "demo-7"
    assert os.readlink(tmp_path / "current") == "demo-7-2"


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", ".hidden", "a\0b", "x" * 300, "-rf", "a b"])
def test_no_name_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a run or campaign"):
        require_safe(name)
    with pytest.raises(UsageError):
        CampaignFolder(tmp_path).run_directory(name)


def test_a_store_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"file/store: cannot write the store: Not a directory: use --store"):
        CampaignFolder.create(tmp_path / "file" / "store", "demo", 7)


def test_no_campaign_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no campaign\.db in it"):
        CampaignFolder(tmp_path).database()
    (tmp_path / "campaign.db").write_bytes(b"not a database, certainly not one of ours")
    with pytest.raises(UsageError, match="not a campaign's database"):
        CampaignFolder(tmp_path).database()


def test_a_full_disk_is_one_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with (
        pytest.raises(HarnessError, match=r"store: .*results\.json: cannot write: No space left"),
        writing(path),
    ):
        raise OSError(28, "No space left on device")


def test_a_file_is_written_anew_never_through_a_link(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("not ours")
    page = tmp_path / "report.html"
    page.symlink_to(theirs)
    write_anew(page, "<p>ours</p>")
    assert theirs.read_text() == "not ours"
    assert not page.is_symlink()
    assert page.read_text() == "<p>ours</p>"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "theirs.txt"]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "report.html"
    page.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(HarnessError, match=r"report\.html: cannot write: No space left"):
        write_anew(page, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert page.read_text() == "old"


def test_latest_that_is_a_folder_is_left_alone_and_no_link_stays_beside_it(tmp_path: Path) -> None:
    (tmp_path / "latest").mkdir()
    folder = CampaignFolder.create(tmp_path, "demo", 7)
    folder.finished()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "demo-7", "latest"]
    assert (tmp_path / "latest").is_dir()


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "report.html"
    os.mkfifo(pipe)
    with pytest.raises(HarnessError, match="it is no plain file"):
        write_anew(pipe, "page")
    assert pipe.is_fifo()
