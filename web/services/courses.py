"""What a client said after each session, therapist by therapist: for that client alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Scale
from web.db.queries import courses
from web.services.clinics import Clinic


@dataclass(frozen=True, slots=True)
class SaidAfter:
    """A session by its number, and what was said after it; ``score`` is None where nothing was."""

    number: int
    score: float | None
    rated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Course:
    """A client's work with one therapist."""

    therapist: str
    portrait: Mapping[str, str]
    sessions: tuple[SaidAfter, ...]
    scale: Scale


def of_client(session: Session, clinic: Clinic, client_id: UUID | None) -> tuple[Course, ...]:
    """The courses of a client, the latest first; none where they have not met anybody yet."""
    if client_id is None:
        return ()
    rows = courses.of_client(session, client_id)
    found = [
        Course(
            therapist=therapist.name,
            portrait=therapist.profile.get("portrait", {}),
            sessions=tuple(SaidAfter(row.number, row.score, row.rated_at) for row in said),
            scale=clinic.scale,
        )
        for therapist, said in groupby(rows, key=lambda row: row[0])
    ]
    return tuple(sorted(found, key=_last, reverse=True))


def _last(course: Course) -> tuple[bool, float]:
    """When something was last said: courses with known moments come after those without."""
    moments = [said.rated_at.timestamp() for said in course.sessions if said.rated_at]
    return bool(moments), max(moments, default=0.0)
