r"""What scores say of a dyad's level, on a grid of levels.

The level d is integrated over 145 equally spaced points from -6 to +6 of its prior standard deviations. A score below
the top has the density φ((y - μ_s - d) / σ), one at the top the probability Φ((μ_s + d - κ) / σ). A grid is exact where
moment matching is not: a level that only top scores tell of is skewed, and what matters here are its tails. The rule
of equal spacing is good to 1e-7 as long as a step is at most the posterior standard deviation: for forty sessions of
a dyad whose prior spread is twice that of a session, or for twelve where it is four times as large.

A score is read as at most six standard deviations from what was expected of it, and tells at most a factor of e^200
between two levels: so no course is impossible everywhere, one session bounds what it can say, and whatever is lower
still speaks for a fall at least as strongly.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from matcher.encoding.bits import Flags, Floats
from matcher.trajectory.prior import CoursePrior

AT = np.linspace(-6.0, 6.0, 145)  # levels in prior standard deviations
WEIGHT = np.exp(-0.5 * AT**2) / np.exp(-0.5 * AT**2).sum()
MOST, FARTHEST = 200.0, 6.0
BLOCK = 2048  # courses at a time: with eight arrays of a grid each 16 MB


def chances(
    prior: CoursePrior, number: int, scores: Floats, level: Floats, lower: tuple[float, ...] = ()
) -> list[Floats]:
    """How likely the scores (n,) of a session are at each level, (n, levels), up to a factor of each row.

    ``level`` (n, levels) is what was known before. One array for the alliance as it was, and one for each of ``lower``:
    how many session sds it lies beneath.
    """
    sigma, usual = prior.session_sd, prior.usual(number)
    at_top = prior.at_top(scores)
    middle = level @ AT
    spread = np.sqrt(np.maximum(level @ AT**2 - middle**2, 0.0)) * prior.sd
    expected, reach = usual + prior.sd * middle, FARTHEST * np.hypot(spread, sigma)
    seen = np.clip(scores, expected - reach, expected + reach)
    if prior.censored:
        seen[at_top] = prior.cut
    apart = ((seen - usual)[:, None] - prior.sd[:, None] * AT) / sigma
    found = [_log_chance(apart + shift, at_top) for shift in (0.0, *lower)]
    peak = found[0].max(axis=1, keepdims=True)
    return [np.exp(np.clip(values - peak, -MOST, MOST)) for values in found]


def _log_chance(apart: Floats, at_top: Flags) -> Floats:
    found = -0.5 * apart**2
    found[at_top] = log_ndtr(-apart[at_top])
    return found


def unmoved(n: int) -> Floats:
    """The levels of n dyads before anything was said, (n, levels)."""
    return np.tile(WEIGHT, (n, 1))
