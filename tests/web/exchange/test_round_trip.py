"""What is written is read back equal, to the last odd character; the same rows give the same bytes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.exchange import people
from web.exchange.documents import intake_from_json
from web.exchange.reading import read_clients, read_ratings, read_therapists
from web.exchange.schema import TherapistIn, intake_document, therapist_document
from web.exchange.sheet.columns import KINDS
from web.exchange.strict_json import read_json
from web.exchange.writing import template, write_clients, write_ratings, write_therapists, write_to


def written(kind: str, entities: list) -> bytes:
    stream = io.StringIO(newline="")
    write_to(stream, kind, entities)
    return stream.getvalue().encode()


def said(reading) -> list[str]:
    return [problem.say() for problem in reading.problems]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(people.therapists, max_size=3, unique_by=lambda therapist: therapist.id))
def test_therapists_come_back_as_they_went(therapists: list) -> None:
    reading = read_therapists(written("therapists", therapists))
    assert not said(reading)
    assert reading.entities == therapists


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(people.intakes, max_size=3, unique_by=lambda intake: intake.id))
def test_clients_come_back_as_they_went(intakes: list) -> None:
    reading = read_clients(written("clients", intakes))
    assert not said(reading)
    assert reading.entities == intakes


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(people.ratings, max_size=5, unique_by=lambda r: (r.client_id, r.therapist_id, r.session)))
def test_ratings_come_back_as_they_went(ratings: list) -> None:
    reading = read_ratings(written("ratings", ratings), now=people.NOW)
    assert not said(reading)
    assert reading.entities == ratings


@settings(max_examples=100, deadline=None, derandomize=True)
@given(people.intakes, people.therapists)
def test_documents_come_back_as_they_went(intake, therapist) -> None:
    assert intake_from_json(json.dumps(intake_document(intake))) == intake
    document = read_json(json.dumps(therapist_document(therapist)))
    assert TherapistIn.model_validate(document).entity() == therapist


@given(people.therapists)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_the_same_rows_give_the_same_bytes(therapist) -> None:
    assert written("therapists", [therapist]) == written("therapists", [therapist])


def test_files_on_disk_are_utf8_with_one_line_end(tmp_path: Path) -> None:
    for kind, write, read in (
        ("therapists", write_therapists, read_therapists),
        ("clients", write_clients, read_clients),
        ("ratings", write_ratings, read_ratings),
    ):
        entities = read(template(kind).encode()).entities
        write(tmp_path / kind, entities)
        assert (tmp_path / kind).read_bytes() == written(kind, entities) == template(kind).encode()
        assert b"\r" not in (tmp_path / kind).read_bytes()
        assert read(tmp_path / kind).entities == entities
        assert read(str(tmp_path / kind)).ok


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_says_every_column_and_imports_clean(kind: str) -> None:
    header, example = template(kind).splitlines()
    assert header.split(",") == [column.name for column in KINDS[kind].columns]
    assert example
