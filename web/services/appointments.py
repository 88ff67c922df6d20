"""Appointments: planned, cancelled, and taken as held by the clock when they are over.

Only a session that was held can be rated, so that nobody rates what never took place. A therapist may note within a day
that an hour did not: that is a note, and the client's word stands beside it. The session stays, with what was said of
it or may still be said, so that the note neither silences anybody nor tells whether they have spoken. Whoever changes
an appointment locks the clinic first, like everybody who changes places.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import appointments, check_ins, clinics
from web.db.tables import AppointmentRow, DyadRow, PlacementRow, SessionRow
from web.services import audit
from web.services.clinics import Clinic
from web.services.conflicts import Conflict

PLANNED, HELD, CANCELLED, MISSED = "planned", "held", "cancelled", "missed"
MINUTES = 50
NOTED_FOR = timedelta(days=1)  # from when the hour began


def plan(
    session: Session,
    clinic: Clinic,
    client_id: UUID,
    therapist_id: UUID,
    begins_at: datetime,
    *,
    minutes: int = MINUTES,
    actor: str,
    now: datetime,
) -> AppointmentRow:
    """Let a client who has a place with a therapist meet them at a moment. Planning the same twice is planning it once.

    Raises Conflict where the client has no place with this therapist.
    """
    clinics.lock(session, clinic.id)
    if appointments.place_of(session, client_id, therapist_id) is None:
        raise Conflict("not_open", client_id=client_id, therapist_id=therapist_id)
    for row in appointments.of_pair(session, client_id, therapist_id):
        if row.begins_at == begins_at:
            if row.state in (CANCELLED, MISSED):
                _again(row)
                session.flush()
            return row
    row = AppointmentRow(
        client_id=client_id, therapist_id=therapist_id, begins_at=begins_at, minutes=minutes, made_at=now, made_by=actor
    )
    session.add(row)
    session.flush()
    audit.record(session, "appointment.planned", now=now, subject=str(row.id), actor=actor)
    return row


def to_come(session: Session, client_id: UUID | None, *, now: datetime) -> tuple[tuple[datetime, str], ...]:
    """(moment, therapist's name) of what is planned for a client, the earliest first."""
    return tuple((row[0], row[1]) for row in appointments.to_come(session, client_id, now)) if client_id else ()


def call_off(
    session: Session, clinic: Clinic, appointment_id: UUID, *, because: str = CANCELLED, actor: str, now: datetime
) -> AppointmentRow:
    """Say that an appointment does not, or did not, take place; a session that it became is taken back.

    Raises LookupError for no such appointment, Conflict where the client has said something about the session.
    """
    clinics.lock(session, clinic.id)
    row = appointments.by_id(session, appointment_id)
    if row is None:
        raise LookupError("there is no such appointment")
    if row.state in (CANCELLED, MISSED):
        return row
    if row.session_id is not None:
        check_ins.lock_session(session, row.session_id)  # whoever says something about it does so before, or not at all
        if check_ins.is_rated(session, row.session_id):
            raise Conflict("rated", client_id=row.client_id, therapist_id=row.therapist_id)
        check_ins.keep_links(session, row.session_id, row.id)
        held, row.session_id = appointments.session_row(session, row.session_id), None
        session.flush()
        session.delete(held)
    row.state, row.ended_at = because, now
    session.flush()
    audit.record(session, f"appointment.{because}", now=now, subject=str(row.id), actor=actor)
    return row


def note_missed(session: Session, clinic: Clinic, appointment_id: UUID, *, actor: str, now: datetime) -> None:
    """Note that an hour did not take place, whether or not the client has said something about it.

    Raises LookupError for no such appointment, Conflict unless it is over, and began less than a day ago.
    """
    clinics.lock(session, clinic.id)
    row = appointments.by_id(session, appointment_id)
    if row is None:
        raise LookupError("there is no such appointment")
    if row.state == MISSED:
        return
    if row.state != HELD or now >= row.begins_at + NOTED_FOR:
        raise Conflict("hour_over", client_id=row.client_id, therapist_id=row.therapist_id)
    row.state = MISSED
    session.flush()
    audit.record(session, f"appointment.{MISSED}", now=now, subject=str(row.id), actor=actor)


def move(
    session: Session,
    clinic: Clinic,
    place: PlacementRow,
    before: datetime | None,
    to: datetime | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Let what was planned for one moment of a place be at another one, or nowhere; None is no moment."""
    for row in appointments.of_pair(session, place.client_id, place.therapist_id):
        if row.begins_at == before and row.state == PLANNED:
            call_off(session, clinic, row.id, actor=actor, now=now)
    if to is not None:
        plan(session, clinic, place.client_id, place.therapist_id, to, actor=actor, now=now)


def call_off_planned(
    session: Session, clinic: Clinic, client_id: UUID, therapist_id: UUID, *, actor: str, now: datetime
) -> int:
    """Cancel whatever a client has before them with a therapist, as when their place ends; how many those were."""
    rows = [
        row
        for row in appointments.of_pair(session, client_id, therapist_id)
        if row.state == PLANNED and row.begins_at > now
    ]
    for row in rows:
        call_off(session, clinic, row.id, actor=actor, now=now)
    return len(rows)


def end(session: Session, client_id: UUID, therapist_id: UUID, *, actor: str, now: datetime) -> None:
    """Let the work of a client with a therapist be over: an alert that is open asks for nothing any more."""
    dyad = appointments.dyad(session, client_id, therapist_id)
    if dyad is None or dyad.ended_at is not None:
        return
    dyad.ended_at = now
    alert = appointments.open_alert(session, dyad.id)
    if alert is not None:
        alert.settled_at, alert.settled_by, alert.outcome = now, actor, "ended"
    session.flush()


def go_on(session: Session, client_id: UUID, therapist_id: UUID) -> None:
    """Let the work of a client with a therapist go on, where it was over."""
    dyad = appointments.dyad(session, client_id, therapist_id)
    if dyad is not None:
        dyad.ended_at = None


def hold(session: Session, clinic: Clinic, *, now: datetime) -> list[AppointmentRow]:
    """Take every appointment that is over as held: a session of its dyad, counted on. Those that were."""
    clinics.lock(session, clinic.id)
    rows = [row for row in appointments.begun(session, now) if row.begins_at + timedelta(minutes=row.minutes) <= now]
    for row in rows:
        dyad = _dyad(session, row, now)
        held = SessionRow(dyad_id=dyad.id, number=appointments.last_number(session, dyad.id) + 1)
        session.add(held)
        session.flush()
        row.state, row.session_id, row.ended_at = HELD, held.id, row.begins_at + timedelta(minutes=row.minutes)
        session.flush()
        check_ins.give_links(session, row.id, held.id)  # of whoever was told meanwhile that it did not take place
    return rows


def _again(row: AppointmentRow) -> None:
    """Let an appointment that was called off be planned again; an hour of which that was only noted took place."""
    if row.session_id is not None:
        row.state = HELD
    else:
        row.state, row.ended_at = PLANNED, None


def _dyad(session: Session, row: AppointmentRow, now: datetime) -> DyadRow:
    dyad = appointments.dyad(session, row.client_id, row.therapist_id)
    if dyad is None:
        dyad = DyadRow(client_id=row.client_id, therapist_id=row.therapist_id, created_at=now)
        if appointments.place_of(session, row.client_id, row.therapist_id) is None:
            dyad.ended_at = now  # they met for the last time
        session.add(dyad)
        session.flush()
    return dyad
