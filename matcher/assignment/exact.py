"""The exact optimum on a given set of pairs, by scipy's sparse matching.

scipy matches one to one, so each therapist becomes as many seats as can be asked for, and each client has a seat of
their own to stay unplaced. A therapist with at least as many places as pairs, all of one cost, is nobody's bottleneck:
there each pair has a seat of its own, which keeps the matching's table small.

References
----------
Jonker, Volgenant (1987), A shortest augmenting path algorithm for dense and sparse linear assignment problems,
Computing 38.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.market import Market
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Some of a market's pairs, by client: ``client``, ``therapist`` and ``worth``, each (n_arcs,)."""

    client: Rows
    therapist: Rows
    worth: Rows

    def __len__(self) -> int:
        return len(self.client)


def all_arcs(market: Market) -> Arcs:
    """Every pair of a market."""
    client = np.repeat(np.arange(market.n_clients), np.diff(market.first))
    return Arcs(client, market.therapist.astype(np.int64), market.worth.astype(np.int64))


def matched(market: Market, arcs: Arcs) -> Rows:
    """The therapist of each client, (n_clients,), or NOBODY: the largest worth on these arcs."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not market.n_clients:
        return np.zeros(0, dtype=np.int64)
    arc, seat, cost, owner = _seats(market, arcs)
    n_seats, everyone = len(owner), np.arange(market.n_clients)
    rows = np.concatenate([arcs.client[arc], everyone])
    columns = np.concatenate([seat, n_seats + everyone])
    costs = np.concatenate([cost, market.unplaced])
    costs += (
        1 - costs.min()
    )  # the solver takes 0 for a pair that is not there; each client has one seat, so nothing turns
    table = csr_array((costs.astype(np.float64), (rows, columns)), shape=(market.n_clients, n_seats + market.n_clients))
    taken = min_weight_full_bipartite_matching(table)[1]
    return np.asarray(np.concatenate([owner, np.full(market.n_clients, NOBODY)])[taken])


def _seats(market: Market, arcs: Arcs) -> tuple[Rows, Rows, Rows, Rows]:
    """Arc, seat and cost of each way to sit, and the therapist of each seat."""
    asked = np.bincount(arcs.therapist, minlength=len(market.places))
    flat = market.step[market.step_first[:-1].clip(max=max(len(market.step) - 1, 0))] if len(market.step) else asked * 0
    last = market.step[(market.step_first[1:] - 1).clip(min=0)] if len(market.step) else asked * 0
    plenty = (market.places >= asked) & (flat == last)
    n_seats = np.where(plenty, asked, np.minimum(market.places, asked))
    first = np.concatenate([[0], np.cumsum(n_seats)])
    ways = np.where(plenty[arcs.therapist], 1, n_seats[arcs.therapist])
    arc = np.repeat(np.arange(len(arcs)), ways)
    nth = np.arange(len(arc)) - np.repeat(np.cumsum(ways) - ways, ways)
    nth = np.where(plenty[arcs.therapist[arc]], _nth_of_therapist(arcs.therapist)[arc], nth)
    therapist = arcs.therapist[arc]
    step = market.step[market.step_first[therapist] + np.where(plenty[therapist], 0, nth)]
    return arc, first[therapist] + nth, step - arcs.worth[arc], np.repeat(np.arange(len(n_seats)), n_seats)


def _nth_of_therapist(therapist: Rows) -> Rows:
    """For each arc, how many of the same therapist stand before it."""
    order = np.argsort(therapist, kind="stable")
    counts = np.bincount(therapist)
    nth = np.empty(len(therapist), dtype=np.int64)
    nth[order] = np.arange(len(therapist)) - np.repeat(np.cumsum(counts) - counts, counts)
    return nth
