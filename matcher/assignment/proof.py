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

    ``value`` is what the assignment is worth, ``bound`` what none can exceed at ``prices`` (n_therapists,).
    """

    prices: Rows
    value: int
    bound: int
    unit: float

    @property
    def gap(self) -> int:
        """How many units an assignment could be better at most; 0 is optimal."""
        return self.bound - self.value


def profits(market: Market, prices: Rows, start: int, end: int) -> Rows:
    """What each client from ``start`` to ``end`` gains at best at these prices, to stay unplaced included."""
    first = market.first[start : end + 1]
    part = slice(first[0], first[-1])
    left = market.worth[part] - prices[market.therapist[part]]
    best = best_of(first - first[0], left, -np.inf)
    return np.maximum(best, -market.unplaced[start:end]).astype(np.int64)


def bound(market: Market, prices: Rows) -> int:
    """What no assignment exceeds, in one pass over all pairs, a block at a time."""
    clients: int = sum(int(profits(market, prices, *block).sum()) for block in market.blocks())
    return clients + rents(market, prices)


def rents(market: Market, prices: Rows) -> int:
    """What the places earn at these prices."""
    each = np.repeat(prices, market.places) - market.step
    return int(np.maximum(each, 0).sum())


def value(market: Market, choice: Rows) -> int:
    """What a choice of therapists is worth; places are taken from the cheapest on. Raises nothing: see ``checks``."""
    placed = np.flatnonzero(choice != NOBODY)
    worth = sum(int(market.worth[_at(market, client, choice[client])]) for client in placed.tolist())
    used = np.bincount(choice[placed], minlength=len(market.places))
    steps = sum(int(market.step[start : start + n].sum()) for start, n in zip(market.step_first, used, strict=False))
    return int(worth - steps - market.unplaced[choice == NOBODY].sum())


def _at(market: Market, client: int, therapist: int) -> int:
    start, end = market.first[client : client + 2].tolist()
    return start + int(np.searchsorted(market.therapist[start:end], therapist))
