"""A year of arrivals, client by client: who was placed with whom and when, under one way of making prices."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import InvalidInput
from matcher.scarcity.arrivals import TYPICAL_COURSES, YEAR_DAYS, Arrivals, Rows, checked_courses, draw_arrivals
from matcher.scarcity.duals import Floats
from matcher.scarcity.forecast import FORECAST, Moment, Outlooks, Pricing, pricing

NOBODY = -1
LONGEST_WAITING, NEAREST = "longest_waiting", "nearest"
TURNS = (LONGEST_WAITING, NEAREST)
LOADS = (0.01, 5.0)


@dataclass(frozen=True, eq=False)
class Year:
    """What became of a year's n arrivals.

    ``therapist`` (n,) is who took each, −1 for nobody; ``place`` (n,) which of the clinic's places; ``wait_days`` (n,)
    until then, NaN for nobody; ``given_up`` (n,) the score that the price made a client forgo, 0 for most.
    """

    arrivals: Arrivals
    therapist: Rows
    place: Rows
    wait_days: Floats
    given_up: Floats

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Who was placed, (n,)."""
        return np.asarray(self.therapist != NOBODY)

    def worth(self, worth: Floats) -> Floats:
        """(n,) what each arrival got, 0 for nobody; ``worth`` (clients, therapists)."""
        got = worth[self.arrivals.client, np.maximum(self.therapist, 0)]
        return np.where(self.placed, got, 0.0)


def year_of_arrivals(
    scores: ArrayLike,
    places: ArrayLike,
    *,
    rng: np.random.Generator | int,
    policy: str = FORECAST,
    turn: str = LONGEST_WAITING,
    load: float = 0.9,
    busy: ArrayLike | None = None,
    known: ArrayLike | None = None,
    course_days: Sequence[float] = TYPICAL_COURSES,
) -> Year:
    """A year of arrivals at a clinic whose places reopen when courses end.

    Parameters
    ----------
    scores : array, (n, m)
        Score of each client who may come with each therapist, 0 … 1; NaN where the two cannot be matched. Each arrival
        is one of these rows, any as likely as another.
    places : array of int, (m,)
        How many clients each therapist sees at a time.
    rng : numpy Generator or int
        All randomness. The same seed gives the same arrivals, courses and patience under every policy.
    policy : str
        Where prices come from, ``greedy`` (there are none), ``one_shot`` (today's queue) or ``forecast``.
    turn : str
        To whom of those whom it fits a place goes that reopens, ``longest_waiting`` or ``nearest``, which is who has
        it nearest to their own best by score less price, and among equals has waited longest.
    load : float
        Places that would be taken on average if all were placed, as a share of all places, .01 … 5.
    busy : array of int, (m,), optional
        How many of the places are taken on the first day; a share of ``load`` of them, at most all, where it is None.
    known : array, (k, m), optional
        Scores of recent clients, from whom the forecast knows who comes; ``scores`` itself where it is None, which
        flatters the forecast.
    course_days : sequence of float
        Lengths of past courses in days, 1 … 3,650; each course is as long as one of them.

    Returns
    -------
    Year
        Whoever comes is placed at once with the highest score less price among those who have a place, or waits for
        one that reopens. Prices order; they never keep anybody from a free place.

    Raises
    ------
    InvalidInput
        For shapes that do not fit, scores that are infinite or offer nobody anybody, places that are not whole, more
        busy than there are, a policy or turn that does not exist, or a load or a course out of its range.

    Notes
    -----
    Arrivals come at load · Σ places / mean course a day. Of those who wait, odds(w) = odds(0) · .95^w still come after
    w weeks (``matcher.scarcity.arrivals``). The equation of the prices stands in ``matcher.scarcity.forecast``.

    References
    ----------
    Talluri, van Ryzin (1998), An analysis of bid-price controls for network revenue management, Management Science
    44(11). Devanur, Hayes (2009), The adwords problem, ACM EC: prices learned from a sample of arrivals. Vera, Banerjee
    (2021), The Bayesian prophet, Management Science 67(3): deciding by a forecast that is solved again as time goes on.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import year_of_arrivals
    >>> scores = np.random.default_rng(1).random((100, 5))
    >>> year = year_of_arrivals(scores, [4, 4, 4, 4, 4], rng=7, load=0.9)
    >>> bool(year.placed.mean() > 0.9), int(year.therapist.max())
    (True, 4)
    """
    if not LOADS[0] <= load <= LOADS[1]:
        raise InvalidInput("load", load, f"expected a number from {LOADS[0]} to {LOADS[1]:g}")
    offered = checked_scores("scores", scores)
    room, courses = whole("places", places, offered.shape[1]), checked_courses(course_days)
    rng = np.random.default_rng(rng)
    taken = rng.binomial(room, min(load, 1.0)) if busy is None else whole("busy", busy, len(room))
    if (taken > room).any():
        raise InvalidInput("busy", int(taken.max()), "expected no more than the therapist's places")
    a_day = load * room.sum() / courses.mean()
    expected = offered if known is None else checked_scores("known", known, offered.shape[1])
    arrivals = draw_arrivals(rng, len(offered), room, taken, a_day, courses)
    return run(offered, arrivals, pricing(policy, Outlooks(expected, a_day, float(courses.mean()))), turn)


def checked_scores(name: str, scores: ArrayLike, m: int | None = None) -> Floats:
    """Clients × therapists, finite or NaN, at least one pair that can be."""
    found = np.asarray(scores, dtype=np.float64)
    if found.ndim != 2 or (m is not None and found.shape[1] != m):
        raise InvalidInput(name, found.shape, f"expected clients × {'therapists' if m is None else f'{m} therapists'}")
    if np.isinf(found).any() or not np.isfinite(found).any():
        raise InvalidInput(name, "infinite, or nobody for anybody", "expected finite scores, NaN for who cannot be")
    return found


