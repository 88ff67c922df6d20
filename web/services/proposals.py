"""Proposals: drafts over the waiting list that are worked out, changed, worked out again, and carried out as a whole.

Every change is a new revision, and so is what is found: whoever acts says which revision they have seen. What was found
before the last change is kept and says that it is not about the present settings any more. Nothing but ``commit``
gives anybody a place; it gives all of them or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import cases as case_rows
from web.db.queries import proposals as found_rows
from web.db.tables import ProposalRow
from web.db.tables.base import new_key
from web.jobs import rows as jobs
from web.jobs.rows import Job
from web.services import audit, proposal_settings
from web.services.conflicts import Conflict
from web.services.proposal_settings import CHANGES, Settings

KIND = "propose"  # of the job; its key names the proposal
MOST = 20
DRAFT, COMMITTED, DISCARDED = "draft", "committed", "discarded"
TWICE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands.

    ``result`` is what was found last, None before; ``is_current``: it is about the settings as they are now.
    ``job`` is the last search for it.
    """

    id: UUID
    state: str
    settings: Settings
    result: Mapping[str, Any] | None
    revision: int
    made_at: datetime
    made_by: str
    solved_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    job: Job | None

    @property
    def is_current(self) -> bool:
        """Whether what was found is about the settings as they are now."""
        return self.result is not None and self.result.get("revision") == self.revision

    @property
    def can_commit(self) -> bool:
        """Whether it can be carried out as it is."""
        return self.state == DRAFT and self.is_current and bool(self.result and self.result["lines"])

    @property
    def is_solving(self) -> bool:
        """Whether it is being worked out."""
        return self.state == DRAFT and self.job is not None and self.job.is_open


def begin(session: Session, settings: Settings, *, actor: str, now: datetime, key: UUID | None = None) -> UUID:
    """A new draft, and the wish that it be worked out; one that has this ``key`` already is the same one."""
    if key is not None and found_rows.by_id(session, key) is not None:
        return key
    document = proposal_settings.document(proposal_settings.checked(settings))
    row = ProposalRow(id=key or new_key(), settings=document, made_at=now, made_by=actor)
    session.add(row)
    session.flush()
    audit.record(session, "proposal.begun", now=now, subject=str(row.id), actor=actor, origin=settings.origin)
    ask(session, row, actor=actor, now=now)
    return row.id


def begin_once(session: Session, settings: Settings, *, actor: str, now: datetime) -> UUID:
    """``begin`` for a button that may be pressed twice: the same asked again by the same person at once is the same."""
    said = proposal_settings.document(proposal_settings.checked(settings))
    before = next(iter(found_rows.newest(session, 1)), None)
    same = before is not None and (before.made_by, before.state, before.settings) == (actor, DRAFT, said)
    if before is not None and same and before.revision == 1 and now - before.made_at < TWICE:
        return before.id
    return begin(session, settings, actor=actor, now=now)


def kept(session: Session, settings: Settings, document: Mapping[str, Any], *, actor: str, now: datetime) -> UUID:
    """A new draft that was worked out already."""
    said = proposal_settings.document(proposal_settings.checked(settings))
    row = ProposalRow(id=new_key(), settings=said, made_at=now, made_by=actor, solved_at=now, revision=1)
    row.result = {**document, "revision": 1}
    session.add(row)
    session.flush()
    audit.record(session, "proposal.begun", now=now, subject=str(row.id), actor=actor, origin=settings.origin)
    return row.id


def ask(session: Session, row: ProposalRow, *, actor: str, now: datetime) -> bool:
    """Ask for a draft to be worked out as it is now; asking twice is asking once."""
    arguments = {"proposal": str(row.id)}
    return jobs.ask(session, KIND, _job_key(row.id), asked_by=actor, now=now, arguments=arguments)


def look(session: Session, key: UUID, *, now: datetime) -> Proposal | None:
    """A proposal as it stands; None where the clinic has none with this key."""
    row = found_rows.by_id(session, key)
    return None if row is None else _proposal(row, jobs.look(session, _job_key(key), now=now))


