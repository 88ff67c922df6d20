"""Courses that are watched: which have news, what was said in them, and their alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from web.db.tables import (
    AlertRow,
    AppointmentRow,
    CheckInRow,
    ClientRow,
    DyadRow,
    IntakeVersionRow,
    RatingRow,
    SessionRow,
    TherapistRow,
)

_ANEW = {"populate_existing": True}
_CORRECTABLE = timedelta(days=2)  # nothing that was said longer ago changes any more
_AT_ONCE = 500


def with_check_ins(session: Session, since: datetime) -> set[UUID]:
    """The dyads of check-ins that came, or were corrected, after a moment."""
    fresh = or_(CheckInRow.said_at > since, CheckInRow.corrected_at > since)
    found = select(SessionRow.dyad_id).join(CheckInRow, CheckInRow.session_id == SessionRow.id)
    return set(session.scalars(found.where(CheckInRow.said_at > since - _CORRECTABLE, fresh)))


def with_ratings(session: Session, since: datetime) -> set[UUID]:
    """The dyads of ratings that were stored after a moment, however they came."""
    found = select(SessionRow.dyad_id).join(RatingRow, RatingRow.session_id == SessionRow.id)
    return set(session.scalars(found.where(RatingRow.created_at > since)))


def with_unsaid(session: Session, since: datetime, until: datetime) -> set[UUID]:
    """The dyads that met between two moments, and nothing was said about it."""
    found = (
        select(SessionRow.dyad_id)
        .join(AppointmentRow, AppointmentRow.session_id == SessionRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id, isouter=True)
        .where(AppointmentRow.state == "held", AppointmentRow.begins_at.between(since, until), RatingRow.id.is_(None))
    )
    return set(session.scalars(found))


def forms(session: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """(held, rated) appointments between two moments."""
    found = (
        select(func.count(AppointmentRow.id), func.count(RatingRow.id))
        .select_from(AppointmentRow)
        .join(RatingRow, RatingRow.session_id == AppointmentRow.session_id, isouter=True)
        .where(AppointmentRow.state == "held", AppointmentRow.begins_at.between(since, until))
    )
    held, rated = session.execute(found).one()
    return held, rated


def sessions(session: Session, dyad_ids: Iterable[UUID]) -> list[Row[Any]]:
    """(dyad_id, number, score, said_at, ended_at, is_missed) of every session of some dyads, by dyad and number.

    ``score`` is None where nothing was said, ``said_at`` where nobody knows when, ``ended_at`` and ``is_missed`` where
    the session was brought in from a file. ``is_missed``: the therapist noted that it did not take place.
    """
    found = (
        select(
            SessionRow.dyad_id,
            SessionRow.number,
            RatingRow.score,
            func.coalesce(CheckInRow.said_at, RatingRow.rated_at).label("said_at"),
            AppointmentRow.ended_at,
            (AppointmentRow.state == "missed").label("is_missed"),
        )
        .join(RatingRow, RatingRow.session_id == SessionRow.id, isouter=True)
        .join(CheckInRow, CheckInRow.session_id == SessionRow.id, isouter=True)
        .join(AppointmentRow, AppointmentRow.session_id == SessionRow.id, isouter=True)
        .order_by(SessionRow.dyad_id, SessionRow.number)
    )
    return [row for part in _parts(dyad_ids) for row in session.execute(found.where(SessionRow.dyad_id.in_(part)))]


def people(session: Session, dyad_ids: Iterable[UUID]) -> list[Row[Any]]:
    """(dyad_id, ended_at, client, answers, TherapistRow) of some dyads; ``client`` is an external id.

    A dyad whose client never told us anything is not among them.
    """
    counts_now = and_(IntakeVersionRow.client_id == ClientRow.id, IntakeVersionRow.version == ClientRow.intake_version)
    found = (
        select(
            DyadRow.id.label("dyad_id"),
            DyadRow.ended_at,
            ClientRow.external_id.label("client"),
            IntakeVersionRow.answers,
            TherapistRow,
        )
        .join(ClientRow, ClientRow.id == DyadRow.client_id)
        .join(IntakeVersionRow, counts_now)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .order_by(DyadRow.id)
    )
    return [row for part in _parts(dyad_ids) for row in session.execute(found.where(DyadRow.id.in_(part)))]


def alerts(session: Session, dyad_ids: Iterable[UUID]) -> list[AlertRow]:
    """Every alert of some dyads, settled or not, the earliest first."""
    found = select(AlertRow).order_by(AlertRow.raised_at, AlertRow.id).execution_options(**_ANEW)
    return [row for part in _parts(dyad_ids) for row in session.scalars(found.where(AlertRow.dyad_id.in_(part)))]


def alert(session: Session, key: UUID) -> AlertRow | None:
    """An alert that nobody else changes until the transaction ends."""
    found = select(AlertRow).where(AlertRow.id == key).with_for_update(key_share=True)
    return session.scalar(found.execution_options(**_ANEW))


def client_of(session: Session, dyad_id: UUID) -> UUID | None:
    """Whose course it is."""
    return session.scalar(select(DyadRow.client_id).where(DyadRow.id == dyad_id))


def last_number(session: Session, dyad_id: UUID) -> int:
    """The number of a dyad's last session; 0 before the first."""
    return session.scalar(select(func.max(SessionRow.number)).where(SessionRow.dyad_id == dyad_id)) or 0


def _parts(keys: Iterable[UUID]) -> Iterable[Sequence[UUID]]:
    known = sorted(set(keys))
    return (known[start : start + _AT_ONCE] for start in range(0, len(known), _AT_ONCE))
