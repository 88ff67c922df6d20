"""Mail that asks how an hour was: promised when the clock takes it as held, written when it is sent, reminded of once.

A promise holds the session's key and no link; the link is made when the mail is written, in the transaction that
claims it. Nobody is written to in the clinic's quiet hours, nor who has said how it was, nor who asked not to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import check_ins as rows
from web.db.queries import clients, clinics, intakes
from web.db.tables import AppointmentRow, OutboxRow
from web.services import check_ins, links, outbox
from web.services.clinics import Clinic
from web.services.quiet import out_of_quiet

ASKS, REMINDS = "check_in", "check_in_again"
KINDS = (ASKS, REMINDS)
AGAIN_AFTER = timedelta(days=1)
STOP_DAYS = 180


@dataclass(frozen=True, slots=True)
class Written:
    """What becomes of a promise now: ``paths`` by which its links go, or not before a moment, or not at all."""

    paths: Mapping[str, str]
    not_before: datetime | None = None
    is_needed: bool = True


def promise(session: Session, clinic: Clinic, held: Iterable[AppointmentRow], *, now: datetime) -> None:
    """Let each client be asked how it was, and once more a day later unless they have said it by then."""
    days = clinics.by_id(session, clinic.id).check_in_days
    for row in held:
        is_over = row.ended_at is not None and row.ended_at + timedelta(days=days) <= now
        if row.session_id is None or is_over or clients.of_key(session, row.client_id).reminders_off_at is not None:
            continue
        reach = intakes.email_of(session, row.client_id)
        for kind, due_at in ((ASKS, now), (REMINDS, now + AGAIN_AFTER)):
            key = str(row.session_id)
            outbox.promise(session, kind, key, reach, now=now, due_at=due_at, session_id=key)


def write(session: Session, clinic: Clinic, row: OutboxRow, *, now: datetime, zone: tzinfo) -> Written:
    """What a promised message needs when it is about to be sent; messages of other kinds need nothing."""
    if row.kind not in KINDS:
        return Written({})
    settings, session_id = clinics.by_id(session, clinic.id), UUID(row.params["session_id"])
    facts = rows.facts(session, session_id, left_before=(now - check_ins.LEFT_FOR).date())
    if facts is None or check_ins.state_of(session, session_id, now) != check_ins.OPEN:
        return Written({}, is_needed=False)
    client_id = facts[0].client_id
    if clients.of_key(session, client_id).reminders_off_at is not None:
        return Written({}, is_needed=False)
    not_before = out_of_quiet(now, zone, settings.quiet_from, settings.quiet_until)
    if not_before > now:
        return Written({}, not_before=not_before)
    until = now + timedelta(days=settings.check_in_days)
    token = links.make(session, links.CHECK_IN, client_id, session_id=session_id, now=now, until=until)
    stop = links.make(session, links.REMINDERS, client_id, now=now, until=now + timedelta(days=STOP_DAYS))
    return Written({"link": f"/check-ins/link/{token}", "stop": f"/check-ins/reminders/{stop}"})


def are_off(session: Session, token: str, *, now: datetime) -> bool | None:
    """Whether whoever holds a link is reminded of nothing; None where the link opens nothing."""
    link = links.of_token(session, links.REMINDERS, token, now=now)
    if link is None or link.state != links.OPEN:
        return None
    return clients.of_key(session, link.client_id).reminders_off_at is not None


def turn(session: Session, token: str, *, off: bool, now: datetime) -> bool:
    """Remind whoever holds a link of nothing any more, or again; whether the link opens anything."""
    link = links.of_token(session, links.REMINDERS, token, now=now)
    if link is None or link.state != links.OPEN:
        return False
    turn_for(session, link.client_id, off=off, now=now)
    return True


def turn_for(session: Session, client_id: UUID, *, off: bool, now: datetime) -> None:
    """The same for a client who is here. What was promised already is not sent either."""
    client = clients.of_key(session, client_id)
    client.reminders_off_at = (client.reminders_off_at or now) if off else None
    session.flush()


def are_off_for(session: Session, client_id: UUID) -> bool:
    """Whether a client is reminded of nothing."""
    return clients.of_key(session, client_id).reminders_off_at is not None
