"""The table of all checks: what each found, and why it could not tell or was only measured."""

from __future__ import annotations

from typing import Any

from harness.report.model import carts
from harness.report.model.guarantees import guarantee
from harness.report.model.remedies import with_remedy
from harness.report.model.run_model import CheckGroup, CheckRow
from harness.report.model.words import plural

_TITLES = (
    ("asserted", "Asserted: folded into the verdict"),
    ("measured", "Measured: shown, never folded"),
    ("n/a", "Not applicable"),
)


def violations(found: dict[str, Any]) -> int:
    """How many violations a check has, those that the results left off included."""
    return len(found.get("violations") or ()) + int(found.get("violations_left_off") or 0)


def named(checks: dict[str, dict[str, Any]], verdict: str) -> list[str]:
    """The asserted checks with this verdict, in order."""
    return [
        name for name, found in checks.items() if found.get("asserted") and found.get("verdict") == verdict
    ]


def check_groups(checks: dict[str, dict[str, Any]], anchors: dict[str, str]) -> tuple[CheckGroup, ...]:
    """Asserted, measured, not applicable; rows with the same finding and words are one row."""
    parts: dict[str, list[CheckRow]] = {part: [] for part, _ in _TITLES}
    for name, found in checks.items():
        part = "n/a" if found.get("verdict") == "n/a" else "asserted" if found.get("asserted") else "measured"
        parts[part].append(_row(name, found, anchors.get(name)))
    return tuple(CheckGroup(title, tuple(_merged(parts[part]))) for part, title in _TITLES if parts[part])


def _row(name: str, found: dict[str, Any], anchor: str | None) -> CheckRow:
    verdict = str(found.get("verdict", "unknown"))
    asserted = bool(found.get("asserted"))
    glyph, words = _shown(verdict, asserted, found.get("judged") == 0)
    seconds = found.get("seconds")
    return CheckRow(
        names=(name,),
        finding=words,
        glyph=glyph,
        seen=_seen(name, verdict, found),
        cost_ms=f"{1000 * seconds:.1f}" if isinstance(seconds, int | float) and verdict != "n/a" else "—",
        href=f"#{anchor}" if anchor else None,
    )


def _shown(verdict: str, asserted: bool, empty: bool) -> tuple[str, str]:
    """Glyph and word: a measured anomaly is never loud, and what judged nothing has no tick."""
    if verdict == "valid" and empty:
        return "", "nothing to judge"
    if verdict == "unknown":
        return "unk", "unknown"
    if verdict == "n/a":
        return "", "n/a"
    if asserted:
        return ("bad", "invalid") if verdict == "invalid" else ("ok", "valid")
    return ("mea", "seen") if verdict == "invalid" else ("mok", "none seen")


def _seen(name: str, verdict: str, found: dict[str, Any]) -> str:
    reason, judged = str(found.get("reason") or ""), found.get("judged")
    if verdict in ("unknown", "n/a"):
        return with_remedy(reason)
    if verdict == "valid" and judged == 0:
        return reason or "the history has nothing that this check looks at"
    if verdict == "invalid":
        count = violations(found)
        first = (found.get("violations") or [{}])[0].get("message", "")
        seen = plural(count, "violation") if count != 1 or not first else carts.short(str(first))
    else:
        seen = guarantee(name).clean
    seen += f"; {judged:,} judged" if isinstance(judged, int) and judged else ""
    why = str(found.get("why") or "").removeprefix("measured").removeprefix(": ")
    more = reason or ("" if found.get("asserted") else why)
    return f"{seen}. {more}" if more else seen


def _merged(rows: list[CheckRow]) -> list[CheckRow]:
    """Rows that say the same in one, where nothing links away from them."""
    merged: list[CheckRow] = []
    for row in rows:
        last = merged[-1] if merged else None
        same = last and last.seen == row.seen and last.glyph == row.glyph and last.cost_ms == row.cost_ms
        if last and same and not row.href and not last.href:
            merged[-1] = CheckRow(last.names + row.names, row.finding, row.glyph, row.seen, row.cost_ms)
        else:
            merged.append(row)
    return merged
