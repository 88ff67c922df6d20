"""Whatever the bytes: problems, never an exception, and never a row that breaks a rule of the entities."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.exchange import people
from web.exchange.documents import intake_from_json
from web.exchange.problems import BadInput
from web.exchange.reading import read_clients, read_ratings, read_scores, read_therapists
from web.exchange.sheet.columns import KINDS
from web.exchange.writing import template

READERS = (
    read_therapists,
    read_clients,
    lambda source: read_ratings(source, now=people.NOW),
    lambda source: read_scores(source, now=people.NOW),
)
CSV_BITS = st.sampled_from(
    ['"', '""', ",", ";", "\t", "|", "\n", "\r", "\r\n", "'", "=", "sep=;\n", "\ufeff", "\0", "id", "name", " "]
)
HEADERS = st.sampled_from([template(kind).splitlines()[0] for kind in KINDS])
ALMOST_CSV = st.builds(
    lambda header, bits: header + "\n" + "".join(bits), HEADERS | CSV_BITS, st.lists(CSV_BITS | st.text(max_size=4))
)
CELL = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["1e5", "nan", "inf", "-0", "9" * 50, "1,5", "€5", "12:5", "2026-02-31", "==", "\\", "\\|", "a:b", ":", "="]
    ),
    st.sampled_from([column.example for kind in KINDS.values() for column in kind.columns]),
)


def holds(reading) -> None:
    """A reading is whole: what is wrong has a place and a mend, the counts add up, the rows can be written again."""
    assert all(problem.code and problem.mend and problem.say() for problem in reading.problems)
    assert reading.counts["accepted"] == len(reading.rows) == len({row for row, _ in reading.rows})
    assert reading.ok or len(reading.problems) + reading.more_problems == reading.counts["problems"] > 0


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | ALMOST_CSV.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_random_bytes(source: bytes) -> None:
    for read in READERS:
        holds(read(source))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_cells(data: st.DataObject) -> None:
    for (name, kind), read in zip(KINDS.items(), READERS, strict=True):
        cells = next(csv.reader([template(name).splitlines()[1]]))
        for k in data.draw(st.lists(st.integers(0, len(kind.columns) - 1), max_size=5)):
            cells[k] = data.draw(CELL)
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([[column.name for column in kind.columns], cells])
        holds(read(stream.getvalue().encode("utf-8", "surrogatepass")))


@pytest.mark.S12
def test_a_file_cut_short_anywhere(tried: Callable[[int], None]) -> None:
    cases = 0
    for (name, _), read in zip(KINDS.items(), READERS, strict=True):
        whole = template(name).replace("Lindqvist", "Lindqvist-Öz").encode()
        for length in range(0, len(whole), 7):
            reading = read(whole[:length])
            holds(reading)
            assert len(reading.rows) <= 1
            cases += 1
    tried(cases)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["client_id", "concerns", "wishes", "gender", "style", "lead", "hope"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(JSON | st.text(max_size=50) | st.binary(max_size=50))
def test_random_documents(source: object) -> None:
    if not isinstance(source, dict | str | bytes):
        return
    try:
        intake_from_json(source)
    except BadInput as error:
        assert error.problems and all(problem.mend and problem.say() for problem in error.problems)
