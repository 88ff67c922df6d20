"""Floods of new raters: many within two days who all rate one therapist as low, or as high, as hardly anybody does.

One rating too many does little: a client counts once, however often they rate (``matcher.alliance``), and a pair that
is far off has less weight. Many new raters at once are no mistake of the model's, so they are looked for here, by two
plain questions about the new raters of one therapist within 48 hours of each other:

- **How many** of them are at the same end? Extreme is a score that the model gives a new rater of this therapist a
  chance of at most a tenth, or else the scale's own end. Were new raters to come as they usually come to this
  therapist, so many would come by chance once in 100,000 times: P(Poisson(2 r q) ≥ k) ≤ 10⁻⁵, r the new raters a day,
  q the chance of such a score.
- **How many of those who came** are so, two days before and after included? On a day when many forms are brought in at
  once, scores are as mixed as ever: P(Binomial(m, q) ≥ k) ≤ .1, and three quarters at least. (Looked at within the 48
  hours alone, or without the three quarters, every third honest day of ten forms was a flood.)

Fewer than three are never a flood, and three high ones seldom: the top is what most clients say anyway. Both ends are
treated alike, so that a push is seen as a bombing is. What is found is for a person to look at: nothing here says why
they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.encoding.bits import Floats
from matcher.entities import Intake, Rating, Scale, Therapist

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

WINDOW_DAYS = 2.0
FEWEST = 3
EXTREME = 0.1
CHANCE, SHARE, MOST = 1e-5, 0.1, 0.75
USUAL = 3.0  # new raters, as many as the clinic's usual rate counts beside a therapist's own
LOW, HIGH = "low", "high"
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Flood:
    """New raters of one therapist who came together at one end of the scale.

    Parameters
    ----------
    therapist_id : str
        Whom they rated.
    end : str
        "low" or "high".
    ratings : tuple of int
        Their places among the ratings that were given, ascending.
    n_came : int
        How many new raters came within the clearest two days of it.
    chance : float
        That of so many at that end coming within two days.
    share : float
        That of so many at that end among those who came.

    Examples
    --------
    >>> from matcher import Flood
    >>> Flood("ana", "low", (7, 8, 9), 3, 2e-7, 0.001).end
    'low'
    """

    therapist_id: str
    end: str
    ratings: tuple[int, ...]
    n_came: int
    chance: float
    share: float


@dataclass(frozen=True, slots=True)
class NewRaters:
    """The first rating of every pair with a moment, (n,): its place, whose it is, the day, and what is extreme.

    ``extreme`` is, for either end, whether it is so; ``chances`` how likely the model thought that.
    """

    place: np.ndarray
    therapist: np.ndarray
    day: Floats
    extreme: dict[str, np.ndarray]
    chances: dict[str, Floats]

    @classmethod
    def of(
        cls, model: ClinicModel, intakes: Iterable[Intake], therapists: Iterable[Therapist], ratings: Sequence[Rating]
    ) -> NewRaters:
        """Judged as ratings of somebody whom the model does not know, and of this therapist."""
        first = _first(ratings)
        rows = [ratings[at] for at in first]
        clients, directory = ClientArrays.of(intakes), Directory.of(therapists)
        extreme, chances = _extremes(model, clients, directory, rows)
        return cls(
            np.array(first, dtype=np.intp),
            np.array([row.therapist_id for row in rows], dtype=object),
            np.array([_day(row.rated_at) for row in rows if row.rated_at is not None], dtype=np.float64),
            extreme,
            chances,
        )


def flooded(
    model: ClinicModel, intakes: Iterable[Intake], therapists: Iterable[Therapist], ratings: Sequence[Rating]
) -> tuple[Flood, ...]:
    r"""The floods among a clinic's ratings, by the rule at the top of ``matcher.floods``.

    Parameters
    ----------
    model : ClinicModel
        What new raters are expected to say. Best one that has not seen the newest ratings.
    intakes : iterable of Intake
        Every client who rated.
    therapists : iterable of Therapist
        Everybody who was rated.
    ratings : sequence of Rating
        Every rating, since a therapist's usual rate of new raters is read from these. Those without a moment tell
        nothing.

    Returns
    -------
    tuple of Flood
        By therapist; those of one end that share raters are one.

    Raises
    ------
    InvalidInput
        As ``ClinicModel.fit``, for a rating whose client or therapist is not given.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from datetime import timedelta
    >>> from matcher import ClinicModel, flooded, simulate
    >>> clinic = simulate(np.random.default_rng(3), n_therapists=6, n_clients=90)
    >>> model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    >>> flooded(model, clinic.intakes, clinic.therapists, clinic.ratings)
    ()
    >>> made_up = [replace(clinic.intakes[k], id=f"x{k}") for k in range(6)]
    >>> last = clinic.ratings[-1]
    >>> bombs = [replace(last, client_id=who.id, session=1, score=0.0) for who in made_up]
    >>> found, = flooded(model, [*clinic.intakes, *made_up], clinic.therapists, [*clinic.ratings, *bombs])
    >>> found.therapist_id == last.therapist_id, found.end, len(found.ratings)
    (True, 'low', 6)
    """
    raters = NewRaters.of(model, intakes, therapists, ratings)
    found = []
    for id_ in sorted(set(raters.therapist.tolist())):
        own = np.flatnonzero(raters.therapist == id_)
        rate = _usual(raters.day, len(set(raters.therapist.tolist())))
        found += [_joined(id_, end, raters, hits) for end in (LOW, HIGH) if (hits := _seen(raters, own, end, rate))]
    return tuple(found)


def _first(ratings: Sequence[Rating]) -> list[int]:
    """The place of the earliest rating of every pair, of those with a moment."""
    first: dict[tuple[str, str], int] = {}
    for at, rating in enumerate(ratings):
        if rating.rated_at is None:
            continue
        pair = (rating.client_id, rating.therapist_id)
        if pair not in first or rating.session < ratings[first[pair]].session:
            first[pair] = at
    return list(first.values())


def _day(moment: datetime) -> float:
    return moment.timestamp() / DAY_SECONDS


def _extremes(
    model: ClinicModel, clients: ClientArrays, directory: Directory, rows: Sequence[Rating]
) -> tuple[dict[str, np.ndarray], dict[str, Floats]]:
    """For either end, whether a score is extreme, and how likely that was."""
    from matcher.rated import rows_of, scores_of

    c, t = rows_of(rows, clients, directory)
    features = client_features(clients)
    unknown = {**features, "client_id": np.array([f"new {at}" for at in range(len(clients))], dtype=object)}
    table = {
        "client_id": unknown["client_id"][c],
        "therapist_id": directory.ids[t],
        "session": np.array([row.session for row in rows], dtype=np.float64),
        **match_features(clients, directory, (c, t)),
    }
    found = model.alliance.distribution(table, clients=unknown, therapists=therapist_features(directory))
    score, steps = scores_of(rows, model.scale), _steps(model.scale)
    upto = np.array([found.upto(np.full(len(rows), step)) for step in steps])
    reached = 1 - np.array([found.below(np.full(len(rows), step)) for step in steps])
    low = np.maximum((upto <= EXTREME).sum(axis=0) - 1, 0)
    high = np.minimum(len(steps) - (reached <= EXTREME).sum(axis=0), len(steps) - 1)
    half, every = model.scale.step / 2, np.arange(len(rows))
    return (
        {LOW: score < steps[low] + half, HIGH: score > steps[high] - half},
        {LOW: upto[low, every], HIGH: reached[high, every]},
    )


def _steps(scale: Scale) -> Floats:
    return np.asarray(scale.lowest + scale.step * np.arange(round((scale.top - scale.lowest) / scale.step) + 1))


def _usual(day: Floats, n_therapists: int) -> float:
    """New raters a day of a therapist of this clinic."""
    return float(len(day) / (np.ptp(day) + 1) / max(n_therapists, 1))


def _seen(raters: NewRaters, own: np.ndarray, end: str, usual: float) -> list[tuple[np.ndarray, int, float, float]]:
    """The windows of one therapist in which too many are at one end: who, how many came, and the two chances."""
    from scipy.stats import binom, poisson

    found, span = [], float(np.ptp(raters.day)) + 1
    at_end = own[raters.extreme[end][own]]
    for start in np.unique(raters.day[at_end]).tolist():
        came = own[(raters.day[own] >= start) & (raters.day[own] <= start + WINDOW_DAYS)]
        hits = came[raters.extreme[end][came]]
        if len(hits) < FEWEST:
            continue
        chance = float(raters.chances[end][came].mean())
        rate = (len(own) - len(came) + USUAL) / (span + USUAL / usual)
        many = float(poisson.sf(len(hits) - 1, WINDOW_DAYS * rate * chance))
        about = own[(raters.day[own] >= start - WINDOW_DAYS) & (raters.day[own] <= start + 2 * WINDOW_DAYS)]
        n_about = int(raters.extreme[end][about].sum())
        share = float(binom.sf(n_about - 1, len(about), float(raters.chances[end][about].mean())))
        if many <= CHANCE and share <= SHARE and n_about >= MOST * len(about):
            found.append((hits, len(came), many, share))
    return found


def _joined(id_: str, end: str, raters: NewRaters, hits: Sequence[tuple[np.ndarray, int, float, float]]) -> Flood:
    """All windows of one end as one flood, with the figures of the clearest."""
    everyone = sorted({int(raters.place[at]) for window, *_ in hits for at in window.tolist()})
    _, came, many, share = min(hits, key=lambda hit: hit[2])
    return Flood(id_, end, tuple(everyone), came, many, share)
