"""The optimum: against trying everything, its proof, and what must not change it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import AssignmentProblem, assign, breaches, proof_of, shortages
from matcher.assignment import optimal
from matcher.assignment.exact import Arcs
from matcher.assignment.market import Market, market
from matcher.assignment.optimal import wanted
from matcher.assignment.pricing import near
from matcher.assignment.proof import bound, proved
from matcher.errors import InvalidInput, MatcherError
from tests.matcher.assignment.lists import NAN, best_by_trying, drawn, lists, problem

ASKING = settings(max_examples=60, deadline=None)


def test_200_small_lists_against_trying_everything() -> None:
    placed = 0
    for seed in range(200):
        scores, capacity = drawn(seed)
        found = assign(problem(scores, capacity))
        n_placed, total = best_by_trying(scores, capacity)
        assert (found.n_placed, found.total_score) == (n_placed, pytest.approx(total, abs=1e-9)), seed
        assert found.proof is not None and found.proof.gap == 0 and proof_of(found).gap == 0
        assert breaches(found) == ()
        placed += n_placed
    assert placed > 300


def test_one_more_client_outweighs_any_score() -> None:
    """Both can be placed only if a, who is .9 with x, goes to y for nothing."""
    found = assign(problem([[0.9, 0.0], [0.1, NAN]], [1, 1]))
    assert found.pairs == {"c0": "t1", "c1": "t0"}
    assert found.total_score == pytest.approx(0.1)


@ASKING
@given(lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_change_the_value(drawn_list: tuple, random: object) -> None:
    scores, capacity = drawn_list
    rng = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    rows, columns = rng.permutation(len(scores)), rng.permutation(len(capacity))
    here, there = assign(problem(scores, capacity)), assign(problem(scores[rows][:, columns], capacity[columns]))
    assert here.n_placed == there.n_placed
    assert here.proof.value == there.proof.value


@ASKING
@given(lists(), st.data())
def test_a_place_more_never_costs_anything(drawn_list: tuple, data: st.DataObject) -> None:
    scores, capacity = drawn_list
    more = capacity.copy()
    more[data.draw(st.integers(0, len(capacity) - 1))] += 1
    before, after = assign(problem(scores, capacity)), assign(problem(scores, more))
    assert (after.n_placed, after.total_score) >= (before.n_placed, before.total_score - 1e-9)


@ASKING
@given(lists())
def test_no_policy_places_more_or_as_many_with_more(drawn_list: tuple) -> None:
    asked = problem(*drawn_list)
    best = assign(asked)
    for policy in ("stable", "first-come"):
        other = assign(asked, policy)
        assert breaches(other) == ()
        assert (other.n_placed, other.total_score) <= (best.n_placed, best.total_score + 1e-9)
        assert proof_of(other, best.proof.prices).gap >= 0


@ASKING
@given(lists(), st.data())
def test_locks_and_exclusions_are_kept(drawn_list: tuple, data: st.DataObject) -> None:
    scores, capacity = drawn_list
    pairs = [(c, t) for c, t in zip(*np.nonzero(~np.isnan(scores)), strict=True) if capacity[t]]
    if not pairs:
        return
    client, therapist = data.draw(st.sampled_from(pairs))
    others = [(f"c{c}", f"t{t}") for c, t in pairs if c != client]
    barred = data.draw(st.lists(st.sampled_from(others), max_size=3)) if others else []
    asked = problem(scores, capacity, locks={f"c{client}": f"t{therapist}"}, excluded_pairs=barred)
    for policy in ("optimal", "stable", "first-come"):
        found = assign(asked, policy)
        assert breaches(found) == ()
        assert found.of(f"c{client}").therapist_id == f"t{therapist}" and found.of(f"c{client}").locked
        assert not set(barred) & set(found.pairs.items())
    scores = scores.copy()
    for c, t in barred:
        scores[int(c[1:]), int(t[1:])] = NAN
    scores[client] = [scores[client, t] if t == therapist else NAN for t in range(len(capacity))]
    outcome = best_by_trying(scores, capacity, cost=lambda choice: 1000 * (choice[client] < 0))
    assert assign(asked).n_placed == max(outcome[0], 1) or outcome[1] < -900


@ASKING
@given(lists())
def test_everybody_unplaced_has_a_reason_and_every_lack_is_counted(drawn_list: tuple) -> None:
    asked = problem(*drawn_list)
    found = assign(asked)
    assert {line.client_id for line in found.unplaced} == set(asked.client_ids) - set(found.pairs)
    assert all(line.reason in ("nobody_allowed", "nobody_open", "too_few_places") for line in found.unplaced)
    groups = shortages(found)
    assert sum(g.n_missing for g in groups) == sum(line.reason == "too_few_places" for line in found.unplaced)
    for group in groups:  # Hall: between them they see these therapists only, who have too few places
        assert len(group.client_ids) == group.n_places + group.n_missing
        seen = {
            asked.therapist_ids[t]
            for c in group.client_ids
            for t in asked.therapist[slice(*asked.first[asked.client_row(c) :][:2])].tolist()
            if asked.capacity[t]
        }
        assert seen == set(group.therapist_ids)


def test_a_planted_optimum_is_proved_and_nothing_better_is() -> None:
    """Scores are made from prices: worth = profit + price on the planted pairs, and less elsewhere."""
    rng = np.random.default_rng(7)
    n, m = 60, 25
    planted = np.repeat(np.arange(m), 3)[:n]
    price, profit = rng.integers(0, 300, m), rng.integers(300, 600, n)
    price[np.bincount(planted, minlength=m) < 3] = 0  # a place that stays free has no price
    scores = profit[:, None] + price[None, :] - rng.integers(1, 200, (n, m))
    scores[np.arange(n), planted] = profit + price[planted]
    asked = problem(np.maximum(scores, 0) / 1000, np.full(m, 3))
    open_ = market(asked)
    proof = proved(open_, planted, np.rint(price / 1000 / open_.unit).astype(np.int64))
    assert proof.gap == 0
    assert assign(asked).proof.value == proof.value
    worse = planted.copy()
    worse[[0, 3]] = worse[[3, 0]]
    assert proved(open_, worse, proof.prices).gap > 0
    assert bound(open_, proof.prices + 1) > proof.bound  # other prices prove less


def test_a_larger_list_has_its_proof_and_scipy_agrees() -> None:
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(3)
    scores = np.round(rng.random((120, 1)) * 0.2 + rng.random((1, 40)) * 0.5 + rng.random((120, 40)) * 0.3, 3)
    capacity = rng.integers(1, 6, 40)
    found = assign(problem(scores, capacity))
    seats = np.repeat(np.arange(40), capacity)
    rows, columns = linear_sum_assignment(-scores[:, seats])
    assert found.n_placed == len(rows) and found.proof.gap == 0
    assert found.total_score == pytest.approx(scores[rows, seats[columns]].sum(), abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "capacity"), [(np.zeros((0, 2)), [1, 1]), (np.zeros((2, 0)), []), (np.full((2, 2), NAN), [1, 1])]
)
def test_nobody_or_nothing_is_an_answer(scores: np.ndarray, capacity: list[int]) -> None:
    for policy in ("optimal", "stable", "first-come"):
        found = assign(problem(scores, capacity), policy)
        assert found.n_placed == 0
        assert [line.reason for line in found] == ["nobody_allowed"] * len(scores)


def test_scores_of_any_size_and_sign() -> None:
    for factor in (1e-9, 1.0, 1e9):
        found = assign(problem(np.array([[-1.0, -2.0], [-3.0, -9.0]]) * factor, [1, 1]))
        assert found.pairs == {"c0": "t1", "c1": "t0"}
        assert found.total_score == pytest.approx(-5 * factor)


@pytest.mark.parametrize(
    ("capacity", "conditions"),
    [(3, {}), (2, {}), (1, {}), (3, {"load_balance": 0.3}), (3, {"fairness_floor": 0.8}), (1, {"fairness_floor": 0.8})],
)
def test_a_bad_guess_changes_nothing(
    capacity: int, conditions: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pair a client and wrong prices: pairs are missing at first, and the same optimum comes out, proved."""
    rng = np.random.default_rng(11)
    scores = np.round(0.5 + 0.3 * rng.random((1, 30)) + 0.2 * rng.random((60, 30)), 3)
    scores[rng.random(scores.shape) < 0.5] = NAN
    asked = problem(scores, np.full(30, capacity), **conditions)
    expected = assign(asked)
    rounds = []

    def badly(market: Market) -> tuple[np.ndarray, Arcs]:
        prices = rng.integers(0, market.span, len(market.places))
        return prices, near(market, market.places * 0, 0, 1)

    def counted(*given: Any) -> Any:
        rounds.append(1)
        return wanted(*given)

    monkeypatch.setattr(optimal, "guessed", badly)
    monkeypatch.setattr(optimal, "wanted", counted)
    found = assign(asked)
    assert len(rounds) > 1
    assert found.n_placed == expected.n_placed and found.proof.value == expected.proof.value
    assert found.proof.gap == expected.proof.gap == 0


