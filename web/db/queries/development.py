"""What was said about each therapist's work, what of it was told to them, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import CheckInRow, ClientRow, DyadRow, IntakeVersionRow, RatingRow, ReleaseRow, SessionRow


def waiting(session: Session, said_until: datetime) -> Sequence[Row[Any]]:
    """(CheckInRow, client, therapist) of what no release has counted yet, by therapist, the earliest first.

    What is held waits for a person first: were it told of, the model would take it up later, by itself.
    """
    found = (
        select(CheckInRow, DyadRow.client_id, DyadRow.therapist_id)
        .join(SessionRow, SessionRow.id == CheckInRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .where(CheckInRow.release_id.is_(None), CheckInRow.said_at <= said_until, DyadRow.held_because.is_(None))
        .order_by(DyadRow.therapist_id, CheckInRow.said_at, CheckInRow.id)
    )
    return session.execute(found.execution_options(populate_existing=True)).all()


def counted(session: Session) -> Sequence[Row[Any]]:
    """(CheckInRow, client, therapist) of everything that a release has counted, but for what is held since."""
    found = (
        select(CheckInRow, DyadRow.client_id, DyadRow.therapist_id)
        .join(SessionRow, SessionRow.id == CheckInRow.session_id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .where(CheckInRow.release_id.is_not(None), DyadRow.held_because.is_(None))
        .order_by(DyadRow.therapist_id, DyadRow.client_id, CheckInRow.id)
    )
    return session.execute(found).all()


def latest(session: Session, therapist_id: UUID) -> ReleaseRow | None:
    """What a therapist was told last."""
    found = select(ReleaseRow).where(ReleaseRow.therapist_id == therapist_id)
    return session.scalar(found.order_by(ReleaseRow.released_at.desc(), ReleaseRow.id.desc()).limit(1))


def concerns(session: Session, clients: Collection[UUID]) -> dict[UUID, list[str]]:
    """What brought clients here, as they said it last."""
    counts_now = (IntakeVersionRow.client_id == ClientRow.id) & (IntakeVersionRow.version == ClientRow.intake_version)
    found = select(ClientRow.id, IntakeVersionRow.answers).join(IntakeVersionRow, counts_now)
    rows = session.execute(found.where(ClientRow.id.in_(clients)))
    return {client: list(answers.get("concerns") or ()) for client, answers in rows}


def unsaid(session: Session, therapist_id: UUID, most: int) -> Sequence[Row[Any]]:
    """(session, score) of the last rated session of a few clients of a therapist, who have said nothing else of it."""
    last = (
        select(SessionRow.dyad_id, func.max(SessionRow.number).label("number"))
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(DyadRow.therapist_id == therapist_id)
        .group_by(SessionRow.dyad_id)
        .subquery()
    )
    found = (
        select(SessionRow.id, RatingRow.score)
        .join(last, (last.c.dyad_id == SessionRow.dyad_id) & (last.c.number == SessionRow.number))
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .outerjoin(CheckInRow, CheckInRow.session_id == SessionRow.id)
        .join(DyadRow, DyadRow.id == SessionRow.dyad_id)
        .join(ClientRow, ClientRow.id == DyadRow.client_id)
        .where(CheckInRow.id.is_(None))
        .order_by(ClientRow.external_id)
        .limit(most)
    )
    return session.execute(found).all()
