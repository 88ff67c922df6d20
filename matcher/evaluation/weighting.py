"""The value of a policy from what another one logged: three estimates, each as a value and what each row adds to it.

``Found`` is (value, influence): the influence (n,) sums to the error of the value, to the first order, so that standard
errors by clients and paired differences come of it by adding rows up (``matcher.evaluation.intervals``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.evaluation.checked import Floats, Rows
from matcher.evaluation.intervals import of_mean

Found = tuple[float, Floats]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far what was logged can speak for the judged policy.

    ``ess`` is the effective number of decisions, (Σw)²/Σw²; ``ess_clients`` the same of clients, each with the sum of
    their weights, which is at most as many. ``mean_weight`` is 1 for right propensities, ``mean_weight_se`` by
    clients. Weights above ``clip`` count as ``clip``: ``share_clipped`` of the rows do, and that takes
    ``weight_clipped`` from the mean weight. The bias of clipping is at most that times the largest error of what the
    estimate takes for granted (the outcome model's for the doubly robust one).
    """

    n_decisions: int
    n_clients: int
    ess: float
    ess_clients: float
    mean_weight: float
    mean_weight_se: float
    largest_weight: float
    clip: float
    share_clipped: float
    weight_clipped: float


def overlap(weight: Floats, client: Rows, clip: float) -> Overlap:
    """The figures of (n,) weights, of clients by code."""
    mean = of_mean(weight, client)
    return Overlap(
        n_decisions=len(weight),
        n_clients=len(np.unique(client)),
        ess=effective(weight),
        ess_clients=effective(np.asarray(np.bincount(client, weight), dtype=np.float64)),
        mean_weight=mean.value,
        mean_weight_se=mean.se,
        largest_weight=float(weight.max()),
        clip=clip,
        share_clipped=float(np.mean(weight > clip)),
        weight_clipped=float(np.mean(weight - np.minimum(weight, clip))),
    )


def effective(weight: Floats) -> float:
    """(Σw)²/Σw²: so many equal weights are as good as these; 0 where all are 0."""
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares > 0 else 0.0


def mean(rows: Floats) -> Found:
    value = float(np.mean(rows))
    return value, (rows - value) / len(rows)


def ips(weight: Floats, reward: Floats) -> Found:
    """mean(w · reward): unbiased where propensities are right, and moved by any shift of the scale."""
    return mean(weight * reward)


def snips(weight: Floats, reward: Floats) -> Found:
    """Σ w · reward / Σ w, by the delta method: nearly unbiased, and the scale may be shifted. 0 where all w are 0."""
    total = float(np.sum(weight))
    if not total > 0:
        return 0.0, np.zeros(len(weight))
    value = float(np.sum(weight * reward)) / total
    return value, weight * (reward - value) / total


def doubly_robust(weight: Floats, reward: Floats, taken: Floats, average: Floats) -> Found:
    """mean(average + w · (reward − taken)): right where the weights are, or the expectations, cross-fitted, are."""
    return mean(average + weight * (reward - taken))


def less(ours: Found, theirs: Found) -> Found:
    """The difference, paired row by row."""
    return ours[0] - theirs[0], ours[1] - theirs[1]
