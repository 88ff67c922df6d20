"""What the clock does goes on, whatever is odd for one of its steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, sent, the_clinic, therapist
from web.db import engine
from web.db.tables import AppointmentRow, ClinicRow
from web.jobs import tending
from web.services import appointments, placing, releases
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
