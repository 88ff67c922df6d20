"""Who of those who wait fits a place: the scores are those of the lists, and places do not count."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from matcher import Directory, nearness, rank, simulate, who_fits
from matcher.entities import Intake, Therapist
from matcher.errors import InvalidInput
from matcher.slot import Fit


def test_scores_are_those_that_each_client_s_own_list_gives() -> None:
    clinic = simulate(np.random.default_rng(3), n_therapists=12, n_clients=40)
    directory = Directory.of([replace(one, capacity=1) for one in clinic.therapists])
    key = clinic.therapists[4].id
    own = {intake.id: rank(intake, directory).matches for intake in clinic.intakes}
    expected = {
        intake_id: match.score for intake_id, matches in own.items() for match in matches if match.therapist_id == key
    }
    found = who_fits(key, clinic.intakes, directory)
    assert len(found) > 5
    assert {fit.intake_id: fit.score for fit in found} == expected
    assert [fit.score for fit in found] == sorted((fit.score for fit in found), reverse=True)
    shuffled = random.Random(1).sample(clinic.intakes, len(clinic.intakes))
    assert who_fits(key, shuffled, directory) == found


def ana(**changes: object) -> Therapist:
    said = {"profession": "psychologist", "licence_regions": ("DE",), "concerns": {"grief": 3}, "languages": ("de",)}
    return Therapist(id="ana", name="Ana", formats=("online",), **{**said, "capacity": 0, **changes})  # type: ignore[arg-type]


def test_a_full_therapist_s_place_counts_as_free_and_every_other_requirement_as_it_is() -> None:
    people = [
        Intake(id="c2", concerns=("grief",)),
        Intake(id="c1", concerns=("grief",)),
        Intake(id="c3", concerns=("grief",), languages=("fr",)),
        Intake(id="c4", concerns=("grief",), blocked_therapist_ids=("ana",)),
    ]
    found = who_fits("ana", people, Directory.of([ana()]))
    assert [fit.intake_id for fit in found] == ["c1", "c2"]  # equal scores in the order of ids
    assert found == who_fits("ana", people, Directory.of([ana(capacity=3)]))
    assert isinstance(found[0], Fit)


@pytest.mark.parametrize(
    ("score", "best", "near"), [(0.6, 0.8, 0.75), (0.8, 0.6, 1.0), (0.5, None, 1.0), (0.5, 0.0, 1.0), (0.0, 0.5, 0.0)]
)
def test_how_near_a_place_is_to_somebody_s_own_best(score: float, best: float | None, near: float) -> None:
    assert nearness(score, best) == pytest.approx(near)


@pytest.mark.parametrize(("score", "best"), [(1.1, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_what_is_no_score_has_no_nearness(score: float, best: float) -> None:
    with pytest.raises(InvalidInput):
        nearness(score, best)


def test_nobody_waits_and_nobody_of_that_name() -> None:
    assert who_fits("ana", [], Directory.of([ana()])) == ()
    with pytest.raises(InvalidInput, match="therapist_id"):
        who_fits("ben", [], Directory.of([ana()]))
