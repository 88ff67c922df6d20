"""What clients said at the end of sessions, and the links by which they say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Row, bindparam, exists, select, update
from sqlalchemy.orm import Session

from web.db.tables import (
    AppointmentRow,
    CheckInRow,
    DepartureRow,
    DyadRow,
    LinkRow,
    RatingRow,
    SessionRow,
    TherapistRow,
)
from web.db.tenancy import STATED_ONCE

_ANEW = {"populate_existing": True}


def is_rated(session: Session, session_id: UUID) -> bool:
    """Whether the client has said something about a session."""
    return session.scalar(select(RatingRow.id).where(RatingRow.session_id == session_id)) is not None


def of_session(session: Session, session_id: UUID, *, locked: bool = False) -> CheckInRow | None:
    """What was said at the end of a session; ``locked`` so that nobody else changes it until the transaction ends."""
    found = select(CheckInRow).where(CheckInRow.session_id == session_id).execution_options(**_ANEW)
    return session.scalar(found.with_for_update() if locked else found)


_LINK = select(LinkRow).where(LinkRow.token_hash == bindparam("token_hash")).execution_options(**_ANEW, **STATED_ONCE)
_LOCKED_LINK = _LINK.with_for_update()
_LOCKED_SESSION = (
    select(SessionRow.id)
    .where(SessionRow.id == bindparam("session_id"))
    .with_for_update(key_share=True)
    .execution_options(**STATED_ONCE)
)
_HAS_LEFT = exists().where(
    DepartureRow.therapist_id == DyadRow.therapist_id,
    DepartureRow.clinic_id == DyadRow.clinic_id,
    DepartureRow.kind == "leaves",
    DepartureRow.called_off_at.is_(None),
    DepartureRow.begins_on < bindparam("left_before", type_=Date),
)
_FACTS = (
    select(DyadRow, TherapistRow, AppointmentRow, CheckInRow, RatingRow.id, _HAS_LEFT)
    .select_from(SessionRow)
    .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
    .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
    .join(AppointmentRow, AppointmentRow.session_id == SessionRow.id, isouter=True)
    .join(CheckInRow, CheckInRow.session_id == SessionRow.id, isouter=True)
    .join(RatingRow, RatingRow.session_id == SessionRow.id, isouter=True)
    .where(SessionRow.id == bindparam("session_id"))
    .execution_options(**_ANEW, **STATED_ONCE)
)


def link(session: Session, token_hash: bytes, *, locked: bool = False) -> LinkRow | None:
    """The link of a token; ``locked`` so that nobody else uses it until the transaction ends."""
    return session.scalar(_LOCKED_LINK if locked else _LINK, {"token_hash": token_hash})


def link_of_key(session: Session, key: UUID) -> LinkRow | None:
    """A link that this transaction has read already, as it was read."""
    return session.get(LinkRow, key)


def keep_links(session: Session, session_id: UUID, appointment_id: UUID) -> None:
    """Let the links to a session that is taken back say of what appointment it was."""
    kept = update(LinkRow).where(LinkRow.session_id == session_id)
    session.execute(kept.values(session_id=None, appointment_id=appointment_id))


def give_links(session: Session, appointment_id: UUID, session_id: UUID) -> None:
    """Let them open what the appointment has become after all."""
    kept = update(LinkRow).where(LinkRow.appointment_id == appointment_id)
    session.execute(kept.values(session_id=session_id, appointment_id=None))


def appointment(session: Session, key: UUID | None) -> Row[tuple[AppointmentRow, TherapistRow]] | None:
    """(AppointmentRow, TherapistRow) of an appointment, as it is now."""
    found = select(AppointmentRow, TherapistRow).join(TherapistRow, TherapistRow.id == AppointmentRow.therapist_id)
    return session.execute(found.where(AppointmentRow.id == key).execution_options(**_ANEW)).first()


def facts(session: Session, session_id: UUID, *, left_before: date) -> Row[Any] | None:
    """What a check-in of a session depends on, in one statement; None where there is no such session.

    (DyadRow, TherapistRow, AppointmentRow or None, CheckInRow or None, the rating's key or None, whether the therapist
    left the clinic before a day).
    """
    return session.execute(_FACTS, {"session_id": session_id, "left_before": left_before}).first()


def lock_session(session: Session, session_id: UUID) -> bool:
    """Let nobody else rate a session, or take it back, until the transaction ends; whether there is such a session."""
    return session.scalar(_LOCKED_SESSION, {"session_id": session_id}) is not None


def of_client(session: Session, client_id: UUID) -> Sequence[Row[Any]]:
    """(SessionRow, TherapistRow, AppointmentRow or None, CheckInRow or None) of a client's sessions, the last first.

    Sessions that were brought in from a file, about which nothing was said here, are left out.
    """
    found = (
        select(SessionRow, TherapistRow, AppointmentRow, CheckInRow)
        .select_from(DyadRow)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(AppointmentRow, AppointmentRow.session_id == SessionRow.id, isouter=True)
        .join(CheckInRow, CheckInRow.session_id == SessionRow.id, isouter=True)
        .where(DyadRow.client_id == client_id, AppointmentRow.id.is_not(None) | CheckInRow.id.is_not(None))
        .order_by(AppointmentRow.begins_at.desc(), SessionRow.number.desc())
        .execution_options(**_ANEW)
    )
    return session.execute(found).all()


def of_client_session(session: Session, client_id: UUID, session_id: UUID) -> CheckInRow | None:
    """What a client said about a session of theirs; nobody else changes it until the transaction ends."""
    mine = select(SessionRow.id).join(DyadRow, DyadRow.id == SessionRow.dyad_id).where(DyadRow.client_id == client_id)
    found = select(CheckInRow).where(CheckInRow.session_id == session_id, CheckInRow.session_id.in_(mine))
    return session.scalar(found.with_for_update().execution_options(**_ANEW))


def rating(session: Session, session_id: UUID) -> RatingRow | None:
    """The rating of a session, on the clinic's scale."""
    return session.scalar(select(RatingRow).where(RatingRow.session_id == session_id).execution_options(**_ANEW))
