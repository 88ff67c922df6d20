"""A straight line above a curve: with it a whole score is a sum of columns that no score exceeds."""

from __future__ import annotations

from math import erfc, exp, pi, sqrt

ROUNDING = 1e-12
STEP = 0.05


def line_above(near: float, low: float) -> tuple[float, float]:
    """(a, b) with Φ(z) ≤ a + b · z for every z ≥ ``low``, equal to it about ``near`` where that can be.

    A tangent at z₀ ≥ 0 is above Φ wherever Φ is concave, from 0 on. Before, Φ is convex: there the tangent is above
    it when it is above at both ends. At ``low`` it rises with z₀, so that there is a first z₀ that will do.
    """
    at = max(near, 0.0)
    while share_below(at) + _density(at) * (low - at) < share_below(low):
        at += STEP
    slope = _density(at)
    return share_below(at) - slope * at + ROUNDING, slope


def share_below(z: float) -> float:
    """Φ(z)."""
    return 0.5 * erfc(-z / sqrt(2.0))


def _density(z: float) -> float:
    return exp(-0.5 * z * z) / sqrt(2.0 * pi)
