"""Large problems: ids as numbers, memory beside the input, and the start near the maximum of a large border."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from benchmarks.crossed import BYTES, COVARIATES, Size, simulated
from matcher.alliance import AllianceModel, reml
from matcher.alliance.moments import Moments, Rows, collect
from matcher.alliance.nearby import Nearby
from matcher.alliance.solver import System, solve
from matcher.alliance.tables import coded, texts

SMALL = Size("small", 6_000, 500, 60, 2)


def fit(table, score, **changes):
    there = AllianceModel(only_declared=True, fixed=["x0", "x1", "x2"], vary_by=["x0", "x1"], **changes)
    return there.fit(table, score)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64])
def test_ids_as_numbers_and_as_texts_give_the_same_fit_to_the_bit(kind):
    made = simulated(Size("tiny", 900, 90, 12, 0))
    table = made.table()
    as_numbers = {**table, "client_id": made.client.astype(kind), "therapist_id": made.therapist.astype(kind)}
    as_texts = {**table, "client_id": list(map(str, made.client)), "therapist_id": list(map(str, made.therapist))}
    there, wanted = (fit(each, made.score) for each in (as_numbers, as_texts))
    assert there.metadata()["structure"] == wanted.metadata()["structure"]
    assert there.components_ == wanted.components_ and there.report_ == wanted.report_
    for name, values in wanted.to_arrays().items():
        assert there.to_arrays()[name].tolist() == values.tolist(), name


@pytest.mark.parametrize("ids", [[5, -3, 5, 12, 100], [-128, 127, 0], [10**18, 2, -(10**18), 2], [7]])
def test_numbers_are_coded_as_their_texts_are(ids):
    given = np.array(ids)
    (levels, codes), (wanted, places) = coded(given), coded(texts(given))
    assert levels == wanted and codes.tolist() == places.tolist()


def test_a_fit_needs_less_memory_than_its_ratings():
    size = Size("memory", 200_000, 20_000, 100, 0)
    made = simulated(size)
    model = AllianceModel(only_declared=True, fixed=[f"x{at}" for at in range(COVARIATES)])
    fit({"client_id": [0, 0, 1], "therapist_id": [0, 1, 1], **{f"x{at}": [0.0, 1, 3] for at in range(3)}}, [1, 2, 4])
    tracemalloc.start()
    model.fit(made.table(), made.score)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size.ratings * BYTES


def system(seed=0, *, slope=True):
    """Clients integrated out; therapists, their slopes (or they again) and three unpenalised columns in the border."""
    made = simulated(SMALL, seed)
    n = len(made.score)
    dense = np.column_stack([np.ones(n), *made.covariates[:2], made.score - made.score.mean()])
    order = np.argsort(made.client, kind="stable")
    levels, values = (
        np.column_stack([made.therapist] * 2),
        np.column_stack([np.ones(n), made.covariates[0] if slope else np.ones(n)]),
    )
    rows = Rows(levels[order], values[order], (60, 60), dense[order], np.ones(n))
    moments = Moments.joined([collect(rows, made.client[order])], SMALL.clients, None, 0)
    return System(moments, ("client",), ("therapist", "slope"), np.repeat([1, 2, -1], [60, 60, 3]))


def test_nearby_solutions_are_solutions_and_its_traces_nearly_the_traces():
    there, ratios = system(), np.array([0.6, 0.1, 0.05])
    near, exact = Nearby.at(there, ratios), solve(there, ratios)
    assert near.coefficients == pytest.approx(exact.coefficients, abs=1e-5)
    assert near.residual == pytest.approx(exact.residual, rel=1e-8)
    assert near.traces() == pytest.approx(exact.traces(exact.form()), rel=2e-2)


def test_nearby_traces_hold_what_therapists_of_one_team_share():
    """Twenty teams of two, each with six clients of its own. What the border takes off the clients' trace, here by
    inverses over all ratings, would be a quarter less if its second term had the other sign."""
    rng, (clients, teams, each), ratios = np.random.default_rng(0), (120, 20, 6), np.array([0.5, 0.1])
    client = np.repeat(np.arange(clients), each)
    therapist = 2 * (client % teams) + rng.integers(0, 2, len(client))
    fixed = np.column_stack([np.ones(len(client)), rng.normal(size=len(client))])
    dense = np.column_stack([fixed, rng.normal(size=len(client))])
    rows = Rows(therapist[:, None], np.ones((len(client), 1)), (2 * teams,), dense, np.ones(len(client)))
    moments = Moments.joined([collect(rows, client)], clients, None, 0)
    near = Nearby.at(System(moments, ("client",), ("therapist",), np.repeat([1, -1], [2 * teams, 2])), ratios)
    assert near is not None
    by_client, by_therapist = np.eye(clients)[client], np.eye(2 * teams)[therapist]
    alone = np.linalg.inv(np.eye(len(client)) + ratios[0] * by_client @ by_client.T)
    inverse = np.linalg.inv(np.linalg.inv(alone) + ratios[1] * by_therapist @ by_therapist.T)
    known = inverse @ fixed @ np.linalg.solve(fixed.T @ inverse @ fixed, fixed.T @ inverse)
    before, after = (np.sum(by_client * (p @ by_client)) for p in (alone, inverse - known))
    assert before - near.traces()[0] == pytest.approx(before - after, rel=0.02)


def test_the_start_of_a_large_border_does_not_change_where_the_estimation_ends(monkeypatch):
    there, criterion = system(), reml.Criterion(True)
    wanted = reml.maximise(there, criterion, tol=1e-12)
    monkeypatch.setattr(reml, "LARGE_BORDER", 1)
    found = reml.maximise(there, criterion, tol=1e-12)
    assert found.converged and found.iterations < wanted.iterations
    assert found.ratios == pytest.approx(wanted.ratios, rel=1e-6)
    assert reml.near_start_of(there, criterion) == pytest.approx(wanted.ratios, rel=0.02)


def test_where_groupings_share_their_ratings_the_estimation_begins_as_a_small_one_does(monkeypatch):
    there, criterion = system(slope=False), reml.Criterion(True)
    assert Nearby.at(there, np.array([0.0, 50.0, 50.0])) is None
    wanted = reml.start_of(there)
    monkeypatch.setattr(reml, "LARGE_BORDER", 1)
    monkeypatch.setattr(Nearby, "at", lambda *_: None)
    assert reml.near_start_of(there, criterion) == pytest.approx(wanted)


def test_a_variance_at_zero_is_found_from_the_nearby_start(monkeypatch):
    monkeypatch.setattr(reml, "LARGE_BORDER", 1)
    made = simulated(Size("flat", 4_000, 300, 40, 0))
    made.score[:] = np.random.default_rng(1).normal(size=4_000)
    there = fit(made.table(), made.score)
    assert sum(part.at_zero for part in there.components_) >= 1 and there.report_["converged"]
