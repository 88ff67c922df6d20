"""What moved between two lists, worked by hand."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

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
    # weights change by −1/4 for the bond and +1/4 for near
    # cio passed ada and bea, usually 7/10 and 9/20: −1/4·(1/5 − 7/10) = 1/8 by the bond, 1/4·(4/5 − 9/20) = 7/80 by
    # being near: that the bond counts less helps most
    # ada was passed by bea and cio, usually 7/20 and 7/10: −1/4·(9/10 − 7/20) = −11/80 by the bond,
    # 1/4·(3/10 − 7/10) = −1/10 by being near
    found = [(move.therapist_id, move.was, move.place, move.factor) for move in moves(before, after)]
    assert found == [("cio", 3, 1, "bond"), ("bea", 2, 2, None), ("ada", 1, 3, "bond")]


def test_somebody_who_was_not_in_the_list_before_is_new_and_told_by_whom_they_pushed_out() -> None:
    before = [match("ada", 1, EVEN, ADA)]
    (move,) = moves(before, [match("cio", 1, NEAR, CIO)])
    # −1/4·(1/5 − 9/10) = 7/40 by the bond, 1/4·(4/5 − 3/10) = 1/8 by being near
    assert (move.was, move.place, move.factor) == (None, 1, "bond")


def test_lists_that_are_cut_off_at_a_length() -> None:
    """Two of three places: dan comes in at the second and pushes out bea, while ada stays and cio was never seen."""
    dan = {"bond": 0.45, "near": 0.9}
    before = [match("ada", 1, EVEN, ADA), match("bea", 2, EVEN, BEA)]
    after = [match("ada", 1, NEAR, ADA), match("dan", 2, NEAR, dan)]
    # against bea: −1/4·(9/20 − 1/2) = 1/80 by the bond, 1/4·(9/10 − 3/5) = 3/40 by being near
    found = [(move.therapist_id, move.was, move.place, move.factor) for move in moves(before, after)]
    assert found == [("ada", 1, 1, None), ("dan", None, 2, "near")]
    assert [move.was for move in moves([], after)] == [None, None]
    assert [move.factor for move in moves([], after)] == [None, None]  # nobody is known to have been passed


def test_who_rose_with_less_than_most_is_told_by_what_they_passed_others_with() -> None:
    """Being near counts more. Bea is less near than most, but nearer than Ada, whom she passed: that moved her."""
    ada, bea, cio, dan = ({"bond": b, "near": n} for b, n in ((0.8, 0.0), (0.7, 0.2), (0.9, 0.9), (0.9, 1.0)))
    before = [match("dan", 1, EVEN, dan), match("cio", 2, EVEN, cio), match("bea", 3, EVEN, bea),
              match("ada", 4, EVEN, ada)]  # fmt: skip
    only_bond = {"bond": 1.0, "near": 0.0}
    first = [match("dan", 1, only_bond, dan), match("cio", 2, only_bond, cio), match("ada", 3, only_bond, ada),
             match("bea", 4, only_bond, bea)]  # fmt: skip
    # weights change by −1/2 and 1/2; of near, where the usual is 21/40, bea has 1/5 and ada nothing
    # bea against ada: −1/2·(7/10 − 8/10) = 1/20 by the bond, 1/2·(1/5 − 0) = 1/10 by being near
    found = {move.therapist_id: (move.was, move.place, move.factor) for move in moves(first, before)}
    assert found == {"dan": (1, 1, None), "cio": (2, 2, None), "bea": (4, 3, "near"), "ada": (3, 4, "near")}


VALUES = st.lists(st.tuples(*[st.integers(0, 8)] * 3), min_size=1, max_size=8)
WEIGHTS = st.tuples(*[st.integers(0, 8)] * 3)


@given(VALUES, WEIGHTS, WEIGHTS, st.integers(1, 8))
def test_who_moved_in_a_ranked_list_always_has_a_reason_that_holds(values, old, new, most: int) -> None:
    """Ranked by score, then by name: what is said moved somebody is a factor whose weight changed, in the right way."""
    codes = ("a", "b", "c")
    ranked = []
    for weights in (old, new):
        of = {
            name: {code: value / 8 for code, value in zip(codes, row, strict=True)} for name, row in enumerate(values)
        }
        by = dict(zip(codes, (w / 8 for w in weights), strict=True))
        made = [match(str(name), 0, by, of[name]) for name in of]
        made.sort(key=lambda found: (-found.score, found.therapist_id))
        ranked.append([replace(found, place=k) for k, found in enumerate(made[:most], 1)])
    before, after = ranked
    for move in moves(before, after):
        assert (move.was is None) == (move.therapist_id not in {found.therapist_id for found in before})
        assert move.factor is not None or move.was == move.place
        if move.factor is not None:
            k = codes.index(move.factor)
            assert new[k] != old[k] and move.was != move.place


def test_the_same_weights_move_nobody() -> None:
    before = [match("ada", 1, EVEN, ADA), match("bea", 2, EVEN, BEA)]
    assert [move.factor for move in moves(before, before)] == [None, None]
    assert moves([], []) == () == moves(before, [])
