"""What no score exceeds, and what it is made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from matcher import Directory
from matcher.encoding import ClientArrays
from matcher.encoding.lines import Column
from matcher.entities import Style, Therapist
from matcher.factors.base import Circumstances
from matcher.index import Index
from matcher.index.bounds import line_above
from matcher.index.ceiling import Ceiling
from matcher.index.columns import Columns, kinds_of
from matcher.index.question import Question
from matcher.scoring import scores
from matcher.weights import normalised
from tests.builders import TODAY, a_therapist, directories
from tests.matcher.index.test_search import CODES, WEIGHTS, a_clinic


@given(st.floats(-6, 6), st.floats(-30, 5))
def test_the_line_is_above_the_curve(near: float, low: float) -> None:
    constant, slope = line_above(near, low)
    z = np.linspace(low, 12, 2001)
    assert (constant + slope * z >= ndtr(z)).all()
    assert slope >= 0


def test_the_line_touches_the_curve_where_the_best_stand() -> None:
    """By hand: Φ(1) = .8413, φ(1) = .2420."""
    constant, slope = line_above(1.0, -2.0)
    assert round(slope, 4) == 0.2420
    assert round(constant + slope, 4) == 0.8413


def columns_of(directory: Directory) -> Columns:
    index = Index()
    return Columns(directory, index.kinds, index.columns, index.long)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 149), WEIGHTS, st.booleans())
def test_no_score_is_above(at: int, relative: list[int], modelled: bool) -> None:
    model, intakes, directory = a_clinic()
    weights = normalised(dict(zip(CODES, relative, strict=True)), version="drawn")
    client, rows = ClientArrays.of([intakes[at]]), np.arange(len(directory))
    asked = Question.of(client, columns_of(directory), model if modelled else None, Circumstances(TODAY))
    assert asked is not None
    ceiling = Ceiling.of(asked, weights)
    highest = ceiling.constant + sum(term.at(rows) for term in ceiling.terms)
    named = np.isin(directory.ids, asked.named)
    assert (highest + 1e-7 >= scores(asked.values(rows)[:, None], weights)[0])[~named].all()
    assert np.max(highest) <= ceiling.highest + 1e-12


@settings(max_examples=50, deadline=None)
@given(directories(1, 12), st.sampled_from([("style", None), ("traits", 0), ("traits", 4), ("years", None)]))
def test_kinds_say_the_same(therapists: list[Therapist], field: tuple[str, int | None]) -> None:
    directory = Directory.of(therapists)
    kinds = kinds_of(directory, field)
    said = getattr(directory, field[0]) if field[1] is None else getattr(directory, field[0])[:, field[1]]
    np.testing.assert_array_equal(said[kinds.rows][kinds.places], said)
    assert len(np.unique(said[kinds.rows], axis=0)) == len(kinds.rows)
    assert (np.diff(kinds.rows) > 0).all()
    np.testing.assert_allclose(kinds.shares, np.bincount(kinds.places) / len(directory))


def test_a_column_is_read_once_for_all_who_say_the_same() -> None:
    """Two hundred therapists on two sides of a scale: what is read are two."""
    people = [a_therapist(f"t{k:03d}", style=Style(lead=-2 if k % 3 else 1)) for k in range(200)]
    directory = Directory.of(people)
    read: list[int] = []

    def lead(part: Directory) -> np.ndarray:
        read.append(len(part))
        return part.style[:, 0]

    columns = columns_of(directory)
    column = Column(lead, field=("style", None))
    first, again = columns.of(column), columns.of(column)
    assert read == [2]
    assert (first.low, first.high) == (-2.0, 1.0)
    assert first.mean == pytest.approx((67 * 1 + 133 * -2) / 200)
    assert again is first


def test_fields_are_all_that_columns_read() -> None:
    """Of everybody, what one of their kind says."""
    model, intakes, directory = a_clinic()
    columns = columns_of(directory)
    seen = set()
    for intake in intakes[:40]:
        asked = Question.of(ClientArrays.of([intake]), columns, model, Circumstances(TODAY))
        assert asked is not None
        for column, kept in asked.read:
            if kept is not None and kept.kinds is not None and column not in seen:
                np.testing.assert_allclose(kept.values[kept.kinds.places], column.read(directory), rtol=1e-15)
                seen.add(column)
    assert len({column.field for column in seen}) > 20
