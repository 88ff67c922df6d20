"""The trial of a clinic's model: what it learns from is the past, who it is compared with is judged honestly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from matcher import Champion, ClinicModel, Directory, SimulatedClinic, simulate, trial
from matcher.encoding import ClientArrays
from matcher.entities import Rating
from matcher.errors import InvalidInput
from matcher.evaluation import rmse
from matcher.evaluation.gate import NO_DATES, NOT_WORSE, TOO_FEW_EARLIER, TOO_FEW_LATER, WORSE_THAN_CHAMPION
from matcher.evaluation.predictive import expected_of
from matcher.evaluation.trial import AS_SERVED, NONE, REFITTED, SAME_METHOD, UNREADABLE, Trial
from matcher.rated import rows_of

BASELINE_ROWS = ["overall_mean", "client_only", "therapist_mean", "shrunken_therapist_mean"]


@cache
def clinic() -> SimulatedClinic:
    return simulate(np.random.default_rng(21), n_therapists=15, n_clients=260)


def tried(ratings: list[Rating] | None = None, **given) -> Trial:
    found = clinic()
    return trial(found.intakes, found.therapists, found.ratings if ratings is None else ratings,
                 scale=found.scale, **given)  # fmt: skip


@cache
def alone() -> Trial:
    return tried()


def a_champion(ratings: list[Rating], fitted_at) -> Champion:
    found = clinic()
    model = ClinicModel.fit(found.intakes, found.therapists, ratings, scale=found.scale)
    return Champion(fitted_at, model.specification, model)


def earlier() -> list[Rating]:
    cut = alone().cut
    return [rating for rating in clinic().ratings if rating.rated_at < cut]


def table(found: Trial) -> dict[str, float]:
    return {row.name: row.rmse for row in found.report.splits[0].rows}


def test_a_first_model_is_judged_beside_the_baselines() -> None:
    found = alone()
    assert (found.verdict.serves, found.verdict.reason, found.verdict.champion) == (True, NOT_WORSE, NONE)
    assert list(table(found)) == ["model", *BASELINE_ROWS]
    assert [one.against for one in found.verdict.comparisons] == BASELINE_ROWS


def test_the_cut_leaves_a_fifth() -> None:
    (part,) = alone().report.splits
    n = len(clinic().ratings)
    assert part.n_train + part.n_ratings == n and part.n_train == len(earlier())
    assert part.n_ratings == pytest.approx(0.2 * n, rel=0.05)


def test_nothing_of_the_later_ratings_is_learned() -> None:
    """Later scores put upside down: what is expected of them stays, which is what a model of the earlier ones says."""
    found, scale, cut = clinic(), clinic().scale, alone().cut
    turned = [
        replace(rating, score=scale.lowest + scale.top - rating.score) if rating.rated_at >= cut else rating
        for rating in found.ratings
    ]
    model = ClinicModel.fit(found.intakes, found.therapists, earlier(), scale=scale)
    clients, directory = ClientArrays.of(found.intakes), Directory.of(found.therapists)
    later = [rating for rating in turned if rating.rated_at >= cut]
    session = np.array([float(rating.session) for rating in later])
    expected = expected_of(model, clients, directory, *rows_of(later, clients, directory), session)
    scores = [rating.score for rating in later]
    assert table(tried(turned))["model"] == pytest.approx(rmse(scores, expected.mean))
    overall = np.mean([rating.score for rating in earlier()])
    assert table(tried(turned))["overall_mean"] == pytest.approx(rmse(scores, np.full(len(later), overall)))


def test_a_champion_that_was_fitted_before_the_cut_is_judged_as_it_stands() -> None:
    """Its own fit on the same past is the method's: the two expect the same."""
    champion = a_champion(earlier(), alone().cut - timedelta(hours=1))
    found = tried(champion=champion)
    assert found.verdict.champion == AS_SERVED and found.verdict.serves
    assert table(found)["champion"] == pytest.approx(table(found)["model"])


