"""Prices at which about as many clients ask for each therapist as there are places: a quick guess, near the optimum.

Clients are taken to choose softly: the better a pair is than the client's best, the likelier it is chosen,

    x_ct = exp((worth_ct − p_t) / τ) / Σ_u exp((worth_cu − p_u) / τ)

over their pairs and staying unplaced, and places to be offered softly above what they cost. A step of Newton's method
moves each price by its own excess demand, as if no other moved; smaller and smaller ``τ`` come nearer to the optimum's
own prices. First a sample of clients, each standing for several, gives prices that are good enough to say which few
pairs matter for each client; then those pairs of all clients make them better.

Nothing is decided by these prices: they say where to look, and ``proof`` says whether enough was looked at.

References
----------
Cuturi (2013), Sinkhorn distances, NeurIPS. Kosowsky, Yuille (1994), The invisible hand algorithm: solving the
assignment problem with statistical physics, Neural Networks 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.exact import Arcs
from matcher.assignment.market import Market, best_of

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SAMPLE = 1_000  # clients
STAGES = ((32, 1 / 12), (20, 1 / 20), (11, 1 / 30), (8, 1 / 50))  # pairs a client, and τ as a share of their width
COARSE = ((0.25, 4), (0.12, 4), (0.06, 4), (0.03, 4), (0.015, 4), (0.008, 4))  # τ as a share of the span, and steps
STEPS = 15
LONGEST = 2.0  # a price moves by so many τ at most in one step
STIFFEST = 0.02  # the least share of those who ask that counts as ready to change
READY = 3.0  # a place is offered by .95 at its cost
FEW = 4  # pairs a client among which the optimum is looked for first
NARROWEST = 1e-6


@dataclass(frozen=True, eq=False)
class Choices:
    """Pairs among which clients choose, and how many clients each of them stands for.

    Numbers are shares of the market's span, 0 for its least worth, in float32; what outweighs everything is only much
    worse here. ``unplaced`` is what staying unplaced is worth.
    """

    first: Rows
    therapist: NDArray[np.int32]
    worth: Singles
    unplaced: Singles
    stands_for: float = 1.0


def balanced(market: Market) -> tuple[Rows, Arcs]:
    """Prices near those of the optimum, in units, (n_therapists,), and the few pairs of each client that matter there.

    Prices are 0 or more, or the cost of the first place where that is more.
    """
    clients = np.flatnonzero(np.diff(market.first))
    if not len(clients):
        return market.places * 0, near(market, market.places * 0, 0)
    choices = _sample(market, clients)
    prices = _lowest(market)
    for tau, n_steps in COARSE:
        prices = _settled(market, choices, prices, tau, n_steps)
    for n_pairs, share in STAGES:
        width = _width(choices, prices, n_pairs)
        choices = _of_arcs(market, near(market, _in_units(market, prices), width * market.span))
        prices = _settled(market, choices, prices, width * share, STEPS)
    width = _width(choices, prices, FEW) * market.span
    return _in_units(market, prices), near(market, _in_units(market, prices), width)


def near(market: Market, prices: Rows, width: float) -> Arcs:
    """The pairs that at these prices are at most ``width`` units worse than their client's best, in one pass."""
    found = [np.zeros((0, 3), dtype=np.int64)]
    rough = prices.astype(np.float32)
    for start, end in market.blocks():
        first = market.first[start : end + 1]
        part = slice(first[0], first[-1])
        left = market.worth[part].astype(np.float32) - rough[market.therapist[part]]
        least = (best_of(first - first[0], left, 0.0) - width).astype(np.float32)
        at = np.flatnonzero(left >= np.repeat(least, np.diff(first)))
        client = start + np.searchsorted(first - first[0], at, side="right") - 1
        found.append(np.column_stack([client, market.therapist[part][at], market.worth[part][at]]))
    client, therapist, worth = np.concatenate(found).T
    return Arcs(client, therapist, worth)


