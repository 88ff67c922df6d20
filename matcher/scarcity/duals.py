"""What one more place with each therapist would be worth: the dual prices of a transportation problem.

With clients c who stand for ``demand_c`` people each, and therapists t with ``places_t``, the best placing is

    max Σ score_ct · x_ct      Σ_t x_ct ≤ demand_c,   Σ_c x_ct ≤ places_t,   x ≥ 0

and its dual, with a price for a place of each therapist and a gain for each client,

    min Σ demand_c · gain_c + Σ places_t · price_t      gain_c ≥ score_ct − price_t,   gain_c, price_t ≥ 0.

**How it is solved.** At the minimum gain_c = max(0, max_t score_ct − price_t), so only the prices are unknown: few, and
convex. The corner of the maximum is rounded,

    gain_c = τ · ln(1 + Σ_t exp((score_ct − price_t) / τ)),      τ = .02,

and scipy's L-BFGS-B finds the prices ≥ 0. Why not a simplex: the exact dual is a vertex that jumps when one person more
comes, and often one of many; the rounded one is unique, moves little, never rises with more places, is nothing where
places are left, and takes 20 ms where HiGHS took 100 ms (400 clients, 40 therapists). The rounding says that clients
choose among near-equals as people do, two points of a hundred apart. What it costs is known: by weak duality the
best placing is worth at most ``bound`` and, since the rounded choices are themselves a placing, at least ``value``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import InvalidInput

TEMPERATURE = 0.02  # our judgement: what is within two points of a hundred is equal to most people
TOLERANCE = 1e-7  # of the places used with each therapist, as a share of the demand
MOST_STEPS, MOST_BEGINNINGS = 500, 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Priced:
    """Prices (m,) in units of the score, and the proof: the best placing is worth from ``value`` to ``bound``.

    ``used`` (m,) is how many places each therapist gives in the placing of that value.
    """

    prices: Floats
    used: Floats
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """By how much the placing can fall short of the best, as a share of the bound."""
        return (self.bound - self.value) / self.bound if self.bound > 0 else 0.0


def place_prices(
    scores: ArrayLike,
    demand: ArrayLike,
    places: ArrayLike,
    *,
    temperature: float = TEMPERATURE,
    start: ArrayLike | None = None,
) -> Priced:
    """What one more place with each therapist is worth to those who come.

    Parameters
    ----------
    scores : array, (n, m)
        Score of each client with each therapist, 0 … 1; NaN where the two cannot be matched.
    demand : array, (n,)
        How many people each client stands for, 0 or more; need not be whole.
    places : array, (m,)
        Places of each therapist, 0 or more; need not be whole.
    temperature : float
        How near two scores are for people to choose either, .0005 … 1, in units of the score.
    start : array, (m,), optional
        Prices from which the search begins, those of a week ago say. The answer is the same.

    Returns
    -------
    Priced
        Prices ≥ 0 in units of the score, 0 where places are left or there are none, and the bounds that prove them.

    Raises
    ------
    InvalidInput
        For shapes that do not fit, a score that is infinite, a demand, place or price below 0 or not finite, or a
        temperature outside of its range.

    Notes
    -----
    The equations stand at the top of ``matcher.scarcity.duals``. value ≤ best ≤ bound, and
    bound − value ≤ temperature · ln(m + 1) · Σ demand, up to the tolerance of the search.

    References
    ----------
    Talluri, van Ryzin (1998), An analysis of bid-price controls for network revenue management, Management Science
    44(11): accept where the gain exceeds the dual prices. Galichon, Salanié (2022), Cupid's invisible hand, Review of
    Economic Studies 89(5): the rounded maximum as people's choice among near-equals, and uniqueness.

    Examples
    --------
    Whoever comes first can see both therapists and prefers the second, who has one place; two others can see nobody
    else. To them a place there is worth .7, more than the .2 that the first would gain.

    >>> from matcher import place_prices
    >>> found = place_prices([[0.6, 0.8], [float("nan"), 0.7]], [1, 2], [2, 1])
    >>> found.prices.round(2).tolist(), found.gap < 0.05
    ([0.0, 0.7], True)
    """
    known, weight, room = _checked(scores, demand, places, temperature)
    total = float(weight.sum())
    usable = (room > 0) & (np.isfinite(known) & (weight > 0)[:, None]).any(axis=0)
    if total == 0 or not usable.any():
        return Priced(np.zeros(len(room)), np.zeros(len(room)), 0.0, 0.0)
    fitted = np.where(np.isnan(known), -np.inf, known)[:, usable]
    prices = np.zeros(len(room))
    prices[usable] = _least(fitted, weight / total, room[usable] / total, temperature, _first(start, len(room))[usable])
    return _proved(prices, usable, fitted, weight, room, temperature)


def _least(scores: Floats, share: Floats, room: Floats, temperature: float, start: Floats) -> Floats:
    """The prices at which the rounded dual is least; ``share`` of the demand sums to 1, ``room`` is per demand."""
    from scipy.optimize import minimize

    def dual(prices: Floats) -> tuple[float, Floats]:
        gains, chosen = rounded(scores, prices, temperature)
        return float(share @ gains + room @ prices), np.asarray(room - share @ chosen)

    prices = start
    for _ in range(MOST_BEGINNINGS):
        found = minimize(
            dual,
            prices,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * len(room),
            options={"gtol": TOLERANCE, "ftol": 0.0, "maxcor": 20, "maxiter": MOST_STEPS},
        )
        prices = np.asarray(found.x, dtype=np.float64)
        if np.abs(np.where((prices <= 0) & (found.jac > 0), 0.0, found.jac)).max() <= TOLERANCE:
            break  # it also stops where a step gains nothing, far from the least: then it begins anew from there
    return prices


def rounded(scores: Floats, prices: Floats, temperature: float) -> tuple[Floats, Floats]:
    """(n,) gains and (n, m) shares in which each client chooses; what is left of 1 stays without anybody."""
    net = (scores - prices) / temperature
    most = np.maximum(net.max(axis=1), 0.0)
    chosen = np.exp(net - most[:, None])
    total = np.exp(-most) + chosen.sum(axis=1)
    return temperature * (most + np.log(total)), chosen / total[:, None]


def _proved(
    prices: Floats, usable: NDArray[np.bool_], scores: Floats, demand: Floats, room: Floats, temperature: float
) -> Priced:
    net = np.maximum((scores - prices[usable]).max(axis=1), 0.0)
    placed = rounded(scores, prices[usable], temperature)[1] * demand[:, None]
    wanted = placed.sum(axis=0)
    kept = np.minimum(1.0, room[usable] / np.where(wanted > 0, wanted, 1.0))
    used = np.zeros(len(room))
    used[usable] = wanted * kept
    value = float((placed * np.where(np.isfinite(scores), scores, 0.0)).sum(axis=0) @ kept)
    return Priced(prices, used, value, float(demand @ net + room @ prices))


def _first(start: ArrayLike | None, m: int) -> Floats:
    return np.zeros(m) if start is None else _amounts("start", start, m)


def _checked(
    scores: ArrayLike, demand: ArrayLike, places: ArrayLike, temperature: float
) -> tuple[Floats, Floats, Floats]:
    known = np.asarray(scores, dtype=np.float64)
    if known.ndim != 2:
        raise InvalidInput("scores", known.shape, "expected clients × therapists")
    if np.isinf(known).any():
        raise InvalidInput("scores", "infinite", "expected finite scores, NaN where two cannot be matched")
    if not 0.0005 <= temperature <= 1:
        raise InvalidInput("temperature", temperature, "expected a number from .0005 to 1")
    return known, _amounts("demand", demand, len(known)), _amounts("places", places, known.shape[1])


def _amounts(name: str, values: ArrayLike, n: int) -> Floats:
    """(n,) finite numbers, 0 or more."""
    found = np.asarray(values, dtype=np.float64)
    if found.shape != (n,):
        raise InvalidInput(name, found.shape, f"expected {n} numbers in one row")
    if not (np.isfinite(found) & (found >= 0)).all():
        raise InvalidInput(name, float(found.min()), "expected finite numbers, 0 or more")
    return found
