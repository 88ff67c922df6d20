"""Small cells that nobody tells and that could be worked out: each of the three rules hides what the others miss."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

from matcher.suppression import Told, told_cells


def told(n: int, **cells: Collection[int]) -> Told:
    """What is told of n people, with one table for each cell, by its name; who is in none is left out of it."""
    return told_cells(range(n), {name: [name if k in who else "" for k in range(n)] for name, who in cells.items()})


def names(found: Told) -> set[str]:
    return {name for cells in found.cells.values() for name in cells}


@pytest.mark.P1
def test_one_cell_less_another_inside_it_is_not_four_people(tried: Callable[[int], None]) -> None:
    """A third cell cuts the four in two, so that no equation fixes either part: only the difference tells of them."""
    a, b, c = range(5), range(9), [5, 6, *range(9, 14)]
    assert names(told(20, a=a, b=b, c=c)) in ({"a", "c"}, {"b", "c"})
    assert names(told(20, a=a, b=range(10), c=[5, 6, *range(10, 15)])) == {"a", "b", "c"}  # five are many enough
    tried(2)


@pytest.mark.P1
def test_four_people_in_two_of_three_cells_are_not_worked_out(tried: Callable[[int], None]) -> None:
    """x + u, u + w and x + w are told, none inside another, and half of their sum less the second is x."""
    x, u, w = list(range(4)), list(range(4, 10)), list(range(10, 16))
    assert len(names(told(36, a=x + u, b=u + w, c=x + w))) == 2
    x, u, w = list(range(5)), list(range(5, 11)), list(range(11, 17))
    assert len(names(told(36, a=x + u, b=u + w, c=x + w))) == 3
    tried(2)


@pytest.mark.P1
def test_everybody_less_the_cells_of_a_table_is_not_four_people(tried: Callable[[int], None]) -> None:
    rows = ["a"] * 8 + ["b"] * 6 + ["c"] * 4
    found = told_cells(range(18), {"table": rows})
    assert found.total and found.cells["table"] == {"a"}
    found = told_cells(range(19), {"table": [*rows, "c"]})
    assert found.cells["table"] == {"a", "b", "c"}
    tried(2)
