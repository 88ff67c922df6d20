"""Groups: figures by hand, and no small group that could be worked out from the others. Exposure by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InvalidInput
from matcher.evaluation import by_group, exposure

ROWS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 25)), min_size=1, max_size=120)


def test_a_groups_figures_by_hand() -> None:
    """Errors of a: 1, 1, 1, 1, −2: rmse √(8/5), mae 6/5, bias 2/5."""
    (cell,) = by_group(["a"] * 5, range(5), [0.0] * 5, [1.0, 1.0, 1.0, 1.0, -2.0])
    assert (cell.n_clients, cell.n_ratings, cell.hidden) == (5, 5, False)
    assert (cell.rmse, cell.mae, cell.bias) == pytest.approx((np.sqrt(8 / 5), 6 / 5, 2 / 5))


def test_four_people_are_hidden_however_often_they_rated() -> None:
    cells = by_group(
        ["a"] * 40 + ["b"] * 40, [k % 4 for k in range(40)] + list(range(100, 140)), [1.0] * 80, [1.0] * 80
    )
    assert [cell.hidden for cell in cells] == [True, True]  # b too: the total less b would be a


@settings(deadline=None)
@given(ROWS, st.integers(1, 6))
def test_nobody_can_be_told_from_what_is_shown(rows: list[tuple[str, int]], fewest: int) -> None:
    """Each shown cell has enough people, and so has everybody who is in no shown cell, taken together."""
    group, client = [row[0] for row in rows], [row[1] for row in rows]
    cells = by_group(group, client, [1.0] * len(rows), [1.0] * len(rows), fewest=fewest)
    people = {cell.group: {c for g, c in rows if g == cell.group} for cell in cells}
    hidden = set().union(*(people[cell.group] for cell in cells if cell.hidden))
    assert all(len(people[cell.group]) >= fewest for cell in cells if not cell.hidden)
    assert not 0 < len(hidden) < fewest or all(cell.hidden for cell in cells)
    assert [cell.group for cell in cells] == sorted(people)


def test_exposure_by_hand() -> None:
    """Four therapists with one place: shown 0, 0, 1, 3. Lorenz (¼, 0), (½, 0), (¾, ¼), (1, 1): Gini 1 − ¼·(¼ + 5/4)
    = 5/8."""
    found = exposure([0, 3, 1, 0])
    assert (found.share_shown, found.gini) == pytest.approx((1 / 2, 5 / 8))


def test_even_exposure_follows_the_places() -> None:
    assert exposure([3, 1], [3, 1]).gini == pytest.approx(0)
    assert exposure([1, 1], [3, 1]).gini > 0.1
    assert exposure([5, 0, 9], [1, 1, 0]).share_shown == 0.5  # the third has no room
    assert exposure([0, 0]).gini == 0


@pytest.mark.parametrize(
    ("figure", "field"),
    [
        (lambda: by_group(["a"], [1, 2], [1.0], [1.0]), "client"),
        (lambda: by_group(["a", "b"], [1], [1.0], [1.0]), "group"),
        (lambda: by_group(["a"], [1], [1.0], [1.0], fewest=0), "fewest"),
        (lambda: exposure([1, -1]), "shown"),
        (lambda: exposure([1, 1], [0, 0]), "openings"),
        (lambda: exposure([1, 1], [1]), "openings"),
        (lambda: exposure([]), "shown"),
    ],
)
def test_what_cannot_be_judged_is_refused(figure: Callable[[], Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        figure()
    assert refused.value.field == field
