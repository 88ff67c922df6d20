"""The exact optimum on a given set of pairs, by scipy's sparse matching.

scipy matches one to one, so each therapist becomes as many seats as can be asked for, and each client has a seat of
their own to stay unplaced. A therapist with at least as many places as pairs, all of one cost, is nobody's bottleneck:
there each pair has a seat of its own, which keeps the matching's table small.

The matching starts from nothing, and without prices clients push each other from seat to seat. With a price on each
seat it has little left to do, and where all priced seats are taken in the end, its answer is the answer without prices:
any other matching costs at least as much with them, and pays at most as much for seats. Where one stays empty, prices
are lowered and it starts again, at last without any.

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
Flags = NDArray[np.bool_]

LOWER = (0.003, 0.01, 0.04)  # by how much prices are lowered, as shares of the span of worth, before they are left out


@dataclass(frozen=True, eq=False)
class Arcs:
    """Some of a market's pairs, by client: ``client``, ``therapist`` and ``worth``, each (n_arcs,)."""

    client: Rows
    therapist: Rows
    worth: Rows

    def __len__(self) -> int:
        return len(self.client)


@dataclass(frozen=True, eq=False)
class Seats:
    """Ways to sit: the arc, the seat and the cost of each; and the therapist and the step of each seat."""

    arc: Rows
    seat: Rows
    cost: Rows
    owner: Rows
    step: Rows


def matched(market: Market, arcs: Arcs, prices: Rows) -> Rows:
    """The therapist of each client, (n_clients,), or NOBODY: the largest worth on these arcs.

    ``prices`` (n_therapists,), in units, make it fast where they are about right, and change nothing else.
    """
    if not market.n_clients:
        return np.zeros(0, dtype=np.int64)
    seats = _seats(market, arcs)
    for share in LOWER:
        price = np.maximum(prices[seats.owner] - seats.step - int(share * market.span), 0)
        taken = _taken(market, arcs, seats, price)
        empty = np.ones(len(seats.owner), dtype=np.bool_)
        empty[taken[taken < len(empty)]] = False
        if not (price[empty] > 0).any():
            break
    else:
        taken = _taken(market, arcs, seats, np.zeros(len(seats.owner), dtype=np.int64))
    return np.asarray(np.concatenate([seats.owner, np.full(market.n_clients, NOBODY)])[taken])


def _taken(market: Market, arcs: Arcs, seats: Seats, price: Rows) -> Rows:
    """The seat of each client; the client's own one, behind all others, where they stay unplaced."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    everyone, n_seats = np.arange(market.n_clients), len(seats.owner)
    rows = np.concatenate([arcs.client[seats.arc], everyone])
    columns = np.concatenate([seats.seat, n_seats + everyone])
    costs = np.concatenate([seats.cost + price[seats.seat], market.unplaced])
    costs += 1 - costs.min()  # 0 would be a pair that is not there; each client has one seat, so that nothing turns
    table = csr_array((costs.astype(np.float64), (rows, columns)), shape=(market.n_clients, n_seats + market.n_clients))
    return np.asarray(min_weight_full_bipartite_matching(table)[1], dtype=np.int64)


def _seats(market: Market, arcs: Arcs) -> Seats:
    asked = np.bincount(arcs.therapist, minlength=len(market.places))
    plenty = _plenty(market, asked)
    n_seats = np.where(plenty, asked, np.minimum(market.places, asked))
    first = np.concatenate([[0], np.cumsum(n_seats)])
    is_plenty = plenty[arcs.therapist]
    ways = np.where(is_plenty, 1, n_seats[arcs.therapist])
    arc = np.repeat(np.arange(len(arcs)), ways)
    nth = np.arange(len(arc)) - np.repeat(np.cumsum(ways) - ways, ways)
    seat = first[arcs.therapist[arc]] + np.where(is_plenty[arc], _nth_of_therapist(arcs.therapist)[arc], nth)
    step = market.step[market.step_first[arcs.therapist[arc]] + nth]
    owner = np.repeat(np.arange(len(n_seats)), n_seats)
    of_seat = np.zeros(len(owner), dtype=np.int64)
    of_seat[seat] = step
    return Seats(arc, seat, step - arcs.worth[arc], owner, of_seat)


def _plenty(market: Market, asked: Rows) -> Flags:
    """Therapists with a place for each arc, all places at one cost."""
    first, last = market.step_first[:-1], market.step_first[1:] - 1
    flat = np.zeros(len(asked), dtype=np.bool_)
    some = market.places > 0
    flat[some] = market.step[first[some]] == market.step[last[some]]
    return flat & (market.places >= asked)


def _nth_of_therapist(therapist: Rows) -> Rows:
    """For each arc, how many of the same therapist stand before it."""
    order = np.argsort(therapist, kind="stable")
    counts = np.bincount(therapist)
    nth = np.empty(len(therapist), dtype=np.int64)
    nth[order] = np.arange(len(therapist)) - np.repeat(np.cumsum(counts) - counts, counts)
    return nth
