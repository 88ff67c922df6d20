"""What waiting costs: a client who waits longer is less likely to come at all.

| | | |
|---|---|---|
| attending(days) | odds / (1 + odds), odds = ODDS_AT_ONCE · 0.95^(days / 7) | 5 % lower odds a week (WAITING_2023) |
| cost(waited, days) | attending(waited) − attending(waited + days) | the chance that is lost by waiting ``days`` more |

A client who is placed waits until the therapist's place opens (``start_days``), one who is not until the next round and
longer. The cost is in points of a score from 0 to 1: a match that is not attended is worth nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.sources import WAITING_2023, Source

ODDS_RATIO_A_WEEK = 0.95  # WAITING_2023
ODDS_AT_ONCE = 4.0  # four of five come: ATTENDING_GUESS
ATTENDING_GUESS = Source(
    "Rapport's own assumption", 2026, "Four of five clients attend a first session that is offered at once.", guess=True
)
SOURCES = (WAITING_2023, ATTENDING_GUESS)

Floats = NDArray[np.float64]


def attending(days: ArrayLike) -> Floats:
    """The chance that a client who has waited so many days comes to the first session.

    >>> [round(float(attending(days)), 4) for days in (0, 7, 70)]
    [0.8, 0.7917, 0.7054]
    """
    odds = ODDS_AT_ONCE * ODDS_RATIO_A_WEEK ** (np.asarray(days, dtype=np.float64) / 7)
    return np.asarray(odds / (1 + odds))


def cost(waited_days: ArrayLike, more_days: ArrayLike) -> Floats:
    """The chance of attending that is lost by waiting ``more_days`` after ``waited_days``.

    >>> round(float(cost(0, 7)), 4), round(float(cost(70, 7)), 4)
    (0.0083, 0.0107)
    """
    waited = np.asarray(waited_days, dtype=np.float64)
    return np.asarray(attending(waited) - attending(waited + np.asarray(more_days)))
