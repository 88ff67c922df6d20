"""Predictions and their spread against the plain dense posterior, for pairs known and new."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from matcher.alliance import AllianceModel
from matcher.alliance.predict import BLOCK
from tests.matcher.alliance.clinics import clinic, of, rows
from tests.matcher.alliance.dense import Dense


def fitted(seed=0, **changes):
    made = clinic(seed)
    model = AllianceModel(vary_by=["worry"], random=["room"], **changes)
    return model.fit(made["ratings"], made["score"], clients=made["clients"], therapists=made["therapists"]), made


CLIENTS = [f"c{at:02d}" for at in range(24)] + ["new"]
THERAPISTS = [f"t{at}" for at in range(6)] + ["new"]
ROOMS = [f"room {at}" for at in range(4)] + ["new"]
WORRY_OF_NEW, WARMTH_OF_NEW, FIT = 1.5, -2.0, 0.7


def one_hot(values, levels):
    return np.array([[float(value == level) for level in levels] for value in values])


def dense_design(made, client_ids, therapist_ids, rooms, fit):
    """(fixed columns, groups in the model's order of terms); newcomers are levels of their own."""
    clients = {"client_id": [*made["clients"]["client_id"], "new"], "worry": [*made["clients"]["worry"], WORRY_OF_NEW]}
    worry = of(clients, "client_id", "worry", client_ids)
    therapists = {"therapist_id": THERAPISTS, "warmth": [*made["therapists"]["warmth"], WARMTH_OF_NEW]}
    warmth = of(therapists, "therapist_id", "warmth", therapist_ids)
    rated = of(clients, "client_id", "worry", made["ratings"]["client_id"])
    standard = (worry - rated.mean()) / rated.std()
    c, t = one_hot(client_ids, CLIENTS), one_hot(therapist_ids, THERAPISTS)
    dyad = one_hot(zip(client_ids, therapist_ids, strict=True), [(a, b) for a in CLIENTS for b in THERAPISTS])
    x = np.column_stack([np.ones(len(worry)), fit, worry, warmth])
    return x, [dyad, c, t, one_hot(rooms, ROOMS), t * standard[:, None]]


def compared(client_ids, therapist_ids, rooms):
    model, made = fitted()
    ratings = made["ratings"]
    x, groups = dense_design(made, ratings["client_id"], ratings["therapist_id"], ratings["room"], ratings["fit"])
    pairs = {"client_id": client_ids, "therapist_id": therapist_ids, "room": rooms, "fit": [FIT] * len(client_ids)}
    found = model.forecast(
        pairs,
        clients={"client_id": ["new"], "worry": [WORRY_OF_NEW]},
        therapists={"therapist_id": ["new"], "warmth": [WARMTH_OF_NEW]},
    )
    x_new, groups_new = dense_design(made, client_ids, therapist_ids, rooms, FIT * np.ones(len(client_ids)))
    parts = {part.name: part.variance for part in model.components_}
    order = ["dyad", "client", "therapist", "room", "therapist:worry"]
    assert list(parts) == [*order, "residual"]
    ratios = [parts[name] / parts["residual"] for name in order]
    assert min(ratios) > 0
    return found, Dense(made["score"], x, groups), ratios, parts["residual"], x_new, groups_new


CASES = ["seen dyad", "unseen dyad", "new client", "new therapist", "both new", "new room"]


def cases():
    made = clinic()["ratings"]
    seen = set(zip(made["client_id"], made["therapist_id"], strict=True))
    unseen = next((c, t) for c in CLIENTS[:-1] for t in THERAPISTS[:-1] if (c, t) not in seen)
    first = sorted(seen)[0]
    alike = CLIENTS[int(np.argmin(np.abs(clinic()["clients"]["worry"] - WORRY_OF_NEW)))]  # slopes widen with worry
    pairs = [first, unseen, ("new", "t2"), (alike, "new"), ("new", "new"), first]
    return [c for c, _ in pairs], [t for _, t in pairs], ["room 1"] * 5 + ["new"]


def test_mean_and_sd_are_the_dense_posterior():
    found, dense, ratios, variance, x_new, groups_new = compared(*cases())
    mean, covariance = dense.posterior(ratios, variance, x_new, groups_new)
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert found.sd == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-9)
    at = norm(mean, np.sqrt(np.diag(covariance)))
    assert found.lower80 == pytest.approx(at.ppf(0.1), abs=1e-9)
    assert found.upper80 == pytest.approx(at.ppf(0.9), abs=1e-9)


def test_contrast_is_the_dense_posterior_without_the_clients_terms():
    found, dense, ratios, variance, x_new, groups_new = compared(*cases())
    x_side, centre = x_new * [0, 1, 0, 1], dense.x.mean(axis=0) * [0, 1, 0, 1]
    groups_new[1] = groups_new[1] * 0
    mean, covariance = dense.posterior(ratios, variance, x_side - centre, groups_new)
    assert found.contrast == pytest.approx(mean, abs=1e-9)
    assert found.contrast_sd == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-9)


def test_newcomers_are_less_certain_by_their_prior():
    found, *_ = compared(*cases())
    spread = dict(zip(CASES, found.sd, strict=True))
    assert spread["seen dyad"] < spread["unseen dyad"] < spread["new client"] < spread["both new"]
    assert spread["new therapist"] < spread["both new"] and spread["seen dyad"] < spread["new room"]
    assert found.known_client.tolist() == [True, True, False, True, False, True]
    assert found.known_therapist.tolist() == [True, True, True, False, False, True]


