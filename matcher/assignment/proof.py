"""The proof that an assignment is optimal: prices that nobody can better.

For any prices p of the therapists, in units, no assignment is worth more than

    bound(p) = Σ_c max(−unplaced_c, max_t (worth_ct − p_t)) + Σ_t Σ_k max(0, p_t − step_tk)

(linear programming duality): whoever takes the best for themselves at these prices, and every place that earns its
price, cannot do better together. An assignment whose value is the bound is therefore optimal, and to see it takes one
pass over the pairs and no solver.

References
----------
Kuhn (1955), The Hungarian method for the assignment problem, Naval Research Logistics Quarterly 2. Bertsekas, Castañon
(1989), The auction algorithm for the transportation problem, Annals of Operations Research 20.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.market import Market, best_of
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Proof:
    """Prices of the open places and what they prove; whole units of ``unit`` points of a score.

    ``value`` is what the assignment is worth, less what each unplaced client costs (more than all scores together);
    ``bound`` is what none can exceed at ``prices`` (n_therapists,).
    """

    prices: Rows
    value: int
    bound: int
    unit: float

    @property
    def gap(self) -> int:
        """How many units an assignment could be better at most; 0 is optimal."""
        return self.bound - self.value


def proved(market: Market, choice: Rows, prices: Rows) -> Proof:
    """What these prices prove of a choice of therapists; neither needs to come from a solver, or to be good."""
    return Proof(prices, value(market, choice), bound(market, prices), market.unit)


def bound(market: Market, prices: Rows) -> int:
    """What no assignment exceeds, in one pass over all pairs, a block at a time."""
    gains = 0
    for start, end in market.blocks():
        first = market.first[start : end + 1]
        part = slice(first[0], first[-1])
        best = best_of(first - first[0], market.worth[part] - prices[market.therapist[part]], -np.inf)
        gains += int(np.maximum(best, -market.unplaced[start:end]).astype(np.int64).sum())
    return gains + rents(market, prices)


def rents(market: Market, prices: Rows) -> int:
    """What the places earn at these prices."""
    return int(np.maximum(np.repeat(prices, market.places) - market.step, 0).sum())


def value(market: Market, choice: Rows) -> int:
    """What a choice of therapists is worth: its pairs, less the places in use, less what the unplaced cost."""
    used = np.bincount(choice[choice != NOBODY], minlength=len(market.places))
    nth = np.arange(len(market.step)) - np.repeat(market.step_first[:-1], market.places)
    in_use = nth < np.repeat(used, market.places)  # the cheapest of each therapist
    unplaced = market.unplaced[choice == NOBODY].sum()
    return int(_worth(market, choice) - market.step[in_use].sum() - unplaced)


def _worth(market: Market, choice: Rows) -> int:
    found = 0
    for start, end in market.blocks():
        part = slice(market.first[start], market.first[end])
        mine = np.repeat(choice[start:end], np.diff(market.first[start : end + 1])) == market.therapist[part]
        found += int(market.worth[part][mine].sum(dtype=np.int64))
    return found
