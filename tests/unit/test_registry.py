"""Extensions found by folder and by entry point: what is wrong with one is said of that one."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import registry
from harness.errors import UsageError
from harness.registry import extensions, find


@dataclass(frozen=True)
class Plugin:
    """An entry point that loads this, or raises it."""

    value: str
    offers: Any

    def load(self) -> Any:
        if isinstance(self.offers, Exception):
            raise self.offers
        return self.offers


@dataclass(frozen=True)
class Extension:
    name: str


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    extensions.cache_clear()
    yield
    extensions.cache_clear()


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> list[Plugin]:
    """Published for the group of nemeses."""
    published: list[Plugin] = []
    monkeypatch.delenv("SCHISM_NO_PLUGINS", raising=False)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: published)
    return published


def test_a_plugin_stands_among_ours_by_name(plugins: list[Plugin]) -> None:
    mine = Extension("my-fault")
    plugins.append(Plugin("mine:NEMESES", (mine,)))
    assert find("nemeses", "my-fault", "here") is mine
    assert list(extensions("nemeses")) == sorted(extensions("nemeses"))
    assert "partition" in extensions("nemeses")


def test_a_plugin_never_replaces_one_of_ours_in_silence(plugins: list[Plugin]) -> None:
    plugins.append(Plugin("mine:NEMESES", (Extension("partition"),)))
    with pytest.raises(UsageError, match=r"mine:NEMESES.*`partition` is in harness\.nemeses\.partition too"):
        extensions("nemeses")


def test_a_plugin_that_cannot_be_loaded_is_named_with_the_way_round_it(
    plugins: list[Plugin], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins.append(Plugin("mine:NEMESES", ImportError("no module named x")))
    says = (
        r"plugin mine:NEMESES \(SCHISM_NO_PLUGINS=1 leaves it out\): cannot be loaded: ImportError: no module"
    )
    with pytest.raises(UsageError, match=says):
        extensions("nemeses")
    monkeypatch.setenv("SCHISM_NO_PLUGINS", "1")
    assert "partition" in extensions("nemeses")


def test_a_broken_file_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "broken_folder"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "bad.py").write_text("ok = 1\nNEMESES = (missing,)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(registry._FOLDERS, "nemeses", "broken_folder")
    with pytest.raises(UsageError, match=r"broken_folder\.bad: cannot be loaded: NameError.*bad\.py:2\)"):
        extensions("nemeses")
