"""The clinic's model: what it predicts, what it counts, what it stores, what it refuses."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.entities import Intake, Rating, Scale, Style, Therapist
from matcher.errors import InvalidInput
from matcher.outlook import ClinicModel
from matcher.ranking import rank
from tests.builders import a_therapist, an_intake

N_THERAPISTS, N_CLIENTS = 12, 240
CONCERNS = ("grief", "panic", "burnout")


@cache
def a_clinic() -> tuple[list[Intake], list[Therapist], list[Rating]]:
    """Scores fall by .03 for each point between the two on the lead scale; therapists and pairs differ by sd .04."""
    rng = np.random.default_rng(11)
    good = rng.normal(0, 0.04, N_THERAPISTS)
    therapists = [
        a_therapist(f"t{k:02}", style=Style(lead=int(rng.integers(-3, 4))), concerns={"grief": int(rng.integers(1, 4))},
                    years=float(k % 5), gender="woman" if k % 2 else None)
        for k in range(N_THERAPISTS)
    ]  # fmt: skip
    clients, ratings = [], []
    for k in range(N_CLIENTS):
        style = Style(lead=int(rng.integers(-3, 4)))
        hope = None if k % 5 == 0 else int(rng.integers(0, 11))
        clients.append(an_intake(id=f"c{k:03}", concerns=(CONCERNS[k % 3],), style=style, hope=hope))
        own = rng.normal(0.7, 0.05)
        for t in rng.choice(N_THERAPISTS, 1 + (k % 4 == 0), replace=False).tolist():
            pair = own + rng.normal(0, 0.04)
            gap = abs((style.lead or 0) - (therapists[t].style.lead or 0))
            ratings += [
                Rating(client_id=f"c{k:03}", therapist_id=f"t{t:02}", session=session,
                       score=float(np.clip(pair - 0.03 * gap + good[t] + rng.normal(0, 0.04), 0, 1)))
                for session in (1, 2, 3)
            ]  # fmt: skip
    return clients, therapists, ratings


@cache
def fitted() -> ClinicModel:
    return ClinicModel.fit(*a_clinic())


def some_clients() -> ClientArrays:
    """One who rated two therapists, one who rated one, two never seen."""
    clients, *_ = a_clinic()
    return ClientArrays.of([clients[0], clients[1], an_intake(id="new", style=Style(lead=2)), an_intake(id="blank")])


def a_directory() -> Directory:
    """All but one of the fitted, and two newcomers."""
    _, therapists, _ = a_clinic()
    return Directory.of([*therapists[1:], a_therapist("new", style=Style(lead=-2)), a_therapist("a blank one")])


def forecast(clients: ClientArrays, directory: Directory, model: ClinicModel | None = None) -> Any:
    c, t = np.divmod(np.arange(len(clients) * len(directory)), len(directory))
    features = client_features(clients)
    pairs = {"client_id": features["client_id"][c], "therapist_id": directory.ids[t]}
    return (model or fitted()).alliance.forecast(
        pairs | match_features(clients, directory, (c, t)), clients=features, therapists=therapist_features(directory)
    )


def test_standing_is_the_forecasts_contrast_from_the_mean_of_the_reference() -> None:
    """The fast way to the contrast gives what the model's own forecast gives, seen dyads and newcomers included."""
    model, clients, directory = fitted(), some_clients(), a_directory()
    contrast = forecast(clients, directory).contrast.reshape(len(clients), -1)
    typical = forecast(clients, model.reference).contrast.reshape(len(clients), -1).mean(axis=1, keepdims=True)
    np.testing.assert_allclose(model.standing(clients, directory) * model.spread, contrast - typical, atol=1e-12)


@pytest.mark.parametrize("specification", [{"blocks": ()}, {"vary_by": ("gap_lead",)}], ids=["unpenalised", "bent"])
def test_standing_of_other_models_is_the_forecasts_too(specification: dict[str, Any]) -> None:
    """Features whose columns have no common variance; and therapists with slopes of their own, which are no lines."""
    model, clients, directory = ClinicModel.fit(*a_clinic(), specification=specification), some_clients(), a_directory()
    assert (model.line(clients.take(np.array([0]))) is None) == ("vary_by" in specification)
    contrast = forecast(clients, directory, model).contrast.reshape(len(clients), -1)
    typical = forecast(clients, model.reference, model).contrast.reshape(len(clients), -1).mean(axis=1, keepdims=True)
    np.testing.assert_allclose(model.standing(clients, directory) * model.spread, contrast - typical, atol=1e-12)


