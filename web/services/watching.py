"""Courses are watched: the clock looks at those with news, and once a day at those that fell silent.

Where nothing can be looked at, because no model serves yet or none that can be read, nothing is noted: the first look
that can be taken goes back to the last one, and the first of all looks at every course that runs.

It looks first and writes afterwards: all is read and reckoned while others write, and what would change is looked at
once more behind the lock, which is a few courses. So nobody waits for a clinic's hundreds.

A dyad has at most one open alert, of the gravest kind. It is raised, a graver one takes its place, and it rests where
what it was seen by is no longer there, because a form was corrected or came at last; else a person settles it. Looking
twice is looking once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matcher import Thresholds, watch
from matcher.trajectory import KINDS
from web.db.queries import clinics, watched
from web.db.tables import AlertRow
from web.services import audit, watched_courses
from web.services.alerts import UNTIL
from web.services.clinics import Clinic
from web.services.watched_courses import DyadCourse, WatchedCourses

Floats, Flags = NDArray[np.float64], NDArray[np.bool_]
Change = Callable[[Session, datetime], None]
CLOCK, RESTED, SILENCE = "clock", "rested", "silence"
RUNS = timedelta(weeks=6)  # a course of which nothing was heard for longer is over, and is not called
LATELY = 6  # sessions back; what was seen earlier was settled, or is another model's view of the past
OVERLAP = timedelta(minutes=10)  # a check-in may be committed after it was said
DAILY = timedelta(days=2)
FORMS = timedelta(days=90)
FEWEST_FORMS, USUALLY_MISSING, LEAST_MISSING, MOST_MISSING = 50, 0.2, 0.05, 0.6
RESTS = 0.5  # of a threshold, so that an alert does not come and go with every new model


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look has found and nobody has noted yet: whose alert changes, and when the look before it was."""

    before: datetime | None
    dyads: frozenset[UUID]


def see(session: Session, clinic: Clinic, *, zone: tzinfo = UTC, now: datetime) -> Sight | None:
    """Look at every dyad with news since the last look, a day being one of ``zone``.

    None where there is nothing new, or no model to look with. Nothing is written, so that nobody waits for it.
    """
    if not watched_courses.can_be_read(session, clinic):
        return None
    row = clinics.by_id(session, clinic.id)
    since, late = row.watched_at or now - RUNS, now - timedelta(days=row.check_in_days)
    dyads = watched.with_check_ins(session, since - OVERLAP)
    is_new_day = row.watched_at is None or row.watched_at.astimezone(zone).date() < now.astimezone(zone).date()
    if is_new_day:
        dyads |= watched.with_ratings(session, since - DAILY) | watched.with_unsaid(session, late - RUNS, late)
    if not dyads and not is_new_day:
        return None
    return Sight(row.watched_at, frozenset(dyad_id for dyad_id, _ in _changes(session, clinic, dyads, now)))


def note(session: Session, clinic: Clinic, sight: Sight, *, now: datetime) -> int:
    """Write down what was seen, as far as it is so still; how many alerts were raised, replaced or let rest.

    ``now`` is when it was seen. Where somebody else has looked since, theirs counts; where the model was taken out of
    service since, the next one looks.
    """
    clinics.lock(session, clinic.id)
    row = clinics.by_id(session, clinic.id)
    if row.watched_at != sight.before or not watched_courses.can_be_read(session, clinic):
        return 0
    row.watched_at = now
    session.flush()
    return look_at(session, clinic, sight.dyads, now=now)


def look_at(session: Session, clinic: Clinic, dyad_ids: Collection[UUID], *, now: datetime) -> int:
    """Look at some dyads of a clinic that the caller has locked; how many alerts changed."""
    changes = [change for _, change in _changes(session, clinic, dyad_ids, now)]
    for change in changes:
        change(session, now)
    return len(changes)


