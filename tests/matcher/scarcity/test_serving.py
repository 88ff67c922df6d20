"""Prices serve only where simulated years of the clinic's own people say so; prices from intakes and therapists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from matcher import Directory, Flow, rank, scarcity_prices, scarcity_trial
from matcher.entities import Intake
from matcher.errors import InvalidInput
from matcher.scarcity.figures import ASIDE, CODES, HARD_TO_PLACE, WAIT_DAYS, WORST_TENTH
from matcher.scarcity.flow import pairs_of
from matcher.scarcity.serving import (
    FEWEST_INTAKES,
    GAINS,
    NO_GAIN,
    REASONS,
    TOO_FEW_INTAKES,
    TOO_FEW_THERAPISTS,
    WORST_OFF_LOSE,
    judged,
)
from matcher.weights import DEFAULT
from tests.builders import a_therapist, an_intake

BUSY = Flow(arrivals_per_week=1, course_days=(56,))


def speakers(n: int = 120) -> list[Intake]:
    """One in four speaks Spanish alone."""
    return [an_intake(id=f"c{k}", languages=("es",) if k % 4 == 0 else ("de",)) for k in range(n)]


def two_languages(n_places: int = 6) -> Directory:
    """Ana alone speaks both, and everybody would rather see her."""
    ana = a_therapist("ana", languages=("de", "es"), concerns={"grief": 3}, capacity=n_places)
    return Directory.of([ana, a_therapist("ben", concerns={"grief": 2}, capacity=2 * n_places)])


def specialists() -> tuple[list[Intake], Directory]:
    """Every other client comes with grief, which Ana alone knows; she knows panic a little better than Ben, too."""
    intakes = [an_intake(id=f"c{k}", concerns=("grief",) if k % 2 else ("panic",)) for k in range(100)]
    ana = a_therapist("ana", concerns={"grief": 3, "panic": 3}, capacity=16)
    return intakes, Directory.of([ana, a_therapist("ben", concerns={"panic": 2}, capacity=16)])


def test_prices_serve_where_the_clinics_own_years_gain() -> None:
    intakes, directory = specialists()
    found = scarcity_trial(intakes, directory, BUSY, load=0.8, n_years=5)
    assert found.serves and found.reason == GAINS
    assert found.of(WORST_TENTH).difference.value > 0, "Ana keeps places for grief"
    assert found.of(ASIDE).ours > 0.05, "and others are led to Ben"


def test_prices_shorten_the_wait_of_those_who_can_see_nobody_else() -> None:
    found = scarcity_trial(speakers(), two_languages(), BUSY, load=0.8, n_years=5)
    assert found.of(WAIT_DAYS).difference.upper < 0


def test_prices_do_not_serve_where_they_cannot_gain() -> None:
    """Everybody is alike to everybody, so no order is better than another."""
    alike = Directory.of([a_therapist("ana", capacity=6), a_therapist("ben", capacity=6)])
    found = scarcity_trial([an_intake(id=f"c{k}") for k in range(100)], alike, BUSY, load=0.9, n_years=4)
    assert not found.serves and found.reason == NO_GAIN
    assert found.differences[0].difference.value == pytest.approx(0)


def test_too_few_are_not_tried() -> None:
    directory = two_languages()
    few = scarcity_trial(speakers(FEWEST_INTAKES - 1), directory, BUSY)
    alone = scarcity_trial(speakers(), Directory.of([a_therapist("ana", languages=("de", "es"))]), BUSY)
    nobody = scarcity_trial(speakers(), Directory.of([]), BUSY)
    assert (few.serves, few.reason, few.differences) == (False, TOO_FEW_INTAKES, ())
    assert (alone.serves, alone.reason) == (False, TOO_FEW_THERAPISTS)
    assert not nobody.serves and {few.reason, alone.reason, nobody.reason} <= set(REASONS)


def test_clients_whom_nobody_can_see_do_not_count() -> None:
    some = [*speakers(FEWEST_INTAKES - 1), *(an_intake(id=f"x{k}", languages=("fr",)) for k in range(9))]
    assert scarcity_trial(some, two_languages(), BUSY).n_clients == FEWEST_INTAKES - 1


def years(**forecast: float) -> list[dict[str, Mapping[str, float]]]:
    """Three years; greedy has .5 of everything, the forecast .6 and the others as said, one year a little more."""
    found = []
    for year in range(3):
        greedy = dict.fromkeys(CODES, 0.5)
        ours = {code: forecast.get(code, 0.6) + 0.001 * year for code in CODES}
        found.append({"greedy": greedy, "forecast": ours})
    return found


@pytest.mark.parametrize(
    ("forecast", "reason"),
    [
        ({}, GAINS),
        ({"alliance": 0.499}, NO_GAIN),
        ({"alliance": 0.5005}, NO_GAIN),
        ({"alliance": 0.4}, NO_GAIN),
        ({WORST_TENTH: 0.4}, WORST_OFF_LOSE),
        ({WORST_TENTH: 0.499}, GAINS),
        ({HARD_TO_PLACE: 0.4}, WORST_OFF_LOSE),
        ({"alliance": 0.4, WORST_TENTH: 0.4}, NO_GAIN),
    ],
)
def test_the_rule(forecast: dict[str, float], reason: str) -> None:
    found = judged(years(**forecast), 100, 5, 0.9)
    assert found.reason == reason and found.serves == (reason == GAINS)


def test_a_gain_that_nobody_notices_is_none() -> None:
    """Surely more, by .0008 of the bound."""
    same, more = dict.fromkeys(CODES, 0.5), dict.fromkeys(CODES, 0.5008)
    found = judged([{"greedy": same, "forecast": more}] * 3, 100, 5, 0.9)
    assert found.of("alliance").difference.lower > 0 and found.reason == NO_GAIN


def test_the_interval_by_hand() -> None:
    """Differences .1, .101, .102: mean .101, standard error .001/√3, t of two degrees of freedom 4.302653."""
    difference = judged(years(), 100, 5, 0.9).differences[0].difference
    assert difference.value == pytest.approx(0.101)
    assert difference.upper - difference.value == pytest.approx(4.302653 * 0.001 / 3**0.5)


def test_the_same_seed_is_the_same_verdict_and_json_holds_it() -> None:
    one, again, other = (
        scarcity_trial(speakers(), two_languages(), BUSY, n_years=2, load=0.8, seed=seed) for seed in (1, 1, 2)
    )
    assert one == again and one != other
    for document in (one.document(), scarcity_trial([], two_languages(), BUSY).document()):
        assert json.loads(json.dumps(document, allow_nan=False))["reason"] in REASONS


def test_prices_of_today_turn_a_list() -> None:
    directory = two_languages(4)
    found = scarcity_prices(speakers(), directory, Flow(arrivals_per_week=2, course_days=(56,)))
    assert found.prices["ana"] > 0.03 and found.prices["ben"] == 0 and found.gap < 0.05
    german = an_intake(languages=("de",))
    assert [match.therapist_id for match in rank(german, directory).matches] == ["ana", "ben"]
    assert [match.therapist_id for match in rank(german, directory, prices=found.prices).matches] == ["ben", "ana"]
    assert json.loads(json.dumps(found.document(), allow_nan=False))["prices"].keys() == {"ana", "ben"}


def test_who_waits_counts_one_by_one() -> None:
    calm = Flow(arrivals_per_week=0.01, course_days=(56,))
    without = scarcity_prices(speakers(), two_languages(), calm)
    beside = scarcity_prices(speakers(), two_languages(), calm, waiting=[an_intake(languages=("es",))] * 9)
    assert set(without.prices.values()) == {0} and beside.prices["ana"] > 0.05 and beside.n_waiting == 9


def test_nobody_expected_costs_nothing() -> None:
    assert set(scarcity_prices([], two_languages(), BUSY).prices.values()) == {0}
    assert scarcity_prices(speakers(), Directory.of([]), BUSY).prices == {}


def test_a_full_therapist_is_a_pair_since_their_places_reopen() -> None:
    full = Directory.of([a_therapist("ana", capacity=0)])
    assert pairs_of([an_intake()], full, DEFAULT, None, None).score.shape == (1, 1)
    assert not rank(an_intake(), full).matches


def test_load_by_hand() -> None:
    """Two a week, eight weeks each, in 20 places: 16 are taken."""
    assert Flow(arrivals_per_week=2, course_days=(42, 70)).load(20) == pytest.approx(0.8)


def test_the_caseload_is_part_of_the_places() -> None:
    busy = Flow(arrivals_per_week=2, course_days=(56,), caseload={"ana": 2})
    found = scarcity_trial([], two_languages(6), busy)
    assert found.load == pytest.approx(2 / 7 * 56 / 20)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("arrivals_per_week", {"arrivals_per_week": 0}),
        ("arrivals_per_week", {"arrivals_per_week": float("nan")}),
        ("course_days", {"arrivals_per_week": 1, "course_days": ()}),
        ("course_days", {"arrivals_per_week": 1, "course_days": (0.5,)}),
        ("caseload.ana", {"arrivals_per_week": 1, "caseload": {"ana": -1}}),
    ],
)
def test_a_flow_that_cannot_be_is_refused(field: str, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Flow(**said)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("n_years", {"n_years": 1}),
        ("seed", {"seed": -1}),
        ("load", {"load": 9}),
        ("turn", {"turn": "loudest", "n_years": 2}),
    ],
)
def test_a_trial_that_cannot_be_is_refused(field: str, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        scarcity_trial(speakers(), two_languages(), BUSY, **said)
    assert refused.value.field == field


def test_a_caseload_of_a_stranger_is_refused() -> None:
    strange = Flow(arrivals_per_week=1, caseload={"eve": 1})
    for ask in (scarcity_prices, scarcity_trial):
        with pytest.raises(InvalidInput) as refused:
            ask(speakers(), two_languages(), strange)
        assert refused.value.field == "caseload"
