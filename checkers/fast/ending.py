"""Screens of the checks that judge what replicas hold at the end."""

from __future__ import annotations

import numpy as np

from checkers.checks.unreplaced import NO_WRITES, rule_of
from checkers.fast.facts import Facts
from checkers.fast.index import FAIL, OK, Flags
from checkers.fast.local import Screen
from checkers.fast.marks import Held
from checkers.formats.columnar.columns import NONE
from checkers.model.history import OPEN
from checkers.verdict import Finding, not_applicable, valid


def _lost_write(of: Facts, check: str) -> Finding | None:
    held = of.held(check)
    if held is None or np.any(of.marks.gone(held) & of.marks.acked_puts):
        return None
    return valid(
        int(of.marks.acked_puts.sum()),
        acknowledged=int(of.marks.acked_puts.sum()),
        roots=0,
        shadowed=0,
        causes={},
    )


def _unreplaced(of: Facts, check: str) -> Finding | None:
    """Clean if the last write of each key, where it had to stay, is in the key's final read."""
    held, index = of.held(check), of.index
    if not index.is_put.any():
        return not_applicable(NO_WRITES)
    if held is None or rule_of(of.case) != "ended":
        return None
    end = np.where(index.once, index.ret, OPEN)
    count = 0
    for key, round in zip(held.keys, held.rounds, strict=True):
        writes = np.arange(index.first[key], index.first[key + 1])
        writes = writes[index.type[writes] != FAIL]
        if not len(writes) or index.type[writes[-1]] != OK or not index.is_put[writes[-1]]:
            continue
        last = int(writes[-1])
        if end[writes[:-1]].max(initial=-1) >= index.inv[last]:
            continue
        if last not in {index.writer(key, value) for value in round.values}:
            return None
        count += 1
    return valid(count, writes=count, rule="ended")


def _unstable_read(of: Facts, check: str) -> Finding | None:
    held = of.held(check)
    if held is None or np.any(of.marks.gone(held) & of.marks.observed_infos) or not _all_judged(of, held):
        return None
    observed = int(of.marks.observed_infos.sum())
    return valid(observed, observed=observed)


def _all_judged(of: Facts, held: Held) -> bool:
    """Whether every key that anybody touched has a final read that judges."""
    return len(np.setdiff1d(np.unique(of.columns.key), held.keys)) == 0


def _resurrection(of: Facts, check: str) -> Finding | None:
    held = of.held(check)
    if held is None or _is_back(of, held, of.marks.below_acked_puts):
        return None
    agreed = [write for write in held.agreed if write != NONE]
    second = int(of.marks.below_observed_infos[agreed].sum())
    agreeing = sum(held.agreeing)
    disagreeing = len(held.keys) - agreeing
    return valid(agreeing, keys=agreeing, disagreeing_keys=disagreeing, superseded_by_unacknowledged=second)


def _zombie(of: Facts, check: str) -> Finding | None:
    held = of.held(check)
    if held is None or _is_back(of, held, of.marks.below_acked_deletes):
        return None
    agreeing = sum(held.agreeing)
    return valid(agreeing, keys=agreeing, disagreeing_keys=len(held.keys) - agreeing)


def _is_back(of: Facts, held: Held, below: Flags) -> bool:
    agreed = np.array([write for write in held.agreed if write != NONE], np.int64)
    return bool(np.any(below[agreed] & of.index.once[agreed]))


def _convergence(of: Facts, check: str) -> Finding | None:
    held, history = of.held(check), of.case.history
    if held is None or not all(held.agreeing):
        return None
    if history.interruptions or history.phase_start("heal") is not None:
        return None
    return valid(len(held.keys), keys=len(held.keys), diverged=0)


SCREENS: dict[str, Screen] = {
    "lost-write": _lost_write,
    "unreplaced": _unreplaced,
    "unstable-read": _unstable_read,
    "resurrection": _resurrection,
    "zombie": _zombie,
    "convergence": _convergence,
}
