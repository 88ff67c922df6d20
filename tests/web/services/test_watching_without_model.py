"""Courses while no model serves: nothing is seen, nothing is noted, and nothing that happened is lost."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.services.test_watching import FALLEN, STEADY, course, course_of, look, looked, open_of, open_one
from tests.web.waiting_room import the_clinic
from web.db.queries import clinics as clinic_rows
from web.db.tables import ModelRow
from web.services import watched_courses, watching


def test_without_a_model_there_is_no_band_and_no_alert(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    at_harbour.execute(update(ModelRow).values(serving=False))
    assert looked(at_harbour, dyad_id) == 0
    assert course(at_harbour, dyad_id) is None


@pytest.mark.parametrize("first", [True, False])
def test_what_happened_while_no_model_served_is_looked_at_when_one_does(at_harbour: Session, first: bool) -> None:
    """A clinic before its first model, and one whose model was away for eight days: the looks between note nothing."""
    clinic = the_clinic(at_harbour)
    if not first:
        look(at_harbour, now=NOW)
    before = clinic_rows.by_id(at_harbour, clinic.id).watched_at
    at_harbour.execute(update(ModelRow).values(serving=False))
    dyad_id = course_of(at_harbour, STEADY + FALLEN, until=NOW + timedelta(hours=1))
    for days in range(1, 9):
        assert watching.see(at_harbour, clinic, now=NOW + timedelta(days=days)) is None
    assert clinic_rows.by_id(at_harbour, clinic.id).watched_at == before
    at_harbour.execute(update(ModelRow).values(serving=True))
    assert look(at_harbour, now=NOW + timedelta(days=8, hours=1)) == 1
    assert open_one(at_harbour, dyad_id).kind == "drop"


def test_a_look_whose_model_is_gone_before_it_is_noted_was_none(at_harbour: Session) -> None:
    clinic = the_clinic(at_harbour)
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    sight = watching.see(at_harbour, clinic, now=NOW)
    assert sight is not None
    at_harbour.execute(update(ModelRow).values(serving=False))
    assert watching.note(at_harbour, clinic, sight, now=NOW) == 0
    assert clinic_rows.by_id(at_harbour, clinic.id).watched_at is None
    at_harbour.execute(update(ModelRow).values(serving=True))
    assert look(at_harbour, now=NOW) == 1 and set(open_of(at_harbour, dyad_id)) == {dyad_id}


@pytest.mark.parametrize("model", [None, SimpleNamespace(scale="another")])
def test_a_model_that_cannot_be_read_or_knows_another_scale_is_none_to_look_with(
    at_harbour: Session, monkeypatch: pytest.MonkeyPatch, model: Any
) -> None:
    monkeypatch.setattr(watched_courses.models, "serving", lambda session, clinic_id: model)
    assert watching.see(at_harbour, the_clinic(at_harbour), now=NOW) is None
