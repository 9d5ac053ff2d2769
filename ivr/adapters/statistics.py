"""Distributions, from SciPy; core is handed what it needs of them."""

from __future__ import annotations

from scipy.special import betaincinv


def beta_quantile(q: float, a: float, b: float) -> float:
    """The share that a Beta(a, b) share is below with probability ``q``."""
    return float(betaincinv(a, b, q))
