"""A conditional logit whose utilities are measured in one of their parts.

    utility = s · (alliance + others · w) − b · log place        P(chosen) = exp(utility) / Σ over the list

Given s the log posterior of x = (w, b) is concave, and Newton's method finds its top. s itself is averaged over, in
one dimension: at the top of all three together, s would be taken too large, since the larger s is, the narrower is what
remains possible for w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learning.answer import PRIOR_SD
from matcher.sources import Source

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

SCALE, LOG_SCALE_SD = 3.0, 1.0  # how much the log odds of a choice rise over the whole alliance factor
PLACE_SD = 1.0  # the second place is chosen half as often as the first, all else equal, at b = 1
CHOICE_PRIOR = Source(
    "Rapport's authors: how strongly a list's scores and places move a choice, no study",
    2026,
    "A judgement, wide enough that 40 choices outweigh it.",
    guess=True,
)
MOST_STEPS, SMALL_STEP = 100, 1e-9
NODES = np.linspace(-3, 3, 13)  # standard deviations of ln s at which its posterior is read


@dataclass(frozen=True, eq=False)
class Lists:
    """All who were shown, (n,) or (n, k), list by list; ``of_list`` (n,) from 0, ascending.

    ``chosen`` (lists,) is the row of whom was chosen, ``client`` (lists,) whose list it is, from 0.
    """

    alliance: Floats
    others: Floats
    log_place: Floats
    of_list: Rows
    chosen: Rows
    client: Rows


@dataclass(frozen=True, eq=False)
class _Top:
    """The posterior given one s: its top x, its height with the volume around it (Laplace), and x's covariance."""

    x: Floats
    height: float
    covariance: Floats


def logit_fit(lists: Lists, default: Floats) -> tuple[Floats, Floats]:
    """The posterior mean of w (k,) around ``default``, and its covariance (k, k) clustered by client."""
    from scipy.optimize import minimize_scalar

    middle = np.log(SCALE)
    bounds = (middle - 5 * LOG_SCALE_SD, middle + 5 * LOG_SCALE_SD)
    best = minimize_scalar(lambda log_s: -_top(lists, log_s, default).height, bounds=bounds, method="bounded").x
    tops = [_top(lists, log_s, default) for log_s in best + _spread(lists, best, default) * NODES]
    heights = np.array([top.height for top in tops])
    shares = np.exp(heights - heights.max())
    shares /= shares.sum()
    x = np.array([top.x for top in tops])
    mean = shares @ x
    between = (x - mean).T @ (shares[:, None] * (x - mean))
    covariance = between + np.einsum("s,sij->ij", shares, np.array([top.covariance for top in tops]))
    return mean[:-1], covariance[:-1, :-1]


def _spread(lists: Lists, log_s: float, default: Floats, step: float = 0.05) -> float:
    """The standard deviation of ln s from the bend of its posterior at the top; no wider than the prior's."""
    below, top, above = (_top(lists, log_s + k * step, default).height for k in (-1, 0, 1))
    bend = (2 * top - below - above) / step**2
    return min(LOG_SCALE_SD, 1 / np.sqrt(bend)) if bend > 0 else LOG_SCALE_SD


def _top(lists: Lists, log_s: float, default: Floats) -> _Top:
    centre, scale = np.append(default, 0.0), np.exp(log_s)
    precision = np.append(np.full(len(default), PRIOR_SD), PLACE_SD) ** -2.0
    fixed, slopes = scale * lists.alliance, np.column_stack([scale * lists.others, -lists.log_place])
    x = centre
    for _ in range(MOST_STEPS):
        scores, information = _derivatives(lists, fixed + slopes @ x, slopes)
        gradient = scores.sum(axis=0) - precision * (x - centre)
        step = np.linalg.solve(information + np.diag(precision), gradient)
        x, moved = _climbed(lists, fixed, slopes, x, step, centre, precision)
        if moved < SMALL_STEP:
            break
    scores, information = _derivatives(lists, fixed + slopes @ x, slopes)
    height = _log_posterior(lists, fixed + slopes @ x, x - centre, precision)
    height -= 0.5 * ((log_s - np.log(SCALE)) / LOG_SCALE_SD) ** 2
    height -= 0.5 * np.linalg.slogdet(information + np.diag(precision))[1]
    return _Top(x, float(height), _clustered(lists, scores, information, precision))


def _climbed(
    lists: Lists, fixed: Floats, slopes: Floats, x: Floats, step: Floats, centre: Floats, precision: Floats
) -> tuple[Floats, float]:
    """The step, halved until it goes up, and how far it went in the end."""
    before = _log_posterior(lists, fixed + slopes @ x, x - centre, precision)
    for halvings in range(40):
        tried = x + step / 2**halvings
        if _log_posterior(lists, fixed + slopes @ tried, tried - centre, precision) >= before:
            return tried, float(np.abs(step).max()) / 2**halvings
    return x, 0.0


def _log_posterior(lists: Lists, utility: Floats, off: Floats, precision: Floats) -> float:
    return float(np.sum(_log_chances(lists, utility)[lists.chosen]) - 0.5 * np.sum(precision * off**2))


def _log_chances(lists: Lists, utility: Floats) -> Floats:
    highest = np.full(len(lists.chosen), -np.inf)
    np.maximum.at(highest, lists.of_list, utility)
    above = utility - highest[lists.of_list]
    return np.asarray(above - np.log(np.bincount(lists.of_list, np.exp(above)))[lists.of_list])


def _derivatives(lists: Lists, utility: Floats, slopes: Floats) -> tuple[Floats, Floats]:
    """Each list's score (lists, p), and the information (p, p)."""
    chances = np.exp(_log_chances(lists, utility))
    expected = np.column_stack([np.bincount(lists.of_list, chances * column) for column in slopes.T])
    around = slopes - expected[lists.of_list]
    return around[lists.chosen], around.T @ (chances[:, None] * around)


def _clustered(lists: Lists, scores: Floats, information: Floats, precision: Floats) -> Floats:
    """H⁻¹ (J + P) H⁻¹: the posterior's covariance where the lists of a client are as one.

    J counts on many clients behind each factor. Where few are, it is too small by chance as easily as too large, so
    that no standard deviation is taken below the one of H⁻¹, which takes every list for itself.
    """
    n_clients = int(lists.client.max()) + 1
    by_client = np.column_stack([np.bincount(lists.client, column) for column in scores.T])
    between = n_clients / (n_clients - 1) * by_client.T @ by_client
    alone = np.linalg.inv(information + np.diag(precision))
    clustered = alone @ (between + np.diag(precision)) @ alone
    wider = np.sqrt(np.maximum(np.diag(alone) / np.diag(clustered), 1.0))
    return np.asarray(wider[:, None] * clustered * wider)
