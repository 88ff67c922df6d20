r"""How strongly a course speaks for a change: log likelihood ratios, session by session.

A change is a ladder of levels beneath the usual one: a drop has one rung, a slide has several, one a session. Before
any session but the first the ladder may begin, each time with the same small chance ρ. With L(d) the likelihood of all
scores at an unchanged level d, and A_j(d) that of those that are on rung j,

    A_1 ← ρ L · p(y | d - δ_1)     A_j ← A_{j-1} · p(y | d - δ_j)     A_J ← (A_J + A_{J-1}) · p(y | d - δ_J)

and the evidence is log Σ_d π(d) Σ_j A_j(d) - log Σ_d π(d) L(d): Shiryaev's statistic with the dyad's level integrated
out, so that a dyad which always was low does not look like one that fell. A missing score changes nothing.

References
----------
Shiryaev (1963), On optimum methods in quickest detection problems, Theory of Probability and its Applications 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from matcher.encoding.bits import Flags, Floats
from matcher.trajectory.levels import AT, BLOCK, WEIGHT, chances, unmoved
from matcher.trajectory.prior import CoursePrior

LADDERS = {"drop": (1.0,), "slide": (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)}  # in standard deviations of a session
BEGINS = 0.1
LOW, EARLY = -1.2815515655446004, 3  # the lowest tenth of what was expected, within the first three sessions
_LOW_NODES = AT < LOW
_LOW_ODDS = np.log(WEIGHT[_LOW_NODES].sum() / WEIGHT[~_LOW_NODES].sum())
RETURNED = 4.5  # sessions that what is known of a clinic's missing forms is worth for one client


@dataclass(frozen=True, eq=False)
class Signals:
    """Evidence of n courses after each session, natural logs, (n, sessions); -inf where there is none yet.

    ``drop`` and ``slide`` are for a change against none; ``low_start`` for a level in the lowest tenth of what was
    expected against the rest, in the first three sessions; ``silence`` is -log of the chance that so many forms in a
    row are missing, for somebody who returned the others as this one did.
    """

    drop: Floats
    slide: Floats
    low_start: Floats
    silence: Floats


def signals(prior: CoursePrior, scores: Floats, held: Flags, missing_share: float) -> Signals:
    found = {name: np.full(scores.shape, -np.inf) for name in ("drop", "slide", "low_start")}
    for first in range(0, len(prior), BLOCK):
        rows = slice(first, first + BLOCK)
        for name, values in _of_scores(prior.take(rows), scores[rows]).items():
            found[name][rows] = values
    return Signals(**found, silence=_silence(np.isnan(scores), held, missing_share))


def _of_scores(prior: CoursePrior, scores: Floats) -> dict[str, Floats]:
    n, n_sessions = scores.shape
    usual, begun = unmoved(n), np.zeros(n, dtype=bool)
    changed = {name: np.zeros((len(rungs), n, len(AT))) for name, rungs in LADDERS.items()}
    found = {name: np.full(scores.shape, -np.inf) for name in (*LADDERS, "low_start")}
    depths = tuple(rung for rungs in LADDERS.values() for rung in rungs)
    for column in range(n_sessions):
        if column:
            for values in found.values():
                values[:, column] = values[:, column - 1]
        rows = np.flatnonzero(~np.isnan(scores[:, column]))
        if not len(rows):
            continue
        same, *lower = chances(prior.take(rows), column + 1, scores[rows, column], usual[rows], depths)
        before, at = usual[rows] * (BEGINS * begun[rows])[:, None], 0
        after = usual[rows] * same
        total = after.sum(axis=1, keepdims=True)
        for name, rungs in LADDERS.items():
            climbed = _climbed(changed[name][:, rows], before, lower[at : at + len(rungs)])
            changed[name][:, rows] = climbed / total
            found[name][rows, column] = _log(climbed.sum(axis=(0, 2)) / total[:, 0])
            at += len(rungs)
        usual[rows], begun[rows] = after / total, True
        found["low_start"][rows, column] = _lowness(usual[rows]) if column < EARLY else -np.inf
    return found


def _climbed(changed: Floats, begins: Floats, chance: list[Floats]) -> Floats:
    """One session further on a ladder: everybody one rung down, those on the last one stay."""
    found = np.concatenate([begins[None], changed[:-1]])
    found[-1] += changed[-1]
    return found * np.array(chance)


def _lowness(level: Floats) -> Floats:
    low = level[:, _LOW_NODES].sum(axis=1)
    return np.asarray(_log(low) - _log(1 - low) - _LOW_ODDS)


def _silence(unsaid: Flags, held: Flags, missing_share: float) -> Floats:
    """A client's own share of missing forms is beta distributed around the clinic's; a run of r more has the chance
    B(α + m + r, β + k) / B(α + m, β + k) after m missing ones and k that came."""
    alpha, beta = RETURNED * missing_share, RETURNED * (1 - missing_share)
    missed, came = held & unsaid, ~unsaid
    n_missed, n_came = missed.cumsum(axis=1), came.cumsum(axis=1)
    until = np.maximum.accumulate(np.where(came, n_missed, 0), axis=1)  # missed before the last that came
    run = n_missed - until
    return np.asarray(betaln(alpha + until, beta + n_came) - betaln(alpha + n_missed, beta + n_came)) * (run > 0)


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))
