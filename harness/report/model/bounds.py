"""Exact confidence bounds for counts: Clopper-Pearson for a share of runs, Garwood for a rate.

Both are quantiles of the incomplete beta and gamma functions, found by bisection, so that the numbers on a
page need no library and do not depend on one's version.
Sources: Clopper & Pearson, Biometrika 26 (1934); Garwood, Biometrika 28 (1936).
"""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 100
_TINY = 1e-300


def share(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Lower and upper bound of a probability after `hits` in `trials` (0 to 1); no trials say nothing."""
    if not 0 <= hits <= trials:
        raise ValueError(f"hits must be between 0 and trials: {hits} of {trials}")
    tail = (1 - confidence) / 2
    low, high = 0.0, 1.0
    if hits:
        low = _bisect(lambda p: _beta(hits, trials - hits + 1, p) - tail, 0.0, 1.0)
    if hits < trials:
        high = _bisect(lambda p: _beta(hits + 1, trials - hits, p) - (1 - tail), 0.0, 1.0)
    return low, high


def rate(events: int, confidence: float = 0.95) -> tuple[float, float]:
    """Lower and upper bound of the expected number of events after seeing `events` (Poisson)."""
    if events < 0:
        raise ValueError(f"events cannot be negative: {events}")
    tail = (1 - confidence) / 2
    ceiling = events + 12.0 * math.sqrt(events) + 30.0
    low = _bisect(lambda m: _gamma(events, m) - tail, 0.0, ceiling) if events else 0.0
    return low, _bisect(lambda m: _gamma(events + 1, m) - (1 - tail), 0.0, ceiling)


def _bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses zero."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta I_x(a, b): its continued fraction, on the side where it converges fast."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - math.exp(log_front) * _beta_fraction(b, a, 1 - x) / b
    return math.exp(log_front) * _beta_fraction(a, b, x) / a


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Lentz's evaluation of the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / _away(1.0 + term * d)
            c = _away(1.0 + term / c)
            change = c * d
            result *= change
        if abs(change - 1.0) < 1e-15:
            break
    return result


def _gamma(a: float, x: float) -> float:
    """Regularised lower incomplete gamma P(a, x): a series of positive terms."""
    if x <= 0:
        return 0.0
    term = total = math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    for n in range(1, 100_000):
        term *= x / (a + n)
        total += term
        if term < total * 1e-16:
            break
    return min(total, 1.0)


def _away(value: float) -> float:
    """Keep a denominator off zero."""
    return value if abs(value) > _TINY else _TINY
