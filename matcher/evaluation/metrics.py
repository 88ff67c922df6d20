"""Figures of merit. Rankings are judged within each client, the only comparison that a client ever makes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, alike, codes, row


def rmse(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Root mean squared error.

    Parameters
    ----------
    truth, predicted : array of any one shape
        Finite numbers on one scale; at least one.

    Returns
    -------
    float
        √(mean (predicted − truth)²), on the scale of the input; 0 is perfect.

    Raises
    ------
    InvalidInput
        For unequal shapes, no numbers, or a number that is not finite.

    Examples
    --------
    >>> from matcher import rmse
    >>> rmse([1.0, 1.0], [6.0, -4.0])
    5.0
    """
    found, given = alike(truth, predicted)
    return float(np.sqrt(np.mean((given - found) ** 2)))


def mae(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error: how far off a prediction is on average.

    Parameters
    ----------
    truth, predicted : array of any one shape
        Finite numbers on one scale; at least one.

    Returns
    -------
    float
        mean |predicted − truth|, on the scale of the input; 0 is perfect. Where many scores are at the top it favours
        whoever predicts the median, so it never stands without ``rmse``.

    Raises
    ------
    InvalidInput
        For unequal shapes, no numbers, or a number that is not finite.

    Examples
    --------
    >>> from matcher import mae
    >>> mae([1.0, 1.0], [4.0, 0.0])
    2.0
    """
    found, given = alike(truth, predicted)
    return float(np.mean(np.abs(given - found)))


def log_score(log_probability: ArrayLike) -> float:
    """Mean log of the probability, or of the density, that a prediction gave to what was then observed.

    Parameters
    ----------
    log_probability : array, (n,)
        Natural logs, finite; of probabilities, or of densities on one scale. Never some of either.

    Returns
    -------
    float
        Their mean; higher is better. It is proper: nobody expects to gain by saying what they do not believe. Scores
        of densities compare models on one scale only, since a density changes with the unit.

    Raises
    ------
    InvalidInput
        For no number, or one that is not finite: a probability of 0 for what happened is beyond any score.

    References
    ----------
    Good (1952), Rational decisions, J. Royal Statistical Society B 14. Gneiting, Raftery (2007), Strictly proper
    scoring rules, prediction, and estimation, J. American Statistical Association 102.

    Examples
    --------
    >>> from math import log
    >>> from matcher import log_score
    >>> round(log_score([log(0.5), log(0.125)]) / log(2), 9)
    -2.0
    """
    return float(np.mean(row("log_probability", log_probability)))


def rank_correlation(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over clients of Spearman's rank correlation between truth and prediction.

    Parameters
    ----------
    truth, predicted : array, (clients, therapists)
        Finite numbers; at least two therapists. Only the order within a row counts; ties share their mean rank.

    Returns
    -------
    float
        −1 … 1; 0 is no better than chance. A row in which either side is the same for all counts as 0.

    Raises
    ------
    InvalidInput
        For unequal shapes, fewer than two therapists, or a number that is not finite.

    References
    ----------
    Spearman (1904), The proof and measurement of association between two things, Am. J. Psychology 15(1).

    Examples
    --------
    >>> from matcher import rank_correlation
    >>> rank_correlation([[1, 2, 3], [1, 2, 3]], [[10, 20, 30], [3, 2, 1]])
    0.0
    """
    found, given = alike(truth, predicted, least=2)
    from scipy.stats import rankdata

    ours, theirs = (rankdata(rows, axis=1) for rows in (found, given))
    ours, theirs = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (ours, theirs))
    scale = np.sqrt((ours**2).sum(axis=1) * (theirs**2).sum(axis=1))
    return float(np.mean(np.divide((ours * theirs).sum(axis=1), scale, out=np.zeros_like(scale), where=scale > 0)))


