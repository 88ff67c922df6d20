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
STAGES = ((32, 1 / 12), (16, 1 / 20), (8, 1 / 40))  # pairs a client, and τ as a share of their width
COARSE = ((0.25, 3), (0.1, 3), (0.04, 3), (0.015, 4))  # τ as a share of the span, and steps
STEPS = 12
LONGEST = 2.0  # a price moves by so many τ at most in one step
STIFFEST = 0.02  # the least share of those who ask that counts as ready to change
READY = 3.0  # a place is offered by .95 at its cost
FEW = 4  # pairs a client among which the optimum is looked for first
MOST = 2  # times as many pairs of a client as are wanted on average
NARROWEST = 1e-6


@dataclass(frozen=True, eq=False)
class Choices:
    """Pairs among which clients choose, and how many clients each of them stands for.

    Numbers are shares of the market's span, 0 for its least worth, in float32; what outweighs everything is only much
    worse here. ``unplaced`` is what staying unplaced is worth.
    """

    first: Rows
    therapist: Rows
    worth: Singles
    unplaced: Singles
    stands_for: float = 1.0


def guessed(market: Market) -> tuple[Rows, Arcs]:
    """Prices near those of the optimum, in units, (n_therapists,), and the few pairs of each client that matter there.

    Prices are 0 or more, or the cost of the first place where that is more.
    """
    clients = np.flatnonzero(np.diff(market.first))
    if not len(clients):
        return market.places * 0, near(market, market.places * 0, 0, 1)
    choices = _sample(market, clients)
    prices = _lowest(market)
    for tau, n_steps in COARSE:
        prices = _moved(market, choices, prices, tau, n_steps)
    for n_pairs, share in STAGES:
        width = _width(choices, prices, n_pairs)
        arcs = near(market, _in_units(market, prices), width * market.span, MOST * n_pairs)
        choices = _of_arcs(market, arcs)
        prices = _moved(market, choices, prices, width * share, STEPS)
    return _in_units(market, prices), _nearest(arcs, choices, prices)


def near(market: Market, prices: Rows, width: float, most: int) -> Arcs:
    """The pairs that at these prices are at most ``width`` units worse than their client's best, in one pass.

    Where scores are so alike that clients have more than ``most`` such pairs on average, each has so many at most.
    """
    found = [np.zeros((0, 3), dtype=np.int64)]
    rough = prices.astype(np.float32)
    for start, end in market.blocks():
        first = market.first[start : end + 1]
        part = slice(first[0], first[-1])
        left = market.worth[part].astype(np.float32) - rough[market.therapist[part]]
        least = (best_of(first - first[0], left, 0.0) - width).astype(np.float32)
        at = np.flatnonzero(left >= np.repeat(least, np.diff(first)))
        client = start + np.searchsorted(first - first[0], at, side="right") - 1
        if len(at) > most * (end - start):
            kept = _thinned(client, market.therapist[part][at], left[at], most)
            client, at = client[kept], at[kept]
        found.append(np.column_stack([client, market.therapist[part][at], market.worth[part][at]]))
    client, therapist, worth = np.concatenate(found).T
    return Arcs(client, therapist, worth)


def _thinned(client: Rows, therapist: NDArray[np.int32], left: Singles, most: int) -> Rows:
    """Where the best of each client's pairs are, in their order; of equals some that differ from client to client."""
    mixed = ((client + 1) * 2654435761 + therapist.astype(np.int64) * 40503 * (client % 97 + 1)) % 65537
    order = np.lexsort((mixed, -left, client))
    nth = np.arange(len(client)) - np.searchsorted(client, client)
    return np.sort(order[nth < most])


def _nearest(arcs: Arcs, choices: Choices, prices: Singles) -> Arcs:
    """The few of these arcs that are nearest to their client's best."""
    behind = _behind(choices, prices)
    at = np.flatnonzero(behind <= _width(choices, prices, FEW))
    if len(at) > MOST * FEW * (len(choices.first) - 1):
        at = at[_thinned(arcs.client[at], choices.therapist[at].astype(np.int32), -behind[at], MOST * FEW)]
    return Arcs(arcs.client[at], arcs.therapist[at], arcs.worth[at])