def _sample(market: Market, clients: Rows) -> Choices:
    """Every so many-th client with all pairs: in whatever order people come, a sample of them all."""
    chosen = clients[:: max(len(clients) // SAMPLE, 1)]
    counts = np.diff(market.first)[chosen]
    first = np.concatenate([[0], np.cumsum(counts)])
    at = np.repeat(market.first[chosen] - first[:-1], counts) + np.arange(first[-1])
    worth, unplaced = _shares(market, market.worth[at]), _unplaced(market, chosen)
    return Choices(first, market.therapist[at], worth, unplaced, len(clients) / len(chosen))


def _of_arcs(market: Market, arcs: Arcs) -> Choices:
    clients, counts = np.unique(arcs.client, return_counts=True)
    first = np.concatenate([[0], np.cumsum(counts)])
    worth = _shares(market, arcs.worth)
    return Choices(first, arcs.therapist.astype(np.int32), worth, _unplaced(market, clients))


def _shares(market: Market, units: NDArray[np.generic]) -> Singles:
    shares = (units.astype(np.float64) - market.least) / max(market.span, 1)
    return np.asarray(np.maximum(shares, -1), dtype=np.float32)


def _unplaced(market: Market, clients: Rows) -> Singles:
    """Worse than any pair, and worse for those who lose more by waiting."""
    more = (market.unplaced[clients] - market.unplaced.min()) / max(market.span, 1)
    return np.asarray(-0.5 - more, dtype=np.float32)


def _lowest(market: Market) -> Singles:
    """What the first place of each therapist costs."""
    lowest = np.zeros(len(market.places))
    some = market.places > 0
    lowest[some] = market.step[market.step_first[:-1][some]] / max(market.span, 1)
    return lowest.astype(np.float32)


def _in_units(market: Market, prices: Singles) -> Rows:
    return np.rint(prices.astype(np.float64) * market.span).astype(np.int64)


def _width(choices: Choices, prices: Singles, n_pairs: int) -> float:
    """How much worse than the best so many pairs of a client are, on average; of all pairs where there are fewer."""
    left = choices.worth - prices[choices.therapist]
    behind = np.repeat(np.maximum.reduceat(left, choices.first[:-1]), np.diff(choices.first)) - left
    at = min(n_pairs * (len(choices.first) - 1), len(behind)) - 1
    return max(float(np.partition(behind, at)[at]), NARROWEST)


def _settled(market: Market, choices: Choices, prices: Singles, tau: float, n_steps: int) -> Singles:
    """Prices after some steps towards as many clients as places."""
    from scipy.special import expit

    lowest, counts = _lowest(market), np.diff(choices.first)
    step = (market.step / max(market.span, 1)).astype(np.float32)
    seat = np.repeat(np.arange(len(market.places)), market.places)
    for _ in range(n_steps):
        left = choices.worth - prices[choices.therapist]
        best = np.maximum(np.maximum.reduceat(left, choices.first[:-1]), choices.unplaced)
        chance = np.exp((left - np.repeat(best, counts)) / np.float32(tau))
        total = np.add.reduceat(chance, choices.first[:-1]) + np.exp((choices.unplaced - best) / np.float32(tau))
        chance *= np.repeat(1 / total, counts)
        asked, firm = (
            np.bincount(choices.therapist, part, minlength=len(prices)) * choices.stands_for
            for part in (chance, chance * chance)
        )
        open_ = expit(READY + (prices[seat] - step) / np.float32(tau))
        offered, sure = (np.bincount(seat, part, minlength=len(prices)) for part in (open_, open_ * open_))
        moves = np.maximum(asked - firm + offered - sure, STIFFEST * np.maximum(asked, STIFFEST))
        change = np.clip((asked - offered) / moves, -LONGEST, LONGEST)
        prices = np.maximum(prices + tau * change, lowest).astype(np.float32)
    return prices
