"""What moved between two lists, worked by hand."""

from __future__ import annotations

from matcher import moves
from matcher.entities import Contribution, RankedMatch


def match(name: str, place: int, weights: dict[str, float], values: dict[str, float]) -> RankedMatch:
    parts = tuple(Contribution(k, values[k], weights[k], weights[k] * values[k]) for k in weights)
    return RankedMatch(name, place, sum(part.points for part in parts), parts, (), None, None)


EVEN, NEAR = {"bond": 0.5, "near": 0.5}, {"bond": 0.25, "near": 0.75}
ADA, BEA, CIO = {"bond": 0.9, "near": 0.3}, {"bond": 0.5, "near": 0.6}, {"bond": 0.2, "near": 0.8}


def test_who_rose_is_told_by_what_speaks_most_for_them_who_fell_by_what_speaks_most_against() -> None:
    before = [match("ada", 1, EVEN, ADA), match("bea", 2, EVEN, BEA), match("cio", 3, EVEN, CIO)]
    after = [match("cio", 1, NEAR, CIO), match("bea", 2, NEAR, BEA), match("ada", 3, NEAR, ADA)]
    # weights change by −1/4 for the bond and +1/4 for near; the usual values are 8/15 and 17/30
    # cio: −1/4·(1/5 − 8/15) = 1/12 by the bond, 1/4·(4/5 − 17/30) = 7/120 by being near: that the bond counts less
    # helps most
    # ada: −1/4·(9/10 − 8/15) = −11/120 by the bond, 1/4·(3/10 − 17/30) = −1/15 by being near
    found = [(move.therapist_id, move.was, move.place, move.factor) for move in moves(before, after)]
    assert found == [("cio", 3, 1, "bond"), ("bea", 2, 2, None), ("ada", 1, 3, "bond")]


def test_somebody_who_was_not_in_the_list_before_is_new() -> None:
    before = [match("ada", 1, EVEN, ADA)]
    (move,) = moves(before, [match("cio", 1, NEAR, CIO)])
    assert (move.was, move.place) == (None, 1)


def test_the_same_weights_move_nobody() -> None:
    before = [match("ada", 1, EVEN, ADA), match("bea", 2, EVEN, BEA)]
    assert [move.factor for move in moves(before, before)] == [None, None]
    assert moves([], []) == () == moves(before, [])
