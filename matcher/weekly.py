r"""Whether what a clinic's clients say creeps up or down, week by week: a cumulative sum.

Each client is heard once, with their first score: those of one client rise and fall together, and a sum of means that
hang together is soon far from zero by chance alone (of all scores it told a movement in four of five quiet years). The
year before a moment says what is usual, mean m and standard deviation s. Of every week since, with n new clients,
z = (mean - m) √n / s, and

    S⁺ = max(0, S⁺ + z - ½),        S⁻ = max(0, S⁻ - z - ½)

A movement is told where one of them passes 6 (Page 1954, Continuous inspection schemes, Biometrika 41). That says that
something has changed, not that anything is wrong: new forms, new therapists, or scores that mean less than they did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher.encoding.bits import Floats
from matcher.errors import InvalidInput

USUAL_DAYS = 364.0
ALLOWANCE, LIMIT = 0.5, 6.0
FEWEST_USUAL = 30  # scores, to say what is usual
UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Moved:
    """That what new clients say has moved.

    Parameters
    ----------
    way : str
        "up" or "down".
    day : float
        The first day of the week in which it was seen.
    weeks : int
        For how many weeks the sum had been above zero by then.
    by : float
        How far that week's mean was from the usual one, in the scale's units.

    Examples
    --------
    >>> from matcher import Moved
    >>> Moved("up", 371.0, 2, 0.1).way
    'up'
    """

    way: str
    day: float
    weeks: int
    by: float


def moved(day: ArrayLike, score: ArrayLike, *, since: float) -> Moved | None:
    """The first movement of the weekly mean since a day; None where there is none, or too little to tell.

    Parameters
    ----------
    day : array, (n,)
        When each client gave their first rating, in days from any beginning.
    score : array, (n,)
        Those ratings' scores, of one scale.
    since : float
        The day from which on weeks are watched. The year before it says what is usual.

    Returns
    -------
    Moved or None

    Raises
    ------
    InvalidInput
        For days and scores of unequal number, or one that is not finite.

    References
    ----------
    Page (1954), Continuous inspection schemes, Biometrika 41.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> day = np.arange(0.0, 546.0)
    >>> score = rng.normal(0.7, 0.2, len(day))
    >>> from matcher import moved
    >>> moved(day, score, since=364) is None
    True
    >>> risen = moved(day, score + 0.05 * np.maximum(day - 364, 0) / 7, since=364)
    >>> risen.way, risen.day < 364 + 8 * 7
    ('up', True)
    """
    days, scores = np.asarray(day, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if days.shape != scores.shape or not (np.isfinite(days).all() and np.isfinite(scores).all()):
        raise InvalidInput("score", len(scores), "expected one finite score a day that is given")
    usual = scores[(days < since) & (days >= since - USUAL_DAYS)]
    if len(usual) < FEWEST_USUAL or np.ptp(usual) == 0:
        return None
    middle, spread = float(usual.mean()), float(usual.std(ddof=1))
    up, down, began = 0.0, 0.0, {UP: 0, DOWN: 0}
    for week, mean, n in _weekly(days[days >= since], scores[days >= since], since):
        z = (mean - middle) * math.sqrt(n) / spread
        up, down = max(0.0, up + z - ALLOWANCE), max(0.0, down - z - ALLOWANCE)
        began = {way: began[way] + 1 if total > 0 else 0 for way, total in ((UP, up), (DOWN, down))}
        if max(up, down) > LIMIT:
            way = UP if up > down else DOWN
            return Moved(way, since + 7 * week, began[way], mean - middle)
    return None


def _weekly(days: Floats, scores: Floats, since: float) -> Iterator[tuple[int, float, int]]:
    """(week from the day that is watched from, mean, how many) of every week in which somebody came."""
    week = np.floor((days - since) / 7).astype(np.int64)
    weeks, at, n = np.unique(week, return_inverse=True, return_counts=True)
    means = np.bincount(at, scores, len(weeks)) / n
    return zip(weeks.tolist(), means.tolist(), n.tolist(), strict=True)
