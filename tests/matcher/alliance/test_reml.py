"""Variances against closed forms of balanced designs, and against the plain dense likelihood."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from matcher.alliance.moments import Moments, Rows, collect
from matcher.alliance.reml import Criterion, maximise, slope_at
from matcher.alliance.solver import System, solve
from tests.matcher.alliance.dense import Dense, indicators

# Row means 2 5 8, column means 3 5 7; what is left sums to zero by row and column, its squares to 6.
CELLS = ((1, 1, 4), (2, 5, 8), (6, 9, 9))


def rows_of(ids, values, dense, sizes, weight=None):
    weight = np.ones(len(dense)) if weight is None else weight
    return Rows(np.asarray(ids), np.asarray(values, float), sizes, np.asarray(dense, float), weight)


def whole(rows, group, parent=None, n_parents=0):
    """The sums of all ratings, as one part; ``group`` is each rating's finest group, if any is integrated out."""
    return Moments.joined([collect(rows, group)], 0 if group is None else group.max() + 1, parent, n_parents)


def one_way(groups):
    """Clients alone: (System, estimate)."""
    score = np.array([value for group in groups for value in group], float)
    client = np.repeat(np.arange(len(groups)), len(groups[0]))
    n = len(score)
    rows = rows_of(np.zeros((n, 0), int), np.zeros((n, 0)), np.column_stack([np.ones(n), score]), ())
    return System(whole(rows, client), ("client",), (), np.array([-1]))


