"""Weights at their edges."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.entities import Weights
from matcher.errors import InvalidInput
from matcher.factors.registry import FACTORS
from matcher.weights import CLIENT_BOUNDS, DEFAULT, GRID, PRESETS, emphasised, normalised

CODES = [factor.code for factor in FACTORS]
RELATIVE = st.dictionaries(st.sampled_from(CODES), st.floats(0, 1e308, allow_subnormal=False), min_size=1)


@pytest.mark.parametrize(
    ("values", "field", "mend"),
    [
        ({}, "weights", "at least one factor"),
        ({"alliance": 0, "access": 0.0}, "weights", "at least one factor"),
        ({"alliance": -0.1}, "weights.alliance", "0 or more"),
        ({"alliance": math.nan}, "weights.alliance", "finite"),
        ({"alliance": math.inf}, "weights.alliance", "finite"),
        ({"alliance": "1"}, "weights.alliance", "finite"),
        ({"alliance": True}, "weights.alliance", "finite"),
        ({"alliance": None}, "weights.alliance", "finite"),
        ({"aliance": 1}, "weights", "did you mean 'alliance'"),
        ({"luck": 1}, "weights", "use one of: alliance"),
    ],
)
def test_what_cannot_be_a_weight_is_refused(values: dict[str, Any], field: str, mend: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalised(values, version="x")
    assert refused.value.field == field
    assert mend in refused.value.mend


def test_numbers_whose_sum_is_beyond_a_double() -> None:
    weights = normalised({"alliance": 1e308, "access": 1e308, "experience": 1e-300}, version="x")
    assert weights.values == {**dict.fromkeys(CODES, 0.0), "alliance": 0.5, "access": 0.5}


def test_three_equal_parts_sum_to_one() -> None:
    """2^26 = 67,108,864 = 3 · 22,369,621 + 1: the step that is left goes to the first of the registry."""
    values = normalised({"alliance": 1, "access": 1, "continuity": 1}, version="x").values
    assert [values[code] * GRID for code in ("alliance", "access", "continuity")] == [22369622, 22369621, 22369621]


def test_every_factor_is_named_in_the_order_of_the_registry() -> None:
    assert list(normalised({"access": 1}, version="x").values) == CODES


@given(RELATIVE.filter(lambda values: max(values.values()) > 0))
def test_sum_is_exactly_one_on_the_grid(values: dict[str, float]) -> None:
    weights = normalised(values, version="x")
    assert math.fsum(weights.values.values()) == 1
    assert all((weight * GRID).is_integer() and weight >= 0 for weight in weights.values.values())
    assert all(weights.values[code] == 0 for code in CODES if values.get(code, 0) == 0)
    assert normalised(weights.values, version="x") == weights


@given(RELATIVE.filter(lambda values: max(values.values()) > 1e-200), st.integers(-300, 300))
def test_only_the_relation_counts(values: dict[str, float], power: int) -> None:
    """A power of two scales doubles without rounding, so the weights are equal to the bit."""
    largest = max(values.values())
    shrunk = {code: value / largest for code, value in values.items()}
    scaled = {code: math.ldexp(value, power) for code, value in shrunk.items()}
    if all(math.ldexp(value, -power) == shrunk[code] for code, value in scaled.items()):
        assert normalised(scaled, version="x") == normalised(shrunk, version="x")


def test_presets_differ_and_leave_experience_out() -> None:
    assert PRESETS["balanced"] is DEFAULT
    assert len({tuple(preset.values.items()) for preset in PRESETS.values()}) == len(PRESETS) == 3
    assert len({preset.version for preset in PRESETS.values()}) == 3
    assert all(preset.values["experience"] == 0 for preset in PRESETS.values())


BOUNDS = st.dictionaries(st.sampled_from(CODES), st.tuples(st.floats(0.01, 1), st.floats(1, 10)))


@given(st.dictionaries(st.sampled_from(CODES), st.floats(0.1, 10), min_size=2), BOUNDS, st.data())
def test_a_client_moves_a_weight_to_its_own_bounds_and_no_further(
    values: dict[str, float], bounds: dict[str, tuple[float, float]], data: st.DataObject
) -> None:
    """Against a factor that stays as it is, a weight moves by least … most; the last step is the bound, to the grid."""
    clinic = normalised(values, version="v")
    code, held = data.draw(st.permutations(list(values)))[:2]
    least, most = bounds.get(code, CLIENT_BOUNDS)
    moved = [_against(emphasised(clinic, {code: step}, bounds), code, held, clinic) for step in range(-2, 3)]
    assert moved == sorted(moved) and moved[2] == pytest.approx(1)
    assert moved[0] == pytest.approx(least, rel=1e-2, abs=1e-4) and moved[4] == pytest.approx(most, rel=1e-2)
    assert moved[1] == pytest.approx(math.sqrt(least), rel=1e-2) and moved[3] == pytest.approx(
        math.sqrt(most), rel=1e-2
    )


def _against(moved: Weights, code: str, held: str, clinic: Weights) -> float:
    """How many times its weight a factor has, where another is taken to have kept its own."""
    return moved.values[code] / moved.values[held] / (clinic.values[code] / clinic.values[held])
