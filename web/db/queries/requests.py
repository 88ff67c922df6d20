"""Requests of clients, and the choices in them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from web.db.tables import CaseRow, ClientRow, PersonRow, PlacementRow, RequestChoiceRow, RequestRow, TherapistRow
from web.db.tenancy import STATED_ONCE

_ANEW = {"populate_existing": True}
_PLACE = select(PlacementRow.state).where(PlacementRow.client_id == ClientRow.id, PlacementRow.state == "given")
_REQUEST = (
    select(RequestRow.state)
    .where(RequestRow.client_id == ClientRow.id)
    .order_by(RequestRow.made_at.desc(), RequestRow.id.desc())
)
# Stated once: the page of matches asks it each time
_STANDING = (
    select(_PLACE.limit(1).scalar_subquery(), _REQUEST.limit(1).scalar_subquery())
    .where(ClientRow.id == bindparam("client_id"))
    .execution_options(**STATED_ONCE)
)


def standing(session: Session, client_id: UUID) -> tuple[str | None, str | None]:
    """(state of the place that was given, state of the last request) of a client; None where there is none."""
    found = session.execute(_STANDING, {"client_id": client_id}).one()
    return found[0], found[1]


def latest(session: Session, client_id: UUID) -> RequestRow | None:
    """The request that a client made last, as the database has it now."""
    found = select(RequestRow).where(RequestRow.client_id == client_id).order_by(RequestRow.made_at.desc())
    return session.scalar(found.order_by(RequestRow.id.desc()).limit(1).execution_options(**_ANEW))


def by_id(session: Session, key: UUID) -> RequestRow | None:
    """The request with a key, as the database has it now."""
    return session.scalar(select(RequestRow).where(RequestRow.id == key).execution_options(**_ANEW))


def choices(session: Session, request_id: UUID) -> list[RequestChoiceRow]:
    """The choices of a request, the first one first."""
    found = select(RequestChoiceRow).where(RequestChoiceRow.request_id == request_id)
    return list(session.scalars(found.order_by(RequestChoiceRow.choice).execution_options(**_ANEW)))


def choice(session: Session, key: UUID) -> RequestChoiceRow | None:
    """The choice with a key, as the database has it now."""
    return session.scalar(select(RequestChoiceRow).where(RequestChoiceRow.id == key).execution_options(**_ANEW))


def asked(session: Session, therapist_id: UUID) -> Sequence[Row[tuple[RequestChoiceRow, RequestRow, CaseRow]]]:
    """(choice, request, case) of those who wait for a therapist's answer, the earliest deadline first."""
    found = (
        select(RequestChoiceRow, RequestRow, CaseRow)
        .join(RequestRow, RequestRow.id == RequestChoiceRow.request_id)
        .join(CaseRow, CaseRow.client_id == RequestRow.client_id)
        .where(RequestChoiceRow.therapist_id == therapist_id, RequestChoiceRow.state == "asked")
    )
    return session.execute(found.order_by(RequestChoiceRow.answer_by, RequestChoiceRow.id)).all()


def given(session: Session, therapist_id: UUID) -> Sequence[Row[tuple[PlacementRow, CaseRow]]]:
    """(place, case) of the clients who have a place with a therapist, the newest first."""
    found = (
        select(PlacementRow, CaseRow)
        .join(CaseRow, CaseRow.client_id == PlacementRow.client_id)
        .where(PlacementRow.therapist_id == therapist_id, PlacementRow.state == "given")
    )
    return session.execute(found.order_by(PlacementRow.made_at.desc(), PlacementRow.id)).all()


def therapist(session: Session, key: UUID) -> TherapistRow:
    """The therapist with a key that is known to exist."""
    return session.execute(select(TherapistRow).where(TherapistRow.id == key)).scalar_one()


def email_of(session: Session, therapist: TherapistRow) -> str | None:
    """Where a therapist who signs in can be written to."""
    if therapist.person_id is None:
        return None
    return session.scalar(select(PersonRow.email).where(PersonRow.id == therapist.person_id))
