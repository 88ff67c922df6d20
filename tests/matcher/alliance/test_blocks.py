"""Blocks: their columns, what the fit makes of them, and which of them stay."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import ClinicModel, simulate
from matcher.alliance import AllianceModel, partitions
from matcher.alliance.blocks import CROSSED, MATCHED, kinds
from matcher.alliance.choice import CLEAR
from matcher.errors import InvalidInput
from matcher.evaluation import rank_correlation
from tests.matcher.alliance.clinics import asked_both_ways
from tests.matcher.alliance.dense import Dense, indicators

SIDES = ("match columns", "client columns", "therapist columns")


def crossed_ratings(seed=0, *, n=1200, n_clients=300, n_therapists=30, effect=0.5, bend=0.0):
    """Ratings in which some kinds of clients suit some kinds of therapists, by a product or by a bend."""
    rng = np.random.default_rng(seed)
    client, therapist = rng.integers(0, n_clients, n), rng.integers(0, n_therapists, n)
    client[: n // 3] = client[n // 3 : 2 * (n // 3)]  # so that pairs repeat
    therapist[: n // 3] = therapist[n // 3 : 2 * (n // 3)]
    x, h = rng.normal(size=(n_clients, 3)), rng.normal(size=(n_therapists, 2))
    kind, gap = rng.choice(["grief", "worry"], n_clients), rng.uniform(0, 6, n)
    score = (
        rng.normal(0, 0.7, n_clients)[client] + rng.normal(0, 0.4, n_therapists)[therapist] + rng.normal(size=n)
        + effect * x[client, 0] * h[therapist, 1] + effect * (kind[client] == "grief") * h[therapist, 0]
        - bend * (gap - 2) ** 2
    )  # fmt: skip
    name = "c{:03d}".format
    return {
        "X": {"client_id": [name(at) for at in client], "therapist_id": [f"t{at:02d}" for at in therapist], "gap": gap},
        "y": score,
        "clients": {"client_id": [name(at) for at in range(n_clients)], "kind": kind,
                    **{f"x{k}": x[:, k] for k in range(3)}},
        "therapists": {"therapist_id": [f"t{at:02d}" for at in range(n_therapists)],
                       **{f"h{k}": h[:, k] for k in range(2)}},
    }  # fmt: skip


def fit(made, **params):
    model = AllianceModel(**params)
    return model.fit(made["X"], made["y"], clients=made["clients"], therapists=made["therapists"])


def component(model, name):
    return next(part for part in model.components_ if part.name == name)


def columns_by_hand(made):
    """(n, 10) products of clients' and therapists' columns, without the model: their span is what counts."""
    at = [made["clients"]["client_id"].index(id_) for id_ in made["X"]["client_id"]]
    to = [made["therapists"]["therapist_id"].index(id_) for id_ in made["X"]["therapist_id"]]
    grief = (made["clients"]["kind"] == "grief")[at].astype(float)
    left = np.column_stack([made["clients"][f"x{k}"][at] for k in range(3)] + [grief])
    right = np.column_stack([made["therapists"][f"h{k}"][to] for k in range(2)])
    return left, right


def whitened(values):
    centred = values - values.mean(axis=0)
    lengths, turn = np.linalg.eigh(centred.T @ centred / len(centred))
    return centred @ turn / np.sqrt(lengths)


def test_the_criterion_with_products_is_that_of_the_plain_model():
    """Whitened directions are unique up to a turn, which a ridge does not see."""
    made = crossed_ratings(n=240, n_clients=60, n_therapists=8)
    model = fit(made, blocks=[CROSSED])
    part = component(model, CROSSED)
    left, right = (whitened(values) for values in columns_by_hand(made))
    products = np.column_stack([left[:, i] * right[:, j] for i in range(4) for j in range(2)])
    products -= products.mean(axis=0)
    products /= np.sqrt((products**2).sum(axis=1).mean())
    dyads = [f"{c} {t}" for c, t in zip(made["X"]["client_id"], made["X"]["therapist_id"], strict=True)]
    groups = [indicators(dyads), indicators(made["X"]["client_id"]), indicators(made["X"]["therapist_id"]), products]
    at = [made["clients"]["client_id"].index(id_) for id_ in made["X"]["client_id"]]
    to = [made["therapists"]["therapist_id"].index(id_) for id_ in made["X"]["therapist_id"]]
    x = np.column_stack([
        np.ones(240), made["X"]["gap"], (made["clients"]["kind"] == "grief")[at],
        *(made["clients"][f"x{k}"][at] for k in range(3)), *(made["therapists"][f"h{k}"][to] for k in range(2)),
    ])  # fmt: skip
    names = ["dyad", "client", "therapist", CROSSED]
    assert [each.name for each in model.components_] == [*names, "residual"] and part.variance > 0
    ratios = [component(model, name).variance / component(model, "residual").variance for name in names]
    assert model.report_["criterion"] == pytest.approx(Dense(made["y"], x, groups).criterion(ratios), abs=1e-6)


def test_a_pair_is_predicted_as_the_dense_posterior_has_it():
    made = crossed_ratings(n=240, n_clients=60, n_therapists=8)
    model = fit(made, blocks=[CROSSED])
    fitted = model._fitted
    structure = fitted.structure
    pairs = {name: made["X"][name][:5] for name in ("client_id", "therapist_id", "gap")}
    found = model.forecast(pairs)
    from matcher.alliance.pairs import read_pairs

    read = read_pairs(fitted, pairs, None, None, 3).read
    dense = structure.dense_matrix(read, 5)
    block, coefficients = fitted.block_coefficients()[0]
    by_hand = fitted.centre + dense @ fitted.coefficients[fitted.n_sparse :]
    t = [structure.therapists.index(id_) for id_ in pairs["therapist_id"]]
    c = [structure.clients.index(id_) for id_ in pairs["client_id"]]
    dyad = np.searchsorted(fitted.dyads, np.array(c) * 8 + t)
    by_hand += fitted.coefficients[:8][t] + fitted.client.effect[c] + fitted.dyad.effect[dyad]
    assert found.mean == pytest.approx(by_hand, abs=1e-9)
    assert block.along(structure.covariates, read, coefficients) == pytest.approx(
        block.columns(structure.covariates, read) @ coefficients, abs=1e-9
    )


def test_a_block_stays_where_the_ratings_ask_for_it_and_is_left_out_with_its_gain_where_not():
    clear, straight = fit(crossed_ratings()), fit(crossed_ratings(effect=0.0))
    assert component(clear, CROSSED).variance > 0 and CROSSED not in clear.report_["terms_left_out"]
    assert CROSSED not in [part.name for part in straight.components_]
    said = straight.report_["terms_left_out"][CROSSED]
    assert said.startswith("they raise 2 log L by ") and float(said.split()[6].strip(",")) <= CLEAR
    bent = fit(crossed_ratings(effect=0.0, bend=0.25))
    assert component(bent, "match curves").variance > 0
    gaps = np.linspace(0, 6, 7)
    shape = bent.predict({"client_id": ["new"] * 7, "therapist_id": ["new"] * 7, "gap": gaps})
    assert np.argmax(shape) == 2 and shape[2] - shape[6] > 2


def test_a_component_is_the_variance_that_its_block_explains():
    made = crossed_ratings(n=6000, n_clients=1500, n_therapists=60)
    model = fit(made)
    left, right = columns_by_hand(made)
    true = 0.5 * left[:, 0] * right[:, 1] + 0.5 * (left[:, 3] - left[:, 3].mean()) * right[:, 0]
    assert component(model, CROSSED).variance == pytest.approx(true.var(), rel=0.5)


def test_personal_holds_the_products_and_no_columns_of_one_side_alone():
    made = crossed_ratings()
    model = fit(made)
    ids = [(c, t) for c in model._fitted.structure.clients[:200] for t in model._fitted.structure.therapists]
    pairs = {"client_id": [c for c, _ in ids], "therapist_id": [t for _, t in ids], "gap": [3.0] * len(ids)}
    part = model.forecast(pairs, personal=True).personal.reshape(200, -1)
    assert part.std() > 0.2
    assert np.abs(part.mean(axis=0)).max() < 0.2 and np.abs(part.mean(axis=1)).max() < 0.3


def test_a_ridge_shrinks_its_columns_and_reports_them_in_their_units():
    rng = np.random.default_rng(3)
    made = crossed_ratings(effect=0.0)
    for k in range(6):
        made["X"][f"z{k}"] = 10 * rng.normal(size=1200) + 50
    made["y"] = made["y"] + 0.03 * made["X"]["z0"]
    ridge, free = fit(made, blocks=SIDES), fit(made, blocks=())
    for model, shrunken in ((ridge, True), (free, False)):
        found = {each.name: each for each in model.coefficients_}
        assert found["z0"].estimate == pytest.approx(0.03, abs=0.01) and found["z0"].shrunken is shrunken
    noise = [f"z{k}" for k in range(1, 6)]
    spread = [sum(abs(each.estimate) for each in model.coefficients_ if each.name in noise) for model in (ridge, free)]
    assert spread[0] < spread[1]
    assert "client.kind=grief" in [each.name for each in ridge.coefficients_ if each.shrunken]


def test_a_saved_model_with_blocks_predicts_to_the_bit():
    made = crossed_ratings()
    model = fit(made)
    back = AllianceModel.from_arrays(model.to_arrays(), model.metadata())
    pairs = {"client_id": ["c001", "new"], "therapist_id": ["t03", "t04"], "gap": [1.0, 5.0]}
    new = {"client_id": ["new"], "kind": ["worry"], "x0": [1.0], "x1": [0.0], "x2": [np.nan]}
    for one, other in zip(
        *(vars(each.forecast(pairs, clients=new, personal=True)).values() for each in (model, back)), strict=True
    ):
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other


def test_partitions_in_any_number_by_any_number_of_threads_give_the_same_fit(monkeypatch):
    made, found = crossed_ratings(), {}
    for most, workers in ((10**9, 1), (500, 1), (7, 1), (7, 4)):
        monkeypatch.setattr(partitions, "MOST", most)
        with partitions.threads(workers):
            model = fit(made)
        found[most, workers] = [*(part.variance for part in model.components_), model.report_["criterion"]]
    there = found.pop((10**9, 1))
    assert found[7, 1] == found[7, 4], "to the bit"
    assert all(other == pytest.approx(there, rel=1e-7) and other != there for other in found.values())


def test_unknown_blocks_are_refused_by_name():
    with pytest.raises(InvalidInput, match="client x room"):
        fit(crossed_ratings(), blocks=["client x room"])
    assert MATCHED in kinds()


def test_a_clinic_ranks_by_the_contrasts_of_the_forecast_where_clients_and_therapists_cross():
    rng = np.random.default_rng(5)
    clinic = simulate(rng, n_therapists=40, n_clients=700, dyad_share=0.3, curved=True)
    model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    assert [block.name for block in model.alliance._fitted.structure.blocks if not block.is_straight] == [CROSSED]
    new = np.setdiff1d(np.arange(len(clinic.intakes)), clinic.courses.client)[:20]
    fast, pairs, sides = asked_both_ways(model, clinic, new)
    slow = model.alliance.forecast(pairs, **sides)
    assert fast == pytest.approx(slow.contrast.reshape(fast.shape), abs=1e-9)
    assert rank_correlation(clinic.latent[new], fast) > 0.4
