"""Prices of places: duality by hand and against scipy's HiGHS, what a price must never do, and bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from matcher import place_prices
from matcher.errors import InvalidInput
from matcher.scarcity.duals import TEMPERATURE

Floats = NDArray[np.float64]
NAN = math.nan
SHARP = 0.001


def an_instance(seed: int, n: int = 12, m: int = 4) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    scores = np.where(rng.random((n, m)) < 0.7, rng.random((n, m)), NAN)
    return scores, rng.uniform(0.1, 2, n), rng.uniform(0.5, 5, m)


def best_placing(scores: Floats, demand: Floats, places: Floats) -> float:
    """The value of the linear program, by HiGHS."""
    n, m = scores.shape
    can = np.isfinite(scores)
    rows = np.concatenate([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    worth = np.where(can, scores, 0.0).ravel()
    upper = [(0, None if one else 0) for one in can.ravel()]
    return float(-linprog(-worth, rows, np.concatenate([demand, places]), bounds=upper).fun)


def test_duality_by_hand() -> None:
    """One and a half people score .9 and .5, one scores .8 and .2; 1¼ places with the first therapist, 2 with the
    second. The one loses .6 without the first, the others .4, so 1 + ¼ of them are there and 1¼ with the second, where
    places are left: price .4 and 0, gains .5 and .4. Primal 1 · .8 + ¼ · .9 + 1¼ · .5 = 1.65, and dual
    1½ · .5 + 1 · .4 + 1¼ · .4 = 1.65."""
    found = place_prices([[0.9, 0.5], [0.8, 0.2]], [1.5, 1], [1.25, 2], temperature=SHARP)
    assert found.prices == pytest.approx([0.4, 0.0], abs=3 * SHARP)
    assert found.value == pytest.approx(1.65, abs=2e-3) and found.bound == pytest.approx(1.65, abs=2e-3)
    assert found.used == pytest.approx([1.25, 1.25], abs=5e-3)


def test_value_and_bound_hold_the_best_placing() -> None:
    for seed in range(40):
        scores, demand, places = an_instance(seed)
        found, best = place_prices(scores, demand, places), best_placing(scores, demand, places)
        assert found.value - 1e-9 <= best <= found.bound + 1e-9
        assert found.bound - found.value <= TEMPERATURE * math.log(5) * demand.sum() + 1e-2
        sharp = place_prices(scores, demand, places, temperature=SHARP)
        assert sharp.bound == pytest.approx(best, rel=3e-3), seed


def test_a_placing_keeps_to_the_places() -> None:
    for seed in range(20):
        scores, demand, places = an_instance(seed)
        found = place_prices(scores, demand, places)
        assert (found.used <= places + 1e-9).all() and found.used.sum() <= demand.sum() + 1e-9


def test_nothing_costs_where_nobody_is_short() -> None:
    scores, demand, _ = an_instance(1)
    found = place_prices(scores, demand, np.full(4, demand.sum() + 0.1))
    assert found.prices.tolist() == [0, 0, 0, 0]


def test_only_those_who_are_short_cost() -> None:
    """Three can go to the first alone, three to the second alone; two places and five."""
    found = place_prices([[0.8, NAN], [NAN, 0.7]], [3, 3], [2, 5])
    assert found.prices[0] == pytest.approx(0.8, abs=0.05) and found.prices[1] == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3), st.floats(0.3, 0.95))
def test_fewer_places_never_lower_a_price(seed: int, at: int, share: float) -> None:
    scores, demand, places = an_instance(seed)
    fewer = places.copy()
    fewer[at] *= share
    before, after = (place_prices(scores, demand, room).prices for room in (places, fewer))
    assert (after >= before - 2e-3).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
@example(199)  # from these starts the search stalls once, far from the least
@example(833)
def test_order_and_start_do_not_matter(seed: int) -> None:
    scores, demand, places = an_instance(seed)
    rng = np.random.default_rng(seed)
    c, t = rng.permutation(12), rng.permutation(4)
    once = place_prices(scores, demand, places).prices
    again = place_prices(scores[c][:, t], demand[c], places[t], start=rng.random(4)).prices
    assert again == pytest.approx(once[t], abs=2e-3)


def test_nobody_and_no_places_are_answers() -> None:
    for scores, demand, places in (
        (np.zeros((0, 2)), [], [1, 1]),
        ([[0.5, 0.5]], [0], [1, 1]),
        ([[0.5, 0.5]], [1], [0, 0]),
        ([[NAN, NAN]], [1], [1, 1]),
    ):
        found = place_prices(scores, demand, places)
        assert found.prices.tolist() == [0, 0] and found.bound == found.value == found.gap == 0


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("scores", {"scores": [0.5, 0.4]}),
        ("scores", {"scores": [[0.5, math.inf]]}),
        ("demand", {"demand": [1, 1]}),
        ("demand", {"demand": [-1]}),
        ("places", {"places": [1]}),
        ("places", {"places": [1, NAN]}),
        ("start", {"start": [0.1, -0.1]}),
        ("temperature", {"temperature": 0}),
    ],
)
def test_bad_input_is_named(field: str, changes: dict[str, Any]) -> None:
    given_: dict[str, Any] = {"scores": [[0.5, 0.4]], "demand": [1], "places": [1, 1]} | changes
    with pytest.raises(InvalidInput) as refused:
        place_prices(given_.pop("scores"), given_.pop("demand"), given_.pop("places"), **given_)
    assert refused.value.field == field
