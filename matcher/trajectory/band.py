"""The expected course: where the next score of a dyad usually lies, given what was said before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from matcher.encoding.bits import Floats
from matcher.trajectory.levels import AT, chances, unmoved
from matcher.trajectory.prior import CoursePrior, checked

ENDS = (0.1, 0.5, 0.9)
_HALVINGS = 40
_FARTHEST = 9.0  # standard deviations beyond the outermost level


@dataclass(frozen=True, eq=False)
class ExpectedCourse:
    """For each session of n dyads, arrays (n, sessions) on the scale: the score that half of such courses reach, and
    the band in which four of five lie."""

    typical: Floats
    lower80: Floats
    upper80: Floats


def expected_course(prior: CoursePrior, scores: Floats) -> ExpectedCourse:
    r"""The expected score of each session, given what was said in the sessions before it.

    With the posterior π_s of the dyad's level d after all scores before session s, the median and the 80 % band are
    quantiles of

        F(y) = Σ_d π_s(d) Φ((y - μ_s - d) / σ)

    read on the scale: the top from half a step beneath it on, and nothing under the lowest score.

    Parameters
    ----------
    prior : CoursePrior
        What is believed of n dyads before their first session.
    scores : array of float64, (n, sessions)
        The score of session 1, 2, ...; NaN where there is none. A last column of NaN asks for the session to come.

    Returns
    -------
    ExpectedCourse
        ``typical``, ``lower80`` and ``upper80``, each (n, sessions); the score of a session itself is not in them.

    Raises
    ------
    InvalidInput
        For scores of another shape, or not on the scale.

    Notes
    -----
    It is an exact filter on a grid of levels (``matcher.trajectory.levels``), not one by moment matching: a score at
    the top says "at least this good", and a level of which only such scores tell is skewed.

    References
    ----------
    Kitagawa (1987), Non-Gaussian state-space modeling of nonstationary time series, JASA 82.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import CoursePrior, expected_course
    >>> from matcher.entities import Scale
    >>> prior = CoursePrior(np.array([6.0]), np.array([1.0]), np.array([0.0]), 1.0, Scale(0, 10, 1), censored=True)
    >>> found = expected_course(prior, np.array([[4.0, np.nan]]))
    >>> found.typical.round(2).tolist()
    [[6.0, 5.0]]
    >>> found.lower80.round(2).tolist(), found.upper80.round(2).tolist()
    ([[4.19, 3.43]], [[7.81, 6.57]])
    """
    said = checked(prior, scores)
    level, found = unmoved(len(prior)), np.empty((3, *said.shape))
    for column in range(said.shape[1]):
        found[:, :, column] = _ends(prior, column + 1, level)
        rows = np.flatnonzero(~np.isnan(said[:, column]))
        if len(rows):
            (chance,) = chances(prior.take(rows), column + 1, said[rows, column], level[rows])
            after = level[rows] * chance
            level[rows] = after / after.sum(axis=1, keepdims=True)
    return ExpectedCourse(typical=found[1], lower80=found[0], upper80=found[2])


def _ends(prior: CoursePrior, number: int, level: Floats) -> Floats:
    """(3, n): the quantiles of the next score, by halving."""
    usual, sigma = prior.usual(number), prior.session_sd
    reach = AT[-1] * prior.sd + _FARTHEST * sigma
    asked = np.array(ENDS)[:, None]
    low, high = np.tile(usual - reach, (3, 1)), np.tile(usual + reach, (3, 1))
    centre = (usual[:, None] + prior.sd[:, None] * AT)[None]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_below = np.sum(level * ndtr((middle[:, :, None] - centre) / sigma), axis=2) < asked
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    found = (low + high) / 2
    return np.clip(np.where(found > prior.cut, prior.scale.top, found), prior.scale.lowest, prior.scale.top)
