"""Prices of a finished assignment: what one place more with each therapist would be worth.

Whoever gets a further place with therapist ``t`` either takes one that is free, or the place of somebody who moves on:
so prices are shortest paths in the residual network, of which the nodes are the therapists alone,

    p_t = min(step of the next free place, min over clients i of t: worth_it + min(unplaced_i, min_u (p_u − worth_iu)))

found by Bellman and Ford's relaxation of all clients at once. They are the largest prices that hold; where therapists
are full and no path leads on, a client who would stay unplaced ends it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.exact import Arcs
from matcher.assignment.market import Market, best_of
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]


def prices(market: Market, arcs: Arcs, choice: Rows) -> Rows:
    """The largest prices at which each client has, of these arcs, the best; (n_therapists,), in units."""
    n_therapists = len(market.places)
    placed = choice != NOBODY
    used = np.bincount(choice[placed], minlength=n_therapists)
    found = _next_step(market, used)
    own = _own_worth(arcs, choice)
    first = np.concatenate([[0], np.cumsum(np.bincount(arcs.client, minlength=len(choice)))])
    staying = own[placed] + market.unplaced[placed]
    while True:
        before = found.copy()
        moving = own[placed] - best_of(first, arcs.worth - found[arcs.therapist], -np.inf)[placed]
        np.minimum.at(found, choice[placed], np.minimum(moving, staying).astype(np.int64))
        if (found == before).all():
            return found


def _next_step(market: Market, used: Rows) -> Rows:
    """The cost of each therapist's next free place; beyond all where there is none, 0 where nobody is asked for."""
    beyond = 2 * int(market.unplaced.max(initial=0)) + int(np.abs(market.worth).max(initial=0))
    free = used < market.places
    next_ = np.full(len(used), beyond, dtype=np.int64)
    next_[free] = market.step[(market.step_first[:-1] + used)[free]]
    return np.where(market.places == 0, 0, next_)


def _own_worth(arcs: Arcs, choice: Rows) -> Rows:
    own = np.zeros(len(choice), dtype=np.int64)
    mine = arcs.therapist == choice[arcs.client]
    own[arcs.client[mine]] = arcs.worth[mine]
    return own
