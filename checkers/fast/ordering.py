"""Screens of the checks that judge reads against what came before them."""

from __future__ import annotations

from checkers.causality.happened_before import BUDGET
from checkers.fast.facts import Facts
from checkers.fast.local import Screen, no_phantoms, none_aborted
from checkers.verdict import Finding, unknown, valid


def _early_only(of: Facts, check: str) -> bool:
    """Whether only reads before the first data loss count: then the check itself judges."""
    wanted = of.case.terms(check)
    return wanted.asserted and "before-loss" in wanted.conditions and bool(of.case.history.interruptions)


def _regular(of: Facts, check: str) -> Finding | None:
    if not len(of.index.gets) or _early_only(of, check) or not of.is_regular:
        return None
    stats = {"stale_reads": 0, "stale_share": 0.0, "max_k": 0, "max_delta_ms": 0.0, "after_loss": 0}
    return valid(len(of.index.gets), **stats)


def _session_guarantee(of: Facts, check: str) -> Finding | None:
    """Implied by cause and effect."""
    if not len(of.index.gets) or _early_only(of, check) or not of.is_causal:
        return None
    return valid(len(of.index.gets), broken=0, share=0.0)


def _pram(of: Facts, _: str) -> Finding | None:
    if too_large := _too_large(of):
        return too_large
    if not len(of.index.gets) or not of.is_causal:
        return None
    return valid(len(of.index.gets), broken=0, share=0.0, unreached=0)


def _causal(of: Facts, _: str) -> Finding | None:
    if too_large := _too_large(of):
        return too_large
    clean = no_phantoms(of) and none_aborted(of) and of.no_false_siblings
    if not len(of.index.gets) or not clean or not of.is_causal:
        return None
    assert of.sessions is not None, "the walk was over sessions"
    return valid(len(of.index.gets), broken=0, share=0.0, sessions=of.sessions.count)


def _too_large(of: Facts) -> Finding | None:
    found = of.sessions
    if found is None or found.steps * found.count <= BUDGET or not len(of.index.gets):
        return None
    return unknown(f"too large a history: {found.steps} operations of {found.count} sessions")


SCREENS: dict[str, Screen] = {
    "mvr-regular": _regular,
    "read-your-writes": _session_guarantee,
    "monotonic-reads": _session_guarantee,
    "monotonic-writes": _session_guarantee,
    "writes-follow-reads": _session_guarantee,
    "pram": _pram,
    "causal": _causal,
}
