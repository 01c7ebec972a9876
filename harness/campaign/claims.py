"""What each check came to over the runs of a system: claimed against observed, and why not in all of them."""

from __future__ import annotations

from typing import Any

from harness.store import Row

OUTCOMES = ("judged", "invalid", "unknown", "nothing")
"""Runs that could tell, of those the ones that found something; runs that could not; those without matter."""

Claims = dict[str, dict[str, dict[str, Any]]]
"""Check -> system -> counts."""


def count(claims: Claims, row: Row) -> None:
    """Add one run's findings to what is known of each check and system; where it is `n/a` it says nothing."""
    for name, check in row.checks.items():
        verdict = check.get("verdict")
        seen = claims.setdefault(name, {}).setdefault(row.system, _unseen())
        if verdict == "n/a":
            continue
        asserted = bool(check["asserted"])
        seen["runs"] += 1
        seen["claimed"] = seen["claimed"] or asserted
        outcome = outcome_of(check)
        counts = seen["asserted" if asserted else "measured"]
        counts[outcome] += 1
        counts["invalid"] += verdict == "invalid"
        kind = "" if asserted and outcome == "judged" else outcome if asserted else "measured"
        if kind and kind not in seen["why"]:
            seen["why"][kind] = reason_of(check)


def outcome_of(check: dict[str, Any]) -> str:
    """`judged`, `unknown`, or `nothing` where the check found nothing to look at."""
    if check.get("verdict") == "unknown":
        return "unknown"
    empty = check.get("verdict") == "valid" and check.get("judged") == 0
    return "nothing" if empty or check.get("verdict") == "n/a" else "judged"


def reason_of(check: dict[str, Any]) -> str:
    """Why a check could not tell, or was only measured though it is promised; empty if none is given."""
    why = str(check.get("why") or "")
    if not check.get("asserted"):
        return why.removeprefix("measured").removeprefix(": ")
    return str(check.get("reason") or "")


def told(claims: Claims) -> Claims:
    """As `results.json` tells it: the outcomes of the runs that asserted the check, the others apart."""
    return {check: {system: _told(seen) for system, seen in found.items()} for check, found in claims.items()}


def _unseen() -> dict[str, Any]:
    no = dict.fromkeys(OUTCOMES, 0)
    return {"claimed": False, "runs": 0, "asserted": dict(no), "measured": dict(no), "why": {}}


def _told(seen: dict[str, Any]) -> dict[str, Any]:
    claimed = seen["claimed"]
    counts = seen["asserted" if claimed else "measured"]
    why = seen["why"] if claimed else {}
    return {"claimed": claimed, "runs": seen["runs"], **counts, "measured": seen["measured"], "why": why}
