"""What the clock does goes on, whatever is odd for one of its steps."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.services.test_watching import FALLEN, STEADY, course_of, open_of
from tests.web.waiting_room import client_of, sent, the_clinic, therapist
from web.db import engine
from web.db.tables import AppointmentRow, ClinicRow
from web.jobs import tending
from web.services import appointments, placing, releases, watched_courses
from web.services.placing import Wanted


def test_a_step_that_fails_holds_up_no_other(harbour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = NOW + timedelta(days=1)
    with engine.sessions(harbour)() as session:
        clinic = the_clinic(engine.writing(session))
        kept, t01 = sent(session), therapist(session, "t01")
        placing.place(session, clinic, [Wanted(client_of(kept), t01.id)], actor="a", now=NOW)
        row = appointments.plan(session, clinic, client_of(kept), t01.id, at, actor="a", now=NOW)
        key = row.id
        session.commit()

    def odd(session: object, clinic: object, *, now: object) -> int:
        the_row = session.scalars(select(ClinicRow)).one()  # type: ignore[attr-defined]
        the_row.name = "half done"
        session.flush()  # type: ignore[attr-defined]
        raise ValueError("a row that nobody expected")

    monkeypatch.setattr(releases, "release_due", odd)
    assert tending.tend(engine.sessions(harbour), now=at + timedelta(hours=1)) >= 1
    with engine.sessions(harbour)() as session:
        the_clinic(session)
        assert session.get_one(AppointmentRow, key).state == "held"
        known = session.scalars(select(ClinicRow)).one()
        assert known.name != "half done" and known.tended_at == at + timedelta(hours=1)


def test_others_write_while_courses_are_watched(harbour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is reckoned is reckoned while nothing is locked; what was found is noted then."""
    with engine.sessions(harbour)() as session:
        the_clinic(engine.writing(session))
        dyad_id = course_of(session, STEADY + FALLEN)
        session.commit()
    asked = watched_courses.read
    seen = []

    def reading(session: Session, *arguments: Any, **more: Any) -> Any:
        with suppress(DBAPIError), engine.sessions(harbour)() as other:
            the_clinic(engine.writing(other))
            other.execute(select(ClinicRow.id).with_for_update(nowait=True))
            seen.append("free")
        found = asked(session, *arguments, **more)
        seen.append(len(found.courses) if found else 0)
        return found

    monkeypatch.setattr(watched_courses, "read", reading)
    assert tending.tend(engine.sessions(harbour), now=NOW) >= 1
    assert seen[0] == "free"
    with engine.sessions(harbour)() as session:
        the_clinic(session)
        assert set(open_of(session, dyad_id)) == {dyad_id}