def test_standing_is_as_of_the_latest_rating_where_therapists_drift() -> None:
    clients, therapists, ratings = a_clinic()
    first = datetime(2024, 1, 1, tzinfo=UTC)
    gain = {therapist.id: at % 2 / 2 for at, therapist in enumerate(therapists)}  # half of them get better with time
    dated = [
        replace(rating, rated_at=first + timedelta(days=at),
                score=rating.score / 2 + gain[rating.therapist_id] * at / len(ratings))
        for at, rating in enumerate(ratings)
    ]  # fmt: skip
    model = ClinicModel.fit(clients, therapists, dated, specification={"drift": 300.0})
    assert next(part.share for part in model.alliance.components_ if part.name == "therapist drift") > 0.05
    given, directory = some_clients(), Directory.of(therapists)
    contrast = forecast(given, directory, model).contrast.reshape(len(given), -1)
    standing = model.standing(given, directory)
    wanted = contrast - contrast.mean(axis=1, keepdims=True)  # all therapists are the reference
    assert standing * model.spread == pytest.approx(wanted, abs=1e-9)


def test_standing_of_some_is_some_of_the_standing() -> None:
    model, clients, directory = fitted(), some_clients(), a_directory()
    rows = np.array([1, 4, 7])
    np.testing.assert_array_equal(model.standing(clients, directory, rows), model.standing(clients, directory)[:, rows])


def test_the_chance_of_being_above_typical_is_that_of_the_contrast() -> None:
    """Φ of the contrast from the mean over the reference, in units of its spread."""
    model, clients, directory = fitted(), some_clients(), a_directory()
    typical = forecast(clients, model.reference).contrast.reshape(len(clients), -1).mean(axis=1)
    found = forecast(clients, directory)
    z = (found.contrast.reshape(len(clients), -1) - typical[:, None]) / found.contrast_sd.reshape(len(clients), -1)
    np.testing.assert_allclose(model.outlook(clients, directory).above_typical, norm.cdf(z), atol=1e-12)


def test_typical_is_average() -> None:
    """Over the reference therapists each client's standing is 0 in the mean, and the spread is their true spread."""
    model, clients = fitted(), some_clients()
    standing = model.standing(clients, model.reference)
    np.testing.assert_allclose(standing.mean(axis=1), 0, atol=1e-12)
    outlook = model.outlook(clients, model.reference)
    np.testing.assert_allclose(outlook.mean.mean(axis=1), outlook.typical)


def test_the_style_gap_is_found() -> None:
    """Clients and therapists at ±2: being alike is worth 4 · .03 = .12 to either, .24 together; who is better on
    average cancels."""
    clients = ClientArrays.of([an_intake(id="n1", style=Style(lead=2)), an_intake(id="n2", style=Style(lead=-2))])
    directory = Directory.of([a_therapist("x1", style=Style(lead=2)), a_therapist("x2", style=Style(lead=-2))])
    (near, far), (apart, alike) = fitted().outlook(clients, directory).mean
    assert near - far + alike - apart == pytest.approx(0.24, abs=0.03)
    answer = rank(an_intake(id="new", style=Style(lead=2)), directory, model=fitted())
    assert [match.therapist_id for match in answer.matches] == ["x1", "x2"]
    assert answer.matches[0].reasons[0].code == "alliance_for_you"


def test_a_newcomer_is_less_certain_and_not_worst() -> None:
    client, directory = some_clients().take(np.array([3])), a_directory()
    outlook = fitted().outlook(client, directory)
    known = [directory.row(f"t{k:02}") for k in range(1, N_THERAPISTS)]
    for newcomer in (directory.row("new"), directory.row("a blank one")):
        assert outlook.sd[0, newcomer] > outlook.sd[0, known].max()
        assert outlook.mean[0, newcomer] > outlook.mean[0, known].min()
        assert outlook.n_clients[newcomer] == 0


def test_intervals_hold_their_mean_on_the_scale() -> None:
    outlook = fitted().outlook(some_clients(), a_directory())
    assert (outlook.lower80 <= outlook.mean).all()
    assert (outlook.mean <= outlook.upper80).all()
    assert (outlook.lower80 >= 0).all()
    assert (outlook.upper80 <= 1).all()
    assert ((outlook.above_typical >= 0) & (outlook.above_typical <= 1)).all()


def test_one_pair_is_one_cell() -> None:
    table = fitted().outlook(some_clients(), a_directory())
    one = table.at(2, 5)
    exact = (table.mean[2, 5], table.sd[2, 5], table.typical[2])
    assert (one.mean, one.sd, one.typical) == pytest.approx(exact, abs=2**-30)
    assert (one.n_clients, one.n_similar) == (table.n_clients[5], table.n_similar[2, 5])


def test_clients_are_counted_once_each_by_main_concern() -> None:
    clients, therapists, ratings = a_clinic()
    concern = {client.id: client.concerns[0] for client in clients}
    raters = {(rating.therapist_id, rating.client_id) for rating in ratings}
    directory = Directory.of(therapists)
    asking = ClientArrays.of([an_intake(id=f"new {code}", concerns=(code,)) for code in (*CONCERNS, "sleep")])
    outlook = fitted().outlook(asking, directory)
    for column, id_ in enumerate(directory.ids):
        mine = [client for therapist, client in raters if therapist == id_]
        assert outlook.n_clients[column] == len(mine)
        expected = [sum(concern[client] == code for client in mine) for code in (*CONCERNS, "sleep")]
        assert outlook.n_similar[:, column].tolist() == expected


