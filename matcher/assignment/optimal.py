"""``optimal``: as many as can be placed, and of all such assignments one of the largest worth, with its proof."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment import duals, proof
from matcher.assignment.exact import all_arcs, matched
from matcher.assignment.market import Market
from matcher.assignment.proof import Proof

Rows = NDArray[np.int64]


def optimal(market: Market) -> tuple[Rows, Proof]:
    """The therapist of each open client, (n_clients,), −1 for nobody, and the proof."""
    arcs = all_arcs(market)
    choice = matched(market, arcs)
    prices = duals.prices(market, arcs, choice)
    return choice, Proof(prices, proof.value(market, choice), proof.bound(market, prices), market.unit)
