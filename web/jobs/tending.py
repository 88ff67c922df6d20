"""What the clock does: places whose hold is over are given back, requests that nobody answered go on, appointments that
are over are taken as held, courses with news are watched, and what has to be computed anew is asked for: the week's
forecast of what places are worth, and a new model where ratings have come in.

Every worker may do it at any time; what is done already is not done again. Each clinic has a transaction of its own, so
that one that fails holds up none.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from sqlalchemy.exc import DBAPIError

from web import logs
from web.db import engine
from web.jobs.rows import Sessions
from web.services import (
    appointments,
    clinics,
    departures,
    outbox,
    placing,
    refit,
    releases,
    reminders,
    requests,
    scarcity,
    watching,
)


def tend(sessions: Sessions, *, zone: tzinfo = UTC, now: datetime) -> int:
    """Do what has fallen due in every clinic, a day being one of ``zone``; how much that was."""
    with sessions() as session:
        known = clinics.every(session)
    return sum(_tend(sessions, clinic, zone, now) for clinic in known)


def _tend(sessions: Sessions, clinic: clinics.Clinic, zone: tzinfo, now: datetime) -> int:
    try:
        with sessions() as session:
            clinics.enter(engine.writing(session), clinic)
            n_done = placing.give_back_overdue(session, clinic, now=now)
            n_done += requests.lapse(session, clinic, now=now)
            outbox.give_up_old(session, now=now)
            n_done += departures.end_leaves(session, clinic, zone=zone, now=now)
            held = appointments.hold(session, clinic, now=now)
            reminders.promise(session, clinic, held, now=now)
            n_done += len(held)
            n_done += releases.release_due(session, clinic, now=now)
            n_done += watching.look(session, clinic, now=now)
            n_done += scarcity.ask_where_due(session, clinic, now=now)
            n_done += refit.ask_where_due(session, clinic, zone=zone, now=now)
            clinics.tended(session, clinic, now=now)
            session.commit()
            return n_done
    except DBAPIError as error:
        logs.failure(error)
        return 0
