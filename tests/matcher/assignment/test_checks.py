"""The checks of a result: each must see what is broken, and say nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import Assignment, assign, breaches, compared, proof_of, regrets, shortages, totals
from matcher.errors import InvalidInput
from tests.matcher.assignment.lists import NAN, drawn, problem


def by_hand(asked: object, choice: list[int]) -> Assignment:
    return Assignment(asked, "by hand", np.array(choice))  # type: ignore[arg-type]


def codes(found: Assignment) -> list[tuple[str, str | None, str | None]]:
    return [(each.code, each.client_id, each.therapist_id) for each in breaches(found)]


def test_each_breach_is_seen() -> None:
    asked = problem(
        [[0.9, 0.8, 0.1], [0.7, NAN, 0.2], [0.5, 0.4, 0.3], [0.5, 0.4, 0.3]], [1, 1, 4],
        locks={"c3": "t2"}, excluded_pairs=[("c2", "t2")], excluded_therapists=["t0"],
    )  # fmt: skip
    assert codes(by_hand(asked, [1, 2, -1, 2])) == []
    assert codes(by_hand(asked, [1, 1, -1, 2])) == [("over_capacity", None, "t1"), ("not_allowed", "c1", "t1")]
    assert codes(by_hand(asked, [1, 2, 2, 2])) == [("excluded", "c2", "t2")]
    assert codes(by_hand(asked, [0, 2, -1, 2])) == [("excluded", "c0", "t0")]
    assert codes(by_hand(asked, [1, 2, -1, -1])) == [("lock_broken", "c3", None)]
    left_out = problem([[0.9]], [1], excluded_clients=["c0"])
    assert codes(by_hand(left_out, [0])) == [("excluded", "c0", "t0")]


def test_a_choice_that_is_no_row_is_refused() -> None:
    asked = problem([[0.9]], [1])
    for choice in ([], [0, 0], [1], [-2]):
        with pytest.raises(InvalidInput, match="rows of therapists"):
            Assignment(asked, "by hand", np.array(choice, dtype=np.int64))


def test_the_proof_sees_what_is_lost() -> None:
    """.9 + .1 where .8 + .7 can be had: half a point is lost, and the prices of the best say so to the unit."""
    asked = problem([[0.9, 0.8], [0.7, 0.1]], [1, 1])
    best = assign(asked)
    assert proof_of(best).gap == 0
    proof = proof_of(by_hand(asked, [0, 1]), best.proof.prices)
    assert proof.gap * proof.unit == pytest.approx(0.5)
    for prices in ([1], [0.5, 0.5], [[1, 2]]):
        with pytest.raises(InvalidInput, match="one a therapist"):
            proof_of(best, prices)
    with pytest.raises(InvalidInput, match="none of its own"):
        proof_of(assign(asked, "stable"))


def test_prices_of_another_problem_prove_nothing() -> None:
    gaps = []
    for seed in range(40):
        scores, capacity = drawn(seed)
        found = assign(problem(scores, capacity))
        rng = np.random.default_rng(seed)
        moved = found.proof.prices + rng.integers(-(10**8), 10**8, len(capacity))
        gaps.append(proof_of(found, moved).gap)
    assert min(gaps) >= 0 and max(gaps) > 0


def test_every_cause_of_regret() -> None:
    asked = problem([[0.9, 0.5, NAN], [0.8, 0.1, NAN], [0.9, 0.6, 0.2], [0.3, NAN, 0.9]], [1, 2, 0], locks={"c2": "t1"})
    lines = {line.client_id: line for line in regrets(assign(asked))}
    # c0 and c1 want t0: .5 + .8 is more than .9 + .1; c2 is locked; nobody takes new clients at t2
    assert (lines["c0"].cause, lines["c0"].others, lines["c0"].regret) == ("needed", ("c1",), pytest.approx(0.4))
    assert (lines["c1"].cause, lines["c1"].regret) == (None, 0)
    assert (lines["c2"].cause, lines["c2"].best_therapist_id) == ("locked", "t0")
    assert (lines["c3"].cause, lines["c3"].regret, lines["c3"].best_therapist_id) == ("no_place", None, "t2")


def test_places_that_locks_hold_are_named() -> None:
    asked = problem([[0.9, 0.5], [0.9, 0.1]], [1, 1], locks={"c1": "t0"})
    line = regrets(assign(asked))[0]
    assert (line.cause, line.others) == ("locked_places", ("c1",))


def test_a_free_place_that_was_not_given_has_a_cause() -> None:
    scores = [[0.9, 0.89], [0.9, 0.89]]
    assert {line.cause for line in regrets(assign(problem(scores, [2, 2], load_balance=0.5)))} == {None, "balance"}
    assert regrets(assign(problem([[0.9, 0.89]], [1, 1], start_days={"t0": 90})))[0].cause == "waiting"
    assert regrets(by_hand(problem([[0.9, 0.89]], [1, 1]), [1]))[0].cause == "order"


def test_whoever_is_left_out_is_told_so() -> None:
    found = assign(problem([[0.9], [0.8]], [2], excluded_clients=["c0"]))
    assert (found.of("c0").reason, found.of("c1").reason) == ("left_out", None)
    assert regrets(found)[0].cause == "left_out"


def test_nobody_open_is_told_from_too_few_places() -> None:
    asked = problem([[0.9, NAN], [0.8, NAN], [NAN, 0.8]], [1, 0])
    assert [line.reason for line in assign(asked)] == [None, "too_few_places", "nobody_open"]


def test_shortages_are_told_apart() -> None:
    """c0, c1 and c2 can see t0 and t1 with two places, c3 and c4 t2 with one; c5 has room at t3."""
    scores = np.full((6, 4), NAN)
    for client, therapist in ((0, 0), (1, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (5, 2)):
        scores[client, therapist] = 0.5
    groups = shortages(assign(problem(scores, [1, 1, 1, 1])))
    assert [(g.client_ids, g.therapist_ids, g.n_places, g.n_missing) for g in groups] == [
        (("c0", "c1", "c2"), ("t0", "t1"), 2, 1), (("c3", "c4"), ("t2",), 1, 1),
    ]  # fmt: skip


def test_totals_by_hand() -> None:
    """Shares .5/.9, 1 and 0; the worst-off tenth of three is one."""
    found = totals(by_hand(problem([[0.9, 0.5], [0.8, 0.1], [0.4, NAN]], [1, 1]), [1, 0, -1]))
    assert (found.n_clients, found.n_placed, found.n_first_choice) == (3, 2, 1)
    assert found.total_score == pytest.approx(1.3)
    assert found.share_of_best == pytest.approx((5 / 9 + 1) / 3) and found.worst_tenth == 0


def test_who_gains_and_who_loses() -> None:
    asked = problem([[0.9, 0.8], [0.7, NAN], [NAN, 0.2]], [1, 1])
    found = compared(by_hand(asked, [1, 0, -1]), by_hand(asked, [0, -1, 1]))
    assert (found.better, found.worse) == (("c1",), ("c0", "c2"))
    with pytest.raises(InvalidInput, match="same clients"):
        compared(by_hand(asked, [1, 0, -1]), assign(problem([[0.9]], [1])))