def test_a_champion_that_may_have_seen_the_later_ratings_is_not() -> None:
    """It would look better than it is: the same specification on the same past is the same method."""
    champion = a_champion(list(clinic().ratings), alone().cut + timedelta(days=1))
    found = tried(champion=champion)
    assert found.verdict.champion == SAME_METHOD and found.verdict.serves
    assert "champion" not in table(found)


def test_another_specification_is_refitted_to_the_past() -> None:
    champion = Champion(alone().cut + timedelta(days=1), {"only_declared": True, "blocks": []}, None)
    found = tried(champion=champion)
    assert found.verdict.champion == REFITTED and found.verdict.serves
    assert table(found)["champion"] != table(found)["model"]


def test_a_model_of_spoilt_ratings_is_refused() -> None:
    """Half of the earlier scores were spoilt since the champion learned from them."""
    champion = a_champion(earlier(), alone().cut - timedelta(hours=1))
    scores = {rating.score for rating in clinic().ratings}
    half = [replace(rating, score=min(scores)) if k % 2 else rating for k, rating in enumerate(earlier())]
    later = [rating for rating in clinic().ratings if rating.rated_at >= alone().cut]
    found = tried([*half, *later], champion=champion)
    assert (found.verdict.serves, found.verdict.reason) == (False, WORSE_THAN_CHAMPION)


@pytest.mark.parametrize("specification", [None, {"no_such_parameter": 1}, {"blocks": ["of another release"]}])
def test_what_cannot_be_read_is_not_compared(specification) -> None:
    found = tried(champion=Champion(alone().cut + timedelta(days=1), specification, None))
    assert found.verdict.champion == UNREADABLE and found.verdict.serves
    assert "champion" not in table(found)


def test_without_dates_there_is_no_past() -> None:
    found = tried([replace(rating, rated_at=None) for rating in clinic().ratings])
    assert (found.verdict.serves, found.verdict.reason, found.report, found.cut) == (True, NO_DATES, None, None)
    assert tried([]).verdict.reason == NO_DATES


def test_ratings_without_a_date_are_in_neither_part() -> None:
    some = [replace(rating, rated_at=None) if k % 3 == 0 else rating for k, rating in enumerate(clinic().ratings)]
    (part,) = tried(some).report.splits
    assert part.n_train + part.n_ratings == sum(rating.rated_at is not None for rating in some)


def test_few_clients_are_not_judged() -> None:
    few = {rating.client_id for rating in clinic().ratings[:200]}
    found = tried([rating for rating in clinic().ratings if rating.client_id in few])
    assert (found.verdict.serves, found.verdict.reason, found.report) == (True, TOO_FEW_LATER, None)
    at_once = [replace(rating, rated_at=alone().cut) for rating in clinic().ratings]
    assert tried(at_once).verdict.reason == TOO_FEW_LATER
    one = at_once[:3]
    before = [replace(rating, rated_at=alone().cut - timedelta(days=1)) for rating in one]
    assert tried([*before, *at_once[3:]]).verdict.reason == TOO_FEW_EARLIER


def test_a_rating_of_nobody_is_refused() -> None:
    with pytest.raises(InvalidInput, match="client_id"):
        tried([*clinic().ratings, replace(clinic().ratings[0], client_id="stranger")])


def test_groups_say_who_was_known() -> None:
    (part,) = alone().report.splits
    known_clients = {rating.client_id for rating in earlier()}
    later = [rating for rating in clinic().ratings if rating.rated_at >= alone().cut]
    n_known = sum(rating.client_id in known_clients for rating in later)
    cells = {cell.group: cell.n_ratings for cell in part.groups["client"]}
    assert cells == {"known": n_known, "new": len(later) - n_known}
    assert set(part.groups) == {"gender", "age_band", "background", "concern", "client", "therapist"}


def test_the_document_is_json() -> None:
    document = alone().document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["verdict"]["serves"] is True and document["cut"].startswith("20")


def test_the_same_ratings_give_the_same_trial() -> None:
    assert tried().document() == alone().document()
    assert tried(list(reversed(clinic().ratings))).verdict.reason == alone().verdict.reason
