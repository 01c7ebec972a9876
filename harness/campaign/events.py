"""What a campaign tells as it goes. Renderers (terminal, JUnit, JSON lines) live elsewhere and listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.store import Row


@dataclass(frozen=True, slots=True)
class CampaignStarted:
    """A campaign begins; `knobs` are its settings in words, a line each."""

    name: str
    seed: int
    directory: Path
    runs: int
    jobs: int
    knobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run was executed and judged (or its worker died); they end in any order."""

    row: Row
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CampaignEnded:
    """All is judged. `summary` is the campaign's `results.json` (`harness.campaign.summary`)."""

    directory: Path
    summary: dict[str, Any]
    interrupted: bool
    seconds: float


Event = CampaignStarted | RunEnded | CampaignEnded
Listener = Callable[[Event], None]
