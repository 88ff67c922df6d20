"""How long people wait: worked by hand, with those who wait still."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import waiting_times
from matcher.errors import InvalidInput

WAITED = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=40)


def test_with_everybody_seen_it_is_the_plain_quantile() -> None:
    """Of 2, 4, 6, 8 days: a quarter within 2, half within 4, three quarters within 6."""
    found = waiting_times([8, 2, 6, 4], [True] * 4)
    assert (found.n_people, found.n_seen, found.days) == (4, 4, (2.0, 4.0, 6.0))


def test_those_who_wait_still_count_while_they_are_watched() -> None:
    """Seen on 1, 4, 6, 9; left on 2, 4, 12. S: 6/7 · (at 4: five are watched) 4/5 = 24/35 · (at 6: three) 2/3 = 48/105
    · (at 9: two) 1/2 = 24/105. A quarter by 4 (24/35 ≤ 3/4), half by 6 (.457), three quarters by 9 (.229)."""
    found = waiting_times([1, 2, 4, 4, 6, 9, 12], [True, False, True, False, True, True, False])
    assert found.days == (4.0, 6.0, 9.0)
    assert (found.n_people, found.n_seen) == (7, 4)


def test_the_median_is_not_that_of_the_lucky_ones() -> None:
    """Three began after 1, 2 and 3 days, seven wait since 30: half of those seen is 2 days, of all is unknown."""
    found = waiting_times([1, 2, 3] + [30] * 7, [True] * 3 + [False] * 7)
    assert found.days == (3.0, None, None)


def test_nobody_has_begun() -> None:
    assert waiting_times([5, 9], [False, False]).days == (None, None, None)


@given(WAITED)
def test_waiting_on_never_makes_it_shorter(rows: list[tuple[int, bool]]) -> None:
    """Quantiles rise; and whoever waits still at 61 days can only lengthen what is known."""
    days, seen = [row[0] for row in rows], [row[1] for row in rows]
    before, after = waiting_times(days, seen).days, waiting_times([*days, 61], [*seen, False]).days
    known = [day for day in before if day is not None]
    assert known == sorted(known)
    for first, second in zip(before, after, strict=True):
        assert second is None or (first is not None and second >= first)


@pytest.mark.parametrize(
    ("days", "seen", "shares", "field"),
    [
        ([], [], (0.5,), "days"),
        ([1.0], [True, False], (0.5,), "seen"),
        ([-1.0], [True], (0.5,), "days"),
        ([float("nan")], [True], (0.5,), "days"),
        ([1.0], [True], (1.0,), "shares"),
    ],
)
def test_bad_input_is_named(days: list[float], seen: list[bool], shares: tuple[float, ...], field: str) -> None:
    with pytest.raises(InvalidInput) as bad:
        waiting_times(days, seen, shares=shares)
    assert bad.value.field == field
