"""A job's life as a row: asked, claimed under a lease, told how far it is, done or failed.

A claim is known by its attempt: what a worker writes counts only while the attempt is still its own, so that one that
was thought dead and wakes up again can change nothing. Asking for what waits or runs already is asking once; asking for
what has ended begins it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from web.db import engine, tenancy
from web.db.queries import jobs
from web.db.tables import JobRow

LEASE = timedelta(seconds=60)
PATIENCE = timedelta(seconds=60)  # what waits longer than this has no worker
RETRY_AFTER = timedelta(seconds=30)
MOST_ATTEMPTS = 3
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
GAVE_UP = "gave_up"

Sessions = Callable[[], Session]


class LeaseLost(RuntimeError):
    """Another worker has claimed the job since; nothing more may be done for it here."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands. ``is_neglected``: it is due, and no worker has taken it up for longer than patience lasts."""

    kind: str
    state: str
    progress: int
    stage: str
    asked_by: str
    asked_at: datetime
    attempts: int
    result: Mapping[str, Any]
    is_neglected: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs, so that it cannot be asked for once more."""
        return self.state in {WAITING, RUNNING}


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker has taken on, in its attempt."""

    id: UUID
    clinic_id: UUID
    kind: str
    arguments: Mapping[str, Any]
    asked_by: str
    attempt: int


def ask(
    session: Session, kind: str, key: str, *, asked_by: str, now: datetime, arguments: Mapping[str, Any] | None = None
) -> bool:
    """Ask for a job of the clinic that the session has entered; False where it waits or runs already."""
    row = jobs.locked(session, key)
    if row is None:
        row = JobRow(kind=kind, key=key, arguments={}, due_at=now, created_at=now)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:  # somebody else asked at the same moment
            return False
    elif row.state in {WAITING, RUNNING}:
        return False
    row.arguments, row.asked_by, row.created_at, row.due_at = dict(arguments or {}), asked_by, now, now
    row.state, row.progress, row.stage, row.attempts = WAITING, 0, "", 0
    row.result = row.leased_until = None
    session.flush()
    return True


def look(session: Session, key: str, *, now: datetime) -> Job | None:
    """How a job stands; None where nobody has asked for it."""
    row = jobs.by_key(session, key)
    if row is None:
        return None
    since = row.leased_until if row.state == RUNNING else row.due_at if row.state == WAITING else None
    return Job(
        row.kind, row.state, row.progress, row.stage, row.asked_by, row.created_at, row.attempts, row.result or {},
        since is not None and now - since > PATIENCE,
    )  # fmt: skip


def claim(sessions: Sessions, kinds: Collection[str], *, now: datetime) -> Claim | None:
    """Take on the job of these kinds that waits longest, or one whose worker has died; None where there is none.

    One that has been begun too often already has failed.
    """
    with sessions() as session:
        if not jobs.is_due(session, kinds, now):
            return None
    with sessions() as session:
        found = jobs.next_due(engine.writing(session), kinds, now)
        if found is None:
            return None
        job_id, clinic_id = found
        tenancy.enter(session, clinic_id)
        row = jobs.by_id(session, job_id)
        claimed = None
        if row.attempts >= MOST_ATTEMPTS:
            row.state, row.leased_until, row.result = FAILED, None, ended(now, reason=GAVE_UP)
        else:
            row.state, row.attempts, row.leased_until = RUNNING, row.attempts + 1, now + LEASE
            claimed = Claim(job_id, clinic_id, row.kind, dict(row.arguments), row.asked_by, row.attempts)
        session.commit()
    return claimed


def renew(sessions: Sessions, claimed: Claim, *, now: datetime) -> None:
    """Hold a claim for another while. Raises LeaseLost where it is no longer ours."""
    _change(sessions, claimed, leased_until=now + LEASE)


def progress(sessions: Sessions, claimed: Claim, percent: int, stage: str, *, now: datetime) -> None:
    """Tell how far a job is, which renews the claim. Raises LeaseLost where it is no longer ours."""
    _change(sessions, claimed, progress=percent, stage=stage, leased_until=now + LEASE)


def finish(sessions: Sessions, claimed: Claim, result: Mapping[str, Any], *, now: datetime) -> None:
    """It is done. Raises LeaseLost where the claim is no longer ours."""
    _change(sessions, claimed, state=DONE, progress=100, leased_until=None, result=ended(now, **result))


def fail(sessions: Sessions, claimed: Claim, reason: str, *, now: datetime, **said: Any) -> None:
    """It cannot be done, for a reason that is a code. Raises LeaseLost where the claim is no longer ours."""
    _change(sessions, claimed, state=FAILED, leased_until=None, result=ended(now, reason=reason, **said))


def release(sessions: Sessions, claimed: Claim, *, now: datetime, counts: bool = True) -> None:
    """Give a job back, to be begun again: by another worker at once, or after a trouble that ``counts`` a while later.

    Raises LeaseLost where the claim is no longer ours.
    """
    due = now + RETRY_AFTER if counts else now
    attempts = claimed.attempt if counts else claimed.attempt - 1
    _change(sessions, claimed, state=WAITING, progress=0, stage="", leased_until=None, due_at=due, attempts=attempts)


def ended(now: datetime, **said: Any) -> dict[str, Any]:
    """The result of a job as its row keeps it."""
    return {**said, "ended_at": now.isoformat()}


def _change(sessions: Sessions, claimed: Claim, **values: Any) -> None:
    with sessions() as session:
        tenancy.enter(engine.writing(session), claimed.clinic_id)
        is_own = jobs.change_claimed(session, claimed.id, claimed.attempt, values)
        session.commit()
    if not is_own:
        raise LeaseLost
