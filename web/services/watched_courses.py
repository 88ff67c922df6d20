"""Courses as the matcher reads them: what was said after each session, and what was expected of the pair before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matcher import ClinicModel, CoursePrior, Directory, expected_course
from matcher.encoding import ClientArrays
from matcher.entities import Intake, Scale, Therapist
from matcher.errors import InvalidInput
from web.db import mapping
from web.db.queries import watched
from web.services import models
from web.services.clinics import Clinic

MOST_SESSIONS = 400  # of a course; eight years of weeks


@dataclass(frozen=True, eq=False, slots=True)
class DyadCourse:
    """Who a dyad are, and its sessions by number: NaN and False where there was none.

    ``held`` says of a session that its form came, or did not come in time. ``heard_at`` is when the dyad last met or
    said something, as far as it is known.
    """

    dyad_id: UUID
    client: Intake
    therapist: Therapist
    numbers: frozenset[int]
    scores: NDArray[np.float64]
    held: NDArray[np.bool_]
    heard_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, eq=False, slots=True)
class WatchedCourses:
    """n courses and what was expected of each; ``scores`` and ``held`` (n, sessions), as long as the longest one."""

    courses: tuple[DyadCourse, ...]
    prior: CoursePrior
    scores: NDArray[np.float64]
    held: NDArray[np.bool_]

    def band(self, row: int) -> dict[int, tuple[float, float, float]]:
        """Number of a session of one course → what is typical for it, and the ends of its 80 % band."""
        course = self.courses[row]
        found = expected_course(self.prior.take([row]), course.scores[None])
        ends = zip(found.typical[0].tolist(), found.lower80[0].tolist(), found.upper80[0].tolist(), strict=True)
        return {number: band for number, band in enumerate(ends, start=1) if number in course.numbers}


def can_be_read(session: Session, clinic: Clinic) -> bool:
    """Whether a model serves that can be read and knows the clinic's scale."""
    return _model(session, clinic) is not None


def _model(session: Session, clinic: Clinic) -> ClinicModel | None:
    model = models.serving(session, clinic.id)
    return model if model is not None and model.scale == clinic.scale else None


def read(
    session: Session, clinic: Clinic, dyad_ids: Collection[UUID], *, late: datetime | None = None
) -> WatchedCourses | None:
    """The courses of some dyads; None without any, and without a model that serves and knows the clinic's scale.

    Those that cannot be read are left out, and told to whoever watches the logs. A form of a session that ended after
    ``late`` may still come; None where that makes no difference.
    """
    model = _model(session, clinic)
    if model is None or not dyad_ids:
        return None
    people = {row.dyad_id: row for row in watched.people(session, dyad_ids)}
    rows = groupby(watched.sessions(session, people), key=lambda row: row.dyad_id)
    courses = [found for dyad_id, said in rows for found in _readable(people[dyad_id], list(said), clinic.scale, late)]
    return _together(model, courses)


def _readable(who: Any, said: list[Any], scale: Scale, late: datetime | None) -> Iterator[DyadCourse]:
    try:
        yield _course(who, [row for row in said if row.number <= MOST_SESSIONS], scale, late)
    except (ValueError, LookupError) as error:
        _told(error)


def _course(who: Any, said: list[Any], scale: Scale, late: datetime | None) -> DyadCourse:
    n_sessions = max((row.number for row in said), default=0)
    scores, held = np.full(n_sessions, np.nan), np.zeros(n_sessions, dtype=bool)
    for row in said:
        if row.score is not None:
            if not scale.lowest <= row.score <= scale.top:
                raise InvalidInput("score", row.score, "not on the clinic's scale")
            scores[row.number - 1] = row.score
        came_late = late is not None and row.ended_at is not None and row.ended_at > late
        held[row.number - 1] = row.score is not None or not (came_late or row.is_missed)  # the client's word stands
    met = [row.ended_at for row in said if not row.is_missed]
    heard = [moment for moment in (*(row.said_at for row in said), *met) if moment is not None]
    return DyadCourse(
        dyad_id=who.dyad_id,
        client=mapping.intake_of(who.client, who.answers),
        therapist=mapping.therapist_of(who.TherapistRow),
        numbers=frozenset(row.number for row in said),
        scores=scores,
        held=held,
        heard_at=max(heard, default=None),
        ended_at=who.ended_at,
    )


def _together(model: ClinicModel, courses: Sequence[DyadCourse]) -> WatchedCourses | None:
    """All at once; where that fails, those of whom the model can say anything."""
    try:
        return _batch(model, courses)
    except (ValueError, LookupError) as error:
        _told(error)
    kept = [course for course in courses if _is_known(model, course)]
    return _batch(model, kept)


def _batch(model: ClinicModel, courses: Sequence[DyadCourse]) -> WatchedCourses | None:
    if not courses:
        return None
    directory = Directory.of({course.therapist.id: course.therapist for course in courses}.values())
    places = {id_: row for row, id_ in enumerate(directory.ids.tolist())}
    rows = np.array([places[course.therapist.id] for course in courses], dtype=np.intp)
    prior = model.course_prior(ClientArrays.of([course.client for course in courses]), directory, rows)
    shape = (len(courses), max(len(course.scores) for course in courses))
    scores, held = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for row, course in enumerate(courses):
        scores[row, : len(course.scores)], held[row, : len(course.held)] = course.scores, course.held
    return WatchedCourses(tuple(courses), prior, scores, held)


def _is_known(model: ClinicModel, course: DyadCourse) -> bool:
    try:
        return _batch(model, [course]) is not None
    except (ValueError, LookupError):
        return False


def _told(error: Exception) -> None:
    structlog.get_logger().warning("course unreadable", error=type(error).__name__)
