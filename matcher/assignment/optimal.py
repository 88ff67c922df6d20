"""``optimal``: as many as can be placed, and of all such assignments one of the largest worth, with its proof.

1. Prices near the optimum's say which few pairs of each client can matter (``pricing``).
2. The optimum on those pairs comes from a solver (``exact``).
3. Prices at which nobody would rather have another of those pairs come from the optimum itself (``duals``).
4. One pass over all pairs says whether anybody would rather have one that was left out. If nobody would, the assignment
   is optimal, and the prices prove it (``proof``). Otherwise those pairs are added. As long as prices can take them in,
   the assignment stays as it is; else 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.duals import relaxed, starts
from matcher.assignment.exact import Arcs, matched
from matcher.assignment.market import Market, best_of
from matcher.assignment.pricing import guessed
from matcher.assignment.proof import Proof, proved
from matcher.errors import MatcherError

Rows = NDArray[np.int64]

MARGIN = 0.01  # above the guessed prices, as a share of the span of worth: where the search for exact ones begins
MOST_ROUNDS = 1_000  # each adds a pair or a proof; two or three are usual
MORE = 4  # pairs of a client that are added at first; twice as many in each further round


def optimal(market: Market) -> tuple[Rows, Proof]:
    """The therapist of each open client, (n_clients,), −1 for nobody, and the proof."""
    guess, arcs = guessed(market)
    choice = matched(market, arcs, guess)
    start: Rows | None = guess + int(MARGIN * market.span)
    for n_round in range(MOST_ROUNDS):
        prices = _prices(market, arcs, choice, start)
        if prices is None:
            choice, start = matched(market, arcs, guess), None
        elif len(missing := wanted(market, arcs, prices, MORE << min(n_round, 16))):
            arcs = _together(arcs, missing)
        else:
            return choice, proved(market, choice, prices)
    raise MatcherError(f"no proof of the optimum in {MOST_ROUNDS} rounds")


def _prices(market: Market, arcs: Arcs, choice: Rows, start: Rows | None) -> Rows | None:
    found = None if start is None else relaxed(market, arcs, choice, start)
    return relaxed(market, arcs, choice) if found is None else found


def wanted(market: Market, arcs: Arcs, prices: Rows, most: int) -> Arcs:
    """What clients would rather have than ``arcs``, or than to stay unplaced: the best, so many each, in one pass."""
    have = best_of(starts(arcs, market.n_clients), arcs.worth - prices[arcs.therapist], -np.inf)
    have = np.maximum(have, -market.unplaced)
    found = [np.zeros((0, 3), dtype=np.int64)]
    for start, end in market.blocks():
        first = market.first[start : end + 1]
        part = slice(first[0], first[-1])
        left = market.worth[part] - prices[market.therapist[part]]
        for client in np.flatnonzero(best_of(first - first[0], left, -np.inf) > have[start:end]).tolist():
            at = _best_above(left, slice(*(first[client : client + 2] - first[0]).tolist()), have[start + client], most)
            same = np.full(len(at), start + client)
            found.append(np.column_stack([same, market.therapist[part][at], market.worth[part][at]]))
    client, therapist, worth = np.concatenate(found).T
    return Arcs(client, therapist, worth)


def _best_above(left: Rows, own: slice, least: float, most: int) -> Rows:
    """Where the largest in a part lie that are above the least."""
    at = np.flatnonzero(left[own] > least)
    return np.asarray(at[np.argsort(-left[own][at], kind="stable")[:most]] + own.start)


def _together(arcs: Arcs, more: Arcs) -> Arcs:
    client = np.concatenate([arcs.client, more.client])
    therapist = np.concatenate([arcs.therapist, more.therapist])
    order = np.lexsort((therapist, client))
    return Arcs(client[order], therapist[order], np.concatenate([arcs.worth, more.worth])[order])
