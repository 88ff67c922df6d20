"""``first-come``: clients in the order of their coming, each with the best therapist who still has a place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.market import Market
from matcher.assignment.settled import NOBODY

Rows = NDArray[np.int64]


def first_come(market: Market) -> Rows:
    """The therapist of each open client, (n_clients,), −1 for nobody; ties go to the therapist who stands first."""
    left = market.places.copy()
    choice = np.full(market.n_clients, NOBODY)
    for client in range(market.n_clients):
        part = slice(market.first[client], market.first[client + 1])
        therapist = market.therapist[part]
        worth = np.where(left[therapist] > 0, market.worth[part].astype(np.float64), -np.inf)
        if len(worth) and worth[best := int(np.argmax(worth))] > -np.inf:
            choice[client] = therapist[best]
            left[choice[client]] -= 1
    return choice
