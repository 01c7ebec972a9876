"""Reads what a campaign's folder holds: its rows, its summary, its plan."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.campaign.summary import summarise
from harness.plan.cells import cells_of
from harness.plan.schema import Plan, Run
from harness.report.model.source import path_words, read_results, short_yaml
from harness.store import CampaignFolder, Row


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One campaign as it lies on disk; `pages` are the runs that have a page of their own."""

    name: str
    path_words: str
    summary: dict[str, Any]
    facts: dict[str, Any]
    rows: tuple[Row, ...]
    pages: frozenset[str]

    @property
    def systems(self) -> list[str]:
        """Labels of the systems, in the order of the plan; those that no run reached are there too."""
        planned = [str(one["system"]) for one in self.summary.get("systems") or []]
        return list(dict.fromkeys([*planned, *(row.system for row in self.rows)]))

    def of(self, system: str) -> list[Row]:
        """The rows of one system."""
        return [row for row in self.rows if row.system == system]

    @property
    def when(self) -> str:
        """When it was run and by which Schism, as its folder says; empty where it does not."""
        return when(self.facts)

    def settings(self, system: str) -> str:
        """The settings of one system, as its plan has them: what is left at its default is left out."""
        noted = self.facts.get("plan") or {}
        entries = [*(noted.get("systems") or ()), noted.get("system") or {}]
        found: dict[str, Any] = next((one for one in entries if one.get("label") == system), {})
        parts = [f"{name} {value}" for name, value in (found.get("config") or {}).items()]
        return " · ".join([str(found.get("system") or ""), *parts]).strip(" ·")

    @property
    def plan_text(self) -> str:
        """The plan as YAML, without what it leaves at its default."""
        plan = self.facts.get("plan")
        if not isinstance(plan, dict):
            return ""
        return short_yaml(plan)


def when(facts: dict[str, Any]) -> str:
    """`2026-01-31 12:00:00 UTC, by Schism 0.1.0`: what a campaign noted of its begin."""
    begun, version = facts.get("begun"), facts.get("version")
    return ", ".join(filter(None, [str(begun or ""), f"by Schism {version}" if version else ""]))


def read_campaign(directory: Path, pages: Iterable[str] = ()) -> CampaignRecord:
    """Read a campaign's folder. Raises UsageError where there is none."""
    database = CampaignFolder(directory).database()
    try:
        rows, facts = tuple(database.rows()), database.facts()
    finally:
        database.close()
    name = str(facts.get("name") or directory.name)
    verdicts = directory / "results.json"
    # A campaign whose controller was killed, or that still runs, has its rows and nothing else yet.
    summary = read_results(verdicts) if verdicts.exists() else _so_far(name, facts, rows)
    return CampaignRecord(name, path_words(directory), summary, facts, rows, frozenset(pages))


def read_facts(directory: Path) -> dict[str, Any]:
    """What a campaign noted of itself. Raises UsageError where there is none."""
    database = CampaignFolder(directory).database()
    try:
        return database.facts()
    finally:
        database.close()


def _so_far(name: str, facts: dict[str, Any], rows: tuple[Row, ...]) -> dict[str, Any]:
    seed, total = int(facts.get("seed") or 0), int(facts.get("total") or len(rows))
    return summarise(name, seed, total, rows, cells_of(_plan(facts)))


def _plan(facts: dict[str, Any]) -> Plan | Run | None:
    """The plan as the campaign noted it; None where there is none, as for a soak."""
    noted = facts.get("plan")
    if not isinstance(noted, dict):
        return None
    with suppress(msgspec.ValidationError):
        return msgspec.convert(noted, Plan) if "systems" in noted else msgspec.convert(noted, Run)
    return None
