"""What data loss is, sentence by sentence of docs/promises.md."""

from __future__ import annotations

from typing import Any

import pytest

from checkers.conditions.losses import losses
from checkers.model.history import Fault


def lost(kind: str, config: dict[str, Any] | None = None, **details: Any) -> bool:
    return bool(losses([Fault("f", kind, ["n1"], 1, details=details)], config or {}))


FSYNC_LOG = {"engine": "log", "durability": "fsync"}


@pytest.mark.parametrize("kind", ["wipe", "truncate", "bitflip"])
def test_destroying_faults_always_lose(kind: str) -> None:
    assert lost(kind, FSYNC_LOG)


@pytest.mark.parametrize("kind", ["partition", "link", "pause", "freeze", "skew", "disk-full"])
def test_others_never_lose(kind: str) -> None:
    assert not lost(kind, {"engine": "memory"})


@pytest.mark.parametrize(
    ("durability", "loses"), [("fsync", False), ("interval", True), ("none", True), (None, True)]
)
def test_a_power_cut_loses_unless_everything_is_synced(durability: str | None, loses: bool) -> None:
    assert lost("power-cut", {"engine": "log", "durability": durability}) is loses


@pytest.mark.parametrize("kind", ["kill", "restart", "power-cut"])
def test_a_memory_engine_loses_whenever_its_process_ends(kind: str) -> None:
    assert lost(kind, {"engine": "memory", "durability": "fsync"})


@pytest.mark.parametrize(
    ("durability", "loses"), [("fsync", False), ("interval", False), ("buffer", True), ("none", True)]
)
def test_a_kill_loses_what_only_the_process_held(durability: str, loses: bool) -> None:
    assert lost("kill", {"engine": "log", "durability": durability}) is loses


def test_a_clean_restart_flushes_its_buffer() -> None:
    assert not lost("restart", {"engine": "log", "durability": "buffer"})


def test_a_kill_of_a_store_that_says_nothing_of_itself_counts() -> None:
    assert lost("kill")
    assert not lost("kill", {"engine": "sqlite"})


def test_a_node_that_leaves_must_be_drained() -> None:
    assert lost("leave")
    assert lost("leave", drained=False)
    assert not lost("leave", drained=True)


def test_only_a_node_that_had_left_rejoins_empty() -> None:
    left, joined = Fault("l", "leave", ["n1"], 1, details={"drained": True}), Fault("j", "join", ["n1"], 5)
    other = Fault("o", "join", ["n2"], 5)
    assert [loss.fault.id for loss in losses([left, joined, other], {})] == ["j"]
    assert losses([joined], {}) == []


def test_a_faults_own_word_wins() -> None:
    assert not lost("wipe", lost="none")
    assert lost("kill", FSYNC_LOG, lost="all")
    assert lost("power-cut", FSYNC_LOG, lost="part")
    assert not lost("power-cut", FSYNC_LOG, lost="unsynced")
    assert lost("kill", {"engine": "log", "durability": "interval"}, lost="unsynced")


def test_a_fault_that_nobody_knows_counts() -> None:
    assert lost("meteor", FSYNC_LOG)
    assert not lost("meteor", FSYNC_LOG, lost="none")
