"""What the prices are made of: who is expected, and how many places will have been free by then.

Over a horizon H, half a mean course L,

    demand_c = λ · H / n          for each of n recent clients, who stand for those to come at λ a day
    demand_c = 1                  for each client who waits now
    places_t = free_t + busy_t · (1 − exp(−H / L))

A busy place counts once at most, with the chance that its course ends within H if any day is as likely as another to
be the last. That is fewer than the busy_t · H / L that reopen on average, some of them twice; the rest stays in
reserve, since places stand empty on some days and all are asked for on others. Prices are made anew every week, from
the places and the waiting list of that day.

Today's queue alone (``one_shot``) is what it is compared with: who came since yesterday and who waits, against the
places that are free now, made anew every day. It knows nobody who comes tomorrow.

H and the count were chosen on ten simulated years at 90 % load of clinics that no benchmark uses: half a course gained
.043 of the upper bound with this count, a whole course .039, and half a course with the average's count .031.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.scarcity.duals import Floats, Priced, place_prices

GREEDY, ONE_SHOT, FORECAST = "greedy", "one_shot", "forecast"
POLICIES = (GREEDY, ONE_SHOT, FORECAST)
HORIZON = 0.5  # of a mean course
WEEK_DAYS = 7.0
MOST_KNOWN = 300  # recent clients who stand for those to come

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Moment:
    """A clinic on one day: ``free`` and ``busy`` places (m,), waiting (k, m) and come since the last one (j, m)."""

    free: Counts
    busy: Counts
    waiting: Floats
    came: Floats


@dataclass(frozen=True, eq=False)
class Outlooks:
    """Who is expected: recent clients (n, m), how many come a day, and the days of a mean course."""

    known: Floats
    a_day: float
    course_days: float

    @property
    def horizon_days(self) -> float:
        """How far ahead the forecast looks."""
        return HORIZON * self.course_days

    @property
    def likely(self) -> Floats:
        """The latest of them, who stand for those to come."""
        return self.known[:MOST_KNOWN]


@dataclass(frozen=True)
class Pricing:
    """How prices are made, and how often."""

    prices: Callable[[Moment], Floats]
    every_days: float


def pricing(name: str, outlook: Outlooks) -> Pricing:
    """A policy by its name."""
    if name == GREEDY:
        return Pricing(lambda moment: np.zeros(len(moment.free)), WEEK_DAYS)
    if name == ONE_SHOT:
        return Pricing(lambda moment: one_shot(moment).prices, 1.0)
    if name == FORECAST:
        return Pricing(_rolling(outlook), WEEK_DAYS)
    raise InvalidInput("policy", name, f"expected one of {', '.join(POLICIES)}")


def _rolling(outlook: Outlooks) -> Callable[[Moment], Floats]:
    """Prices of one week are looked for from those of the last on."""
    last: list[Floats] = []

    def prices(moment: Moment) -> Floats:
        last[:] = [forecast(moment, outlook, start=last[0] if last else None).prices]
        return last[0]

    return prices


def forecast(moment: Moment, outlook: Outlooks, *, start: Floats | None = None) -> Priced:
    """The prices of a day, from those who are expected and those who wait."""
    known = outlook.likely
    each = outlook.a_day * outlook.horizon_days / max(len(known), 1)
    demand = np.concatenate([np.full(len(known), each), np.ones(len(moment.waiting))])
    scores = np.concatenate([known, moment.waiting])
    return place_prices(scores, demand, expected_places(moment, outlook), start=start)


def expected_places(moment: Moment, outlook: Outlooks) -> Floats:
    """(m,) places that are free now or will have been once within the horizon."""
    return np.asarray(moment.free + moment.busy * (1 - np.exp(-outlook.horizon_days / outlook.course_days)))


def one_shot(moment: Moment) -> Priced:
    """The prices of today's queue against the places of today."""
    queue = np.concatenate([moment.waiting, moment.came])
    return place_prices(queue, np.ones(len(queue)), moment.free.astype(np.float64))