def first_choice_gain(truth: ArrayLike, predicted: ArrayLike) -> float:
    """How much of what a perfect first choice would win is won by the predicted one.

    Parameters
    ----------
    truth, predicted : array, (clients, therapists)
        Finite numbers; at least two therapists. Therapists who share the highest prediction are equally likely chosen.

    Returns
    -------
    float
        Σ (truth of the chosen − mean truth) / Σ (best truth − mean truth), sums over clients: 0 is a random choice,
        1 the best one, below 0 worse than random; 0 where no therapist is better than another for anyone.

    Raises
    ------
    InvalidInput
        For unequal shapes, fewer than two therapists, or a number that is not finite.

    Examples
    --------
    >>> from matcher import first_choice_gain
    >>> first_choice_gain([[0.0, 1.0], [0.0, 3.0]], [[5, 9], [9, 5]])
    -0.5
    """
    found, given = alike(truth, predicted, least=2)
    chosen = given == given.max(axis=1, keepdims=True)
    mean = found.mean(axis=1)
    won = (found * chosen).sum(axis=1) / chosen.sum(axis=1) - mean
    possible = (found.max(axis=1) - mean).sum()
    return float(won.sum() / possible) if possible > 0 else 0.0


def ndcg(truth: ArrayLike, predicted: ArrayLike, *, top: int = 5) -> float:
    """Mean over clients of the normalised discounted cumulative gain of the first places.

    Parameters
    ----------
    truth, predicted : array, (clients, therapists)
        Finite numbers, ``truth`` ≥ 0; at least two therapists.
    top : int
        How many places count, 1 or more.

    Returns
    -------
    float
        Mean of DCG / ideal DCG, 0 … 1, where DCG = Σ_k truth of place k / log2(k + 1). Equal predictions keep the
        order of columns. A client for whom all truth is 0 counts as 1: no order is better.

    Raises
    ------
    InvalidInput
        For unequal shapes, fewer than two therapists, a negative truth, a number that is not finite, or ``top`` < 1.

    References
    ----------
    Järvelin, Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4).

    Examples
    --------
    >>> from matcher import ndcg
    >>> ndcg([[1.0, 0.0, 0.0]], [[1, 2, 0]]) == 1 / __import__("math").log2(3)
    True
    """
    found, given = alike(truth, predicted, least=2)
    if top < 1:
        raise InvalidInput("top", top, "expected 1 or more")
    if (found < 0).any():
        raise InvalidInput("truth", float(found.min()), "gains must be 0 or more")
    gained, ideal = (_discounted(found, order, top) for order in (given, found))
    return float(np.mean(np.divide(gained, ideal, out=np.ones_like(ideal), where=ideal > 0)))


def _discounted(gains: Floats, by: Floats, top: int) -> Floats:
    order = np.argsort(-by, axis=1, kind="stable")[:, :top]
    discount = np.log2(np.arange(2, order.shape[1] + 2))
    return np.asarray((np.take_along_axis(gains, order, axis=1) / discount).sum(axis=1))


@dataclass(frozen=True, slots=True)
class WithinClients:
    """Mean of a figure over ``n_clients`` clients and its standard error; NaN where too few allow it."""

    mean: float
    se: float
    n_clients: int


def rank_correlation_within(client: ArrayLike, truth: ArrayLike, predicted: ArrayLike) -> WithinClients:
    """Spearman's rank correlation within each client who had several therapists, and its mean over those clients.

    Parameters
    ----------
    client : array, (n,)
        Whose each pair is, ids or codes; each client any number of times. Those with one pair do not count.
    truth, predicted : array, (n,)
        Finite numbers, one a pair.

    Returns
    -------
    WithinClients
        ``mean`` −1 … 1, NaN without such a client; ``se`` over clients, NaN for fewer than two. A client for whom
        either side is the same for all counts as 0, as in ``rank_correlation``.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no pair, or a number that is not finite.

    Notes
    -----
    Who sees a second therapist has often left the first one: such clients are self-selected.

    Examples
    --------
    >>> from matcher import rank_correlation_within
    >>> rank_correlation_within(["ada", "ada", "bo", "cy", "cy"], [1, 2, 5, 4, 3], [10, 20, 0, 1, 2])
    WithinClients(mean=0.0, se=1.0, n_clients=2)
    """
    found = row("truth", truth)
    given, whose = row("predicted", predicted, len(found)), codes("client", client, len(found))
    several = np.flatnonzero(np.bincount(whose) > 1)
    each = [rank_correlation(found[None, whose == one], given[None, whose == one]) for one in several.tolist()]
    if not each:
        return WithinClients(math.nan, math.nan, 0)
    se = float(np.std(each, ddof=1)) / math.sqrt(len(each)) if len(each) > 1 else math.nan
    return WithinClients(float(np.mean(each)), se, len(each))
