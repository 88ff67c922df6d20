"""One group's mean or share, drawn towards what is typical as far as its size asks for: empirical Bayes.

Few clients say little, so that the plain mean of a group with five clients is mostly luck. What is known of all groups
says how far they differ at all, and each group's own clients count against that (Efron & Morris 1975, "Data analysis
using Stein's estimator and its generalizations", JASA 70, 311–319). How far groups differ is itself uncertain, so that
it is averaged over and not fixed (Gelman, Carlin, Stern et al. 2013, Bayesian Data Analysis, sections 5.3 and 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Groups = NDArray[np.intp]
_SPREADS = 41  # how finely the difference between groups is averaged over
_ALIKE = np.exp(np.linspace(np.log(2.0), np.log(400.0), 31))  # how many clients what is typical is worth


@dataclass(frozen=True, slots=True)
class Shrunken:
    """A group drawn towards what is typical.

    ``weight`` is the part that the group's own clients have in the mean, ``spread`` how far single clients differ.
    """

    mean: float
    sd: float
    typical: float
    weight: float
    spread: float


def shrunken_mean(values: Floats, groups: Groups, of: int) -> Shrunken:
    """The mean of one group of values (n,); ``groups`` (n,) says whose each value is.

    With y_g the plain mean of n_g values, σ² the variance within groups and τ the spread between them,

        w = τ² / (τ² + σ²/n_g),    mean = E[w y_g + (1 − w) μ],    μ = Σ y_g / (τ² + σ²/n_g) / Σ 1 / (τ² + σ²/n_g)

    with the expectation over p(τ | y), τ uniform beforehand (Bayesian Data Analysis, eq. 5.21).
    """
    n = np.bincount(groups).astype(float)
    kept = np.flatnonzero(n)
    n, y = n[kept], np.bincount(groups, values)[kept] / n[kept]
    at = int(np.searchsorted(kept, of))
    within = _variance_within(values, groups, len(kept))
    tau = np.linspace(0.0, 2.0 * max(float(np.std(y)), np.sqrt(within) / 4), _SPREADS)[:, None]
    precision = 1.0 / (tau**2 + within / n)
    mu = (precision * y).sum(axis=1) / precision.sum(axis=1)
    log_p = 0.5 * (
        np.log(precision).sum(axis=1) - np.log(precision.sum(axis=1)) - (precision * (y - mu[:, None]) ** 2).sum(axis=1)
    )
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    w = (tau**2 * precision)[:, at]
    mean = w * y[at] + (1 - w) * mu
    variance = w * within / n[at] + (1 - w) ** 2 / precision.sum(axis=1)
    centre, sd = _mixture(p, mean, variance)
    return Shrunken(centre, sd, float(p @ mu), float(p @ w), float(np.sqrt(within)))


def shrunken_share(shares: Floats, groups: Groups, of: int) -> Shrunken:
    """The share of one group; ``shares`` (n,) in [0, 1] is what part of each client's check-ins had it.

    A client counts once, so that s_g is the sum of shares of n_g clients. With μ typical and m how many clients it is
    worth,

        mean = E[(m μ + s_g) / (m + n_g)],    w = n_g / (m + n_g)

    with the expectation over p(m | s), beta-binomial, p(m) ∝ m^(−3/2) (Bayesian Data Analysis, eq. 5.9). A client who
    said it half of the time is taken as half a client who said it, which overstates how far clients differ and errs
    on the side of a wider band.
    """
    from scipy.special import betaln

    n = np.bincount(groups).astype(float)
    kept = np.flatnonzero(n)
    n, s = n[kept], np.bincount(groups, shares)[kept]
    at = int(np.searchsorted(kept, of))
    mu = (s.sum() + 0.5) / (n.sum() + 1.0)
    a, b = mu * _ALIKE[:, None], (1 - mu) * _ALIKE[:, None]
    log_p = (betaln(a + s, b + n - s) - betaln(a, b)).sum(axis=1) - 0.5 * np.log(_ALIKE)  # a grid of equal ratios
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    total = _ALIKE + n[at]
    mean = (mu * _ALIKE + s[at]) / total
    centre, sd = _mixture(p, mean, mean * (1 - mean) / (total + 1))
    return Shrunken(centre, sd, float(mu), float(p @ (n[at] / total)), float(np.sqrt(mu * (1 - mu))))


def _variance_within(values: Floats, groups: Groups, n_groups: int) -> float:
    """The pooled variance within groups; that of all where no group has two."""
    left = len(values) - n_groups
    if left < 1:
        return max(float(np.var(values)), 1e-6)
    counts = np.maximum(np.bincount(groups), 1)
    means = (np.bincount(groups, values) / counts)[groups]
    return max(float(((values - means) ** 2).sum() / left), 1e-6)


def _mixture(p: Floats, mean: Floats, variance: Floats) -> tuple[float, float]:
    centre = float(p @ mean)
    return centre, float(np.sqrt(p @ (variance + (mean - centre) ** 2)))