def _sample(market: Market, clients: Rows) -> Choices:
    """Every so many-th client with all pairs: in whatever order people come, a sample of them all."""
    chosen = clients[:: max(len(clients) // SAMPLE, 1)]
    counts = np.diff(market.first)[chosen]
    first = np.concatenate([[0], np.cumsum(counts)])
    at = np.repeat(market.first[chosen] - first[:-1], counts) + np.arange(first[-1])
    worth, unplaced = _shares(market, market.worth[at]), _unplaced(market, chosen)
    return Choices(first, market.therapist[at].astype(np.int64), worth, unplaced, len(clients) / len(chosen))


def _of_arcs(market: Market, arcs: Arcs) -> Choices:
    clients, counts = np.unique(arcs.client, return_counts=True)
    first = np.concatenate([[0], np.cumsum(counts)])
    worth = _shares(market, arcs.worth)
    return Choices(first, arcs.therapist, worth, _unplaced(market, clients))


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
    behind = _behind(choices, prices)
    at = min(n_pairs * (len(choices.first) - 1), len(behind)) - 1
    return max(float(np.partition(behind, at)[at]), NARROWEST)


def _behind(choices: Choices, prices: Singles) -> Singles:
    """How much worse than its client's best each pair is at these prices."""
    left = choices.worth - prices[choices.therapist]
    return np.asarray(np.repeat(np.maximum.reduceat(left, choices.first[:-1]), np.diff(choices.first)) - left)


def _moved(market: Market, choices: Choices, prices: Singles, tau: float, n_steps: int) -> Singles:
    """Prices after some steps towards as many clients as places."""
    lowest, n_therapists = _lowest(market), len(market.places)
    step = (market.step / max(market.span, 1)).astype(np.float32)
    owner = np.repeat(np.arange(n_therapists), market.places)
    for _ in range(n_steps):
        asked, firm = _demand(choices, prices, np.float32(tau))
        offered, sure = _supply(owner, prices[owner] - step, n_therapists, np.float32(tau))
        ready = np.maximum(asked - firm + offered - sure, STIFFEST * np.maximum(asked, STIFFEST))
        change = np.clip((asked - offered) / ready, -LONGEST, LONGEST)
        prices = np.maximum(prices + tau * change, lowest).astype(np.float32)
    return prices


def _demand(choices: Choices, prices: Singles, tau: np.float32) -> tuple[Floats, Floats]:
    """How many ask for each therapist, Σ x, and how firmly, Σ x²: who is sure of one does not move with the price."""
    first = choices.first[:-1]
    left = choices.worth - prices[choices.therapist]
    best = np.maximum(np.maximum.reduceat(left, first), choices.unplaced)
    counts = np.diff(choices.first)
    chance = np.exp((left - np.repeat(best, counts)) / tau)
    total = np.add.reduceat(chance, first) + np.exp((choices.unplaced - best) / tau)
    chance *= np.repeat(1 / total, counts)
    asked, firm = (_summed(choices.therapist, part, len(prices)) for part in (chance, chance * chance))
    return asked * choices.stands_for, firm * choices.stands_for


def _supply(owner: Rows, gain: Singles, n_therapists: int, tau: np.float32) -> tuple[Floats, Floats]:
    """How many places each therapist offers, and how firmly, where a place gains its price less its cost."""
    from scipy.special import expit

    offer = expit(READY + gain / tau)
    return _summed(owner, offer, n_therapists), _summed(owner, offer * offer, n_therapists)


def _summed(therapist: Rows, parts: Singles, n_therapists: int) -> Floats:
    """Sums by therapist."""
    return np.asarray(np.bincount(therapist, parts, minlength=n_therapists), dtype=np.float64)
