"""Effects that change over time, against the same model written down plainly; and how the choice is made."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from matcher.alliance import AllianceModel, changing, fitting
from matcher.alliance.days import basis, days_of
from matcher.alliance.ratings import read_ratings
from matcher.alliance.reml import maximise
from matcher.alliance.scores import Scores
from matcher.alliance.tables import Keyed
from matcher.errors import InvalidInput
from tests.matcher.alliance.dense import Dense, indicators

PACE = 300.0


def wandering(seed=0, *, sd=0.6, n_therapists=8, n_clients=120, sessions=4, span=700.0, top=None):
    """Ratings of therapists whose effects wander with standard deviation ``sd``; their effects on the latest day."""
    rng = np.random.default_rng(seed)
    weeks = np.arange(0, span + 7 * sessions + 7, 7.0)
    root = np.linalg.cholesky(np.exp(-np.abs(weeks[:, None] - weeks) / PACE))
    path = sd * (root @ rng.normal(size=(len(weeks), n_therapists))).T
    client, session = np.repeat(np.arange(n_clients), sessions), np.tile(np.arange(sessions), n_clients)
    therapist = rng.integers(0, n_therapists, n_clients)[client]
    therapist[session >= 2] = rng.integers(0, n_therapists, n_clients)[client][session >= 2]
    day = rng.uniform(0, span, n_clients)[client] + 7 * session
    own = 0.3 * rng.normal(size=n_therapists)
    score = own[therapist] + path[therapist, np.searchsorted(weeks, day) - 1]
    score += 0.5 * rng.normal(size=n_clients)[client] + 0.6 * rng.normal(size=len(client))
    table = {
        "client_id": [f"c{at:04d}" for at in client],
        "therapist_id": [f"t{at}" for at in therapist],
        "rated_at": [(datetime(2024, 1, 1) + timedelta(days=float(at))).isoformat() for at in day],
    }
    if top is not None:
        score = np.minimum(np.round(score * 5) / 5, top)
    return table, score, own + path[:, np.searchsorted(weeks, day.max()) - 1]


def everyone(n=8):
    return {"client_id": ["new"] * n, "therapist_id": [f"t{at}" for at in range(n)]}


def rounded_variance_of(days, knots, pace):
    """Correlations of the wandering at these days as seen through the knots, from their definition."""
    near = np.exp(-np.abs(days[:, None] - knots) / pace)
    seen = near @ np.linalg.inv(np.exp(-np.abs(knots[:, None] - knots) / pace)) @ near.T
    return seen / np.sqrt(np.outer(np.diag(seen), np.diag(seen)))


def test_a_drift_is_a_correlated_effect_of_every_therapist_and_of_all_together():
    table, score, _ = wandering(6)
    model = AllianceModel(drift=PACE, only_declared=True, tol=1e-10).fit(table, score)
    parts = {part.name: part.variance for part in model.components_}
    assert list(parts) == ["client", "therapist", "clinic drift", "therapist drift", "residual"]
    names = list(parts)[:-1]
    days = days_of(np.array(table["rated_at"], dtype=object), "rated_at")
    first = np.unique(days)[int(np.ceil(0.005 * len(np.unique(days)))) - 1]
    knots = np.linspace(first, days.max(), int(np.ceil(4 * (days.max() - first) / PACE)) + 1)
    latest = days.max()
    all_days = np.maximum(np.append(days, np.full(8, latest)), first)
    kernel = rounded_variance_of(all_days, knots, PACE)
    root = np.linalg.cholesky(kernel + 1e-10 * np.eye(len(kernel)))
    client = indicators([*table["client_id"], *["new"] * 8])
    therapist = indicators([*table["therapist_id"], *everyone()["therapist_id"]])
    own = np.linalg.cholesky(kernel * (therapist @ therapist.T) + 1e-10 * np.eye(len(kernel)))
    groups = [client, therapist, root, own]
    n = len(score)
    dense = Dense(score, np.ones((n, 1)), [each[:n] for each in groups])
    ratios = [parts[name] / parts["residual"] for name in names]
    assert model.report_["criterion"] == pytest.approx(dense.criterion(ratios), abs=1e-5)
    assert min(ratios) > 0
    for at in range(len(ratios)):  # at the maximum, whichever way one variance moves
        for factor in (0.98, 1.02):
            moved = [ratio * factor if k == at else ratio for k, ratio in enumerate(ratios)]
            assert dense.criterion(moved) > model.report_["criterion"]
    mean, covariance = dense.posterior(ratios, parts["residual"], np.ones((8, 1)), [each[n:] for each in groups])
    found = model.forecast(everyone())
    assert found.mean == pytest.approx(mean, abs=1e-5)
    assert found.sd == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-4)
    known = {**everyone(), "client_id": table["client_id"][:8]}
    assert model.forecast(known, personal=True).personal == pytest.approx(np.zeros(8))  # a drift is for all clients


def test_a_drift_has_one_variance_at_every_moment_and_forgets_at_its_pace():
    days = np.linspace(0, 700, 300)
    knots = tuple(np.linspace(0, 700, 6).tolist())
    seen = basis(days, knots, 280.0)
    assert np.sum(seen**2, axis=1) == pytest.approx(np.ones(300))
    at_knots = basis(np.array(knots), knots, 280.0)
    wanted = np.exp(-np.abs(np.subtract.outer(knots, knots)) / 280.0)
    assert at_knots @ at_knots.T == pytest.approx(wanted)
    assert np.all(basis(np.array([np.nan]), knots, 280.0) == 0)
    assert basis(np.array([-50.0, 900.0]), knots, 280.0) == pytest.approx(at_knots[[0, -1]])


def test_intervals_of_todays_effect_hold_with_a_drift_and_do_not_without():
    held = {None: [], PACE: []}
    for seed in range(6):
        table, score, truth = wandering(seed, n_clients=400, n_therapists=20)
        for drift, found in held.items():
            forecast = AllianceModel(drift=drift, only_declared=True).fit(table, score).forecast(everyone(20))
            missed = np.abs(forecast.contrast - forecast.contrast.mean() - truth + truth.mean())
            found.append(np.mean(missed < 1.2816 * forecast.contrast_sd))
    assert np.mean(held[None]) < 0.55
    assert 0.7 < np.mean(held[PACE]) < 0.9  # 120 of them; make bench ONLY=coverage has more


def test_the_likelihood_asks_for_the_drift_and_later_ratings_choose_its_pace():
    table, score, _ = wandering(1, n_clients=400)
    model = AllianceModel(drift="auto", only_declared=True).fit(table, score)
    said = model.report_["drift"]
    assert said["drift"] in {one["days"] for one in said["tried"] if one["way"] == "drift"}
    best = max((one for one in said["tried"] if one["way"] == "drift"), key=lambda one: one["gain"])
    assert said["drift"] == best["days"] and said["half_life"] is None
    chosen = AllianceModel(drift=said["drift"], only_declared=True).fit(table, score)
    assert model.forecast(everyone()).mean == pytest.approx(chosen.forecast(everyone()).mean, abs=1e-4)
    assert model.get_params()["drift"] == "auto"
    assert changing.CHANGED in model.report_["notes"]


def test_where_nothing_changes_there_is_no_drift():
    chosen = []
    for seed in range(6):
        table, score, _ = wandering(seed, sd=0.0, n_clients=300)
        model = AllianceModel(drift="auto", only_declared=True).fit(table, score)
        chosen.append(model.report_["drift"]["drift"])
        if chosen[-1] is None:
            plain = AllianceModel(only_declared=True).fit(table, score)
            assert model.components_ == plain.components_
            assert changing.STAYS in model.report_["notes"]
    assert chosen.count(None) >= 5


def test_a_drift_behind_a_ceiling():
    table, score, truth = wandering(2, n_clients=400, top=0.4)
    model = AllianceModel(drift=PACE, top=0.4, only_declared=True).fit(table, score)
    assert model.report_["likelihood"] == "censored" and model.report_["share_at_top"] > 0.2
    assert np.corrcoef(model.forecast(everyone()).contrast, truth)[0, 1] > 0.7


def test_a_stored_drift_predicts_the_same_to_the_bit():
    table, score, _ = wandering()
    model = AllianceModel(drift=PACE).fit(table, score)
    again = AllianceModel.from_arrays(model.to_arrays(), model.metadata())
    for name in ("mean", "sd", "contrast", "personal"):
        assert np.array_equal(
            getattr(model.forecast(everyone(), personal=True), name),
            getattr(again.forecast(everyone(), personal=True), name),
        )


def test_a_session_of_another_day_is_predicted_as_of_that_day():
    table, score, _ = wandering(3, sd=1.0)
    model = AllianceModel(drift=PACE, only_declared=True).fit(table, score)
    first, latest = ({**everyone(), "rated_at": [day] * 8} for day in (min(table["rated_at"]), max(table["rated_at"])))
    early, late, unsaid = (model.distribution(each) for each in (first, latest, everyone()))
    assert np.array_equal(late.mean, unsaid.mean) and not np.allclose(early.mean, late.mean)


def chosen(table, score, weight=None, **words):
    """What was chosen, and by how much: the ways tried, in days, with their gains."""
    said = AllianceModel(drift="auto", only_declared=True, **words).fit(table, score, sample_weight=weight).report_
    return said["drift"]["drift"], [(one["way"], one["days"], round(one["gain"], 6)) for one in said["drift"]["tried"]]


def test_ratings_that_count_nothing_have_no_say_in_the_choice():
    table, score, _ = wandering(1, n_clients=240)
    wanted, n = chosen(table, score), len(score)
    assert wanted[0] is not None and wanted[1]
    strange = {
        "client_id": [f"c{at:04d}" for at in range(50)] + [""],
        "therapist_id": ["t0"] * 51,
        "rated_at": ["2031-01-01"] * 50 + ["1970-01-01"],
    }
    more = {name: [*values, *strange[name]] for name, values in table.items()}
    nothing = np.append(np.full(50, np.nan), 0.5)  # no score, and one without a client
    assert chosen(more, np.append(score, nothing)) == wanted
    wild = np.append(score, 50 * np.random.default_rng(0).normal(size=51))
    assert chosen(more, wild, np.append(np.ones(n), np.zeros(51))) == wanted


def test_a_weight_of_two_has_the_say_of_two_ratings_in_the_choice():
    table, score, _ = wandering(1, n_clients=240)
    weight = 1 + np.arange(len(score)) % 2
    twice = {name: np.repeat(values, weight) for name, values in table.items()}
    (drift, tried), (other, also) = chosen(table, score, weight), chosen(twice, np.repeat(score, weight))
    assert drift == other and [one[:2] for one in tried] == [one[:2] for one in also]
    assert [one[2] for one in tried] == pytest.approx([one[2] for one in also], abs=2e-6)


@pytest.mark.parametrize("year", ["1923", "2123"])
def test_one_mistyped_year_does_not_stretch_the_time(year):
    """Neither does it age all other ratings, nor widen what is expected today."""
    table, score, _ = wandering(1, n_clients=240)
    wanted, _ = chosen(table, score)
    new = {"client_id": ["new"], "therapist_id": [table["therapist_id"][0]]}
    ways = ({"drift": 365.0}, {"half_life": 365.0})
    before = [AllianceModel(**way).fit(table, score).forecast(new) for way in ways]
    table["rated_at"][7] = year + table["rated_at"][7][4:]
    assert chosen(table, score)[0] == pytest.approx(wanted, rel=0.1)
    for way, there in zip(ways, before, strict=True):
        found = AllianceModel(**way).fit(table, score).forecast(new)
        assert abs(found.mean - there.mean) < there.sd / 3, "one rating of hers may count as today's"
        assert found.sd == pytest.approx(there.sd, rel=0.1)


def test_a_way_that_cannot_be_fitted_is_not_tried(monkeypatch):
    table, score, _ = wandering(n_clients=60)
    rng = np.random.default_rng(3)
    noise = {f"x{at}": rng.normal(size=len(score)) for at in range(115)}
    monkeypatch.setattr(changing, "LARGEST_BORDER", 10)
    _, tried = chosen({**table, **noise}, score, fixed=tuple(noise))
    assert [way for way, _, _ in tried] == ["half_life"]  # the shorter one leaves fewer ratings than effects


def test_later_ratings_that_cannot_be_read_as_the_earlier_ones_decide_nothing():
    table, score, _ = wandering(1, n_clients=240)
    latest = np.array(table["rated_at"]) >= sorted(table["rated_at"])[int(0.8 * len(score))]
    kind = [("day", "night")[at % 2] if late else float(at % 3) for at, late in enumerate(latest.tolist())]
    model = AllianceModel(drift="auto", only_declared=True, fixed=("kind",)).fit({**table, "kind": kind}, score)
    assert "cannot be predicted from the earlier ones" in model.report_["drift"]["because"]


def test_the_clinics_own_drift_has_a_bound_that_means_something():
    table, score, _ = wandering(1)
    model = AllianceModel(drift=355.0, only_declared=True).fit(table, score)
    common = next(part for part in model.components_ if part.name == "clinic drift")
    assert 0 < common.variance < common.upper95 < 2
    found = fitting_of(table, score, 355.0)
    terms = found.estimate.solution.system.terms
    at = np.array(terms) == "clinic drift"
    start = np.where(at, common.upper95 / found.estimate.variance, found.estimate.ratios)
    held = maximise(found.plan.system, found.criterion, start=start, held=at)
    wanted = held.ratios[at][0] * held.variance
    assert wanted == pytest.approx(common.upper95, rel=0.02)  # in units of a residual that moves along a little
    assert held.criterion - found.estimate.criterion == pytest.approx(1.6449**2, abs=0.1)


def test_it_does_behind_a_ceiling_too():
    table, score, _ = wandering(3, top=0.4)
    model = AllianceModel(drift=355.0, top=0.4, only_declared=True).fit(table, score)
    common = next(part for part in model.components_ if part.name == "clinic drift")
    assert 0 < common.variance < common.upper95 < 2


def fitting_of(table, score, pace):
    terms = fitting.Terms((), (), (), True, None, pace)
    sides = (Keyed.read(None, f"{side}s", f"{side}_id") for side in ("client", "therapist"))
    used = read_ratings(table, score, None)
    scores = Scores.of(used.score, used.weight, lowest=None, top=None, step=None, ceiling="gaussian")
    return fitting.fit(used, *sides, scores, terms, fitting.Search(True, 1e-7, 200), bound=4.0, start=None)


def test_half_of_the_weight_is_half_of_a_rating():
    table, score, _ = wandering()
    days = days_of(np.array(table["rated_at"], dtype=object), "rated_at")
    weight = 0.5 ** ((days.max() - days) / 200)
    by_hand = AllianceModel(only_declared=True).fit(table, score, sample_weight=weight)
    asked = AllianceModel(only_declared=True, half_life=200).fit(table, score)
    assert asked.components_ == by_hand.components_
    assert asked.report_["degrees_of_freedom"] == pytest.approx(weight.sum() - 1)
    assert "A rating loses half of its weight in 200 days." in asked.report_["notes"]


def test_moments_are_read_as_they_come():
    given = ["2024-01-02", "2024-01-01T12:00:00", "2024-01-01T12:00:00+02:00", "", None]
    found = days_of(np.array(given, dtype=object), "rated_at") - days_of(np.array(["2024-01-01"], dtype=object), "")
    assert found[:3] == pytest.approx([1.0, 0.5, 10 / 24]) and np.isnan(found[3:]).all()
    as_dates = np.array([date(2024, 1, 2), datetime(2024, 1, 1, 12), None], dtype=object)
    assert days_of(as_dates, "rated_at")[:2] == pytest.approx(days_of(np.array(given[:2], dtype=object), "rated_at"))
    as_objects = np.array([np.datetime64("2024-01-02"), np.datetime64("NaT"), np.int64(19724)], dtype=object)
    assert days_of(as_objects, "")[[0, 2]] == pytest.approx([19724.0, 19724.0]) and np.isnan(days_of(as_objects, "")[1])
    numpy_days = np.array(["2024-01-02", "NaT"], dtype="datetime64[D]")
    assert days_of(numpy_days, "")[0] == days_of(as_dates, "")[0] and np.isnan(days_of(numpy_days, "")[1])


@pytest.mark.parametrize(
    ("change", "words", "place"),
    [
        ({"rated_at": None}, {"drift": 100}, "drift"),
        ({"rated_at": None}, {"half_life": 100}, "half_life"),
        ({}, {"drift": 2.0}, "drift"),
        ({}, {"drift": 0}, "drift"),
        ({}, {"drift": "monthly"}, "drift"),
        ({}, {"drift": True}, "drift"),
        ({}, {"drift": np.inf}, "drift"),
        ({"rated_at": [1]}, {"drift": 100}, "rated_at, row 1"),
        ({"rated_at": ([1],)}, {"drift": 100}, "rated_at, row 1"),
        ({"rated_at": True}, {"drift": 100}, "rated_at, row 1"),
        ({"rated_at": 1.7e9}, {"drift": "auto"}, "rated_at, row 1"),  # seconds
        ({"rated_at": np.inf}, {"half_life": 100}, "rated_at, row 1"),
        ({}, {"drift": 1e20}, "drift"),
        ({}, {"drift": np.array([1.0, 2.0])}, "drift"),
        ({}, {"half_life": -1}, "half_life"),
        ({}, {"drift": "auto", "half_life": 90}, "half_life"),
        ({"rated_at": "yesterday"}, {"drift": 100}, "rated_at, row 1"),
    ],
)
def test_what_cannot_change_over_time_is_named(change, words, place):
    table, score, _ = wandering(n_clients=40)
    for name, value in change.items():
        if value is None:
            table.pop(name)
        else:
            table[name] = [value] * len(score)
    with pytest.raises(InvalidInput) as refused:
        AllianceModel(**words).fit(table, score)
    assert refused.value.field == place


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda table: table.pop("rated_at"), "no rating has a moment"),
        (lambda table: table.update(rated_at=[""] * len(table["rated_at"])), "no rating has a moment"),
        (lambda table: table.update(rated_at=["2024-01-01"] * len(table["rated_at"])), "span 0 days"),
        (lambda table: table.update(therapist_id=["t0", "t1"] * (len(table["rated_at"]) // 2)), "fewer than 5"),
    ],
)
def test_where_change_cannot_be_seen_the_reason_is_said(change, because):
    table, score, _ = wandering(n_clients=60)
    change(table)
    said = AllianceModel(drift="auto").fit(table, score).report_["drift"]
    assert said["drift"] is None and because in said["because"]


def test_one_moment_or_one_therapist_leave_terms_out_with_their_reasons():
    table, score, _ = wandering(n_clients=60)
    at_once = AllianceModel(drift=100).fit({**table, "rated_at": ["2024-01-01"] * len(score)}, score)
    assert at_once.report_["terms_left_out"]["therapist drift"] == "all ratings are of one moment"
    alone = AllianceModel(drift=PACE).fit({**table, "therapist_id": ["t0"] * len(score)}, score)
    assert "there is only one" in alone.report_["terms_left_out"]["therapist drift"]
    assert "clinic drift" in [part.name for part in alone.components_]
