"""The chance of a place: that of the list itself under its own weights, and 0 or 1 where nothing is drawn."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from scipy.special import ndtr

from matcher import AtPlace, Directory, at_place, rank
from matcher.entities import Weights
from matcher.errors import InvalidInput
from matcher.weights import normalised
from tests.builders import a_therapist, an_intake
from tests.matcher.fakes import a_model

ALLIANCE = normalised({"alliance": 1}, version="alliance-only")
YEARS = normalised({"experience": 1}, version="years-only")
DIRECTORY = Directory.of(a_therapist(f"t{k}", years=k) for k in range(6))
MODEL = a_model({f"t{k}": -0.01 * k for k in range(6)}, doubt=0.5)


def found(who: str, place: int, weights: Weights = ALLIANCE, *, with_model: bool = True, **intake: object) -> AtPlace:
    model = MODEL if with_model else None
    return at_place(an_intake(**intake), DIRECTORY, who, place, weights=weights, model=model, seed=7)


def chance(who: str, place: int, weights: Weights = ALLIANCE, **more: Any) -> float:
    return found(who, place, weights, **more).chance


def test_under_the_weights_that_made_the_list_it_is_the_propensity_that_was_kept() -> None:
    shown = rank(an_intake(), DIRECTORY, weights=ALLIANCE, model=MODEL, seed=7)
    assert min(match.propensity for match in shown.matches) < 0.5
    for match in shown.matches:
        assert chance(match.therapist_id, match.place) == pytest.approx(match.propensity, abs=1e-12)


def test_everybody_stands_somewhere() -> None:
    assert sum(chance("t2", place) for place in range(1, 7)) == pytest.approx(1, abs=0.02)
    assert sum(chance(f"t{k}", 1) for k in range(6)) == pytest.approx(1)


@pytest.mark.parametrize("how", [{"with_model": False}, {"at_risk": True}])
def test_where_nothing_is_drawn_it_is_certain_or_impossible(how: dict[str, bool]) -> None:
    """By their years alone t5 is first and t4 second."""
    chances = [chance("t4", place, YEARS, **how) for place in (1, 2, 3)]  # type: ignore[arg-type]
    assert chances == [0.0, 1.0, 0.0]


def test_who_may_not_be_offered_or_is_not_there_stands_nowhere() -> None:
    full = Directory.of([a_therapist("t0"), a_therapist("t1", capacity=0)])
    for who in ("t1", "nobody"):
        assert at_place(an_intake(), full, who, 1, weights=ALLIANCE, model=None, seed=7).chance == 0.0


def test_a_place_that_is_not_drawn_is_refused() -> None:
    for place in (0, 21):
        with pytest.raises(InvalidInput):
            chance("t0", place)


def test_the_average_of_a_place_is_that_of_whoever_may_stand_there() -> None:
    """Φ(standing) of each, weighed by their chances; of a certain place it is that of who stands there."""
    standings = {f"t{k}": ndtr(-0.01 * k) for k in range(6)}
    for place in (1, 3):
        expected = sum(chance(who, place) * standing for who, standing in standings.items())
        assert found("t2", place).average == pytest.approx(expected, abs=1e-6)
    assert found("t2", 1).standing == pytest.approx(standings["t2"], abs=1e-6)
    assert found("t2", 2, YEARS, at_risk=True).average == pytest.approx(standings["t4"], abs=1e-6)
    nothing = found("t2", 1, with_model=False)
    assert isnan(nothing.standing) and isnan(nothing.average)
