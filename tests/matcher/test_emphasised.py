"""A clinic's weights moved by what one client wants: within bounds, step by step, and never out of nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import DEFAULT_WEIGHTS, emphasised, normalised
from matcher.entities import Weights
from matcher.errors import InvalidInput
from matcher.factors.registry import FACTORS

CODES = [factor.code for factor in FACTORS]
WEIGHTS = st.dictionaries(st.sampled_from(CODES), st.floats(0.01, 10), min_size=2).map(
    lambda values: normalised(values, version="v")
)
WANTED = st.dictionaries(st.sampled_from(CODES), st.integers(-2, 2))


def test_a_step_is_half_the_way_to_the_bound_by_ratio() -> None:
    clinic = normalised({"alliance": 1, "access": 1}, version="v")
    # one step of two towards 4 is twice the weight: 2 / (2 + 1); one towards 1/4 is half of it: 1/2 / (1/2 + 1)
    assert emphasised(clinic, {"access": 1}).values["access"] == pytest.approx(2 / 3, abs=1e-7)
    assert emphasised(clinic, {"access": -1}).values["access"] == pytest.approx(1 / 3, abs=1e-7)
    assert emphasised(clinic, {"access": 2}, {"access": (1.0, 3.0)}).values["access"] == pytest.approx(3 / 4, abs=1e-7)
    assert emphasised(clinic, {"access": -2}, {"access": (1.0, 3.0)}).values["access"] == pytest.approx(1 / 2, abs=1e-7)


@given(WEIGHTS, WANTED)
def test_they_sum_to_one_keep_their_version_and_bring_nothing_out_of_nothing(weights, wanted) -> None:
    moved = emphasised(weights, wanted)
    assert sum(moved.values.values()) == 1 and moved.version == weights.version
    assert all(moved.values[code] == 0 for code in CODES if weights.values[code] == 0)
    assert emphasised(weights, dict(reversed(wanted.items()))) == moved


@given(WEIGHTS, WANTED, st.sampled_from(CODES))
def test_wanting_more_never_gives_less(weights, wanted, code) -> None:
    shares = [emphasised(weights, {**wanted, code: step}).values[code] for step in range(-2, 3)]
    assert shares == sorted(shares)


@given(WEIGHTS, WANTED)
def test_no_weight_leaves_the_bounds_against_another(weights, wanted) -> None:
    moved = emphasised(weights, wanted)
    held = [code for code in CODES if weights.values[code] > 1e-3 and not wanted.get(code)]
    for code in held:
        for other in (c for c in CODES if weights.values[c] > 1e-3):
            ratio = (moved.values[other] / moved.values[code]) / (weights.values[other] / weights.values[code])
            assert 0.25 * 0.999 <= ratio <= 4 * 1.001


def test_nothing_wanted_changes_nothing() -> None:
    assert emphasised(DEFAULT_WEIGHTS, {}) == DEFAULT_WEIGHTS == emphasised(DEFAULT_WEIGHTS, {"access": 0})


@pytest.mark.parametrize(
    ("wanted", "bounds", "field"),
    [
        ({"acess": 1}, None, "weights"),
        ({"access": 3}, None, "wanted.access"),
        ({"access": 1.5}, None, "wanted.access"),
        ({"access": True}, None, "wanted.access"),
        ({"access": 1}, {"access": (1.5, 2.0)}, "bounds.access"),
        ({"access": 1}, {"access": (-1.0, 2.0)}, "bounds.access"),
        ({"access": 1}, {"access": (1.0, float("inf"))}, "bounds.access"),
    ],
)
def test_what_is_no_wish_and_no_bound_is_refused_by_name(wanted, bounds, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        emphasised(DEFAULT_WEIGHTS, wanted, bounds)
    assert refused.value.field == field


def test_a_wish_that_leaves_nothing_is_refused() -> None:
    only = normalised({"access": 1}, version="v")
    with pytest.raises(InvalidInput):
        emphasised(only, {"access": -2}, {"access": (0.0, 1.0)})


def test_a_factor_that_the_clinic_left_out_may_be_wanted_and_weighs_nothing() -> None:
    """Weights as a row keeps them, which need not name every factor."""
    kept = Weights("kept", {"alliance": 0.5, "access": 0.5})
    assert emphasised(kept, {"preference_fit": 2}).values["preference_fit"] == 0.0
