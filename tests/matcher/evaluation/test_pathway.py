"""Three associations: by hand, refused for few, and sure of what a simulation put there."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import pathway
from matcher.errors import InvalidInput

NAN = float("nan")


def test_ranks_by_hand() -> None:
    """Alliance 2 1 4 3 5 of expectation 1 … 5: Σd² = 4, ρ = 1 − 6·4/(5·24) = 0.8. Outcome falls as alliance rises."""
    first, second, third = pathway([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], [-2, -1, -4, -3, -5], fewest=5)
    assert [(one.of, one.to, one.n_clients) for one in (first, second, third)] == [
        ("expectation", "alliance", 5), ("alliance", "outcome", 5), ("expectation", "outcome", 5),
    ]  # fmt: skip
    assert first.rho is not None and second.rho is not None and third.rho is not None
    assert (first.rho.value, second.rho.value, third.rho.value) == pytest.approx((0.8, -1.0, -0.8))
    assert -1 <= second.rho.lower <= second.rho.upper <= 1


def test_each_takes_whom_it_knows_and_refuses_too_few() -> None:
    found = pathway([1, 2, 3, 4, NAN], [1, 2, 3, 4, 5], [NAN, NAN, 1, 2, 4], fewest=4)
    assert [(one.n_clients, one.rho is None) for one in found] == [(4, False), (3, True), (2, True)]


def test_where_all_say_the_same_nothing_goes_with_it() -> None:
    assert pathway([5] * 6, range(6), range(6), fewest=4)[0].rho is None


def test_the_interval_holds_what_was_put_there() -> None:
    """Two normals with correlation ½ have Spearman's ρ = 6/π · arcsin ¼ = .4826; 200 samples of 80, 92–98 % hold it."""
    rng, held = np.random.default_rng(11), 0
    for _ in range(200):
        x = rng.normal(size=80)
        y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=80)
        rho = pathway(x, y, y)[0].rho
        assert rho is not None
        held += rho.lower <= 6 / np.pi * np.arcsin(0.25) <= rho.upper
    assert 184 <= held <= 197


@pytest.mark.parametrize(
    ("rows", "fewest", "field"),
    [
        (([1, 2], [1], [1, 2]), 4, "alliance"),
        (([1, 2], [1, 2], [1, float("inf")]), 4, "outcome"),
        (([1, 2], [1, 2], [1, 2]), 3, "fewest"),
    ],
)
def test_bad_input_is_named(rows: tuple[list[float], ...], fewest: int, field: str) -> None:
    with pytest.raises(InvalidInput) as bad:
        pathway(*rows, fewest=fewest)
    assert bad.value.field == field
