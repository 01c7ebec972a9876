"""Claimed against observed, in words: kept in how many runs, of how many, and what about the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.report.model.words import plural


def kept(seen: dict[str, Any]) -> str:
    """`kept in 64`, where every run could tell; else `kept in 43 of 64`."""
    judged, runs = seen["judged"], seen.get("runs", seen["judged"] + seen["unknown"])
    return f"kept in {judged}" + (f" of {runs}" if runs > judged else "")


def weaker(declared: str, judged_by: str) -> str:
    """Why a system was not judged by the promise that it declares."""
    return f"declares {declared}, judged by {judged_by}: R + W does not exceed N, so no quorums need to meet"


def unjudged(seen: dict[str, Any]) -> str:
    """What a claimed check says where no run could tell: `undecided` only if some run should have."""
    if seen["unknown"]:
        return f"{seen['unknown']} undecided"
    return "nothing to judge" if seen.get("nothing") else "only measured"


def others(seen: dict[str, Any]) -> Iterator[str]:
    """Why a claimed check was not judged in the other runs: a clause for each kind, with one run's reason."""
    why = seen.get("why") or {}
    if not seen["claimed"]:
        return
    measured = seen.get("measured") or {}
    only = sum(count for name, count in measured.items() if name != "invalid")
    if only:
        found = f", and violated in {measured['invalid']}" if measured["invalid"] else ""
        yield f"only measured in {plural(only, 'run')}{found}{_as(why.get('measured'))}"
    if seen["unknown"]:
        yield f"undecided in {plural(seen['unknown'], 'run')}{_as(why.get('unknown'))}"
    if seen.get("nothing"):
        yield f"nothing to judge in {plural(seen['nothing'], 'run')}"


def _as(reason: str | None) -> str:
    return f" (one of them: {reason})" if reason else ""
