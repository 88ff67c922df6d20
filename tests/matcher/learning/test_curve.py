"""Curves of a factor: flat where nothing goes with it, found where something does, silent where few stand behind."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from matcher import experience_curve, factor_curve
from matcher.errors import InvalidInput
from matcher.learning.answer import TOO_FEW_CLIENTS, TOO_FEW_THERAPISTS
from matcher.learning.curve import _basis
from tests.matcher.learning.clinics import TRUTH, UNIT, met

YEARS = np.linspace(1, 30, 40)


def test_nothing_goes_with_years() -> None:
    curve = experience_curve(met(300, 40, years=YEARS, experience=0.0))
    assert not curve.differs and curve.shown.all() and curve.too_little is None
    assert (curve.at[0], curve.at[-1], len(curve.at)) == (1, 30, 61)
    inside = (curve.lower95 <= 0) & (curve.upper95 >= 0)
    assert inside.mean() > 0.9


def test_a_bend_with_years_is_found() -> None:
    """Outcomes rise by .15 and fall again: the band holds the truth, which is centred over pairs."""
    outcomes = met(400, 40, years=YEARS, experience=0.0)
    truth = 0.15 * np.sin(np.pi * (outcomes.years - 1) / 29)
    curve = experience_curve(replace(outcomes, outcome=outcomes.outcome + truth))
    known = 0.15 * np.sin(np.pi * (curve.at - 1) / 29) - truth.mean()
    assert curve.differs
    assert np.mean((curve.lower95 <= known) & (known <= curve.upper95)) > 0.85
    assert curve.effect.max() - curve.effect[0] == pytest.approx(0.15, abs=0.05)


def test_a_factor_of_pairs_rises_by_what_it_is_worth() -> None:
    curve = factor_curve(met(1_000, 40, noise=0.3), "preference_fit")
    rise = (curve.effect[-1] - curve.effect[0]) / (curve.at[-1] - curve.at[0])
    assert rise == pytest.approx(UNIT * TRUTH["preference_fit"], rel=0.1)


def test_stretches_with_few_therapists_are_left_out() -> None:
    """Twelve therapists: three behind each of four stretches. With twenty of much the same years, theirs is drawn."""
    curve = experience_curve(met(200, 12, years=np.arange(12.0)))
    assert not curve.shown.any() and np.isnan(curve.effect).all() and np.isnan(curve.lower95).all()
    crowded = np.concatenate([np.linspace(1, 2, 20), [10, 20, 30, 40]])
    mixed = experience_curve(met(300, 24, years=crowded))
    behind = [
        np.sum((crowded >= low) & (crowded < high)) for low, high in zip(mixed.edges[:-1], mixed.edges[1:], strict=True)
    ]
    assert mixed.shown.tolist() == [n >= 5 for n in behind[:-1]] + [behind[-1] + 1 >= 5]
    assert np.isnan(mixed.effect[-1]) == (not mixed.shown[-1])
    told = json.loads(json.dumps(mixed.document(), allow_nan=False))
    assert told["effect"] == [None if np.isnan(each) else each for each in mixed.effect]
    assert told["shown"] == mixed.shown.tolist() and told["factor"] == "experience"


def test_who_did_not_say_is_left_out() -> None:
    years = YEARS.copy()
    years[::4] = np.nan
    outcomes = met(300, 40, years=years)
    said = np.isfinite(outcomes.years)
    assert experience_curve(outcomes).at[-1] == outcomes.years[said].max()


def test_the_basis_is_straight_at_both_ends() -> None:
    knots = np.array([0.0, 2.0, 3.0, 7.0, 10.0])
    step = 1e-3
    for end in (0.0, 10.0):
        x = end + step * np.array([-1, 0, 1])
        bend = np.diff(_basis(x, knots), n=2, axis=0) / step**2
        assert np.abs(bend).max() < 0.05
    middle = np.diff(_basis(5 + step * np.array([-1, 0, 1]), knots), n=2, axis=0) / step**2
    assert np.abs(middle[:, 1:]).min() > 1e-3


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        (met(30, 20, years=np.arange(20.0)), TOO_FEW_CLIENTS),
        (met(100, 8, years=np.arange(8.0)), TOO_FEW_THERAPISTS),
        (met(100, 20, years=np.arange(20) % 4), TOO_FEW_THERAPISTS),
        (met(100, 20), TOO_FEW_CLIENTS),
    ],
)
def test_too_little_is_an_answer(outcomes, reason: str) -> None:
    curve = experience_curve(outcomes)
    assert curve.too_little == reason and not len(curve.at) and not curve.differs


def test_a_factor_that_has_no_curve_is_refused() -> None:
    for factor in ("alliance", "luck"):
        with pytest.raises(InvalidInput, match="use one of"):
            factor_curve(met(50, 10), factor)
    with pytest.raises(InvalidInput, match="two points"):
        factor_curve(met(50, 10), "access", n_points=1)