def test_a_therapist_without_ratings_has_exactly_the_prior_of_her_terms():
    """Two newcomers, one average covariate row: the variance above the fixed effects' own is the sum of the priors."""
    model, made = fitted()
    parts = {part.name: part.variance for part in model.components_}
    pairs = {"client_id": ["new"], "therapist_id": ["new"], "fit": [made["ratings"]["fit"].mean()], "room": ["new"]}
    worry = of(made["clients"], "client_id", "worry", made["ratings"]["client_id"]).mean()
    warmth = of(made["therapists"], "therapist_id", "warmth", made["ratings"]["therapist_id"]).mean()
    found = model.forecast(
        pairs,
        clients={"client_id": ["new"], "worry": [worry]},
        therapists={"therapist_id": ["new"], "warmth": [warmth]},
    )
    centred_intercept = model._fitted.form[model._fitted.first_fixed, model._fitted.first_fixed] * parts["residual"]
    prior = parts["dyad"] + parts["client"] + parts["therapist"] + parts["room"]  # an average client: no slope
    assert found.sd[0] ** 2 == pytest.approx(prior + centred_intercept, rel=1e-9)


def test_counts_of_clients_behind_a_therapist():
    model, made = fitted()
    pairs = {"client_id": ["c00"] * 7, "therapist_id": THERAPISTS}
    seen = set(zip(made["ratings"]["client_id"], made["ratings"]["therapist_id"], strict=True))
    wanted = [sum(t == therapist for _, t in seen) for therapist in THERAPISTS]
    assert model.forecast(pairs).n_clients_of_therapist.tolist() == wanted


def test_personal_part_has_no_mean_by_client_or_by_therapist():
    model, made = fitted()
    fit = float(made["ratings"]["fit"].mean())
    ids = [(c, t) for c in CLIENTS[:-1] for t in THERAPISTS[:-1]]
    pairs = {"client_id": [c for c, _ in ids], "therapist_id": [t for _, t in ids], "fit": [fit] * len(ids)}
    table = model.forecast(pairs, personal=True).personal.reshape(24, 6)
    ratings = np.array([made["ratings"]["client_id"].count(client) for client in CLIENTS[:-1]])
    assert table.mean(axis=1) == pytest.approx(0, abs=1e-12)
    # a slope is centred over the ratings' clients, a dyad's effect over the clients
    dyads = model._fitted.dyad.effect.sum()
    assert abs(dyads) < 10 and np.ptp(table) > 0.1
    slope_only = AllianceModel(only_declared=True, vary_by=["worry"]).fit(
        made["ratings"], made["score"], clients=made["clients"]
    )
    table = slope_only.forecast(pairs, personal=True).personal.reshape(24, 6)
    assert ratings @ table == pytest.approx(0, abs=1e-9)
    assert table.mean(axis=1) == pytest.approx(0, abs=1e-12)


def test_personal_part_holds_what_the_match_adds():
    """One more point of fit moves mean and personal alike; the therapist's own warmth moves the mean alone."""
    model, _ = fitted()
    pairs = {"client_id": ["new"] * 2, "therapist_id": ["t1"] * 2, "fit": [0.0, 1.0]}
    found = model.forecast(pairs, personal=True)
    fit = {each.name: each.estimate for each in model.coefficients_}["fit"]
    assert np.diff(found.mean)[0] == pytest.approx(fit)
    assert np.diff(found.personal)[0] == pytest.approx(fit)
    warmer = [{"therapist_id": ["t1"], "warmth": [value]} for value in (0.0, 1.0)]
    one = {name: values[:1] for name, values in pairs.items()}
    cold, warm = (model.forecast(one, therapists=table, personal=True) for table in warmer)
    assert warm.mean[0] - cold.mean[0] == pytest.approx(
        {e.name: e.estimate for e in model.coefficients_}["therapist.warmth"]
    )
    assert warm.personal[0] == pytest.approx(cold.personal[0])


def test_blocks_do_not_show():
    model, _ = fitted()
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 24, BLOCK + 7), rng.integers(0, 7, BLOCK + 7)
    pairs = {"client_id": [CLIENTS[at] for at in ids[0]], "therapist_id": [THERAPISTS[at] for at in ids[1]]}
    whole = model.forecast(pairs)
    for at in (0, BLOCK - 1, BLOCK, BLOCK + 6):
        alone = model.forecast(rows(pairs, [at]))
        assert alone.mean[0] == pytest.approx(whole.mean[at], abs=1e-12)
        assert alone.sd[0] == pytest.approx(whole.sd[at], abs=1e-12)
    assert len(model.forecast({"client_id": [], "therapist_id": []}).mean) == 0


def test_typical_session_is_the_session_predicted():
    made = clinic()
    session = np.arange(160) % 8 + 1
    model = AllianceModel(typical_session=3).fit({**made["ratings"], "session": session}, made["score"])
    slope = {each.name: each.estimate for each in model.coefficients_}["log(session)"]
    pair = {"client_id": ["c01"], "therapist_id": ["t1"], "room": ["room 1"], "fit": [0.0], "session": [8]}
    third = model.predict(pair)[0]
    model.set_params(typical_session=1)
    assert third - model.predict(pair)[0] == pytest.approx(slope * np.log(3))


def test_means_and_intervals_stay_on_the_scale():
    made = clinic()
    lowest, top = made["score"].min(), made["score"].max()
    ends = {"lowest": lowest, "top": top}
    free, kept = (AllianceModel(**scale).fit(made["ratings"], made["score"]) for scale in ({}, ends))
    high = {"client_id": ["c00"] * 2, "therapist_id": ["t1"] * 2, "room": ["room 1"] * 2, "fit": [40.0, -40.0]}
    assert free.forecast(high).mean[0] > top and free.forecast(high).mean[1] < lowest
    found = kept.forecast(high)
    assert found.mean.tolist() == found.lower80.tolist() == found.upper80.tolist() == [top, lowest]