def whole(name: str, values: ArrayLike, n: int) -> NDArray[np.int64]:
    """(n,) whole numbers, 0 … 1,000."""
    found = np.asarray(values)
    if found.shape != (n,) or (n and found.dtype.kind not in "iu"):
        raise InvalidInput(name, found.shape, f"expected {n} whole numbers in one row")
    for wrong in found[(found < 0) | (found > 1000)][:1].tolist():
        raise InvalidInput(name, wrong, "expected whole numbers from 0 to 1000")
    return found.astype(np.int64)


def run(scores: Floats, arrivals: Arrivals, how: Pricing, turn: str = LONGEST_WAITING) -> Year:
    """The year under one policy; ``scores`` (n, m) NaN where two cannot be matched."""
    if turn not in TURNS:
        raise InvalidInput("turn", turn, f"expected one of {', '.join(TURNS)}")
    clinic = _Clinic(scores, arrivals, turn)
    n, coming, repriced = len(arrivals.day), 0, 0.0
    days = [*arrivals.day.tolist(), float("inf")]
    while (day := min(days[coming], clinic.next_end())) < YEAR_DAYS:
        if day >= repriced:
            clinic.price = how.prices(clinic.moment(day, coming, how.every_days))
            repriced = day + how.every_days
        if days[coming] <= clinic.next_end():
            clinic.come(coming, day)
            coming += 1
        else:
            clinic.reopen(day)
    assert coming == n
    return clinic.year()


class _Clinic:
    """A clinic in the middle of its year: free places, courses by their end, and who waits, longest first."""

    def __init__(self, scores: Floats, arrivals: Arrivals, turn: str) -> None:
        n, m = len(arrivals.day), scores.shape[1]
        self.scores, self.arrivals, self.turn, self.price = scores, arrivals, turn, np.zeros(m)
        self.net_of = np.where(np.isnan(scores), -np.inf, scores)
        self.fits = np.isfinite(scores)
        self.owner = arrivals.place_of.tolist()
        self.ends = [(day, place) for place, day in enumerate(arrivals.first_free.tolist()) if day > 0]
        heapq.heapify(self.ends)
        self.free: list[list[int]] = [[] for _ in range(m)]
        for place in np.flatnonzero(arrivals.first_free == 0).tolist():
            self.free[self.owner[place]].append(place)
        self.n_free = np.array([len(own) for own in self.free], dtype=np.int64)
        self.n_places = np.bincount(arrivals.place_of, minlength=m).astype(np.int64)
        self.n_courses = [0] * len(self.owner)
        self.waiting: list[int] = []
        self.leaves = (arrivals.day + arrivals.patience_days).tolist()
        self.therapist, self.place = np.full(n, NOBODY), np.full(n, NOBODY)
        self.wait_days, self.given_up = np.full(n, np.nan), np.zeros(n)

    def next_end(self) -> float:
        return self.ends[0][0] if self.ends else float("inf")

    def moment(self, day: float, coming: int, since_days: float) -> Moment:
        self.waiting = [who for who in self.waiting if self.leaves[who] > day]
        since = int(np.searchsorted(self.arrivals.day, day - since_days))
        came = [who for who in range(since, coming) if self.therapist[who] != NOBODY]
        rows = self.arrivals.client
        return Moment(
            self.n_free, self.n_places - self.n_free, self.scores[rows[self.waiting]], self.scores[rows[came]]
        )

    def come(self, who: int, day: float) -> None:
        """A client comes, and takes the best place by score less price, or waits."""
        score = self.net_of[self.arrivals.client[who]]
        open_now = np.where(self.n_free > 0, score, -np.inf)
        best = int((open_now - self.price).argmax())
        if open_now[best] == -np.inf:
            self.waiting.append(who)
            return
        self.given_up[who] = open_now.max() - open_now[best]
        self._place(who, best, day)

    def reopen(self, day: float) -> None:
        """The course that ends first ends, and its place goes to somebody who waits, if it fits anybody."""
        place = heapq.heappop(self.ends)[1]
        owner = self.owner[place]
        self.free[owner].append(place)
        self.n_free[owner] += 1
        who = self._longest(owner, day) if self.turn == LONGEST_WAITING else self._nearest(owner, day)
        if who != NOBODY:
            self.waiting.remove(who)
            self._place(who, owner, day)

    def _longest(self, owner: int, day: float) -> int:
        fits, rows = self.fits[:, owner], self.arrivals.client
        return next((who for who in self.waiting if self.leaves[who] > day and fits[rows[who]]), NOBODY)

    def _nearest(self, owner: int, day: float) -> int:
        waiting = [who for who in self.waiting if self.leaves[who] > day]
        if not waiting:
            return NOBODY
        net = self.net_of[self.arrivals.client[waiting]] - self.price
        short = net[:, owner] - net.max(axis=1)
        best = int(short.argmax())
        return waiting[best] if short[best] > -np.inf else NOBODY

    def _place(self, who: int, therapist: int, day: float) -> None:
        place = self.free[therapist].pop()
        self.n_free[therapist] -= 1
        length = self.arrivals.course_days[place, self.n_courses[place]]
        self.n_courses[place] += 1
        heapq.heappush(self.ends, (day + float(length), place))
        self.therapist[who], self.place[who], self.wait_days[who] = therapist, place, day - self.arrivals.day[who]

    def year(self) -> Year:
        return Year(self.arrivals, self.therapist, self.place, self.wait_days, self.given_up)
