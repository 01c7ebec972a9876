"""Two histories compared: the first line that differs, and what a torn end is worth."""

from __future__ import annotations

from pathlib import Path

from harness.campaign.replay import Difference, first_difference


def difference(folder: Path, before: str, now: str) -> Difference | None:
    (folder / "before").write_text(before)
    (folder / "now").write_text(now)
    return first_difference(folder / "before", folder / "now")


def test_the_same(tmp_path: Path) -> None:
    assert difference(tmp_path, "a\nb\n", "a\nb\n") is None


def test_the_first_line_that_differs(tmp_path: Path) -> None:
    assert difference(tmp_path, "a\nb\nc\n", "a\nB\nC\n") == Difference(2, "b", "B")


def test_one_that_ends_early(tmp_path: Path) -> None:
    assert difference(tmp_path, "a\n", "a\nb\n") == Difference(2, None, "b")
    assert difference(tmp_path, "a\nb\n", "a\n") == Difference(2, "b", None)


def test_a_torn_last_line_is_an_early_end_only_if_it_began_the_same(tmp_path: Path) -> None:
    assert difference(tmp_path, "a\nbe", "a\nbeta\n") == Difference(2, None, "beta")
    assert difference(tmp_path, "a\nbo", "a\nbeta\n") == Difference(2, "bo", "beta")
