"""A dyad's course with the band expected for it, its open alert, and what came of it.

Whether somebody may see any of it is the caller's matter: ``may_be_shown`` says what the client wished. Without that
the therapist sees neither course nor alert, and the coordinator only that they should get in touch. Alerts are raised
by ``web.services.watching``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Scale
from matcher.errors import InvalidInput
from web.db.queries import clinics, watched
from web.db.tables import AlertRow
from web.services import audit, watched_courses
from web.services.clinics import Clinic

OUTCOMES = ("talked", "misread", "ended", "other")
UNTIL = "until"  # the figure that says up to which session a settled alert has taken care of the course


@dataclass(frozen=True, slots=True)
class CourseSession:
    """A session, and where its score usually lies given what was said before; None where no model serves."""

    number: int
    score: float | None
    typical: float | None = None
    lower80: float | None = None
    upper80: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The sessions of a dyad so far, on the clinic's scale."""

    dyad_id: UUID
    sessions: tuple[CourseSession, ...]
    scale: Scale


@dataclass(frozen=True, slots=True)
class Alert:
    """That a course asks for a conversation: of what kind, and the session after which it was seen."""

    id: UUID
    dyad_id: UUID
    kind: str
    session_number: int
    figures: Mapping[str, Any]
    raised_at: datetime
    seen_at: datetime | None


def course(session: Session, clinic: Clinic, dyad_id: UUID) -> Course:
    """The course of a dyad with the band expected for it; without a model that serves, what was said alone."""
    found = watched_courses.read(session, clinic, [dyad_id])
    bands = {} if found is None else found.band(0)
    rows = watched.sessions(session, [dyad_id])
    sessions = tuple(CourseSession(row.number, row.score, *bands.get(row.number, ())) for row in rows)
    return Course(dyad_id, sessions, clinic.scale)


def open_of(session: Session, dyad_ids: Collection[UUID]) -> dict[UUID, Alert]:
    """Dyad → its open alert, of those that have one."""
    return {row.dyad_id: _alert(row) for row in watched.open_alerts(session, dyad_ids)}


def may_be_shown(session: Session, dyad_id: UUID) -> bool:
    """Whether the newest check-in of a dyad was shared by name; ratings that were brought in never were."""
    return dyad_id in shown_of(session, [dyad_id])


def shown_of(session: Session, dyad_ids: Collection[UUID]) -> set[UUID]:
    """Those of some dyads of which ``may_be_shown`` is true, in one look."""
    return watched.shown_by_name(session, dyad_ids)


def mark_seen(session: Session, alert_id: UUID, *, now: datetime) -> None:
    """Keep when an alert was seen first."""
    row = watched.alert(session, alert_id)
    if row is not None and row.seen_at is None:
        row.seen_at = now
        session.flush()


def settle(session: Session, clinic: Clinic, alert_id: UUID, outcome: str, *, actor: str, now: datetime) -> Alert:
    """Say what came of an alert, once: the first word counts. From the next session on the course is watched anew.

    Raises LookupError for no such alert, InvalidInput for an outcome that there is not.
    """
    if outcome not in OUTCOMES:
        raise InvalidInput("outcome", outcome, f"expected one of {', '.join(OUTCOMES)}")
    clinics.lock(session, clinic.id)
    row = watched.alert(session, alert_id)
    if row is None:
        raise LookupError("there is no such alert")
    if row.settled_at is None:
        row.figures = {**row.figures, UNTIL: watched.last_number(session, row.dyad_id)}
        row.settled_at, row.settled_by, row.outcome = now, actor, outcome
        session.flush()
        audit.record(session, "alert.settled", now=now, subject=str(row.id), actor=actor, outcome=outcome)
    return _alert(row)


def _alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.id,
        dyad_id=row.dyad_id,
        kind=row.kind,
        session_number=row.session_number,
        figures=MappingProxyType(dict(row.figures)),
        raised_at=row.raised_at,
        seen_at=row.seen_at,
    )
