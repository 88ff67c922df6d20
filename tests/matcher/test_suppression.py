"""Small cells: by hand, and against somebody who solves the equations of what is told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import closed_spans, is_told, told_cells
from matcher.errors import InvalidInput
from matcher.suppression import Span

Records = list[tuple[int, str, str]]  # whose, and the cell of either table
RECORDS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["", "a", "b", "c", "d"]), st.sampled_from(["x", "y", "z"])),
    min_size=1,
    max_size=90,
)


def told(records: Records, fewest: int = 5) -> set[tuple[str, str]]:
    found = told_cells([r[0] for r in records], tables_of(records), fewest=fewest)
    return {(table, cell) for table, cells in found.cells.items() for cell in cells}


def tables_of(records: Records) -> dict[str, list[str]]:
    return {"first": [r[1] for r in records], "second": [r[2] for r in records]}


def worked_out(records: Records, shown: set[tuple[str, str]], fewest: int = 5) -> list[set[int]]:
    """Who can be told apart: sets of fewer than ``fewest`` people whose records a sum of told figures consists of.

    Every set of at most two atoms is tried, by least squares on the equations; the total is always known.
    """
    member = [[record[k] == cell for record in records] for table, cell in sorted(shown)
              for k in (1 if table == "first" else 2,)]  # fmt: skip
    rows = np.array([*member, [True] * len(records)], dtype=float)
    atoms, of_record = np.unique(rows, axis=1, return_inverse=True)
    of_record = of_record.ravel()
    people = [{records[i][0] for i in np.flatnonzero(of_record == k)} for k in range(atoms.shape[1])]
    found = []
    for size in (1, 2):
        for some in combinations(range(atoms.shape[1]), size):
            whose = set().union(*(people[k] for k in some))
            wanted = np.isin(np.arange(atoms.shape[1]), some).astype(float)
            mix = np.linalg.lstsq(atoms.T, wanted, rcond=None)[0]
            if len(whose) < fewest and np.allclose(atoms.T @ mix, wanted, atol=1e-8):
                found.append(whose)
    return found


def test_nobody_and_many_may_be_told() -> None:
    assert [n for n in range(8) if is_told(n)] == [0, 5, 6, 7]
    assert is_told(2, fewest=2) and not is_told(10, fewest=11)


def test_a_small_cell_takes_the_next_smallest_with_it() -> None:
    """7 + 6 + 3: with 3 alone hidden, 16 − 7 − 6 tells of three."""
    assert told([(k, cell, "x") for k, cell in enumerate("a" * 7 + "b" * 6 + "c" * 3)]) == {
        ("first", "a"), ("second", "x"),
    }  # fmt: skip


def test_two_small_cells_hide_each_other() -> None:
    """3 and 2 are five together, and nothing else has to be hidden."""
    shown = told([(k, cell, "x") for k, cell in enumerate("a" * 7 + "b" * 3 + "c" * 2)])
    assert shown == {("first", "a"), ("second", "x")}


def test_who_is_left_out_of_a_table_is_safe_too() -> None:
    assert told([(k, "a", "x") for k in range(9)] + [(20, "", "x"), (21, "", "x")]) == {("second", "x")}


def test_one_cell_inside_another_of_a_second_table() -> None:
    """All eight of "a" are "x", and two more are: x less a would tell of two."""
    records = (
        [(k, "a", "x") for k in range(8)] + [(k, "b", "x") for k in (8, 9)] + [(k, "b", "y") for k in range(10, 20)]
    )
    assert ("first", "a") not in told(records)
    assert worked_out(records, {("first", "a"), ("second", "x"), ("first", "b")})


def test_many_records_of_few_people_are_few() -> None:
    assert told([(k % 4, "a", "x") for k in range(80)]) == set()


def test_a_percentage_needs_many_on_either_side() -> None:
    """Of ten, two did not: 80 % of ten would tell of two."""
    did = [True] * 8 + [False] * 2
    assert not told_cells(range(10), {}, sides={"did": did}).total
    assert told_cells(range(10), {}, sides={"did": [True] * 10}).total
    assert told_cells(range(10), {}, sides={"did": [True] * 5 + [False] * 5}).total


def test_percentages_of_the_cells_that_are_hidden_stay_hidden() -> None:
    """a: 6 of 12, b: 8 of 10, c: 6 of 6. b falls (two did not); with the total, so would b by itself: c goes too, and
    then b and c together still hold two who did not, so that a goes as well."""
    cells = ["a"] * 12 + ["b"] * 10 + ["c"] * 6
    did = [True] * 6 + [False] * 6 + [True] * 8 + [False] * 2 + [True] * 6
    assert told_cells(range(28), {"group": cells}, sides={"did": did}).cells["group"] == frozenset()


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_nobody_can_be_worked_out(records: Records) -> None:
    shown = told(records)
    assert not shown or not worked_out(records, shown)


@pytest.mark.P1
def test_the_attack_finds_what_is_hidden_by_primary_suppression_alone(tried: Callable[[int], None]) -> None:
    """The same attack on the cells of five or more, with nothing else hidden, succeeds: the test above can fail."""
    rng, n_open, n_closed = np.random.default_rng(5), 0, 0
    for _ in range(200):
        records = [
            (int(who), str(one), str(other))
            for who, one, other in zip(
                rng.integers(0, 30, 40), rng.choice(list("abcd"), 40, p=[0.6, 0.25, 0.1, 0.05]),
                rng.choice(list("xyz"), 40, p=[0.6, 0.3, 0.1]), strict=True,
            )
        ]  # fmt: skip
        cells = {(table, cell) for table, row in tables_of(records).items() for cell in row}
        large = {(t, c) for t, c in cells if len({r[0] for r in records if r[1 if t == "first" else 2] == c}) >= 5}
        n_open += bool(worked_out(records, large))
        n_closed += bool(shown := told(records)) and bool(worked_out(records, shown))
    assert n_open > 50 and n_closed == 0
    tried(400)


@given(RECORDS)
def test_the_order_of_records_is_of_no_matter(records: Records) -> None:
    assert told(records) == told(records[::-1])


def test_months_are_merged_until_they_hold_five() -> None:
    """Three in March, the fifth person in May; June's five close at once; July waits for more."""
    people = {3: "abc", 4: "ab", 5: "de", 6: "abcde", 7: "abcd"}
    records = [(month, who, "") for month, some in people.items() for who in some]
    assert closed_spans(records, 3, 8) == (Span(3, 5), Span(6, 6))


