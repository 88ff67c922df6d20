"""How clients come to a clinic, how long they stay, and whom each therapist sees now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.db.tables import CaseRow, DyadRow, PlacementRow, RatingRow, SessionRow, TherapistRow


def first_case(session: Session, since: datetime) -> tuple[int, datetime | None]:
    """How many people have come onto the waiting list since a moment, and when the first of them did."""
    found = select(func.count(CaseRow.id), func.min(CaseRow.waiting_since)).where(CaseRow.waiting_since >= since)
    n_cases, first = session.execute(found).one()
    return n_cases, first


def courses(session: Session, most: int) -> list[tuple[datetime, datetime]]:
    """When somebody was first and last heard of in a course, of the newest courses with two sessions or more."""
    first, last = func.min(RatingRow.rated_at), func.max(RatingRow.rated_at)
    found = (
        select(first, last)
        .select_from(DyadRow)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(RatingRow.rated_at.is_not(None))
        .group_by(DyadRow.id)
        .having(func.count(RatingRow.id) >= 2)
        .order_by(last.desc())
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def caseload(session: Session, since: datetime) -> dict[str, int]:
    """Therapist → how many clients they see: places that are taken, and courses heard of since a moment."""
    placed = select(TherapistRow.external_id, PlacementRow.client_id).join(
        TherapistRow, TherapistRow.id == PlacementRow.therapist_id
    )
    heard = (
        select(TherapistRow.external_id, DyadRow.client_id)
        .select_from(DyadRow)
        .join(TherapistRow, TherapistRow.id == DyadRow.therapist_id)
        .join(SessionRow, SessionRow.dyad_id == DyadRow.id)
        .join(RatingRow, RatingRow.session_id == SessionRow.id)
        .where(DyadRow.ended_at.is_(None), RatingRow.rated_at >= since)
        .distinct()
    )
    pairs = {tuple(row) for row in session.execute(placed.where(PlacementRow.state != "ended"))}
    pairs |= {tuple(row) for row in session.execute(heard)}
    found: dict[str, int] = {}
    for therapist, _client in pairs:
        found[therapist] = found.get(therapist, 0) + 1
    return found


def waiting(session: Session) -> list[UUID]:
    """The keys of the clients who wait without a place, the longest first."""
    taken = select(PlacementRow.client_id).where(PlacementRow.state != "ended")
    found = select(CaseRow.client_id).where(CaseRow.state == "waiting", CaseRow.client_id.not_in(taken))
    return list(session.scalars(found.order_by(CaseRow.waiting_since, CaseRow.client_id)))
