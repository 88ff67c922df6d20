"""Prices of a finished assignment: what one place more with each therapist would be worth.

Whoever gets a further place with therapist ``t`` either takes one that is free, or the place of somebody who moves on:
so prices are shortest paths in the residual network, of which the nodes are the therapists alone,

    p_t = min(start_t, step of the next free place, min_i worth_it + min(unplaced_i, min_u (p_u − worth_iu)))

over the clients i of t, found by Bellman and Ford's relaxation, all clients at once. These are the largest prices below
``start`` at which nobody who is placed would rather have another therapist. A price below what the last place in use
costs means a chain of moves that gains: then the assignment is not optimal on these arcs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.exact import Arcs
from matcher.assignment.market import Market, best_of
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]


def relaxed(market: Market, arcs: Arcs, choice: Rows, start: Rows | None = None) -> Rows | None:
    """The prices, (n_therapists,), in units; None where the choice is not optimal on these arcs.

    Without ``start`` they are the largest that there are.
    """
    placed = np.flatnonzero(choice != NOBODY)
    used = np.bincount(choice[placed], minlength=len(market.places))
    found, least = _next_step(market, used), _least(market, arcs, choice, used)
    if start is not None:
        found = np.minimum(found, np.maximum(start, least))
    own = own_worth(arcs, choice)[placed]
    staying, first = own + market.unplaced[placed], starts(arcs, len(choice))
    for _ in range(len(found) + 1):
        moving = own - best_of(first, arcs.worth - found[arcs.therapist], -np.inf)[placed]
        before = found.copy()
        np.minimum.at(found, choice[placed], np.minimum(moving, staying).astype(np.int64))
        if (found < least).any():
            return None
        if (found == before).all():
            return found
    return None


def starts(arcs: Arcs, n_clients: int) -> Rows:
    """Where the arcs of each client begin, and where the last one's end."""
    return np.concatenate([[0], np.cumsum(np.bincount(arcs.client, minlength=n_clients))]).astype(np.int64)


def own_worth(arcs: Arcs, choice: Rows) -> Rows:
    """What each client's own therapist is worth; 0 where there is none."""
    own = np.zeros(len(choice), dtype=np.int64)
    mine = arcs.therapist == choice[arcs.client]
    own[arcs.client[mine]] = arcs.worth[mine]
    return own


def _next_step(market: Market, used: Rows) -> Rows:
    """The cost of each therapist's next free place; beyond all others where there is none."""
    free = used < market.places
    found = np.full(len(used), 2 * int(market.unplaced.max(initial=0)) + 2 * market.span + abs(market.least))
    found[free] = market.step[(market.step_first[:-1] + used)[free]]
    return np.where(market.places == 0, 0, found)


def _least(market: Market, arcs: Arcs, choice: Rows, used: Rows) -> Rows:
    """Lowest prices: of the last place in use (the first where none is), and so high that nobody unplaced wants it."""
    found = np.zeros(len(used), dtype=np.int64)
    some = market.places > 0
    found[some] = market.step[(market.step_first[:-1] + np.maximum(used - 1, 0))[some]]
    without = choice[arcs.client] == NOBODY
    np.maximum.at(found, arcs.therapist[without], (arcs.worth + market.unplaced[arcs.client])[without])
    return found
