"""Lists that were drawn by chance, of known value: what a clinic that explores would have logged.

A client comes one to three times. Six therapists are near-ties; three of them stand in the list, drawn one after the
other with chances ∝ exp(score / temperature) (Plackett and Luce), one list in ten evenly. The chance of each to stand
at each place is computed exactly. Clients take up a place, the later ones the more so the more choosy they are, and say
afterwards how it was, on a scale to 5, the score of every fourth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from matcher import Expectations, cross_fitted

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
N_THERAPISTS, N_TIES, N_PLACES, N_TRAITS, MOST_VISITS = 30, 6, 3, 2, 3
EVEN = 0.1  # lists drawn evenly
APPEAL, CHOOSY = np.array([0.0, -0.6, -1.2]), np.array([0.0, 0.3, 0.6])  # of the places, log odds
TOP, LEVEL = 5.0, 4.3
SKILL, EASE, FIT, OWN, NOISE = 0.25, 0.3, 0.25, 0.4, 0.5  # standard deviations of a reward's parts
PENALTY = 4.0  # of the outcome model's ridge

# One clinic for all seeds: its therapists are taken as they are, the clients are a sample
_rng = np.random.default_rng(20)
SKILLS, STYLES = _rng.normal(size=N_THERAPISTS), _rng.normal(size=(N_THERAPISTS, N_TRAITS))


@dataclass(frozen=True)
class Setting:
    """How a log comes about.

    ``temperatures`` and ``blurs`` (the noise in the scores) are those of the logging policy and of the judged one.
    ``choosing`` is how much clients go by who stands there, which the estimates rule out; ``strangers`` how many of the
    six the log never shows, although the judged policy would.
    """

    n_clients: int = 400
    temperatures: tuple[float, float] = (0.3, 0.2)
    blurs: tuple[float, float] = (0.3, 0.1)
    choosing: float = 0.0
    strangers: int = 0


@dataclass(frozen=True, eq=False)
class Log:
    """What is kept of the decisions, (n,) each, and what an outcome model needs.

    ``ties`` (n, 6) are therapists, ``whom`` the column of the one who was attended; ``logged`` and ``wanted`` (n, 6)
    the chances of all six to stand at the place that was taken up, under both policies.
    """

    client: Rows
    traits: Floats
    ties: Rows
    whom: Rows
    logged: Floats
    wanted: Floats
    reward: Floats

    def of_taken(self, chances: Floats) -> Floats:
        """Of (n, 6), those of whom was attended."""
        return chances[np.arange(len(self.whom)), self.whom]


@dataclass(frozen=True, eq=False)
class _Visits:
    """Decisions before anything is shown: whose, ties, true means and what both policies order by, (n, 6)."""

    client: Rows
    traits: Floats
    ties: Rows
    mean: Floats
    by_logged: Floats
    by_judged: Floats

    @classmethod
    def of(cls, rng: np.random.Generator, setting: Setting) -> _Visits:
        client = np.repeat(np.arange(setting.n_clients), rng.integers(1, 1 + MOST_VISITS, setting.n_clients))
        traits = rng.normal(size=(setting.n_clients, N_TRAITS))[client]
        ties = rng.random((len(client), N_THERAPISTS)).argsort(axis=1)[:, :N_TIES]
        fit = np.einsum("nk,ntk->nt", traits, STYLES[ties])
        mean = LEVEL + SKILL * SKILLS[ties] + EASE * traits[:, :1] + FIT * fit
        logged, judged = (
            (mean + blur * rng.normal(size=mean.shape)) / temperature
            for blur, temperature in zip(setting.blurs, setting.temperatures, strict=True)
        )
        logged[:, : setting.strangers] = -np.inf
        return cls(client, traits, ties, mean, logged, judged)

    def attended(self, rng: np.random.Generator, by: Floats, choosing: float) -> tuple[Rows, Rows]:
        """(n,) the place that each client takes up in a list drawn by these scores, and who stands there."""
        shown = lists(rng, by)
        odds = APPEAL + CHOOSY * self.traits[:, 1:] + choosing * np.take_along_axis(self.mean, shown, axis=1)
        place = np.asarray((odds + rng.gumbel(size=odds.shape)).argmax(axis=1))
        return place, shown[np.arange(len(place)), place]


def drawn(rng: np.random.Generator, setting: Setting) -> Log:
    """A log of the logging policy, with the chances of both."""
    visits = _Visits.of(rng, setting)
    place, whom = visits.attended(rng, visits.by_logged, setting.choosing)
    each = np.arange(len(place))
    own = OWN * rng.normal(size=setting.n_clients)[visits.client]
    reward = np.minimum(TOP, visits.mean[each, whom] + own + NOISE * rng.normal(size=len(place)))
    at = (place_chances(score)[each, :, place] for score in (visits.by_logged, visits.by_judged))
    return Log(visits.client, visits.traits, visits.ties, whom, *at, reward)


def truth(setting: Setting) -> tuple[float, float]:
    """What the judged policy and the logging one are worth: means over 400,000 clients, whose error is below .001."""
    rng, found = np.random.default_rng(99), []
    for _ in range(10):
        visits = _Visits.of(rng, replace(setting, n_clients=40_000))
        whom = (visits.attended(rng, by, setting.choosing)[1] for by in (visits.by_judged, visits.by_logged))
        found.append([float(cut(np.take_along_axis(visits.mean, one[:, None], axis=1)).mean()) for one in whom])
    judged, logged = np.mean(found, axis=0)
    return float(judged), float(logged)


def cut(mean: Floats) -> Floats:
    """E min(TOP, normal), over the client's own part and the noise."""
    sd = np.hypot(OWN, NOISE)
    z = (TOP - mean) / sd
    return TOP - sd * (np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) + z * ndtr(z))


