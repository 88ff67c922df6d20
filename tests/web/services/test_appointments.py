"""Appointments: planned, cancelled, held by the clock, and what they leave for the client to rate."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, person_of, place_of, sent, the_clinic, therapist
from web.db.queries import appointments as rows
from web.db.tables import AppointmentRow, DyadRow, RatingRow, SessionRow
from web.services import appointments, placing, requests
from web.services.conflicts import Conflict
from web.services.intakes import KeptIntake
from web.services.placing import Wanted

FIRST = NOW + timedelta(days=3)
OVER = FIRST + timedelta(minutes=appointments.MINUTES)


def placed(session: Session, with_whom: str = "t01") -> KeptIntake:
    kept = sent(session)
    wanted = Wanted(client_of(kept), therapist(session, with_whom).id)
    placing.place(session, the_clinic(session), [wanted], actor="a", now=NOW)
    return kept


def planned(session: Session, kept: KeptIntake, at: datetime = FIRST) -> AppointmentRow:
    key = therapist(session, "t01").id
    return appointments.plan(session, the_clinic(session), client_of(kept), key, at, actor="a", now=NOW)


def sessions_of(session: Session, kept: KeptIntake) -> list[int]:
    of_client = DyadRow.client_id == client_of(kept)
    return list(session.scalars(select(SessionRow.number).join(DyadRow).where(of_client)))


def test_an_appointment_is_held_when_it_is_over_and_not_a_minute_before(at_harbour: Session) -> None:
    kept = placed(at_harbour)
    row, clinic = planned(at_harbour, kept), the_clinic(at_harbour)
    assert appointments.hold(at_harbour, clinic, now=OVER - timedelta(minutes=1)) == []
    assert row.state == "planned"
    assert appointments.hold(at_harbour, clinic, now=OVER) == [row]
    assert appointments.hold(at_harbour, clinic, now=OVER) == []
    assert (row.state, row.ended_at) == ("held", OVER)
    assert sessions_of(at_harbour, kept) == [1]


def test_sessions_are_counted_on_in_the_order_of_their_moments(at_harbour: Session) -> None:
    kept, clinic = placed(at_harbour), the_clinic(at_harbour)
    later, first = planned(at_harbour, kept, FIRST + timedelta(days=7)), planned(at_harbour, kept)
    appointments.hold(at_harbour, clinic, now=OVER + timedelta(days=7))
    numbers = {row.id: rows.session_row(at_harbour, row.session_id).number for row in (first, later)}  # type: ignore[arg-type, union-attr]
    assert numbers == {first.id: 1, later.id: 2}


def test_planning_twice_is_planning_once_and_a_cancelled_one_can_be_planned_again(at_harbour: Session) -> None:
    kept, clinic = placed(at_harbour), the_clinic(at_harbour)
    row = planned(at_harbour, kept)
    assert planned(at_harbour, kept) is row
    appointments.call_off(at_harbour, clinic, row.id, actor="a", now=NOW)
    assert appointments.hold(at_harbour, clinic, now=OVER) == []
    assert planned(at_harbour, kept) is row and row.state == "planned" and row.ended_at is None


def test_nobody_meets_without_a_place(at_harbour: Session) -> None:
    with pytest.raises(Conflict) as against:
        planned(at_harbour, sent(at_harbour))
    assert against.value.code == "not_open"


def test_a_session_that_did_not_take_place_is_taken_back_unless_it_was_rated(at_harbour: Session) -> None:
    kept, clinic = placed(at_harbour), the_clinic(at_harbour)
    row, second = planned(at_harbour, kept), planned(at_harbour, kept, FIRST + timedelta(days=7))
    appointments.hold(at_harbour, clinic, now=OVER + timedelta(days=7))
    appointments.call_off(at_harbour, clinic, second.id, because="missed", actor="a", now=OVER)
    assert (second.state, second.session_id, sessions_of(at_harbour, kept)) == ("missed", None, [1])
    at_harbour.add(RatingRow(session_id=row.session_id, score=0.5, created_at=NOW))
    at_harbour.flush()
    with pytest.raises(Conflict) as against:
        appointments.call_off(at_harbour, clinic, row.id, because="missed", actor="a", now=OVER)
    assert (against.value.code, row.state) == ("rated", "held")


def test_a_first_session_that_is_booked_moved_or_opened_again_is_planned_so(at_harbour: Session) -> None:
    kept, person = placed(at_harbour), person_of(at_harbour, "t01")
    place = place_of(at_harbour, kept)
    assert place is not None

    def known() -> dict[int, str]:
        found = rows.of_pair(at_harbour, client_of(kept), place.therapist_id)
        return {(row.begins_at - NOW).days: row.state for row in found}

    requests.book(at_harbour, person, place.id, FIRST, now=NOW)
    assert known() == {3: "planned"}
    requests.book(at_harbour, person, place.id, FIRST + timedelta(days=2), now=NOW)
    assert known() == {3: "cancelled", 5: "planned"}
    requests.book(at_harbour, person, place.id, None, now=NOW)
    assert known() == {3: "cancelled", 5: "cancelled"}


def test_a_place_that_is_given_back_takes_its_appointments_along(at_harbour: Session) -> None:
    kept, clinic = placed(at_harbour), the_clinic(at_harbour)
    row = planned(at_harbour, kept)
    place = place_of(at_harbour, kept)
    assert place is not None
    placing.give_back(at_harbour, clinic, [place], because="other", actor="a", now=NOW)
    assert row.state == "cancelled"
