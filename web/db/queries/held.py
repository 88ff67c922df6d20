"""Pairs whose ratings are held: what may hold them, those that are, and what a person decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from web.db.tables import DyadRow, IntakeRow, MembershipRow, PersonRow, RatingRow, SessionRow, TherapistRow


def contacts(session: Session) -> Sequence[Row[Any]]:
    """(client, email_mark, phone_mark) of every intake that was sent."""
    found = select(IntakeRow.client_id, IntakeRow.email_mark, IntakeRow.phone_mark)
    return session.execute(found.where(IntakeRow.client_id.is_not(None))).all()


def staff_addresses(session: Session) -> set[str]:
    """The e-mail addresses of all who work at the clinic, or did."""
    found = select(PersonRow.email).join(MembershipRow, MembershipRow.person_id == PersonRow.id)
    return set(session.scalars(found))


def rated(session: Session) -> Sequence[Row[Any]]:
    """(dyad, client, therapist) of every pair with ratings."""
    found = select(SessionRow.dyad_id).join(RatingRow, RatingRow.session_id == SessionRow.id)
    of = select(DyadRow.id, DyadRow.client_id, DyadRow.therapist_id).where(DyadRow.id.in_(found))
    return session.execute(of).all()


def hold(session: Session, dyads: Collection[UUID], because: str) -> int:
    """Hold those of these pairs that nobody has judged, and that are not held; how many."""
    n_held = 0
    for dyad in dyads:  # few
        free = DyadRow.id == dyad, DyadRow.held_because.is_(None), DyadRow.judged_at.is_(None)
        done = session.execute(update(DyadRow).where(*free).values(held_because=because))
        n_held += done.rowcount  # type: ignore[attr-defined]
    return n_held


def waiting(session: Session) -> Sequence[Row[Any]]:
    """(therapist, name, because, n_clients, n_ratings, last) of what waits for a person, by therapist and reason."""
    found = (
        select(
            TherapistRow.id.label("therapist"),
            TherapistRow.name,
            DyadRow.held_because.label("because"),
            func.count(func.distinct(DyadRow.client_id)).label("n_clients"),
            func.count(RatingRow.id).label("n_ratings"),
            func.max(func.coalesce(RatingRow.rated_at, RatingRow.created_at)).label("last"),
        )
        .select_from(DyadRow)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(DyadRow.held_because.is_not(None), DyadRow.judged_at.is_(None))
        .group_by(TherapistRow.id, TherapistRow.name, DyadRow.held_because)
        .order_by(TherapistRow.name, DyadRow.held_because)
    )
    return session.execute(found).all()


def judge(session: Session, therapist: UUID, because: str, *, counts: bool, now: datetime) -> int:
    """What a person decided of the pairs of a therapist that are held for this reason; of how many."""
    waits = DyadRow.therapist_id == therapist, DyadRow.held_because == because, DyadRow.judged_at.is_(None)
    values: dict[str, Any] = {"judged_at": now} | ({"held_because": None} if counts else {})
    return int(session.execute(update(DyadRow).where(*waits).values(**values)).rowcount)  # type: ignore[attr-defined]