def lists(rng: np.random.Generator, score: Floats) -> Rows:
    """(n, places) columns, drawn one after the other; one list in ten evenly among whoever can be shown."""
    even = np.where(np.isfinite(score), 0.0, -np.inf)
    by = np.where(rng.random((len(score), 1)) < EVEN, even, score)
    return np.argsort(-(by + rng.gumbel(size=score.shape)), axis=1)[:, :N_PLACES]


def place_chances(score: Floats) -> Floats:
    """(n, ties, places) chances to stand there."""
    even = np.where(np.isfinite(score), 0.0, -np.inf)
    return (1 - EVEN) * _one_by_one(score) + EVEN * _one_by_one(even)


def _one_by_one(score: Floats) -> Floats:
    """Every order of three, each drawn from whoever is left: sums of those left, since differences would round."""
    size = np.exp(score - score.max(axis=1, keepdims=True))
    found = np.zeros((*size.shape, N_PLACES))
    columns = range(size.shape[1])
    for order in permutations(columns, N_PLACES):
        chance = np.ones(len(size))
        for place, column in enumerate(order):
            left = [other for other in columns if other not in order[:place]]
            chance = chance * size[:, column] / size[:, left].sum(axis=1)
        for place, column in enumerate(order):
            found[:, column, place] += chance
    return found


def outcome_model(log: Log) -> Expectations:
    """A ridge of therapists and traits without the fit of the two, by folds of clients: wrong, as models are."""
    design = np.zeros((*log.ties.shape, N_THERAPISTS + N_TRAITS))
    np.put_along_axis(design, log.ties[..., None], 1.0, axis=2)
    design[..., N_THERAPISTS:] = log.traits[:, None, :]
    taken = design[np.arange(len(log.whom)), log.whom]

    def predict(train: Rows, test: Rows) -> Expectations:
        level, x = log.reward[train].mean(), taken[train]
        beta = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ (log.reward[train] - level))
        expected = level + design[test] @ beta
        return Expectations.over(expected, log.whom[test], log.wanted[test], log.logged[test])

    return cross_fitted(log.client, predict)