def two_way(spread):
    """Clients by therapists from CELLS, with replicates at plus and minus ``spread``, or one a cell where it is 0."""
    replicates = (0,) if spread == 0 else (-spread, spread)
    entries = [(c, t, CELLS[c][t] + e) for c in range(3) for t in range(3) for e in replicates]
    client, therapist, score = (np.array(column) for column in zip(*entries, strict=True))
    n, border = len(score), np.array([1, 1, 1, -1])
    rows = rows_of(therapist[:, None], np.ones((n, 1)), np.column_stack([np.ones(n), score]), (3,))
    if spread == 0:
        return System(whole(rows, client), ("client",), ("therapist",), border)
    moments = whole(rows, client * 3 + therapist, np.arange(9) // 3, 3)
    return System(moments, ("dyad", "client"), ("therapist",), np.array([2, 2, 2, -1]))


def variances(system, restricted=True):
    found = maximise(system, Criterion(restricted), tol=1e-14)
    assert found.converged
    return [*(found.ratios * found.variance).tolist(), found.variance]


def expect(found, *wanted):
    assert found == pytest.approx([float(value) for value in wanted], rel=1e-6, abs=1e-12)


def test_one_way_balanced():
    # means 2 5 8: between 2·18/2 = 18, within (2 + 2 + 18)/3 = 22/3, so (18 - 22/3)/2 = 16/3
    expect(variances(one_way(((1, 3), (4, 6), (5, 11)))), Fraction(16, 3), Fraction(22, 3))


def test_one_way_balanced_by_maximum_likelihood():
    # the same sums of squares, between over 3 and not 2: (36/3 - 22/3)/2 = 7/3
    expect(variances(one_way(((1, 3), (4, 6), (5, 11))), restricted=False), Fraction(7, 3), Fraction(22, 3))


def test_one_way_with_a_component_at_zero():
    # means 3 4 5: between 2·2/2 = 2 is below within 24/3 = 8, so all in one: (4 + 24)/5
    found = variances(one_way(((1, 5), (2, 6), (3, 7))))
    assert found[0] == 0.0
    expect(found, 0, Fraction(28, 5))


def test_two_way_crossed_balanced():
    # clients 3·18/2 = 27, therapists 3·8/2 = 12, rest 6/4: (27 - 3/2)/3 and (12 - 3/2)/3
    expect(variances(two_way(0)), Fraction(17, 2), Fraction(7, 2), Fraction(3, 2))


def test_two_way_crossed_balanced_with_dyads():
    # two a cell at ±1: within 18/9 = 2, dyads 2·6/4 = 3, clients 54, therapists 24
    expect(variances(two_way(1)), Fraction(1, 2), Fraction(17, 2), Fraction(7, 2), 2)


def test_two_way_crossed_balanced_with_dyads_at_zero():
    # two a cell at ±3: within 162/9 = 18 exceeds dyads 3; pooled (162 + 12)/13; (54 - 174/13)/6, (24 - 174/13)/6
    found = variances(two_way(3))
    assert found[0] == 0.0
    expect(found, 0, Fraction(88, 13), Fraction(23, 13), Fraction(174, 13))


def unbalanced(seed):
    """(System, Dense) of the same small ratings: dyads in clients, therapists, slopes, rooms, weights, two columns."""
    rng = np.random.default_rng(seed)
    n, sizes = 90, (5, 5, 3)
    client, therapist, room = rng.integers(0, 14, n), rng.integers(0, 5, n), rng.integers(0, 3, n)
    worry, x, weight = rng.normal(size=n), rng.normal(size=n), rng.choice([0.5, 1.0, 2.0], n)
    score = rng.normal(size=n) + rng.normal(size=5)[therapist] * (1 + worry) + rng.normal(size=14)[client]
    dyads, dyad = np.unique(client * 5 + therapist, return_inverse=True)
    rows = rows_of(
        np.column_stack([therapist, therapist, room]), np.column_stack([np.ones(n), worry, np.ones(n)]),
        np.column_stack([np.ones(n), x, score]), sizes, weight,
    )  # fmt: skip
    moments = whole(rows, dyad, dyads // 5, 14)
    border = np.append(np.repeat([2, 3, 4], sizes), [-1, -1])
    system = System(moments, ("dyad", "client"), ("therapist", "slope", "room"), border)
    z = indicators(therapist)
    groups = [indicators(dyad), indicators(client), z, z * worry[:, None], indicators(room)]
    if groups[1].shape[1] != 14:
        groups[1] = np.eye(14)[client]
    return system, Dense(score, np.column_stack([np.ones(n), x]), groups, weight)


RATIOS = ((0.3, 0.4, 0.2, 0.1, 0.05), (0.0, 0.4, 0.0, 0.1, 0.0), (0.3, 0.0, 2.0, 0.0, 1.0), (30.0, 9.0, 50.0, 3.0, 4.0))


@pytest.mark.parametrize("restricted", [True, False])
def test_criterion_is_the_dense_one(restricted):
    for seed in (1, 2):
        system, dense = unbalanced(seed)
        for ratios in map(np.array, RATIOS):
            found = Criterion(restricted).value(solve(system, ratios))
            assert found == pytest.approx(dense.criterion(ratios, restricted=restricted), abs=1e-8)


@pytest.mark.parametrize("restricted", [True, False])
def test_gradient_is_that_of_the_dense_criterion(restricted):
    step = 1e-4
    for seed in (1, 2):
        system, dense = unbalanced(seed)
        for ratios in map(np.array, RATIOS):
            found = slope_at(solve(system, ratios), Criterion(restricted)).gradient[1:]
            for term in range(5):
                # five-point formula; a variance ratio a little below zero still gives a positive covariance
                at = [ratios + k * step * np.eye(5)[term] for k in (-2, -1, 1, 2)]
                low2, low, high, high2 = (dense.criterion(place, restricted=restricted) for place in at)
                numeric = (low2 - 8 * low + 8 * high - high2) / (12 * step)
                assert found[term] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def test_average_information_is_the_dense_one():
    system, dense = unbalanced(3)
    ratios = np.array(RATIOS[0])
    criterion = Criterion(True)
    inverse = np.linalg.inv(dense.covariance(ratios))
    middle = inverse @ dense.x @ np.linalg.solve(dense.x.T @ inverse @ dense.x, dense.x.T @ inverse)
    projection = inverse - middle
    score = projection @ dense.y
    working = [score / dense.weight, *(z @ (z.T @ score) for z in dense.groups)]
    solution = solve(system, ratios)
    wanted = np.array([[a @ projection @ b for b in working] for a in working]) / criterion.variance(solution)
    assert slope_at(solution, criterion).information == pytest.approx(wanted, rel=1e-9)


def test_no_other_variances_are_better():
    rng = np.random.default_rng(5)
    for seed in (1, 2, 3):
        system, dense = unbalanced(seed)
        found = maximise(system, Criterion(True))
        assert found.converged
        for _ in range(40):
            near = np.maximum(found.ratios * np.exp(rng.normal(0, 0.2, 5)) + rng.exponential(0.01, 5), 0)
            assert dense.criterion(near) > found.criterion


def test_every_start_leads_to_the_same_variances():
    system, _ = unbalanced(1)
    best = maximise(system, Criterion(True), tol=1e-12)
    for start in (np.zeros(5), np.full(5, 5.0), np.array([0.0, 2.0, 0.0, 0.01, 100.0])):
        found = maximise(system, Criterion(True), start=start, tol=1e-12)
        assert found.ratios == pytest.approx(best.ratios, rel=1e-4, abs=1e-6)


def test_partitions_of_clients_add_up_in_any_order():
    """Every sum is one over clients, so that parts of the clients can be summed apart and then added."""
    rng = np.random.default_rng(4)
    client, therapist = np.sort(rng.integers(0, 10, 60)), rng.integers(0, 3, 60)
    dense, weight = np.column_stack([np.ones(60), rng.normal(size=60)]), rng.choice([1.0, 2.0], 60)

    def sums(part):
        rows = rows_of(therapist[part, None], np.ones((part.sum(), 1)), dense[part], (3,), weight[part])
        return collect(rows, client[part])

    there = Moments.joined([sums(client >= 0)], 10, None, 0)
    for cuts in ([4], [1, 2, 7], range(1, 10)):
        bounds = [0, *cuts, 10]
        parts = [sums((client >= low) & (client < high)) for low, high in pairwise(bounds)]
        for order in (parts, parts[::-1], [parts[at] for at in rng.permutation(len(parts))]):
            found = Moments.joined(iter(order), 10, None, 0)
            assert found.gram.dense() == pytest.approx(there.gram.dense()) and found.n_ratings == there.n_ratings
            assert found.finest.weight == pytest.approx(there.finest.weight)
            assert found.finest.dense == pytest.approx(there.finest.dense)
            assert found.finest.sparse.toarray() == pytest.approx(there.finest.sparse.toarray())
    with pytest.raises(ValueError, match="two partitions"):
        Moments.joined([sums(client < 6), sums(client > 4)], 10, None, 0)
