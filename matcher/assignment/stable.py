"""``stable``: nobody would rather change to a therapist who would rather have them.

Client-proposing deferred acceptance: each client asks the best therapist who has not refused them; a therapist keeps
those who stand highest with them, up to their places, and refuses the rest, who ask on. Of all stable assignments it is
the best one for every client, and the same in whatever order clients ask.

At a therapist's door the higher priority stands first; where priorities are equal or not given, the higher score; then
the client who came first.

References
----------
Gale, Shapley (1962), College admissions and the stability of marriage, American Mathematical Monthly 69.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappush, heappushpop

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.market import Market
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


def stable(market: Market, priority: Floats) -> Rows:
    """The therapist of each open client, (n_clients,), −1 for nobody; ``priority`` (n_clients,), higher first."""
    choice = np.full(market.n_clients, NOBODY)
    wished = [_wishes(market, client) for client in range(market.n_clients)]
    kept: dict[int, list[tuple[float, int, int]]] = {}
    asking = list(range(market.n_clients - 1, -1, -1))
    while asking:
        client = asking.pop()
        for therapist, worth in wished[client]:
            refused = _ask(kept.setdefault(therapist, []), int(market.places[therapist]),
                           (float(priority[client]), worth, -client))  # fmt: skip
            if refused != client:
                choice[client] = therapist
                if refused is not None:
                    choice[refused] = NOBODY
                    asking.append(refused)
                break
    return choice


def _wishes(market: Market, client: int) -> Iterator[tuple[int, int]]:
    """Therapists and worth from the best on, sorted when first asked for; ties by the therapist who stands first."""
    part = slice(market.first[client], market.first[client + 1])
    worth = market.worth[part]
    for at in np.argsort(-worth.astype(np.int64), kind="stable"):
        yield int(market.therapist[part][at]), int(worth[at])


def _ask(kept: list[tuple[float, int, int]], places: int, standing: tuple[float, int, int]) -> int | None:
    """Ask a therapist who keeps ``kept``, a heap with the lowest first; the client who is refused, None for nobody."""
    if len(kept) < places:
        heappush(kept, standing)
        return None
    return -heappushpop(kept, standing)[2]
