"""Erasure: a client is gone from every table at once, and from the models soon after.

What hangs on a client goes with them; what names them elsewhere (messages, jobs, proposals) is removed; a place that
was theirs is free. What stays is the entry in the audit trail and a row in ``erasures``, each with a key that leads
nowhere.

A model has read what they said until the next one is fitted. That is at most seven days later, and not at once: a card
that moved on the day of an erasure would tell what that one client had said. When it serves, every other model is
emptied. Backups are kept for 35 days at most (docs/running.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from web.db.queries import clinics, erasure, intakes, reach, requests, waiting
from web.db.tables import ErasureRow, IntakeRow
from web.jobs import rows
from web.services import audit, outbox, placing
from web.services.clinics import Clinic
from web.services.intakes import KeptIntake

FORGET_WITHIN = timedelta(days=7)
KEEP_TRACES = timedelta(days=90)
AT_ONCE, MOST_COUNTED = 50, 10_000
CLIENT, RETENTION = "client", "retention"
FIT, WITHOUT = "fit", "without"  # the job that fits anew, and its argument: serve it, whatever a trial would say


def erase(session: Session, clinic: Clinic, client_id: UUID, *, asked_by: str, now: datetime) -> int:
    """Erase everything that is known of a client; how many rows that were. 0 where there is nobody (any more)."""
    clinics.lock(session, clinic.id)
    if not waiting.locked(session, [client_id]) and reach.by_key(session, client_id) is None:
        return 0
    _free_the_place(session, clinic, client_id, now)
    external_id, keys = "", set[UUID]()
    for kind, found in reach.rows(session, client_id):
        keys |= {row.id for row in found}
        external_id = found[0].external_id if kind is reach.ClientRow else external_id
    n_rows = len(keys) + erasure.delete_mentions(session, keys, external_id, but=("withdrawn",))
    erasure.delete_client(session, client_id)
    _note(session, client_id, asked_by, n_rows, now)
    return n_rows


def by_external_id(session: Session, external_id: str) -> UUID | None:
    """The key of the client with the clinic's own id; None where there is none."""
    row = reach.client(session, external_id)
    return None if row is None else row.id


def erase_own(session: Session, clinic: Clinic, kept: KeptIntake, *, now: datetime) -> int:
    """Erase whoever fills in an intake, be they a client (by now: another tab may have sent it) or not yet."""
    clinics.lock(session, clinic.id)
    try:
        row = intakes.locked(session, kept.id)
    except NoResultFound:
        return 0  # another tab was faster
    if row.client_id is not None:
        return erase(session, clinic, row.client_id, asked_by=CLIENT, now=now)
    return _erase_intake(session, kept, now)


def _erase_intake(session: Session, kept: KeptIntake, now: datetime) -> int:
    found = list(reach.rows(session, kept.id, IntakeRow))
    keys = {row.id for _, rows_of in found for row in rows_of}
    erasure.delete_mentions(session, keys, "")
    erasure.delete_intake(session, kept.id)
    audit.record(session, "intake.erased", now=now, subject=str(kept.id), actor=CLIENT, n_rows=len(keys))
    return len(keys)


def waiting_for(session: Session) -> frozenset[UUID]:
    """The erasures that some model may still remember; not one that reads its rows after this was asked."""
    return frozenset(row.id for row in erasure.waiting(session))


@dataclass(frozen=True, slots=True)
class Outlook:
    """For how many months closed cases are kept (None for good), how many are due, how many were erased in a year."""

    months: int | None
    n_due: int
    n_erased: int


def outlook(session: Session, clinic: Clinic, *, now: datetime) -> Outlook:
    """What the clinic keeps, and what that means now."""
    months = clinics.by_id(session, clinic.id).keep_closed_months
    due = [] if months is None else erasure.closed_before(session, months_before(now, months), MOST_COUNTED)
    return Outlook(months, len(due), erasure.count(session, months_before(now, 12)))


def forget(session: Session, clinic: Clinic, erased: Collection[UUID], *, now: datetime) -> None:
    """A model serves that was fitted after these erasures: empty all others, of which each may remember somebody."""
    if not erased:
        return
    clinics.lock(session, clinic.id)
    erasure.empty_models(session)
    erasure.forgotten(session, erased, now=now)


def forget_without_a_model(session: Session, clinic: Clinic, erased: Collection[UUID], *, now: datetime) -> None:
    """After these erasures nothing is left to learn from: let no model serve."""
    if erased:
        clinics.lock(session, clinic.id)
        erasure.let_none_serve(session)
        forget(session, clinic, erased, now=now)


def ask_where_due(session: Session, *, now: datetime) -> bool:
    """Ask for a model without those who were erased, a week after the first of them; whether it was asked for."""
    known = erasure.waiting(session)
    if not known or known[0].erased_at > now - FORGET_WITHIN:
        return False
    return rows.ask(session, FIT, FIT, asked_by=RETENTION, now=now, arguments={WITHOUT: True})


def keep_no_longer(session: Session, clinic: Clinic, *, now: datetime) -> int:
    """What the clinic keeps for so long and no longer: erase some of it; how many clients and intakes.

    Clients whose case has been closed for as many months as the clinic says; intakes that nobody sent and that open no
    more; links, messages and jobs of three months ago.
    """
    months = clinics.by_id(session, clinic.id).keep_closed_months
    closed = [] if months is None else erasure.closed_before(session, months_before(now, months), AT_ONCE)
    for client_id in closed:
        erase(session, clinic, client_id, asked_by=RETENTION, now=now)
    left = erasure.abandoned(session, now, AT_ONCE)
    for intake_id in left:
        erasure.delete_intake(session, intake_id)
    erasure.clear_away(session, now - KEEP_TRACES)
    if left:
        audit.record(session, "intakes.expired", now=now, actor=RETENTION, n_rows=len(left))
    return len(closed) + len(left)


def months_before(now: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last day where it has no such day."""
    at = now.year * 12 + now.month - 1 - months
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=at // 12, month=at % 12 + 1, day=day)
        except ValueError:
            continue
    return now.replace(year=at // 12, month=at % 12 + 1, day=min(now.day, 27))


def _free_the_place(session: Session, clinic: Clinic, client_id: UUID, now: datetime) -> None:
    place = waiting.placements(session, [client_id]).get(client_id)
    if place is None:
        return
    told = place.state != placing.HELD
    placing.give_back(session, clinic, [place], because="withdrawn", actor=CLIENT, now=now)
    if told:
        reach_at = requests.email_of(session, requests.therapist(session, place.therapist_id))
        outbox.promise(session, "withdrawn", str(place.id), reach_at, now=now)


def _note(session: Session, client_id: UUID, asked_by: str, n_rows: int, now: datetime) -> None:
    session.add(ErasureRow(subject=client_id, asked_by=asked_by, n_rows=n_rows, erased_at=now))
    session.flush()
    audit.record(session, "client.erased", now=now, subject=str(client_id), actor=asked_by, n_rows=n_rows)
