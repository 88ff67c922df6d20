"""Proposals for the waiting list, and what they are made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.queries import clinics
from web.db.queries.waiting import is_overdue
from web.db.tables import CaseRow, ClientRow, IntakeRow, PlacementRow, ProposalRow, TherapistRow

_ANEW = {"populate_existing": True}
Waiting = Row[tuple[UUID, datetime, int, int]]


def by_id(session: Session, key: UUID) -> ProposalRow | None:
    """The proposal with a key, as the database has it now."""
    return session.scalar(select(ProposalRow).where(ProposalRow.id == key).execution_options(**_ANEW))


def locked(session: Session, key: UUID) -> ProposalRow | None:
    """The same, and nobody else changes it until the transaction ends."""
    found = select(ProposalRow).where(ProposalRow.id == key).with_for_update()
    return session.scalar(found.execution_options(**_ANEW))


def newest(session: Session, most: int) -> Sequence[ProposalRow]:
    """The last proposals, the newest first, without those that were set aside."""
    found = select(ProposalRow).where(ProposalRow.state != "discarded")
    return session.scalars(found.order_by(ProposalRow.made_at.desc(), ProposalRow.id).limit(most)).all()


def without_place(session: Session, now: datetime) -> Sequence[Waiting]:
    """(client, waiting since, priority, version of their intake) of who waits and has no open place, in that order.

    A hold that is over is no place any more.
    """
    has_place = select(PlacementRow.id).where(
        PlacementRow.client_id == CaseRow.client_id,
        PlacementRow.clinic_id == CaseRow.clinic_id,
        PlacementRow.state != "ended",
        ~is_overdue(now),
    )
    return _people(session, (CaseRow.state == "waiting", ~has_place.exists()))


def with_place(session: Session, therapist_id: UUID) -> Sequence[Waiting]:
    """The same of everybody who has a place with a therapist; whoever has only asked has none yet."""
    theirs = select(PlacementRow.client_id).where(
        PlacementRow.therapist_id == therapist_id, PlacementRow.state == "given"
    )
    return _people(session, (CaseRow.client_id.in_(theirs), CaseRow.state != "closed"))


def _people(session: Session, conditions: Sequence[Any]) -> Sequence[Waiting]:
    of_client = (ClientRow.id == CaseRow.client_id) & (ClientRow.clinic_id == CaseRow.clinic_id)
    found = select(CaseRow.client_id, CaseRow.waiting_since, CaseRow.priority, ClientRow.intake_version)
    found = found.join(ClientRow, of_client).where(*conditions)
    return session.execute(found.order_by(CaseRow.waiting_since, CaseRow.client_id)).all()


def queue(session: Session, after: tuple[datetime, UUID] | None, most: int) -> Sequence[Row[Any]]:
    """(client, waiting since, priority, revision, state of the open place) of who waits, after somebody, so many."""
    kept = (PlacementRow.client_id == CaseRow.client_id) & (PlacementRow.clinic_id == CaseRow.clinic_id)
    found = select(
        CaseRow.client_id, CaseRow.waiting_since, CaseRow.priority, CaseRow.revision, PlacementRow.state.label("kept")
    ).join(PlacementRow, kept & (PlacementRow.state != "ended"), isouter=True)
    found = found.where(CaseRow.state == "waiting")
    if after is not None:
        since, client = after
        later = (CaseRow.waiting_since == since) & (CaseRow.client_id > client)
        found = found.where((CaseRow.waiting_since > since) | later)
    return session.execute(found.order_by(CaseRow.waiting_since, CaseRow.client_id).limit(most)).all()


def n_without_place(session: Session, now: datetime) -> int:
    """How many wait and have no open place."""
    return len(without_place(session, now))


def held(session: Session, now: datetime) -> dict[str, int]:
    """Therapist, by their id → how many places of theirs are in use; one whose hold is over is not."""
    of_therapist = (TherapistRow.id == PlacementRow.therapist_id) & (TherapistRow.clinic_id == PlacementRow.clinic_id)
    found = select(TherapistRow.external_id, func.count(PlacementRow.id)).join(TherapistRow, of_therapist)
    found = found.where(PlacementRow.state != "ended", ~is_overdue(now)).group_by(TherapistRow.external_id)
    return {row[0]: row[1] for row in session.execute(found)}


def therapists(session: Session) -> dict[str, tuple[UUID, str, int]]:
    """Therapist, by their id → (key, name, free places)."""
    found = select(TherapistRow.external_id, TherapistRow.id, TherapistRow.name, TherapistRow.capacity)
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(found.order_by(TherapistRow.external_id))}


def versions(session: Session, client_ids: Collection[UUID]) -> dict[UUID, int]:
    """Client → the version of their intake that counts now."""
    found = select(ClientRow.id, ClientRow.intake_version).where(ClientRow.id.in_(client_ids))
    return {row[0]: row[1] for row in session.execute(found)}


def said(session: Session, client_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, Mapping[str, Any]]]:
    """Client → (their intake, its answers) of who told us in the browser; the one that they sent last."""
    found = select(IntakeRow.client_id, IntakeRow.id, IntakeRow.answers).where(IntakeRow.client_id.in_(client_ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(found.order_by(IntakeRow.sent_at, IntakeRow.id))}


def are_here(session: Session, clinic_id: UUID, client_ids: Collection[UUID]) -> bool:
    """Whether none of these clients was erased; nobody is, from now on until the transaction ends."""
    clinics.lock(session, clinic_id)
    found = select(func.count(ClientRow.id)).where(ClientRow.id.in_(list(client_ids)))
    return session.scalar(found) == len(client_ids)
