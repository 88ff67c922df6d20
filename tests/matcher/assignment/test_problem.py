"""What cannot be asked: the field, the value, and how to mend it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcher import AssignmentProblem, assign
from matcher.errors import InvalidInput
from tests.matcher.assignment.lists import NAN, problem

SCORES = [[0.9, 0.8], [0.7, NAN]]
PAIRS: tuple[Any, ...] = (["a", "a", "b"], ["x", "y", "x"], [0.9, 0.8, 0.7], {"x": 1, "y": 1})


@pytest.mark.parametrize(
    ("capacity", "field"),
    [
        ([1, -1], "capacity['t1']"), ([1, 1.5], "capacity['t1']"), ([1, NAN], "capacity['t1']"),
        ([float("inf"), 1], "capacity['t0']"), ([1, "2"], "capacity"), ([True, 1], None), ([1], "capacity"),
        ({"t0": 1}, "capacity"), ({"t0": 1, "t1": 1, "t9": 1}, "capacity"),
    ],
)  # fmt: skip
def test_capacities(capacity: Any, field: str | None) -> None:
    if field is None:  # numpy makes a whole number of it
        assert problem(SCORES, capacity).capacity.tolist() == [1, 1]
        return
    with pytest.raises(InvalidInput) as refused:
        problem(SCORES, capacity)
    assert refused.value.field.startswith(field) and refused.value.mend


@pytest.mark.parametrize("score", [float("inf"), -float("inf"), 1e13])
def test_scores_are_finite(score: float) -> None:
    with pytest.raises(InvalidInput, match="finite number") as refused:
        problem([[0.9, score], [0.7, NAN]], [1, 1])
    assert refused.value.field == "score['c0', 't1']"


def test_a_matrix_has_the_shape_of_its_ids() -> None:
    for scores in ([[0.9, 0.8]], [0.9, 0.8], [["a", "b"], ["c", "d"]]):
        with pytest.raises(InvalidInput) as refused:
            AssignmentProblem.from_matrix(["a", "b"], ["x", "y"], scores, [1, 1])
        assert refused.value.field == "scores"


def test_ids_are_text_and_stand_once() -> None:
    for clients, mend in ((["a", "a"], "twice"), (["a", ""], "empty"), (["a", 1], "text"), (["a", "\x00"], "control")):
        with pytest.raises(InvalidInput, match=mend):
            AssignmentProblem.from_matrix(clients, ["x", "y"], SCORES, [1, 1])  # type: ignore[arg-type]


def test_pairs() -> None:
    client, therapist, score, capacity = PAIRS
    for args, mend in (
        ((client, ["x", "x", "x"], score, capacity), "stands twice"),
        ((client, ["x", "z", "x"], score, capacity), "no capacity"),
        ((client, therapist, [0.9, NAN, 0.7], capacity), "finite number"),
        ((client, therapist, [0.9, 0.8], capacity), "as many as ids"),
    ):
        with pytest.raises(InvalidInput, match=mend):
            AssignmentProblem.from_pairs(*args)
    with pytest.raises(InvalidInput, match="those who wait"):
        AssignmentProblem.from_pairs(*PAIRS, clients=["a"])


def test_pairs_and_matrix_are_the_same_problem() -> None:
    rows = AssignmentProblem.from_pairs(["b", "a", "a"], ["x", "y", "x"], [0.7, 0.8, 0.9], {"x": 1, "y": 1})
    assert rows.client_ids == ("b", "a")  # by their first row
    matrix = AssignmentProblem.from_matrix(["b", "a"], ["x", "y"], [[0.7, NAN], [0.9, 0.8]], {"y": 1, "x": 1})
    for name in ("first", "therapist", "score", "capacity"):
        assert getattr(rows, name).tolist() == getattr(matrix, name).tolist()


@pytest.mark.parametrize(
    ("conditions", "mend"),
    [
        ({"locks": {"c9": "t0"}}, "not a client"),
        ({"locks": {"c0": "t9"}}, "not a therapist"),
        ({"locks": {"c1": "t1"}}, "hard requirement"),
        ({"locks": {"c0": "t0", "c1": "t0"}}, "2 clients are locked to a therapist with 1 free places"),
        ({"locks": [("c0", "t0"), ("c0", "t1")]}, "keep one of the two locks"),
        ({"locks": {"c0": "t0"}, "excluded_pairs": [("c0", "t0")]}, "pair is excluded"),
        ({"locks": {"c0": "t0"}, "excluded_clients": ["c0"]}, "client is left out"),
        ({"locks": {"c0": "t0"}, "excluded_therapists": ["t0"]}, "therapist is left out"),
        ({"excluded_pairs": [("c0", "t9")]}, "not a therapist"),
        ({"excluded_pairs": ["c0"]}, "expected a client's and a therapist's id"),
        ({"excluded_clients": ["c9"]}, "not a client"),
        ({"excluded_clients": "c0"}, "such as a list"),
        ({"excluded_therapists": ["t9"]}, "not a therapist"),
        ({"waited_days": {"c0": -1}}, "from 0"),
        ({"waited_days": {"c0": NAN}}, "finite"),
        ({"waited_days": {"c9": 1}}, "not a client"),
        ({"start_days": {"t9": 1}}, "not a therapist"),
        ({"priority": {"c0": NAN}}, "finite"),
        ({"priority": {"c9": 1}}, "not a client"),
        ({"held": {"t0": -1}}, "whole number"),
        ({"load_balance": -1}, "from 0"),
        ({"fairness_floor": 1.5}, "from 0 to 1"),
        ({"next_round_days": -7}, "from 0"),
    ],
)
def test_conditions(conditions: dict[str, Any], mend: str) -> None:
    with pytest.raises(InvalidInput, match=mend):
        problem(SCORES, [1, 1], **conditions)


def test_a_floor_needs_scores_of_which_there_can_be_a_share() -> None:
    with pytest.raises(InvalidInput, match="0 or more"):
        assign(problem([[-0.5]], [1], fairness_floor=0.5))


def test_an_excluded_pair_that_is_not_allowed_anyway_is_no_trouble() -> None:
    assert assign(problem(SCORES, [1, 1], excluded_pairs=[("c1", "t1")])).n_placed == 2


def test_the_arrays_cannot_be_changed() -> None:
    asked = problem(SCORES, [1, 1])
    for name in ("first", "therapist", "score", "capacity"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(asked, name)[0] = 0
    mine = np.array([1, 1])
    problem(SCORES, mine)
    mine[0] = 5  # the caller's own stays the caller's
