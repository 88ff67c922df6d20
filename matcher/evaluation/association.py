"""Spearman's rank correlation with what each row adds to its error, so that two of the same rows can be compared."""

from __future__ import annotations

import numpy as np

from matcher.evaluation.checked import Floats
from matcher.evaluation.weighting import Found


def spearman(x: Floats, y: Floats) -> Found:
    """Rank correlation of (n,) with (n,), equal values sharing their mean rank, and its influence (n,).

    ρ = C/√(V_x V_y), with C = mean (F − ½)(G − ½) and V likewise, F and G the shares of rows below, half of the equal
    ones counted. A row adds to C by where it stands, and by moving the ranks of all others; the rest is the delta
    method. 0 where either side is the same for all. Hájek, Šidák, Sen (1999), Theory of Rank Tests.
    """
    f, g = _share_below(x), _share_below(y)
    (c, in_c), (v, in_v), (u, in_u) = _product(x, f, y, g), _product(x, f, x, f), _product(y, g, y, g)
    if not (v > 0 and u > 0):
        return 0.0, np.zeros(len(x))
    rho = c / float(np.sqrt(v * u))
    influence = in_c / np.sqrt(v * u) - rho / 2 * (in_v / v + in_u / u)
    return rho, influence / len(x)


def _share_below(values: Floats) -> Floats:
    """F − ½ of each row."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(((np.cumsum(count) - count / 2) / len(values))[place] - 0.5)


def _product(x: Floats, f: Floats, y: Floats, g: Floats) -> Found:
    """mean f g, and what each row adds: by itself, and as one that the others stand above in x and in y."""
    value = float(np.mean(f * g))
    own = f * g + _of_those_above(x, g) + _of_those_above(y, f)
    return value, own - np.mean(own)


def _of_those_above(values: Floats, weight: Floats) -> Floats:
    """Mean over all rows of the weight of those with a larger value, half of it for an equal one."""
    _, place = np.unique(values, return_inverse=True)
    sums = np.bincount(place, weight)
    above = np.cumsum(sums[::-1])[::-1] - sums / 2
    return np.asarray(above[place] / len(values))
