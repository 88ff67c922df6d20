"""Mail that asks: how an hour was, and how somebody has been before they meet their therapist for the first time.

A promise holds a key and no link; the link is made when the mail is written, in the transaction that claims it. Nobody
is written to in the clinic's quiet hours, nor who has said it meanwhile, nor who asked not to be. Where a well-being
check falls due in therapy it stands in the mail on the hour, so that nobody gets two at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import check_ins as rows
from web.db.queries import clients, clinics, intakes, measures
from web.db.tables import AppointmentRow, ClinicRow, OutboxRow
from web.services import check_ins, links, moments, outbox, staff_mail
from web.services.clinics import Clinic
from web.services.quiet import out_of_quiet

ASKS, REMINDS, WELL_BEING = "check_in", "check_in_again", "well_being"
KINDS = (ASKS, REMINDS)
AGAIN_AFTER = timedelta(days=1)
BEFORE_FIRST = timedelta(days=2)  # a guess: near enough to be how somebody comes, with a day to find the time
SETTLED_FOR = timedelta(hours=1)  # a first session that was just planned has a mail of its own
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


def promise_well_being(session: Session, clinic: Clinic, *, now: datetime) -> int:
    """Let everybody who soon meets their therapist for the first time be asked how they have been, once a place.

    How many are near their first session, and have not said it.
    """
    due = [
        (placement_id, client_id)
        for placement_id, client_id in measures.first_planned(session, now, now + BEFORE_FIRST, now - SETTLED_FOR)
        if moments.is_due(session, clinic, client_id, now=now)
        and clients.of_key(session, client_id).reminders_off_at is None
    ]
    for placement_id, client_id in due:
        reach, key = intakes.email_of(session, client_id), str(placement_id)
        outbox.promise(session, WELL_BEING, key, reach, now=now, placement_id=key)
    return len(due)


def write(session: Session, clinic: Clinic, row: OutboxRow, *, now: datetime, zone: tzinfo) -> Written:
    """What a promised message needs when it is about to be sent; messages of other kinds need nothing."""
    if row.kind in KINDS:
        return _hour(session, clinic, row, now, zone)
    if row.kind in staff_mail.KINDS:
        paths = staff_mail.paths(session, row, now=now)
        return Written(paths or {}, is_needed=paths is not None)
    return _well_being(session, clinic, row, now, zone) if row.kind == WELL_BEING else Written({})


def _hour(session: Session, clinic: Clinic, row: OutboxRow, now: datetime, zone: tzinfo) -> Written:
    """The link to the check-in of an hour, and to a well-being check where that is due as well."""
    settings, session_id = clinics.by_id(session, clinic.id), UUID(row.params["session_id"])
    facts = rows.facts(session, session_id, left_before=(now - check_ins.LEFT_FOR).date())
    if facts is None or check_ins.state_of(session, session_id, now) != check_ins.OPEN:
        return Written({}, is_needed=False)
    client_id = facts[0].client_id
    if (kept_back := _kept_back(session, settings, client_id, now, zone)) is not None:
        return kept_back
    until = now + timedelta(days=settings.check_in_days)
    token = links.make(session, links.CHECK_IN, client_id, session_id=session_id, now=now, until=until)
    paths = {"link": f"/check-ins/link/{token}", "stop": _stop(session, client_id, now)}
    if row.kind == ASKS and moments.is_due(session, clinic, client_id, now=now):
        paths["well_being"] = _check(session, client_id, now, until)
    return Written(paths)


def _well_being(session: Session, clinic: Clinic, row: OutboxRow, now: datetime, zone: tzinfo) -> Written:
    """The link to a well-being check before a first session, unless that was moved away, or the check done."""
    settings, key = clinics.by_id(session, clinic.id), UUID(row.params["placement_id"])
    near = measures.first_planned(session, now, now + BEFORE_FIRST, now, key)
    if not near or not moments.is_due(session, clinic, near[0][1], now=now):
        return Written({}, is_needed=False)
    client_id = near[0][1]
    if (kept_back := _kept_back(session, settings, client_id, now, zone)) is not None:
        return kept_back
    until = now + timedelta(days=settings.check_in_days)
    return Written({"link": _check(session, client_id, now, until), "stop": _stop(session, client_id, now)})


def _kept_back(session: Session, settings: ClinicRow, client_id: UUID, now: datetime, zone: tzinfo) -> Written | None:
    """Not at all to who wants no such mail, later to anybody in the quiet hours; None where it may go now."""
    if clients.of_key(session, client_id).reminders_off_at is not None:
        return Written({}, is_needed=False)
    not_before = out_of_quiet(now, zone, settings.quiet_from, settings.quiet_until)
    return Written({}, not_before=not_before) if not_before > now else None


def _check(session: Session, client_id: UUID, now: datetime, until: datetime) -> str:
    return f"/well-being/link/{links.make(session, links.WELL_BEING, client_id, now=now, until=until)}"


def _stop(session: Session, client_id: UUID, now: datetime) -> str:
    until = now + timedelta(days=STOP_DAYS)
    return f"/check-ins/reminders/{links.make(session, links.REMINDERS, client_id, now=now, until=until)}"


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
