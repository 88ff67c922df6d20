"""A figure with its interval, by clients: how sure one can be of a mean or a difference, and what it comes to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matcher.evaluation.checked import Floats, Rows, clustered_error

ROUNDING = 1e-9  # figures are shares and scores: what is equal comes out as 1e-17, and so does its error
LEVEL = 0.05  # the chance that an interval misses, in both directions together

BETTER = "better"
WORSE = "worse"
MORE = "more"
LESS = "less"
NO_DIFFERENCE = "no_detectable_difference"


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, its standard error clustered by client, and the ends of its interval; NaN for a single client."""

    value: float
    se: float
    lower: float
    upper: float


def interval(value: float, influence: Floats, cluster: Rows, *, level: float = LEVEL) -> Interval:
    """value ± t · se, t the 1 − level/2 quantile of Student's t with C − 1 degrees of freedom, C clusters.

    ``influence`` (n,) is what each row adds to the error of the figure: (row − mean)/n for a mean, and the rows of the
    delta method for what is not one. ``cluster`` (n,) are codes.
    """
    return around(value, clustered_error(influence, cluster), len(np.unique(cluster)), level=level)


def around(value: float, se: float, n_clusters: int, *, level: float = LEVEL) -> Interval:
    """The same where the standard error is known already."""
    from scipy.special import stdtrit

    reach = float(stdtrit(n_clusters - 1, 1 - level / 2)) * se if n_clusters > 1 else math.nan
    return Interval(value, se, value - reach, value + reach)


def of_mean(rows: Floats, cluster: Rows, *, level: float = LEVEL) -> Interval:
    """The mean of (n,) rows."""
    mean = float(np.mean(rows))
    return interval(mean, (rows - mean) / len(rows), cluster, level=level)


def told(difference: Interval, *, up: str = BETTER, down: str = WORSE) -> str:
    """What a difference comes to: ``up`` or ``down`` where its interval leaves 0 out, by more than rounding."""
    if difference.lower > ROUNDING:
        return up
    return down if difference.upper < -ROUNDING else NO_DIFFERENCE