def test_a_stored_model_is_the_same_model() -> None:
    model = fitted()
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **model.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as stored:
        again = ClinicModel.from_arrays(dict(stored), json.loads(json.dumps(model.meta())))
    assert again.version == model.version
    intake, directory = an_intake(id="new", style=Style(lead=1)), a_directory()
    assert rank(intake, directory, model=again) == rank(intake, directory, model=model)


def test_the_version_follows_the_ratings() -> None:
    clients, therapists, ratings = a_clinic()
    assert ClinicModel.fit(*a_clinic()).version == fitted().version
    assert ClinicModel.fit(clients, therapists, ratings[:-1]).version != fitted().version


def test_a_specification_can_be_fitted_again() -> None:
    """Through JSON and back it is the same model; another one is another model on the same scale."""
    clients, therapists, ratings = a_clinic()
    specification = json.loads(json.dumps(fitted().specification))
    assert ClinicModel.fit(clients, therapists, ratings, specification=specification).version == fitted().version
    other = ClinicModel.fit(clients, therapists, ratings, specification=specification | {"method": "ml"})
    assert other.version != fitted().version and other.specification["method"] == "ml"
    assert (other.alliance.top, other.alliance.step) == (fitted().alliance.top, fitted().alliance.step)
    with pytest.raises(InvalidInput, match="unheard_of"):
        ClinicModel.fit(clients, therapists, ratings, specification={"unheard_of": 1})


@pytest.mark.parametrize(("name", "value"), [("format", 99), ("features", 0), ("format", None)])
def test_a_model_of_another_format_is_refused(name: str, value: object) -> None:
    model = fitted()
    with pytest.raises(InvalidInput, match=f"model.{name}: .*fit the model again"):
        ClinicModel.from_arrays(model.to_arrays(), model.meta() | {name: value})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"client_id": "stranger"}, "ratings.client_id"),
        ({"therapist_id": "stranger"}, "ratings.therapist_id"),
        ({"score": 1.01}, "ratings.score"),
        ({"score": -0.01}, "ratings.score"),
    ],
)
def test_a_rating_that_does_not_belong_is_refused(change: dict[str, Any], field: str) -> None:
    clients, therapists, ratings = a_clinic()
    wrong = Rating(**{"client_id": "c000", "therapist_id": "t00", "session": 1, "score": 0.5} | change)
    with pytest.raises(InvalidInput) as refused:
        ClinicModel.fit(clients, therapists, [*ratings, wrong])
    assert refused.value.field == field


def test_another_scale_gives_the_same_order() -> None:
    """Scores · 40 on 0 … 40: means are 40 times as large, standings and order are the same."""
    clients, therapists, ratings = a_clinic()
    wide = [
        Rating(client_id=r.client_id, therapist_id=r.therapist_id, session=r.session, score=40 * r.score)
        for r in ratings
    ]
    model = ClinicModel.fit(clients, therapists, wide, scale=Scale(0, 40, 1))
    asking, directory = some_clients(), a_directory()
    np.testing.assert_allclose(
        model.outlook(asking, directory).mean, 40 * fitted().outlook(asking, directory).mean, rtol=1e-4
    )
    np.testing.assert_allclose(
        model.standing(asking, directory), fitted().standing(asking, directory), rtol=1e-3, atol=1e-4
    )


def test_the_summary_is_plain() -> None:
    summary = fitted().summary()
    assert json.loads(json.dumps(summary)) == summary
    assert summary["n_therapists"] == N_THERAPISTS
    assert summary["n_dyads"] == N_CLIENTS + N_CLIENTS // 4
    assert {part["name"] for part in summary["components"]} >= {"client", "therapist", "residual"}


def test_a_fit_goes_on_from_a_model_of_the_same_kind_whose_clients_are_all_still_there() -> None:
    clients, therapists, ratings = a_clinic()
    start = ClinicModel.fit(clients, therapists, ratings[:-1])
    warm = ClinicModel.fit(clients, therapists, ratings, start=start)
    assert warm.alliance.report_["warm"]
    fresh = fitted()
    directory, asked = a_directory(), some_clients()
    assert forecast(asked, directory, warm).mean == pytest.approx(forecast(asked, directory, fresh).mean, abs=1e-4)
    gone = ratings[-1].client_id
    without = [rating for rating in ratings if rating.client_id != gone]
    assert not ClinicModel.fit(clients, therapists, without, start=fresh).alliance.report_["warm"]
    other = {"specification": {"method": "ml"}, "start": start}
    assert not ClinicModel.fit(clients, therapists, ratings, **other).alliance.report_["warm"]
