"""What the clock does: places whose hold is over are given back, requests that nobody answered go on, appointments that
are over are taken as held, whoever soon meets their therapist is asked how they have been, courses with news are
watched, and what has to be computed anew is asked for: the week's forecast of what places are worth, and a new model
where ratings have come in.

Every worker may do it at any time; what is done already is not done again. Each step in each clinic has a transaction
of its own: one that fails holds up no other, and nobody at the clinic waits longer than for one step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from web import logs
from web.db import engine
from web.jobs.rows import Sessions
from web.services import (
    appointments,
    clinics,
    departures,
    erasing,
    outbox,
    placing,
    refit,
    releases,
    reminders,
    requests,
    scarcity,
    watching,
)

Step = Callable[[Session, clinics.Clinic, tzinfo, datetime], int]
Work = Callable[[Sessions, clinics.Clinic, tzinfo, datetime], int]


def tend(sessions: Sessions, *, zone: tzinfo = UTC, now: datetime) -> int:
    """Do what has fallen due in every clinic, a day being one of ``zone``; how much that was."""
    with sessions() as session:
        known = clinics.every(session)
    return sum(_tend(sessions, clinic, zone, now) for clinic in known)


def _tend(sessions: Sessions, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    n_done = 0
    try:
        for work in WORK:
            n_done += _whole(work, sessions, clinic, zone, now)
        _writes(_tended)(sessions, clinic, zone, now)
    except DBAPIError as error:
        logs.failure(error)
    return n_done


def _whole(work: Work, sessions: Sessions, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    """One step as a whole or not at all: what is odd for one of them holds up no other, and no other clinic."""
    try:
        return work(sessions, clinic, zone, now)
    except DBAPIError:
        raise
    except Exception as error:
        logs.failure(error)
        return 0


def _writes(step: Step) -> Work:
    """A step in a transaction of its own."""

    def work(sessions: Sessions, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
        with sessions() as session:
            clinics.enter(engine.writing(session), clinic)
            n_done = step(session, clinic, zone, now)
            session.commit()
            return n_done

    return work


def _watch(sessions: Sessions, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    """Look at the courses in a session that does not write, then note what was seen."""
    with sessions() as session:
        clinics.enter(session, clinic)
        sight = watching.see(session, clinic, zone=zone, now=now)
    if sight is None:
        return 0
    return _writes(lambda session, clinic, zone, now: watching.note(session, clinic, sight, now=now))(
        sessions, clinic, zone, now
    )


def _hold(session: Session, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    held = appointments.hold(session, clinic, now=now)
    reminders.promise(session, clinic, held, now=now)
    return len(held)


def _give_up(session: Session, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    outbox.give_up_old(session, now=now)
    return 0


def _tended(session: Session, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    clinics.tended(session, clinic, now=now)
    return 0


WORK: tuple[Work, ...] = (
    _writes(lambda session, clinic, zone, now: placing.give_back_overdue(session, clinic, now=now)),
    _writes(lambda session, clinic, zone, now: requests.lapse(session, clinic, now=now)),
    _writes(_give_up),
    _writes(lambda session, clinic, zone, now: departures.end_leaves(session, clinic, zone=zone, now=now)),
    _writes(_hold),
    _writes(lambda session, clinic, zone, now: reminders.promise_well_being(session, clinic, now=now)),
    _writes(lambda session, clinic, zone, now: releases.release_due(session, clinic, now=now)),
    _watch,
    _writes(lambda session, clinic, zone, now: scarcity.ask_where_due(session, clinic, now=now)),
    _writes(lambda session, clinic, zone, now: erasing.keep_no_longer(session, clinic, now=now)),
    _writes(lambda session, clinic, zone, now: erasing.ask_where_due(session, now=now)),
    _writes(lambda session, clinic, zone, now: refit.ask_where_due(session, clinic, zone=zone, now=now)),
)
