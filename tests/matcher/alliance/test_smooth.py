"""Smooth interactions: those who are alike suit those who are alike, whatever the surface."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matcher import ClinicModel, simulate
from matcher.alliance import AllianceModel, choice
from matcher.alliance.blocks import CROSSED, SMOOTH, kinds
from matcher.alliance.nearness import LENGTH, MOST_DIRECTIONS, kernel, learn
from matcher.evaluation import rank_correlation
from tests.matcher.alliance.clinics import asked_both_ways
from tests.matcher.alliance.dense import Dense, indicators

SIDES = ("client columns", "therapist columns")


def near(x, h):
    """A hill: who is near in two columns suits, who is far in either direction does not."""
    return np.exp(-((x[:, None, :2] - h[None, :, :2]) ** 2).sum(axis=-1) / (2 * 0.8**2))


def plain(x, h):
    return x[:, None, 0] * h[None, :, 1]


def rated(surface, seed=0, *, n_clients=500, n_therapists=40, sessions=4):
    """Clients with two therapists each; tables, scores, and 100 new clients with the truth of every therapist."""
    rng = np.random.default_rng(seed)
    x, h, new = (rng.normal(size=(n, 4)) for n in (n_clients, n_therapists, 100))
    size = surface(x, h).std()
    client = np.repeat(np.arange(n_clients), 2)
    therapist = np.concatenate([rng.choice(n_therapists, 2, replace=False) for _ in range(n_clients)])
    own = rng.normal(0, 0.2, n_therapists)
    pair = own[therapist] + 0.5 * surface(x, h)[client, therapist] / size + rng.normal(0, 0.2, len(client))
    score = np.repeat(pair + rng.normal(0, 0.5, n_clients)[client], sessions)
    score += rng.normal(0, 0.6, len(score))
    table = {"client_id": np.repeat(client, sessions), "therapist_id": np.repeat(therapist, sessions)}
    sides = {
        "clients": {"client_id": np.arange(n_clients), **{f"x{k}": x[:, k] for k in range(4)}},
        "therapists": {"therapist_id": np.arange(n_therapists), **{f"h{k}": h[:, k] for k in range(4)}},
    }
    people = {"client_id": [f"new {k}" for k in range(100)], **{f"x{k}": new[:, k] for k in range(4)}}
    return table, score, sides, people, own + 0.5 * surface(new, h) / size


def order(model, sides, people, truth):
    """How well therapists are ordered for the new clients."""
    n, k = truth.shape
    pairs = {"client_id": np.repeat(people["client_id"], k), "therapist_id": np.tile(np.arange(k), n)}
    found = model.forecast(pairs, clients=people, therapists=sides["therapists"])
    return rank_correlation(truth, found.contrast.reshape(n, k))


def names(model):
    return [part.name for part in model.components_]


def test_a_surface_that_no_product_follows_is_found():
    table, score, sides, people, truth = rated(near)
    with_it = AllianceModel().fit(table, score, **sides)
    without = AllianceModel(blocks=[name for name in kinds() if name != SMOOTH]).fit(table, score, **sides)
    assert SMOOTH in names(with_it)
    assert order(with_it, sides, people, truth) > order(without, sides, people, truth) + 0.04


def test_where_a_product_is_the_truth_it_is_left_out_and_costs_nothing():
    table, score, sides, people, truth = rated(plain)
    with_it = AllianceModel().fit(table, score, **sides)
    without = AllianceModel(blocks=[name for name in kinds() if name != SMOOTH]).fit(table, score, **sides)
    assert CROSSED in names(with_it) and SMOOTH not in names(with_it)
    assert "no clear sign" in with_it.report_["terms_left_out"][SMOOTH]
    assert order(with_it, sides, people, truth) == order(without, sides, people, truth) > 0.8


def test_the_likelihood_is_that_of_a_process_with_the_product_of_two_kernels(monkeypatch):
    """With no more people than directions hardly anything is left out: centred kernels of whitened columns, by hand."""
    monkeypatch.setattr(choice, "CLEAR", -1.0)
    rng = np.random.default_rng(2)
    n, n_clients, n_therapists = 90, 12, 6
    client, therapist = rng.integers(0, n_clients, n), rng.integers(0, n_therapists, n)
    assert max(n_clients, n_therapists) <= MOST_DIRECTIONS
    x, h = rng.normal(size=(n_clients, 2)), rng.normal(size=(n_therapists, 2))
    score = 2 * near(x, h)[client, therapist] + rng.normal(size=n)
    sides = {
        "clients": {"client_id": np.arange(n_clients), "a": x[:, 0], "b": x[:, 1]},
        "therapists": {"therapist_id": np.arange(n_therapists), "a": h[:, 0], "b": h[:, 1]},
    }
    model = AllianceModel(blocks=[SMOOTH], influence=None).fit(
        {"client_id": client, "therapist_id": therapist}, score, **sides
    )

    def kernel(columns, who):
        """Between ratings, less the mean over ratings on both sides."""
        placed = (columns - columns[who].mean(axis=0)) @ np.linalg.inv(
            np.linalg.cholesky(np.cov(columns[who].T, ddof=0))
        ).T
        apart = np.linalg.norm(placed[:, None] - placed[None], axis=-1)
        length = LENGTH * np.median(apart[np.tril_indices(len(apart), -1)])
        found = np.exp(-0.5 * (apart / length) ** 2)[np.ix_(who, who)]
        return found - found.mean(axis=0) - found.mean(axis=1)[:, None] + found.mean()

    both = kernel(x, client) * kernel(h, therapist)
    both = both - both.mean(axis=0) - both.mean(axis=1)[:, None] + both.mean()
    root = np.linalg.cholesky(both / np.trace(both) * n + 1e-9 * np.eye(n))
    names_ = [name for name in names(model)[:-1] if name != SMOOTH]
    assert names(model) == [*names_, SMOOTH, "residual"]
    pair = indicators(client * n_therapists + therapist)
    groups = {"dyad": pair, "client": indicators(client), "therapist": indicators(therapist), SMOOTH: root}
    variance = {part.name: part.variance for part in model.components_}
    fixed = np.column_stack([np.ones(n), x[client], h[therapist]])
    dense = Dense(score, fixed, [groups[name] for name in names(model)[:-1]])
    ratios = [variance[name] / variance["residual"] for name in names(model)[:-1]]
    assert variance[SMOOTH] > 0
    assert model.report_["criterion"] == pytest.approx(dense.criterion(ratios), abs=2e-3)


def test_a_saved_model_predicts_to_the_bit_and_a_clinic_ranks_by_its_contrasts(monkeypatch):
    monkeypatch.setattr(choice, "CLEAR", -1.0)
    clinic = simulate(np.random.default_rng(5), n_therapists=30, n_clients=300, curved=True)
    words = {"specification": {"blocks": ("match columns", *SIDES, SMOOTH)}, "scale": clinic.scale}
    model = ClinicModel.fit(clinic.intakes, clinic.therapists, clinic.ratings, **words)
    assert SMOOTH in names(model.alliance)
    new = np.setdiff1d(np.arange(len(clinic.intakes)), clinic.courses.client)[:10]
    fast, pairs, sides = asked_both_ways(model, clinic, new)
    back = AllianceModel.from_arrays(model.alliance.to_arrays(), model.alliance.metadata())
    slow, again = (each.forecast(pairs, **sides) for each in (model.alliance, back))
    assert fast == pytest.approx(slow.contrast.reshape(fast.shape), abs=1e-9)
    assert np.array_equal(slow.mean, again.mean) and np.array_equal(slow.sd, again.sd)


def test_people_who_are_all_alike_are_nothing_to_be_near_to():
    table, score, sides, _, _ = rated(plain, n_clients=60)
    for k in range(4):
        sides["therapists"][f"h{k}"] = np.where(np.arange(40) < 20, 1.0, -1.0)
    model = AllianceModel(blocks=[SMOOTH]).fit(table, score, **sides)
    assert model.report_["terms_left_out"][SMOOTH] == "too few columns that differ"


def test_that_it_was_left_out_is_said_where_a_pair_was_bounded_too():
    """The later rounds, in which the pair weighs less, try no blocks."""
    table, score, sides, _, _ = rated(plain, n_clients=150)
    score[:4] += 20
    model = AllianceModel().fit(table, score, **sides)
    assert model.report_["dyads_bounded"] >= 1 and "no clear sign" in model.report_["terms_left_out"][SMOOTH]


def test_landmarks_do_not_depend_on_the_order_of_the_rows():
    """Of people who are equally far out as well: sixteen with four marks each, of whom none is another."""
    told = np.array(list(product([-1.0, 1.0], repeat=4)))
    rng = np.random.default_rng(0)
    rows, wanted = np.repeat(told, 3, axis=0), None
    for _ in range(3):
        rows = rng.permutation(rows)
        found = learn(rows, rows, np.ones(len(rows)))
        assert len(found.landmarks) == 16
        near = kernel(told, np.array(found.landmarks), found.length) @ np.array(found.turn)
        wanted = near @ near.T if wanted is None else wanted
        assert near @ near.T == pytest.approx(wanted, abs=1e-9)
    many = rng.normal(size=(900, 3))
    one, other = (learn(each, each, np.ones(900)) for each in (many, -many[rng.permutation(900)][:, ::-1]))
    assert sorted(map(sorted, np.abs(one.landmarks).tolist())) == sorted(map(sorted, np.abs(other.landmarks).tolist()))