def test_a_side_of_few_keeps_a_span_open() -> None:
    records = [(1, k, "yes") for k in range(8)] + [(1, 9, "no")] + [(2, k, "no") for k in range(4)]
    assert closed_spans(records, 1, 1) == ()
    assert closed_spans(records, 1, 2) == (Span(1, 2),)


@given(st.lists(st.tuples(st.integers(1, 24), st.integers(0, 12), st.sampled_from(["yes", "no"])), max_size=80))
def test_what_was_told_stays_as_it_is(records: list[tuple[int, int, str]]) -> None:
    """Each month's report begins with the spans of the one before, and what is new in it is many people's."""
    before: tuple[Span, ...] = ()
    for until in range(1, 25):
        now = closed_spans(records, 1, until)
        assert now[: len(before)] == before and len(now) <= len(before) + 1
        for span in now[len(before) :]:
            inside = [record for record in records if span.first <= record[0] <= span.last]
            assert len({who for _, who, _ in inside}) >= 5
            for side in ("yes", "no"):
                assert is_told(len({who for _, who, s in inside if s == side}))
        before = now


def test_bad_input_is_named() -> None:
    with pytest.raises(InvalidInput) as bad:
        told_cells(range(3), {"group": ["a", "b"]})
    assert bad.value.field == "group"
    with pytest.raises(InvalidInput):
        told_cells(range(3), {}, fewest=0)
