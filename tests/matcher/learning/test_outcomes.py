"""Out of fold: what is expected of a client comes from others alone, and is set beside the right people."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from matcher import Directory, SimulatedClinic, learned_from_ratings, out_of_fold, simulate
from matcher.encoding import ClientArrays
from matcher.entities import Rating
from matcher.errors import InvalidInput
from matcher.factors.base import Circumstances
from matcher.learning import OutOfFold
from matcher.learning.answer import CODES, NO_DIFFERENCES, TOO_FEW_THERAPISTS
from matcher.learning.outcomes import EARLY_SESSIONS
from matcher.scoring import factor_values

QUICK = {"ceiling": "gaussian"}


@cache
def clinic() -> SimulatedClinic:
    return simulate(np.random.default_rng(4), n_therapists=10, n_clients=90)


def dealt(ratings: list[Rating] | None = None) -> OutOfFold:
    found = clinic()
    given = found.ratings if ratings is None else ratings
    return out_of_fold(found.intakes, found.therapists, given, scale=found.scale, specification=QUICK, folds=2)


@cache
def outcomes() -> OutOfFold:
    return dealt()


def early() -> list[Rating]:
    return [rating for rating in clinic().ratings if rating.session <= EARLY_SESSIONS]


def rated_clients() -> list[str]:
    return sorted({rating.client_id for rating in early()})


def test_one_row_a_pair_with_its_early_ratings() -> None:
    found, pairs = outcomes(), {(rating.client_id, rating.therapist_id) for rating in early()}
    assert len(found.client) == len(pairs) and found.n_clients == len(rated_clients())
    assert found.n_ratings.sum() == len(early())
    assert found.unit > 0 and found.noise > 0 and found.too_little is None


def test_neither_ones_own_ratings_nor_their_order_matter_to_what_is_expected() -> None:
    """All ratings shuffled, and one client's put upside down: what was expected of the others in that client's fold,
    and of the client, comes from people who did not change; what is expected in the other fold moves."""
    scale, who = clinic().scale, rated_clients()[0]
    turned = [
        replace(rating, score=scale.lowest + scale.top - rating.score) if rating.client_id == who else rating
        for rating in clinic().ratings
    ]
    found, again = outcomes(), dealt([turned[k] for k in np.random.default_rng(1).permutation(len(turned))])
    order, other = (np.lexsort((each.therapist, each.client)) for each in (found, again))
    for name in ("client", "therapist", "n_ratings"):
        assert np.array_equal(getattr(found, name)[order], getattr(again, name)[other])
    moved = np.abs(found.expected[order] - again.expected[other])
    own = found.client[order] == rated_clients().index(who)
    assert moved[own].max() < 1e-6 < 1e-4 < moved.max()
    assert 0.4 < np.mean(moved < 1e-6) < 0.6
    assert np.abs(found.outcome[order] - again.outcome[other])[own].max() > 1e-2


def test_factors_are_those_of_the_pair_beside_those_of_everybody() -> None:
    found, people = outcomes(), clinic()
    clients = ClientArrays.of(intake for intake in people.intakes if intake.id in set(rated_clients()))
    assert list(clients.ids) == rated_clients()
    directory = Directory.of(people.therapists)
    values = factor_values(clients, directory, Circumstances())
    ids = sorted({rating.therapist_id for rating in early()})
    rows = np.array([directory.row(id_) for id_ in ids])
    for code in ("preference_fit", "concern_expertise", "experience"):
        k = CODES.index(code)
        assert np.array_equal(found.values[k], values[k, found.client, rows[found.therapist]])
        assert found.usual[k] == pytest.approx(values[k].mean(axis=1)[found.client])
    assert not found.tells[CODES.index("continuity")].any() and found.tells[CODES.index("alliance")].all()
    assert np.array_equal(found.years, directory.years[rows[found.therapist]])


def test_the_alliance_of_a_pair_follows_what_is_expected_of_it() -> None:
    """Within a client, one step of the alliance factor is worth ``unit``, the steps being much alike."""
    found = outcomes()
    alliance = found.values[0] - found.usual[0]
    assert np.corrcoef(alliance, found.expected - found.typical)[0, 1] > 0.8
    assert np.polyfit(alliance, found.expected - found.typical, 1)[0] == pytest.approx(found.unit, rel=0.25)


def test_it_is_what_weights_are_learned_from() -> None:
    learned = learned_from_ratings(outcomes())
    assert learned.too_little is None and learned.n_observations == len(outcomes().client)
    assert {one.factor for one in learned.factors if one.stays} >= {"continuity", "access"}


def test_too_little_is_an_answer_before_anything_is_fitted() -> None:
    few = [replace(rating, therapist_id=f"t0{1 + int(rating.therapist_id[1:]) % 4}") for rating in clinic().ratings]
    assert dealt(few).too_little == TOO_FEW_THERAPISTS
    assert dealt([]).too_little == "too_few_clients" and len(dealt([]).client) == 0


def test_where_nobody_differs_there_is_nothing_to_measure_by() -> None:
    same = [replace(rating, score=0.5) for rating in clinic().ratings]
    assert dealt(same).too_little == NO_DIFFERENCES


def test_a_rating_of_a_stranger_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no intake of this client"):
        dealt([*clinic().ratings, Rating(client_id="nobody", therapist_id="t01", session=1, score=0.5)])
