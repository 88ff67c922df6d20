r"""Bounded influence: a pair far from all that the model expects keeps a say, and the farther off it is the smaller.

How far pair p is off is its *auxiliary residual* z_p = (Z'Py)_p / (σ √(Z'PZ)_pp), standard normal if the model is right
(Harvey, Koopman 1992, Diagnostic checking of unobserved-components time series models, J. Bus. Econ. Stat. 10). With
d_p = (Z'PZ)_pp the mean of its sessions lies (Z'Py)_p / d_p off, with variance σ² / d_p. Beyond ``bound`` standard
deviations its weight ω is lowered until it lies just there, whether its variance comes from sessions or from the pair:

    1 / (n ω) = (z_p / bound)² v_p - (v_p - 1 / n),        v_p = 1 / d_p at full weight

Its squared distance then counts as bound², in every variance too, which a weight that only falls as 1 / |z| would not
do; its pull on any effect falls as 1 / |z|, as a t distribution's does (Lange, Little, Taylor 1989, J. Am. Stat.
Assoc. 84).
"""

from __future__ import annotations

import numpy as np

from matcher.alliance.forms import quadratic
from matcher.alliance.reml import Estimate
from matcher.alliance.tables import Floats

BLOCK = 4096  # pairs at a time
_NOTHING = 1e-9  # of a pair's weight
_FARTHEST = 1e12  # times the bound
GLARING = 20.0  # standard deviations
_MEDIAN_DISTANCE = 0.6745  # from the median, of a standard normal


def weights(estimate: Estimate, full: Floats, bound: float) -> Floats:
    """(pairs,) share of their weight that pairs keep, 1 for nearly all; ``full`` (pairs,) is their weight with nobody
    bounded. The estimate may have been made with shares from before."""
    solution = estimate.solution
    here, precision = solution.eliminated.levels[0].sums.weight, _precisions(estimate)
    off = solution.scores()[0] / precision / np.sqrt(estimate.variance)
    spread = np.maximum(1 / precision - 1 / here, 0.0) + 1 / full
    excess = np.maximum(np.minimum(np.abs(off) / np.sqrt(spread) / bound, _FARTHEST), 1.0) ** 2
    excess[precision < _NOTHING * here] = 1.0  # the fixed columns make up the pair: there is nothing to be off from
    return np.asarray(1 / full / ((excess - 1) * spread + 1 / full))


def glaring(mean: Floats) -> Floats:
    """(pairs,) share of their weight to begin with, where a pair's mean score lies so far from the median of all that a
    first estimate would be of nothing else; spread is taken from the median distance."""
    off = np.abs(mean - np.median(mean))
    spread = float(np.median(off[off > 0])) / _MEDIAN_DISTANCE if np.any(off > 0) else 1.0
    if off.max(initial=0.0) <= GLARING * spread:
        return untouched(len(mean))
    return np.asarray((GLARING * spread / np.maximum(off, GLARING * spread)) ** 2)


def untouched(n: int) -> Floats:
    """The whole weight for everybody, (n,): one number in memory, however many pairs."""
    return np.broadcast_to(np.float64(1), n)


def _precisions(estimate: Estimate) -> Floats:
    """(Z'PZ)_pp of every pair: z'Mz less what the border takes, as ``matcher.alliance.solver`` has them."""
    solution = estimate.solution
    form = estimate.form
    fine, parent = solution.eliminated.levels[0], solution.eliminated.parent
    reduced = fine.kept * fine.sums.weight
    top = None if parent is None else solution.eliminated.levels[1]
    found = reduced.copy()
    if top is not None and parent is not None:
        found -= reduced**2 * top.pull[parent]
    for first in range(0, len(found), BLOCK):
        rows = slice(first, first + BLOCK)
        z, x = fine.sums.sparse[rows] * fine.kept[rows, None], fine.sums.dense[rows, :-1] * fine.kept[rows, None]
        if top is not None and parent is not None:
            above, carried = parent[rows], (reduced[rows] * top.pull[parent[rows]])[:, None]
            z, x = z - top.sums.sparse[above] * carried, x - top.sums.dense[above, :-1] * carried
        found[rows] -= quadratic(form, z, x)
    return np.maximum(found, np.finfo(float).tiny)