def _changes(
    session: Session, clinic: Clinic, dyad_ids: Collection[UUID], now: datetime
) -> Iterator[tuple[UUID, Change]]:
    """The dyads about whom something is to be written, and how."""
    late = now - timedelta(days=clinics.by_id(session, clinic.id).check_in_days)
    found = watched_courses.read(session, clinic, dyad_ids, late=late)
    if found is None:
        return
    alerts: dict[UUID, list[AlertRow]] = {}
    for alert in watched.alerts(session, dyad_ids):
        alerts.setdefault(alert.dyad_id, []).append(alert)
    by_row = [alerts.get(course.dyad_id, []) for course in found.courses]
    scores, held = _since_settled(found, by_row)
    missing = _missing_share(session, late)
    strict, mild = (
        watch(found.prior, scores, held, thresholds=thresholds, missing_share=missing)
        for thresholds in (Thresholds(), Thresholds().times(RESTS))
    )
    for row, each in enumerate(by_row):
        seen = _Seen(found, row, str(strict.kind[row]), int(strict.number[row]), str(mild.kind[row]))
        change = _change(each, seen, now)
        if change is not None:
            yield seen.course.dyad_id, change


def _since_settled(found: WatchedCourses, alerts: list[list[AlertRow]]) -> tuple[Floats, Flags]:
    """Scores and sessions without those of which a settled alert has taken care."""
    until = [max((alert.figures.get(UNTIL, 0) for alert in each if alert.settled_at), default=0) for each in alerts]
    later = np.arange(1, found.scores.shape[1] + 1) > np.array(until)[:, None]
    return np.where(later, found.scores, np.nan), found.held & later


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen in a course, "" for nothing: its kind and session, and the kind at half of each threshold."""

    courses: WatchedCourses
    row: int
    kind: str
    number: int
    mildly: str

    @property
    def course(self) -> DyadCourse:
        return self.courses.courses[self.row]

    def is_news(self, now: datetime) -> bool:
        """Whether it was seen lately, in a course that still runs."""
        heard_at = self.course.heard_at
        runs = self.course.ended_at is None and heard_at is not None and heard_at >= now - RUNS
        lately = self.kind == SILENCE or self.number > len(self.course.scores) - LATELY
        return runs and lately

    def figures(self) -> dict[str, float]:
        """What was said after the session, and what was expected of it; nothing where nothing was said."""
        score, bands = self.course.scores[self.number - 1], self.courses.band(self.row)
        if np.isnan(score) or self.number not in bands:
            return {}
        typical, lower, upper = (round(value, 4) for value in bands[self.number])
        return {"score": float(score), "typical": typical, "lower80": lower, "upper80": upper}


def _change(alerts: Sequence[AlertRow], seen: _Seen, now: datetime) -> Change | None:
    """What is to be done about the alert of one course; None where it stands as it is."""
    standing = next((alert for alert in alerts if alert.settled_at is None), None)
    if standing is None:
        return partial(_raise, seen=seen) if seen.kind and seen.is_news(now) else None
    if seen.kind and KINDS.index(seen.kind) < KINDS.index(standing.kind):
        return partial(_replace, row=standing, seen=seen)
    if seen.kind or (seen.mildly and standing.kind != SILENCE):
        return None
    return partial(_rest, row=standing)


def _raise(session: Session, now: datetime, *, seen: _Seen) -> None:
    row = AlertRow(dyad_id=seen.course.dyad_id)
    session.add(row)
    _replace(session, now, row=row, seen=seen)


def _replace(session: Session, now: datetime, *, row: AlertRow, seen: _Seen) -> None:
    row.kind, row.session_number, row.figures = seen.kind, seen.number, seen.figures()
    row.raised_at = now  # what is graver is told anew
    session.flush()
    audit.record(session, "alert.raised", now=now, subject=str(row.id), actor=CLOCK)


def _rest(session: Session, now: datetime, *, row: AlertRow) -> None:
    row.settled_at, row.settled_by, row.outcome = now, CLOCK, RESTED
    session.flush()
    audit.record(session, "alert.rested", now=now, subject=str(row.id), actor=CLOCK)


def _missing_share(session: Session, late: datetime) -> float:
    """Of the clinic's forms of the last months, how many did not come."""
    held, rated = watched.forms(session, late - FORMS, late)
    share = 1 - rated / held if held >= FEWEST_FORMS else USUALLY_MISSING
    return min(max(share, LEAST_MISSING), MOST_MISSING)
