"""Cases: who is on the waiting list, how urgently, and everything that was done about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import waiting
from web.db.tables import CaseEventRow, CaseRow
from web.services import audit
from web.services.conflicts import Conflict

WAITING, PLACED, CLOSED = "waiting", "placed", "closed"
PRIORITIES = (0, 1, 2)  # as it comes, soon, first of all
CLOSED_BECAUSE = ("found_elsewhere", "no_answer", "changed_their_mind", "referred_on", "duplicate")
LONGEST_WORDS = 2000


def opened(session: Session, client_id: UUID, *, now: datetime) -> CaseRow:
    """The case of a client who looks for somebody: a new one, or the one they had, waiting again from now on."""
    row = waiting.locked(session, [client_id]).get(client_id)
    if row is None:
        row = CaseRow(client_id=client_id, state=WAITING, waiting_since=now, changed_at=now)
        session.add(row)
        session.flush()
        note(session, client_id, "opened", now=now, actor="client")
    elif row.state == CLOSED:
        row.state, row.waiting_since, row.closed_reason = WAITING, now, None
        _changed(row, now)
        note(session, client_id, "opened_again", now=now, actor="client")
    return row


def note(
    session: Session, client_id: UUID, kind: str, *, now: datetime, actor: str, words: str = "", **details: str | int
) -> None:
    """Write down that something was done about a client. ``words`` are a person's own, and stay in the case alone."""
    session.add(CaseEventRow(client_id=client_id, at=now, actor=actor, kind=kind, details=details, words=words))
    session.flush()
    audit.record(session, f"case.{kind}", now=now, subject=str(client_id), actor=actor, **details)


def prioritise(
    session: Session, client_id: UUID, priority: int, *, revision: int | None = None, actor: str, now: datetime
) -> None:
    """Say how urgent a case is. Given the ``revision`` that was seen, a case that was changed since is a conflict."""
    row = of(session, client_id, revision)
    if priority not in PRIORITIES:
        raise ValueError(f"priority {priority!r} is none of {PRIORITIES}")
    if row.priority != priority:
        row.priority = priority
        _changed(row, now)
        note(session, client_id, "prioritised", now=now, actor=actor, priority=priority)


def close(
    session: Session, client_id: UUID, reason: str, *, revision: int | None = None, actor: str, now: datetime
) -> None:
    """Take somebody off the waiting list, with the reason; a place that is open for them is given back first."""
    row = of(session, client_id, revision)
    if reason not in CLOSED_BECAUSE:
        raise ValueError(f"reason {reason!r} is none of {CLOSED_BECAUSE}")
    if client_id in waiting.placements(session, [client_id]):
        raise Conflict("has_place", client_id=client_id)
    if row.state != CLOSED:
        row.state, row.closed_reason = CLOSED, reason
        _changed(row, now)
        note(session, client_id, "closed", now=now, actor=actor, reason=reason)


def reopen(session: Session, client_id: UUID, *, revision: int | None = None, actor: str, now: datetime) -> None:
    """Put somebody back on the waiting list, with the day from which they have waited: closing was a mistake."""
    row = of(session, client_id, revision)
    if row.state == CLOSED:
        row.state, row.closed_reason = WAITING, None
        _changed(row, now)
        note(session, client_id, "reopened", now=now, actor=actor)


def say(session: Session, client_id: UUID, words: str, *, actor: str, now: datetime) -> None:
    """Keep a note of a coordinator's own words in the history of a case."""
    of(session, client_id, None)
    note(session, client_id, "note", now=now, actor=actor, words=words.strip()[:LONGEST_WORDS])


def of(session: Session, client_id: UUID, revision: int | None) -> CaseRow:
    """The case, locked, as somebody has seen it. Raises Conflict where there is none, or it is not that any more."""
    row = waiting.locked(session, [client_id]).get(client_id)
    if row is None:
        raise Conflict("no_case", client_id=client_id)
    if revision is not None and row.revision != revision:
        raise Conflict("case_changed", client_id=client_id)
    return row


def became(row: CaseRow, state: str, *, now: datetime) -> None:
    """Let a case be in another state: every change is a new revision."""
    row.state = state
    _changed(row, now)


def _changed(row: CaseRow, now: datetime) -> None:
    row.revision += 1
    row.changed_at = max(now, row.changed_at)
