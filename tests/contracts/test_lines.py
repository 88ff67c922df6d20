"""What every line promises: the factor's own value, by columns that lie where they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.encoding import ClientArrays, Directory, match_features
from matcher.encoding.bits import Floats
from matcher.encoding.lines import Column, Line, only, together
from matcher.encoding.match_lines import match_lines
from matcher.entities import Intake, Therapist
from matcher.factors.base import Circumstances, Factor
from matcher.factors.registry import FACTORS
from tests.builders import INTAKES, TODAY, directories

WITH_LINES = [factor for factor in FACTORS if factor.line is not None]
EVERY = pytest.mark.parametrize("factor", WITH_LINES, ids=[factor.code for factor in WITH_LINES])
ASKING = settings(max_examples=25, deadline=None)
DAYS = st.sampled_from([TODAY, None])


def read(line: Line, directory: Directory) -> Floats:
    return line.constant + sum((share * column.read(directory) for column, share in line.shares), np.zeros(1))


def test_all_but_the_alliance_have_lines() -> None:
    """The alliance is the Φ of one, which the model gives."""
    assert [factor.code for factor in FACTORS if factor.line is None] == ["alliance"]


@EVERY
@ASKING
@given(INTAKES, directories(), DAYS)
def test_a_line_is_the_factor(factor: Factor, intake: Intake, therapists: list[Therapist], today: object) -> None:
    """For all whom the client did not name, a hundred times nearer than the search relies on."""
    client, directory, here = ClientArrays.of([intake]), Directory.of(therapists), Circumstances(today)  # type: ignore[arg-type]
    assert factor.line is not None
    other = ~np.isin(directory.ids, [intake.recommended_therapist_id, intake.former_therapist_id])
    found = np.broadcast_to(read(factor.line(client, here), directory), len(directory))
    np.testing.assert_allclose(found[other], factor.values(client, directory, here)[0, other], rtol=0, atol=2e-15)


@EVERY
@ASKING
@given(INTAKES, directories(), DAYS)
def test_columns_lie_where_they_say(factor: Factor, intake: Intake, therapists: list[Therapist], today: object) -> None:
    client, directory, here = ClientArrays.of([intake]), Directory.of(therapists), Circumstances(today)  # type: ignore[arg-type]
    assert factor.line is not None
    for column, _ in factor.line(client, here).shares:
        values = column.read(directory)
        assert values.shape == (len(directory),)
        assert ((values >= column.low) & (values <= column.high)).all()
        assert column.kept or (column.low, column.high) == (0, 1)
        part = directory.part(np.array([0]))
        np.testing.assert_array_equal(column.read(part), values[:1])


@ASKING
@given(INTAKES, directories())
def test_the_lines_of_pairs_are_their_features(intake: Intake, therapists: list[Therapist]) -> None:
    client, directory = ClientArrays.of([intake]), Directory.of(therapists)
    features, lines = match_features(client, directory), match_lines(client)
    assert lines.keys() == features.keys()
    for name, values in features.items():
        found = np.broadcast_to(read(lines[name], directory), len(directory))
        np.testing.assert_allclose(found, np.broadcast_to(values, (1, len(directory)))[0], rtol=0, atol=1e-15)
        for column, _ in lines[name].shares:
            assert ((column.read(directory) >= column.low) & (column.read(directory) <= column.high)).all()


def test_lines_add_up() -> None:
    """(1 + 2a) + 3 · (2 + a + b) = 7 + 5a + 3b."""
    a, b = Column(np.ones, ("a",)), Column(np.ones, ("b",))
    found = together([only(a, 2.0, 1.0), together([Line(2.0), only(a), only(b)]).times(3)])
    assert found == Line(7.0, ((a, 5.0), (b, 3.0)))
