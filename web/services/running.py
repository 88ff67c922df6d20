"""What a clinic's workers do: jobs as they stand, messages by count, and whether any worker is alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import cases, clinics, jobs, outbox
from web.db.tables import JobRow
from web.jobs import rows
from web.services import audit, backtests, learned_weights, refit, scarcity
from web.services.clinics import Clinic

DAYS = 7
ALIVE_WITHIN = timedelta(minutes=3)  # a worker looks around once a minute
AGAIN = (refit.KIND, backtests.KIND, learned_weights.KIND, scarcity.KIND)  # a proposal is asked for on its own page
NOT_AGAIN = ("no_draft",)  # there is nothing left to do it with


@dataclass(frozen=True, slots=True)
class Running:
    """A job: since when it is as it is, and who asked for it (a name, or the word for who it was).

    ``is_stuck``: its worker's lease is over, and no other has taken it up yet. ``may_again``: it has failed, and may be
    asked for once more.
    """

    id: UUID
    kind: str
    state: str
    progress: int
    stage: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    attempts: int
    reason: str
    is_stuck: bool
    may_again: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """Counts of messages: all that wait, and those of the last days; ``n_to_try`` failed ones may be sent after all."""

    n_waiting: int
    n_sent: int
    n_failed: int
    n_to_try: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything; ``seen_at`` is when a worker was last heard of, None for never."""

    jobs: tuple[Running, ...]
    mail: Mail
    seen_at: datetime | None
    is_alive: bool


def board(session: Session, clinic: Clinic, *, now: datetime) -> Board:
    """How everything stands at a moment.

    A worker is heard of when it has done what had fallen due (once a minute), and while it holds the lease of a job,
    which it renews every few seconds.
    """
    found = jobs.every(session)
    people = {row.asked_by: key for row in found if (key := _person(row.asked_by)) is not None}
    names = cases.names(session, list(people.values()))
    who = {actor: names[key] for actor, key in people.items() if key in names}
    counts = outbox.counts(session, now - timedelta(days=DAYS))
    heard = [row.leased_until - rows.LEASE for row in found if row.leased_until is not None]
    tended_at = clinics.by_id(session, clinic.id).tended_at
    seen_at = max([*heard, *([tended_at] if tended_at else [])], default=None)
    return Board(
        jobs=tuple(_running(row, who.get(row.asked_by, row.asked_by), now) for row in found),
        mail=Mail(
            counts.get("waiting", 0), counts.get("sent", 0), counts.get("failed", 0), outbox.count_to_try(session)
        ),
        seen_at=seen_at,
        is_alive=seen_at is not None and now - seen_at <= ALIVE_WITHIN,
    )


def again(session: Session, job_id: UUID, *, person_id: UUID, now: datetime) -> bool:
    """Ask for a failed job once more; False where it has not failed, may not be, or is under way. LookupError: none."""
    row = next((row for row in jobs.every(session) if row.id == job_id), None)
    if row is None:
        raise LookupError("there is no such job")
    if not _may_again(row):
        return False
    asked = rows.ask(session, row.kind, row.key, asked_by=str(person_id), now=now, arguments=row.arguments)
    if asked:
        audit.record(session, "job.again", now=now, subject=row.kind, actor=str(person_id))
    return asked


def send_again(session: Session, *, person_id: UUID, now: datetime) -> int:
    """Let messages that have failed be sent after all, where it is known still to whom; how many."""
    n = outbox.try_again(session, now)
    if n:
        audit.record(session, "outbox.again", now=now, actor=str(person_id), n=n)
    return n


def _running(row: JobRow, who: str, now: datetime) -> Running:
    result: Mapping[str, Any] = row.result or {}
    ended = result.get("ended_at")
    return Running(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        stage=row.stage,
        asked_by=who,
        asked_at=row.created_at,
        ended_at=datetime.fromisoformat(ended) if ended else None,
        attempts=row.attempts,
        reason=str(result.get("reason", "")),
        is_stuck=row.state == rows.RUNNING and row.leased_until is not None and row.leased_until <= now,
        may_again=_may_again(row),
    )


def _may_again(row: JobRow) -> bool:
    reason = (row.result or {}).get("reason")
    return row.state == rows.FAILED and row.kind in AGAIN and reason not in NOT_AGAIN


def _person(actor: str) -> UUID | None:
    try:
        return UUID(actor.removeprefix("person "))
    except ValueError:
        return None