def test_what_could_not_be_proved_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop after the first round, in which pairs are missing, it hands out no assignment without a proof."""
    scores = np.array([[0.9, 0.8], [0.9, 0.1]])
    assert assign(problem(scores, [1, 1])).pairs == {"c0": "t1", "c1": "t0"}
    monkeypatch.setattr(optimal, "guessed", lambda market: (market.places * 0, near(market, market.places * 0, 0, 1)))
    monkeypatch.setattr(optimal, "MOST_ROUNDS", 1)
    with pytest.raises(MatcherError, match="no proof of the optimum in 1 rounds"):
        assign(problem(scores, [1, 1]))


def test_of_many_pairs_that_are_alike_each_client_keeps_a_few_and_not_all_the_same() -> None:
    scores = np.full((50, 40), 0.5)
    scores[:, 7] = 0.6
    open_ = market(problem(scores, np.full(40, 2)))
    few = near(open_, open_.places * 0, float(open_.span), 4)
    assert np.bincount(few.client).tolist() == [4] * 50
    assert np.bincount(few.therapist)[7] == 50  # the best of each is among them
    assert len(np.unique(few.therapist)) > 20
    rows = {(c, t): w for c, t, w in zip(few.client.tolist(), few.therapist.tolist(), few.worth.tolist(), strict=True)}
    assert len(rows) == 200 and all((worth == max(rows.values())) == (t == 7) for (_c, t), worth in rows.items())
    found = assign(problem(scores, np.full(40, 2)))
    assert found.n_placed == 50 and found.proof.gap == 0 and found.total_score == pytest.approx(2 * 0.6 + 48 * 0.5)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InvalidInput, match="optimal, stable, first-come"):
        assign(problem([[1.0]], [1]), "best")


def test_the_same_problem_gives_the_same_assignment() -> None:
    scores, capacity = np.ones((30, 10)), np.full(10, 2)
    first, second = (assign(problem(scores, capacity)) for _ in range(2))
    assert first.choice.tolist() == second.choice.tolist()


def test_clients_without_any_pair_are_told() -> None:
    asked = AssignmentProblem.from_pairs(["a"], ["x"], [0.5], {"x": 1}, clients=["b", "a"])
    assert [(line.client_id, line.reason) for line in assign(asked)] == [("b", "nobody_allowed"), ("a", None)]
