"""Does what is predicted come true as often, and by as much, as was said?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from matcher import checks
from matcher.errors import InvalidInput
from matcher.evaluation.checked import Floats, Rows, alike, clustered_error, codes, require_finite, row

BINS = 10


@dataclass(frozen=True, slots=True)
class Line:
    """observed = ``intercept`` + ``slope`` · predicted, with standard errors; NaN where predictions do not differ."""

    slope: float
    intercept: float
    slope_se: float
    intercept_se: float


def calibration_line(truth: ArrayLike, predicted: ArrayLike, cluster: ArrayLike | None = None) -> Line:
    """The straight line of what was observed on what was predicted.

    Parameters
    ----------
    truth, predicted : array, (n,)
        Observed and predicted scores, finite.
    cluster : array, (n,), optional
        Whose each rating is; ratings of one client are then no independent evidence. Each its own where it is None.

    Returns
    -------
    Line
        A slope of 1 and an intercept of 0 are perfect. A slope below 1: predictions are too far apart (overfitted);
        above 1: too careful. Standard errors are robust and clustered.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no rating, or a number that is not finite.

    References
    ----------
    Cox (1958), Two further applications of a model for binary regression, Biometrika 45. Liang, Zeger (1986),
    Longitudinal data analysis using generalized linear models, Biometrika 73.

    Examples
    --------
    >>> from matcher import calibration_line
    >>> found = calibration_line([0.0, 1.0, 2.0], [-1.0, 1.0, 3.0])
    >>> found.slope, found.intercept
    (0.5, 0.5)
    """
    found, given = alike(row("truth", truth), row("predicted", predicted))
    whose = np.arange(len(found)) if cluster is None else codes("cluster", cluster, len(found))
    middle = given.mean()
    squares = float(np.sum((given - middle) ** 2))
    if squares <= 1e-24 * len(given) * max(float(np.abs(given).max()), 1e-300) ** 2:
        return Line(math.nan, math.nan, math.nan, math.nan)
    slope = float(np.sum((given - middle) * found) / squares)
    intercept = float(found.mean() - slope * middle)
    left, pull = found - intercept - slope * given, (given - middle) / squares
    return Line(
        slope,
        intercept,
        clustered_error(left * pull, whose),
        clustered_error(left * (1 / len(given) - middle * pull), whose),
    )


@dataclass(frozen=True, slots=True)
class Point:
    """One bin of a calibration curve: mean prediction, mean observed with its standard error, ratings and clients."""

    predicted: float
    observed: float
    se: float
    n: int
    n_clients: int


def calibration_curve(
    truth: ArrayLike, predicted: ArrayLike, cluster: ArrayLike | None = None, *, bins: int = BINS
) -> tuple[Point, ...]:
    """Mean observed score by bins of the predicted one, each of about as many ratings.

    Parameters
    ----------
    truth, predicted : array, (n,)
        Observed and predicted scores, finite.
    cluster : array, (n,), optional
        Whose each rating is, for the standard errors; each its own where it is None.
    bins : int
        At most so many, 1 … 100. Equal predictions share a bin, so that there may be fewer.

    Returns
    -------
    tuple of Point
        From the lowest prediction to the highest. ``se`` is clustered; NaN where one client alone is in the bin.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no rating, a number that is not finite, or ``bins`` outside its range.

    Examples
    --------
    >>> from matcher import calibration_curve
    >>> [(point.predicted, point.observed, point.n) for point in calibration_curve([1, 3, 7, 9], [2, 2, 8, 8], bins=2)]
    [(2.0, 2.0, 2), (8.0, 8.0, 2)]
    """
    checks.whole(bins, "bins", 1, 100)
    found, given = alike(row("truth", truth), row("predicted", predicted))
    whose = np.arange(len(found)) if cluster is None else codes("cluster", cluster, len(found))
    edges = np.unique(np.quantile(given, np.arange(1, bins) / bins))
    at = np.searchsorted(edges, given, side="right")
    return tuple(_point(found[at == k], given[at == k], whose[at == k]) for k in np.unique(at).tolist())


def _point(found: Floats, given: Floats, whose: Rows) -> Point:
    mean = float(found.mean())
    se = clustered_error((found - mean) / len(found), whose)
    return Point(float(given.mean()), mean, se, len(found), len(np.unique(whose)))


def coverage(truth: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """The share of intervals that hold what they are about.

    Parameters
    ----------
    truth : array of any shape
        What the intervals are about. A band for an *expected* score is checked on simulated truth: single scores vary
        more than it says, and cannot check it.
    lower, upper : array of the same shape
        Ends of the intervals, which belong to them; lower ≤ upper.

    Returns
    -------
    float
        0 … 1.

    Raises
    ------
    InvalidInput
        For unequal shapes, no interval, a number that is not finite, or an interval whose ends are exchanged.

    Examples
    --------
    >>> from matcher import coverage
    >>> coverage([1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 3.5, 0.0], [1.0, 3.0, 4.0, 9.0])
    0.75
    """
    found, low = alike(truth, lower)
    _, high = alike(truth, upper)
    if (low > high).any():
        raise InvalidInput("lower", float(low[low > high].flat[0]), "expected lower ends that are not above the upper")
    return float(np.mean((low <= found) & (found <= high)))


def randomised_pit(below: ArrayLike, upto: ArrayLike, *, seed: int = 0) -> Floats:
    """The probability integral transform of scores in steps: uniform on 0 … 1 if the predicted distributions are true.

    Parameters
    ----------
    below, upto : array, (n,)
        P(score < observed) and P(score ≤ observed), as each prediction gave them; 0 ≤ below ≤ upto ≤ 1.
    seed : int
        Of the places drawn between the two.

    Returns
    -------
    array of float64, (n,)
        below + v (upto − below), v uniform.

    Raises
    ------
    InvalidInput
        For rows of unequal length, no rating, or numbers that are no such probabilities.

    References
    ----------
    Czado, Gneiting, Held (2009), Predictive model assessment for count data, Biometrics 65. Dunn, Smyth (1996),
    Randomized quantile residuals, J. Computational and Graphical Statistics 5.

    Examples
    --------
    >>> from matcher import randomised_pit
    >>> randomised_pit([0.25, 0.5], [0.25, 0.5]).tolist()
    [0.25, 0.5]
    """
    low, high = alike(row("below", below), row("upto", upto))
    if (low < 0).any() or (high > 1).any() or (low > high).any():
        raise InvalidInput("below", "not 0 ≤ below ≤ upto ≤ 1", "expected two probabilities of each score")
    return np.asarray(low + np.random.default_rng(seed).random(len(low)) * (high - low))


@dataclass(frozen=True, slots=True)
class Deciles:
    """Shares of PIT values in each tenth, (10,), and how far the furthest is from a tenth."""

    shares: tuple[float, ...]
    largest_deviation: float


def pit_deciles(values: ArrayLike) -> Deciles:
    """How PIT values spread over the tenths of 0 … 1.

    Parameters
    ----------
    values : array, (n,)
        Of ``randomised_pit``, 0 … 1.

    Returns
    -------
    Deciles
        Each share is .1 if the predicted distributions are true. High at both ends: they are too narrow; high in the
        middle: too wide; high at one end: predictions are off to one side.

    Raises
    ------
    InvalidInput
        For no value, or one outside 0 … 1.

    Examples
    --------
    >>> from matcher import pit_deciles
    >>> pit_deciles([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 1.0]).largest_deviation
    0.0
    """
    found = row("values", values)
    require_finite("values", found)
    if (found < 0).any() or (found > 1).any():
        raise InvalidInput("values", "outside 0 … 1", "expected values of randomised_pit")
    shares = np.bincount(np.minimum((found * 10).astype(int), 9), minlength=10) / len(found)
    return Deciles(tuple(shares.tolist()), float(np.abs(shares - 0.1).max()))
