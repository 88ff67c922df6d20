"""Floods of new raters: seen where five come at one end, and not where clients come as usual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from matcher import ClinicModel, Directory, SimulatedClinic, flooded, simulate
from matcher.encoding import ClientArrays
from matcher.entities import Intake, Rating

Trials, Tried = Callable[[int, int], int], Callable[[int], None]
ENDS = {"low": 0.0, "high": 1.0}


@cache
def clinic(seed: int) -> tuple[SimulatedClinic, ClinicModel]:
    """Forty therapists, about twenty clients each over three years, and their model."""
    made = simulate(np.random.default_rng(seed), n_therapists=40, n_clients=900)
    return made, ClinicModel.fit(made.intakes, made.therapists, made.ratings, scale=made.scale)


def established(made: SimulatedClinic, least: int = 8) -> list[str]:
    """Therapists whom some clients know."""
    whose: dict[str, set[str]] = {}
    for rating in made.ratings:
        whose.setdefault(rating.therapist_id, set()).add(rating.client_id)
    return sorted(id_ for id_, clients in whose.items() if len(clients) >= least)


def comers(
    made: SimulatedClinic, rng: np.random.Generator, id_: str, scores: list[float], hours: float = 48.0
) -> tuple[list[Intake], list[Rating]]:
    """New clients, like others of the clinic, who all rate one therapist within some hours."""
    days = sorted(rating.rated_at for rating in made.ratings if rating.rated_at)
    begin = days[int(rng.integers(len(days) // 3, len(days)))]
    like = rng.choice(len(made.intakes), len(scores), replace=False)
    people = [replace(made.intakes[at], id=f"x-{id_}-{k}") for k, at in enumerate(like)]
    after = [timedelta(hours=float(at)) for at in rng.uniform(0, hours, len(scores))]
    return people, [
        Rating(client_id=who.id, therapist_id=id_, session=1, score=score, rated_at=begin + later)
        for who, score, later in zip(people, scores, after, strict=True)
    ]


def attacked(seed: int, m: int, score: float) -> tuple[SimulatedClinic, ClinicModel, list[str], tuple[list, list]]:
    made, model = clinic(seed)
    rng, who = np.random.default_rng((seed, m)), established(made)
    each = [comers(made, rng, id_, [score] * m) for id_ in who]
    people, ratings = [one for found, _ in each for one in found], [one for _, found in each for one in found]
    return made, model, who, ([*made.intakes, *people], [*made.ratings, *ratings])


@pytest.mark.A5
@pytest.mark.A6
@pytest.mark.parametrize("m", [5, 10])
@pytest.mark.parametrize("end", ENDS)
def test_five_new_raters_at_one_end_are_seen(end: str, m: int, trials: Trials, tried: Tried) -> None:
    """At a bar of nine in ten, of each clinic's therapists; the ratings that are named are the attackers' own."""
    n_seen = n_tried = 0
    for seed in range(trials(1, 7)):
        made, model, who, (intakes, ratings) = attacked(seed, m, ENDS[end])
        found = [one for one in flooded(model, intakes, made.therapists, ratings) if one.end == end]
        named = [ratings[at].client_id for one in found for at in one.ratings]
        assert sum(id_.startswith("x-") for id_ in named) >= 0.95 * len(named)
        n_seen += len({one.therapist_id for one in found} & set(who))
        n_tried += len(who)
    assert n_seen >= 0.9 * n_tried
    tried(n_tried)


@pytest.mark.A5
@pytest.mark.A6
def test_clients_who_come_as_usual_are_no_flood(trials: Trials, tried: Tried) -> None:
    n_flagged = n_tried = 0
    for seed in range(trials(1, 7)):
        made, model = clinic(seed)
        n_flagged += len(flooded(model, made.intakes, made.therapists, made.ratings))
        n_tried += len(established(made))
    assert n_flagged <= 0.05 * n_tried
    tried(n_tried)


def test_many_forms_on_one_day_with_scores_as_mixed_as_ever_are_none() -> None:
    """Scores drawn from the first ratings of each therapist's own clients; chance may bring an end about."""
    made, model = clinic(0)
    rng, n_flagged, who = np.random.default_rng(5), 0, established(made)
    for id_ in who:
        firsts = [rating.score for rating in made.ratings if rating.session == 1 and rating.therapist_id == id_]
        people, ratings = comers(made, rng, id_, rng.choice(firsts, 10).tolist(), hours=8)
        found = flooded(model, [*made.intakes, *people], made.therapists, [*made.ratings, *ratings])
        n_flagged += bool(found)
    assert n_flagged <= 0.2 * len(who)


def test_two_are_never_a_flood_and_nothing_is_said_of_ratings_without_a_moment() -> None:
    made, model, _, (intakes, ratings) = attacked(0, 2, 0.0)
    assert flooded(model, intakes, made.therapists, ratings) == ()
    made, model, _, (intakes, ratings) = attacked(0, 10, 0.0)
    undated = [replace(rating, rated_at=None) for rating in ratings]
    assert flooded(model, intakes, made.therapists, undated) == ()


def order(model: ClinicModel, made: SimulatedClinic) -> list[str]:
    """All therapists by what new clients may expect of them, the best first."""
    directory = Directory.of(made.therapists)
    newcomers = [replace(one, id=f"new{k}") for k, one in enumerate(made.intakes[:60])]
    found = model.standing(ClientArrays.of(newcomers), directory).mean(axis=0)
    return [str(directory.ids[at]) for at in np.argsort(-found, kind="stable")]


def moves(m: int, score: float, n: int) -> list[int]:
    """How many places of forty a therapist falls by m new raters whom nobody holds, for n therapists."""
    made, model = clinic(0)
    before, rng, found = order(model, made), np.random.default_rng(9), []
    for id_ in rng.permutation(established(made, 15))[:n].tolist():
        people, ratings = comers(made, rng, id_, [score] * m)
        intakes, all_of = [*made.intakes, *people], [*made.ratings, *ratings]
        after = ClinicModel.fit(intakes, made.therapists, all_of, scale=made.scale, start=model)
        found.append(order(after, made).index(id_) - before.index(id_))
    return found


@pytest.mark.A5
def test_three_low_ones_within_two_days_are_held_and_so_cost_nothing(tried: Tried) -> None:
    made, model, who, (intakes, ratings) = attacked(0, 3, 0.0)
    found = {one.therapist_id for one in flooded(model, intakes, made.therapists, ratings) if one.end == "low"}
    assert len(found & set(who)) >= 0.9 * len(who)
    tried(len(who))


@pytest.mark.A6
def test_three_high_ones_lift_a_therapist_by_two_places_at_most(trials: Trials, tried: Tried) -> None:
    """As the median of those who are lifted."""
    found = moves(3, 1.0, trials(2, 12))
    assert np.median(found) >= -2
    tried(len(found))


@pytest.mark.xfail(strict=True, reason="three bombs over weeks cost four to ten places of forty; see docs/model.md")
def test_three_low_ones_that_nobody_holds_cost_two_places_at_most() -> None:
    assert np.median(moves(3, 0.0, 2)) <= 2
