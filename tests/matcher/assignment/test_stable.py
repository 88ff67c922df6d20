"""Stability, priority, and the order of appearance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import Assignment, assign, blocking_pairs, breaches
from tests.matcher.assignment.lists import NAN, drawn, lists, problem

ASKING = settings(max_examples=80, deadline=None)


@ASKING
@given(lists(), st.data())
def test_nobody_would_both_rather_have_each_other(drawn_list: tuple, data: st.DataObject) -> None:
    scores, capacity = drawn_list
    priority = {f"c{k}": float(data.draw(st.integers(0, 2))) for k in range(len(scores))}
    found = assign(problem(scores, capacity, priority=priority), "stable")
    assert blocking_pairs(found) == () and breaches(found) == ()


def test_it_is_the_stable_one() -> None:
    """Where all doors order clients alike, only one assignment is stable: all are tried."""
    for seed in range(40):
        scores, capacity = drawn(seed, largest=(4, 3))
        priority = np.random.default_rng(seed).permutation(len(scores))
        asked = problem(scores, capacity, priority={f"c{k}": float(rank) for k, rank in enumerate(priority)})
        stable = [
            choice
            for choice in itertools.product(range(-1, len(capacity)), repeat=len(scores))
            if not breaches(made := Assignment(asked, "by hand", np.array(choice))) and not blocking_pairs(made)
        ]
        assert stable == [tuple(assign(asked, "stable").choice.tolist())]


def test_priority_stands_before_the_score() -> None:
    scores = [[0.9], [0.5]]
    assert assign(problem(scores, [1]), "stable").pairs == {"c0": "t0"}
    assert assign(problem(scores, [1], priority={"c1": 1.0}), "stable").pairs == {"c1": "t0"}


def test_the_client_whose_place_is_taken_asks_on() -> None:
    """Worked by hand: c0 takes t0; c1, who is better there, sends c0 to t1; c2 finds t1 full and has nobody."""
    found = assign(problem([[0.8, 0.7], [0.9, 0.1], [NAN, 0.6]], [1, 1]), "stable")
    assert [(line.therapist_id, line.reason) for line in found] == [("t0", None)] * 0 + [
        ("t1", None), ("t0", None), (None, "too_few_places"),
    ]  # fmt: skip


def test_first_come_serves_one_after_the_other() -> None:
    scores = [[0.9, 0.8], [0.95, NAN], [0.1, 0.2]]
    found = assign(problem(scores, [1, 2]), "first-come")
    assert [(line.therapist_id, line.reason) for line in found] == [("t0", None), (None, "taken"), ("t1", None)]


def test_a_swap_by_hand_is_seen_to_block() -> None:
    asked = problem([[0.9, 0.8], [0.7, 0.1]], [1, 1])
    assert blocking_pairs(Assignment(asked, "by hand", np.array([1, 0]))) == (("c0", "t0"),)


@pytest.mark.parametrize("choice", [[-1, 0], [1, -1]])
def test_a_free_place_that_somebody_wants_blocks(choice: list[int]) -> None:
    asked = problem([[0.9, 0.8], [0.7, 0.1]], [1, 1])
    assert blocking_pairs(Assignment(asked, "by hand", np.array(choice)))


def test_locked_clients_do_not_give_way() -> None:
    asked = problem([[0.9], [0.1]], [1], locks={"c1": "t0"})
    found = assign(asked, "stable")
    assert found.pairs == {"c1": "t0"} and blocking_pairs(found) == ()
