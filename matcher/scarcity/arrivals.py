"""A year that is drawn before anything is decided, so that every policy meets the same people and the same courses.

Clients come at random moments (a Poisson process), each a row of the clinic's own. A place that is taken is free again
when its course ends; the lengths lie ready for each place, one after the other, whoever takes it. Who waits has a
patience: they still come after w weeks with

    odds(w) = odds(0) · .95^w,        odds(0) = 4, a chance of .8,

as a share of those who would have come at once. Nobody's patience depends on where they are in the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.scarcity.duals import Floats
from matcher.sources import WAITING_2023, Source

YEAR_DAYS = 364
ODDS_A_WEEK = 0.95  # WAITING_2023
ATTENDS_AT_ONCE = 0.8
ATTENDANCE = Source(
    "Rapport's authors: four of five who are offered a first session at once come to it",
    2026,
    "A judgement; it decides only how fast people who wait are lost, alike under every policy.",
    guess=True,
)
SOURCES = (WAITING_2023, ATTENDANCE)
TYPICAL_COURSES = tuple(7.0 * weeks for weeks in (2, 3, 4, 5, 6, 7, 9, 11, 13, 16))  # a guess, the simulator's deciles
MOST_ARRIVALS = 100_000

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """A year of n arrivals at a clinic with s places.

    ``day`` (n,) ascends; ``client`` (n,) are rows; ``patience_days`` (n,). ``place_of`` (s,) is each place's therapist,
    ``first_free`` (s,) the day on which it is free first, ``course_days`` (s, k) the courses that it will see, in turn.
    """

    day: Floats
    client: Rows
    patience_days: Floats
    place_of: Rows
    first_free: Floats
    course_days: Floats

    def most_places(self, n_therapists: int) -> Floats:
        """(m,) how many clients each therapist could begin with in the year if no place ever stood empty."""
        begins = self.first_free[:, None] + np.cumsum(self.course_days, axis=1)
        n = (self.first_free < YEAR_DAYS).astype(int) + (begins < YEAR_DAYS).sum(axis=1)
        return np.bincount(self.place_of, n, minlength=n_therapists).astype(np.float64)


def draw_arrivals(
    rng: np.random.Generator,
    n_clients: int,
    places: NDArray[np.int64],
    busy: NDArray[np.int64],
    a_day: float,
    course_days: Floats,
) -> Arrivals:
    """A year at ``a_day`` arrivals, of clients 0 … n_clients − 1; ``busy`` of ``places`` (m,) are taken at first."""
    if a_day * YEAR_DAYS > MOST_ARRIVALS:
        raise InvalidInput("arrivals", a_day * YEAR_DAYS, f"expected at most {MOST_ARRIVALS} arrivals a year")
    n = int(rng.poisson(a_day * YEAR_DAYS))
    place_of = np.repeat(np.arange(len(places)), places)
    is_busy = np.concatenate([np.arange(own) < taken for own, taken in zip(places, busy, strict=True)] or [[]])
    n_courses = 1 + int(np.ceil(YEAR_DAYS / course_days.min()))
    return Arrivals(
        day=np.sort(rng.uniform(0, YEAR_DAYS, n)),
        client=rng.integers(0, n_clients, n),
        patience_days=patience_days(rng.random(n)),
        place_of=place_of,
        first_free=np.where(is_busy, _left(rng, course_days, len(place_of)), 0.0),
        course_days=rng.choice(course_days, (len(place_of), n_courses)),
    )


def _left(rng: np.random.Generator, course_days: Floats, n: int) -> Floats:
    """Days until courses end that are met on any day: long ones are met more often, each at a random point."""
    met = rng.choice(course_days, n, p=course_days / course_days.sum())
    return np.asarray(met * rng.random(n))


def patience_days(share: Floats) -> Floats:
    """After how many days only this share of those who wait still comes; ``share`` in (0, 1]."""
    chance = np.maximum(share, 1e-9) * ATTENDS_AT_ONCE
    odds_left = (chance / (1 - chance)) / (ATTENDS_AT_ONCE / (1 - ATTENDS_AT_ONCE))
    return np.asarray(7 * np.log(odds_left) / np.log(ODDS_A_WEEK))


def checked_courses(course_days: Sequence[float]) -> Floats:
    """Lengths of courses, at least one, 1 … 3,650 days."""
    found = np.asarray(course_days, dtype=np.float64)
    if found.ndim != 1 or not len(found):
        raise InvalidInput("course_days", found.shape, "expected the lengths of one or more courses")
    for wrong in found[~((found >= 1) & (found <= 3650))][:1].tolist():
        raise InvalidInput("course_days", wrong, "expected days from 1 to 3650")
    return found
