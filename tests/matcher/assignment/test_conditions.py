"""Waiting, load balance and the fairness floor: by hand, and against trying everything."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matcher import assign, below_floor, proof_of, regrets
from matcher.assignment import waiting
from matcher.assignment.settled import NOBODY
from matcher.errors import InvalidInput
from tests.matcher.assignment.lists import NAN, best_by_trying, drawn, problem


def test_odds_fall_by_a_twentieth_a_week() -> None:
    def odds(days: float) -> float:
        chance = float(waiting.attending(days))
        return chance / (1 - chance)

    assert odds(0) == pytest.approx(4)
    assert odds(7) / odds(0) == pytest.approx(0.95) and odds(70) / odds(63) == pytest.approx(0.95)
    assert float(waiting.cost(14, 7)) == pytest.approx(3.61 / 4.61 - 3.4295 / 4.4295)


def test_of_equals_the_one_who_waits_longer_is_placed() -> None:
    assert assign(problem([[0.5], [0.5]], [1], waited_days={"c1": 60, "c0": 7})).pairs == {"c1": "t0"}
    assert assign(problem([[0.5], [0.5]], [1], waited_days={"c0": 60, "c1": 7})).pairs == {"c0": "t0"}


def test_a_score_outweighs_what_waiting_costs_less_than() -> None:
    """A week more costs somebody who has waited ten weeks .0107, and somebody who has not waited .0083."""
    assert assign(problem([[0.503], [0.5]], [1], waited_days={"c1": 70})).pairs == {"c0": "t0"}
    assert assign(problem([[0.502], [0.5]], [1], waited_days={"c1": 70})).pairs == {"c1": "t0"}


def test_a_therapist_who_opens_late_is_worth_less() -> None:
    """Thirteen weeks bring the odds from 4 to 4 * .95^13 = 2.0534: .8 - .6725 = .1275."""
    late = 4 * 0.95**13
    assert 0.8 - late / (1 + late) == pytest.approx(0.1275, abs=5e-5)
    for score, chosen in ((0.62, "t1"), (0.64, "t0")):
        assert assign(problem([[score, 0.5]], [1, 1], start_days={"t0": 91})).pairs["c0"] == chosen


def test_waiting_against_trying_everything() -> None:
    for seed in range(30):
        scores, capacity = drawn(seed)
        rng = np.random.default_rng(seed)
        waited = rng.integers(0, 200, len(scores))
        asked = problem(scores, capacity, waited_days={f"c{k}": int(days) for k, days in enumerate(waited)})
        lost = waiting.cost(waited, 7.0)
        best = best_by_trying(scores, capacity, cost=lambda choice: sum(lost[np.array(choice) == NOBODY]))  # noqa: B023
        found = assign(asked)
        assert found.n_placed == best[0]
        ours = found.total_score - sum(lost[found.choice == NOBODY])
        assert ours == pytest.approx(best[1], abs=1e-8)


def test_balance_spreads_what_scores_would_pile_up() -> None:
    """Four clients, two therapists of four places: the k-th place of each costs (k - .5) / 4 of the balance.

    At .2 the third place of t0 (.9 - .125) is worth more than the second of t1 (.8 - .075), and the fourth (.9 - .175)
    less than the first (.8 - .025). At .8 the third (.9 - .5) is worth less than the second (.8 - .3).
    """
    scores = np.array([[0.9, 0.8]] * 4)
    assert sorted(assign(problem(scores, [4, 4])).pairs.values()) == ["t0"] * 4
    assert sorted(assign(problem(scores, [4, 4], load_balance=0.2)).pairs.values()) == ["t0", "t0", "t0", "t1"]
    assert sorted(assign(problem(scores, [4, 4], load_balance=0.8)).pairs.values()) == ["t0", "t0", "t1", "t1"]


def test_a_caseload_in_use_counts_for_the_balance() -> None:
    scores = np.array([[0.8, 0.8]] * 2)
    found = assign(problem(scores, [2, 2], load_balance=0.5, held={"t0": 6}))
    assert sorted(found.pairs.values()) == ["t1", "t1"]


def test_balance_against_trying_everything() -> None:
    for seed in range(40):
        scores, capacity = drawn(seed)
        capacity = capacity + 1

        def cost(choice: tuple[int, ...], capacity: np.ndarray = capacity) -> float:
            used = np.bincount([t for t in choice if t >= 0], minlength=len(capacity))
            return 0.6 * sum(u * u / (2 * c) for u, c in zip(used, capacity, strict=True))

        found = assign(problem(scores, capacity, load_balance=0.6))
        best = best_by_trying(scores, capacity, cost)
        assert found.n_placed == best[0] and found.proof.gap == proof_of(found).gap == 0
        assert found.total_score - cost(tuple(found.choice.tolist())) == pytest.approx(best[1], abs=1e-7)


def test_the_floor_is_kept_where_it_can_be() -> None:
    """The best sum is .9 + .2, with c1 at .2 of a best of .6; at the floor of .5 both are kept: .5 + .6."""
    scores = [[0.9, 0.5], [0.6, 0.25]]
    assert assign(problem(scores, [1, 1])).pairs == {"c0": "t0", "c1": "t1"}
    found = assign(problem(scores, [1, 1], fairness_floor=0.5))
    assert found.pairs == {"c0": "t1", "c1": "t0"} and below_floor(found) == ()
    assert [(line.cause, line.others) for line in regrets(found)] == [("floor", ("c1",)), (None, ())]


def test_without_a_floor_nobody_is_below_it_and_unknown_ids_are_named() -> None:
    found = assign(problem([[0.9, 0.1], [0.9, NAN]], [1, 1]))
    assert below_floor(found) == ()
    for ask in (found.problem.client_row, found.problem.therapist_row):
        with pytest.raises(InvalidInput, match="nobody"):
            ask("nobody")


def test_the_floor_never_costs_anybody_the_place() -> None:
    found = assign(problem([[0.9, 0.1], [0.9, NAN]], [1, 1], fairness_floor=0.9))
    assert found.pairs == {"c0": "t1", "c1": "t0"}
    assert below_floor(found) == ("c0",)


def test_the_floor_against_trying_everything() -> None:
    kept = 0
    for seed in range(60):
        scores, capacity = drawn(seed)
        best = np.array([np.nanmax(row, initial=0.0) if not np.isnan(row).all() else 0.0 for row in scores])

        def below(choice: tuple[int, ...], scores: np.ndarray = scores, best: np.ndarray = best) -> int:
            return sum(t >= 0 and scores[c, t] < 0.9 * best[c] - 1e-12 for c, t in enumerate(choice))

        asked = problem(scores, capacity, fairness_floor=0.9)
        found = assign(asked)
        placed, total = best_by_trying(scores, capacity, cost=lambda choice: 1000 * below(choice))
        n_below = math.ceil(-total / 1000) if total < 0 else 0
        assert found.n_placed == placed and len(below_floor(found)) == n_below == below(tuple(found.choice.tolist()))
        assert found.total_score == pytest.approx(total + 1000 * n_below, abs=1e-6)
        kept += below(tuple(assign(problem(scores, capacity)).choice.tolist())) > n_below
    assert kept  # else the floor changed nothing
