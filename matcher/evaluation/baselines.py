"""What a clinic could predict without any model: means. A model that does not beat them is not worth its trouble.

Each is fitted to rating arrays and predicts pairs, with the spread of a single score so that its log score can be put
beside the model's. Clients and therapists are codes 0, 1, …; a code that was never rated (−1 too) is a newcomer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher.evaluation.checked import Floats, Rows, row
from matcher.evaluation.predictive import Expected


@dataclass(frozen=True, eq=False)
class Baseline:
    """A mean for each client, or for each therapist, or one for all.

    ``by`` is "client", "therapist" or "" for all alike; ``mean`` and ``variance`` (n_codes + 1,) are of a single score
    by code, those of a newcomer last.
    """

    name: str
    by: str
    mean: Floats
    variance: Floats

    def predict(self, client: ArrayLike, therapist: ArrayLike) -> Expected:
        """The expected score of each pair, and the spread of one score around it."""
        who = {"client": client, "therapist": therapist}.get(self.by, np.full(np.shape(client), -1))
        code = np.asarray(who, dtype=np.intp)
        at = np.where((code >= 0) & (code < len(self.mean) - 1), code, len(self.mean) - 1)
        return Expected(self.mean[at], np.sqrt(self.variance[at]))


Fit = Callable[[Rows, Rows, Floats], Baseline]


def overall_mean(client: ArrayLike, therapist: ArrayLike, score: ArrayLike) -> Baseline:
    """The mean of all scores, for everybody.

    >>> import numpy as np
    >>> from matcher.evaluation import overall_mean
    >>> overall_mean([0, 0, 1], [0, 1, 1], [1.0, 2.0, 6.0]).predict([7], [0]).mean.tolist()
    [3.0]
    """
    scores = row("score", score)
    return Baseline("overall_mean", "", np.array([scores.mean()]), np.array([_variance(scores)]))


def client_only(client: ArrayLike, therapist: ArrayLike, score: ArrayLike) -> Baseline:
    """Each client's own mean, drawn to the mean of all as far as their few forms ask for; the mean of all for new ones.

    It says the same of every therapist, so it recommends nobody; but most of a score is the client's, and a model that
    misses by more than this has learned nothing that helps.

    >>> from matcher.evaluation import client_only
    >>> found = client_only([0, 0, 1, 1], [0, 0, 0, 0], [1.0, 1.0, 3.0, 3.0])
    >>> found.predict([0, 1, 2], [0, 0, 0]).mean.tolist()
    [1.0, 3.0, 2.0]
    """
    scores, code = row("score", score), np.asarray(client, dtype=np.intp)
    return _shrunken("client_only", "client", code, scores, _kept(code, scores))


def therapist_mean(client: ArrayLike, therapist: ArrayLike, score: ArrayLike) -> Baseline:
    """The plain mean of each therapist's forms; of all forms for a therapist without any.

    >>> from matcher.evaluation import therapist_mean
    >>> therapist_mean([0, 1, 2], [0, 0, 1], [1.0, 2.0, 6.0]).predict([9, 9], [0, 5]).mean.tolist()
    [1.5, 3.0]
    """
    scores, code = row("score", score), np.asarray(therapist, dtype=np.intp)
    n, total = np.bincount(code), np.bincount(code, scores)
    mean = np.append(np.where(n > 0, total / np.maximum(n, 1), scores.mean()), scores.mean())
    within = _within(scores, code)
    variance = np.append(np.where(n > 0, within * (1 + 1 / np.maximum(n, 1)), 0.0), 0.0)
    return Baseline("therapist_mean", "therapist", mean, np.where(variance > 0, variance, _variance(scores)))


def shrunken_therapist_mean(client: ArrayLike, therapist: ArrayLike, score: ArrayLike) -> Baseline:
    """Each therapist's mean, drawn to the mean of all as far as few clients ask for.

    How far is taken from clients, whatever the number of their forms: forms of one client say much the same.

    >>> from matcher.evaluation import shrunken_therapist_mean
    >>> found = shrunken_therapist_mean([0, 1, 2, 3], [0, 0, 1, 1], [1.0, 2.0, 1.0, 2.0])
    >>> found.predict([9, 9], [0, 5]).mean.tolist()
    [1.5, 1.5]
    """
    scores, code = row("score", score), np.asarray(therapist, dtype=np.intp)
    pairs = np.stack([np.asarray(client, dtype=np.intp), code])
    (_, theirs), dyad = np.unique(pairs, axis=1, return_inverse=True)
    means = np.bincount(dyad.ravel(), scores) / np.bincount(dyad.ravel())
    return _shrunken("shrunken_therapist_mean", "therapist", code, scores, _kept(theirs, means))


BASELINES: tuple[Fit, ...] = (overall_mean, client_only, therapist_mean, shrunken_therapist_mean)


def _shrunken(name: str, by: str, code: Rows, score: Floats, kept: tuple[Floats, float]) -> Baseline:
    """Means by code, of whose deviation from the mean of all a part is kept; a newcomer has the mean of all."""
    part, tau = kept
    n, overall = np.bincount(code), float(score.mean())
    means = np.where(n > 0, np.bincount(code, score) / np.maximum(n, 1), overall)
    single = _within(score, code)
    mean = np.append(overall + part * (means - overall), overall)
    return Baseline(name, by, mean, np.append(single + tau * (1 - part), single + tau))


def _kept(group: Rows, value: Floats) -> tuple[Floats, float]:
    """By group, the part τ² / (τ² + σ²/n_g) of its deviation that is kept, and τ², of a one-way random-effects model.

    With n_g values in group g and n in all, E[Σ n_g (ȳ_g − ȳ)²] = (G − 1) σ² + τ² (n − Σ n_g²/n) gives τ²: Searle,
    Casella, McCulloch (1992), Variance Components, chapter 3. Where every group has one value, nothing tells the two
    variances apart, and nothing is kept.
    """
    n, overall = np.bincount(group), float(value.mean())
    seen = np.count_nonzero(n)
    if seen < 2 or len(value) <= seen:
        return np.zeros(len(n)), 0.0
    means = np.where(n > 0, np.bincount(group, value) / np.maximum(n, 1), overall)
    sigma, spread = _within(value, group), len(value) - float(np.sum(n**2)) / len(value)
    tau = max((float(np.sum(n * (means - overall) ** 2)) - (seen - 1) * sigma) / spread, 0.0)
    pull = tau * n
    return np.divide(pull, pull + sigma, out=np.zeros(len(n)), where=pull > 0), tau


def _within(score: Floats, code: Rows) -> float:
    """The pooled variance of scores around the mean of their group; of all where every group has one score."""
    n = np.bincount(code)
    spare = len(score) - np.count_nonzero(n)
    if spare < 1:
        return _variance(score)
    means = np.bincount(code, score) / np.maximum(n, 1)
    return float(np.sum((score - means[code]) ** 2) / spare)


def _variance(score: Floats) -> float:
    return float(np.var(score, ddof=1)) if len(score) > 1 else 0.0