def newest(session: Session, *, now: datetime) -> tuple[Proposal, ...]:
    """The last proposals, those that were set aside left out."""
    rows = found_rows.newest(session, MOST)
    return tuple(_proposal(row, jobs.look(session, _job_key(row.id), now=now)) for row in rows)


def again(session: Session, key: UUID, revision: int, *, actor: str, now: datetime) -> None:
    """Work a draft out anew, with who waits now."""
    ask(session, _draft(session, key, revision), actor=actor, now=now)


def change(
    session: Session, key: UUID, revision: int, act: str, client: str, therapist: str, *, actor: str, now: datetime
) -> None:
    """Change what is asked about somebody: ``act`` is one of ``CHANGES``."""
    if act not in CHANGES:
        raise ValueError(f"act {act!r} is none of {tuple(CHANGES)}")
    row = _draft(session, key, revision)
    _keep(session, row, CHANGES[act](proposal_settings.read(row.settings), client, therapist), actor=actor, now=now)


def rule(session: Session, key: UUID, revision: int, rules: Mapping[str, Any], *, actor: str, now: datetime) -> None:
    """Change policy, balance and floor, and work it out anew."""
    row = _draft(session, key, revision)
    settings = proposal_settings.with_rules(proposal_settings.read(row.settings), **rules)
    _keep(session, row, settings, actor=actor, now=now)
    ask(session, row, actor=actor, now=now)


def discard(session: Session, key: UUID, revision: int, *, actor: str, now: datetime) -> None:
    """Set a draft aside; setting aside twice is setting aside once."""
    row = found_rows.locked(session, key)
    if row is not None and row.state == DISCARDED:
        return
    row = _draft(session, key, revision)
    end(row, DISCARDED, actor=actor, now=now)
    session.flush()
    audit.record(session, "proposal.discarded", now=now, subject=str(key), actor=actor)


def found(session: Session, key: UUID, asked: int, document: Mapping[str, Any], *, now: datetime) -> None:
    """Keep what was found for the settings of the revision ``asked``; a proposal that has ended keeps what it had."""
    row = found_rows.locked(session, key)
    if row is None or row.state != DRAFT:
        return
    is_current = row.revision == asked
    row.revision += 1
    row.result = {**document, "revision": row.revision if is_current else asked}
    row.solved_at = now
    session.flush()


def end(row: ProposalRow, state: str, *, actor: str, now: datetime) -> None:
    """Let a draft be carried out, or set aside: nothing of it changes any more."""
    row.state, row.ended_at, row.ended_by = state, now, actor
    if row.result is not None and row.result.get("revision") == row.revision:
        row.result = {**row.result, "revision": row.revision + 1}
    row.revision += 1


def names(session: Session, proposals: Sequence[Proposal]) -> dict[str, str]:
    """Person, by their key as text → name, of who began or ended these proposals."""
    keys = {key for one in proposals for key in (one.made_by, one.ended_by) if key}
    known = case_rows.names(session, [UUID(key) for key in keys if _is_key(key)])
    return {str(key): name for key, name in known.items()}


def _draft(session: Session, key: UUID, revision: int) -> ProposalRow:
    """The draft, locked, as somebody has seen it. Raises Conflict where it has ended, or is not that any more."""
    row = found_rows.locked(session, key)
    if row is None or row.state != DRAFT:
        raise Conflict("not_open")
    if row.revision != revision:
        raise Conflict("proposal_changed")
    return row


def _keep(session: Session, row: ProposalRow, settings: Settings, *, actor: str, now: datetime) -> None:
    document = proposal_settings.document(settings)
    if document == row.settings:
        return
    row.settings = document
    row.revision += 1
    session.flush()
    audit.record(session, "proposal.changed", now=now, subject=str(row.id), actor=actor, revision=row.revision)


def _proposal(row: ProposalRow, job: Job | None) -> Proposal:
    return Proposal(
        row.id, row.state, proposal_settings.read(row.settings), row.result, row.revision, row.made_at, row.made_by,
        row.solved_at, row.ended_at, row.ended_by, job,
    )  # fmt: skip


def _job_key(key: UUID) -> str:
    return f"{KIND}:{key}"


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
