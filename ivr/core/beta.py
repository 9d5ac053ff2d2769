"""Quantiles of the Beta distribution: between which shares a true share lies, after so many successes and failures."""

from __future__ import annotations

import math

_STEPS = 200
_CLOSE = 1e-12
_TINY = 1e-300


def share_below(x: float, a: float, b: float) -> float:
    """The probability that a Beta(a, b) share is at most ``x``: the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly, and quickly from the other side
        return 1 - share_below(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / a / _fraction(x, a, b)


def quantile(q: float, a: float, b: float) -> float:
    """The share that a Beta(a, b) share is below with probability ``q``."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share_below(middle, a, b) < q else (low, middle)
    return (low + high) / 2


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    value, up, down = 1.0, 1.0, 0.0
    for n in range(1, _STEPS):
        m, odd = divmod(n, 2)
        if odd:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = 1 / _nonzero(1 + term * down)
        up = _nonzero(1 + term / up)
        value *= up * down
        if abs(up * down - 1) < _CLOSE:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
