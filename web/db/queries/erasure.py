"""What bears a client's keys without hanging on them, erasures, and models that have read what was erased."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from web.db.tables import (
    CaseRow,
    ClientRow,
    DyadRow,
    ErasureRow,
    FlagRow,
    IntakeRow,
    JobRow,
    LinkRow,
    ModelRow,
    OutboxRow,
    PlacementRow,
    ProposalRow,
)

_UNSEEN = (FlagRow.kind == "safety") & FlagRow.seen_at.is_(None)  # nobody has taken it on yet
_KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


def delete_client(session: Session, client_id: UUID) -> None:
    """The client and everything that hangs on them: the database takes it along."""
    session.execute(delete(ClientRow).where(ClientRow.id == client_id))
    session.expire_all()


def delete_intake(session: Session, intake_id: UUID) -> None:
    """An intake that is no client's (yet)."""
    session.execute(delete(IntakeRow).where(IntakeRow.id == intake_id, IntakeRow.client_id.is_(None)))
    session.expire_all()


def delete_mentions(session: Session, keys: Collection[UUID], external_id: str, *, but: Collection[str] = ()) -> int:
    """Messages, jobs and proposals that name a client, or a row of theirs; how many. ``but`` names kinds of messages
    that others are still to have: they hold a key that leads nowhere."""
    messages = [
        row.id
        for row in session.execute(select(OutboxRow.id, OutboxRow.kind, OutboxRow.key))
        if row.kind not in but and _mentions(row.key, keys, "")
    ]
    jobs = [
        row.id
        for row in session.execute(select(JobRow.id, JobRow.key, JobRow.arguments, JobRow.result))
        if _mentions(f"{row.key} {json.dumps([row.arguments, row.result])}", keys, external_id)
    ]
    proposals = [
        row.id
        for row in session.execute(select(ProposalRow.id, ProposalRow.settings, ProposalRow.result))
        if _mentions(json.dumps([row.settings, row.result]), keys, external_id)
    ]
    for kind, found in ((OutboxRow, messages), (JobRow, jobs), (ProposalRow, proposals)):
        session.execute(delete(kind).where(kind.id.in_(found)))
    return len(messages) + len(jobs) + len(proposals)


def _mentions(text: str, keys: Collection[UUID], external_id: str) -> bool:
    named = bool(external_id) and json.dumps(external_id) in text
    return named or any(UUID(found) in keys for found in _KEY.findall(text))


def waiting(session: Session) -> list[ErasureRow]:
    """Erasures of clients whom some model may still know, the oldest first."""
    found = select(ErasureRow).where(ErasureRow.forgotten_at.is_(None))
    return list(session.scalars(found.order_by(ErasureRow.erased_at, ErasureRow.id)))


def count(session: Session, since: datetime) -> int:
    """How many clients were erased since."""
    return session.scalar(select(func.count(ErasureRow.id)).where(ErasureRow.erased_at >= since)) or 0


def empty_models(session: Session) -> int:
    """Leave of all models but the one that serves what is told of them, not what they have learned; how many."""
    old = update(ModelRow).where(~ModelRow.serving, func.length(ModelRow.file) > 0)
    return int(session.execute(old.values(file=b"")).rowcount)  # type: ignore[attr-defined]


def forgotten(session: Session, erased: Collection[UUID], *, now: datetime) -> None:
    """Note that no model remembers these erasures any more."""
    session.execute(update(ErasureRow).where(ErasureRow.id.in_(list(erased))).values(forgotten_at=now))


def let_none_serve(session: Session) -> None:
    """Lists are made by the rules alone from now on."""
    session.execute(update(ModelRow).where(ModelRow.serving).values(serving=False))


def closed_before(session: Session, moment: datetime, most: int) -> list[UUID]:
    """Clients whose case was closed before a moment, who have no open place, and whose work with everybody is over."""
    open_place = select(PlacementRow.id).where(
        PlacementRow.client_id == CaseRow.client_id, PlacementRow.state != "ended"
    )
    open_work = select(DyadRow.id).where(DyadRow.client_id == CaseRow.client_id, DyadRow.ended_at.is_(None))
    of_client = IntakeRow.client_id == CaseRow.client_id
    unseen = select(FlagRow.id).join(IntakeRow, IntakeRow.id == FlagRow.intake_id).where(of_client, _UNSEEN)
    found = select(CaseRow.client_id).where(CaseRow.state == "closed", CaseRow.changed_at < moment)
    found = found.where(~open_place.exists(), ~open_work.exists(), ~unseen.exists()).order_by(
        CaseRow.changed_at, CaseRow.id
    )
    return list(session.scalars(found.limit(most)))


def abandoned(session: Session, moment: datetime, most: int) -> list[UUID]:
    """Intakes that nobody sent, and that open no more; not those after which a person shall look."""
    unseen = select(FlagRow.id).where(FlagRow.intake_id == IntakeRow.id, _UNSEEN)
    found = select(IntakeRow.id).where(IntakeRow.client_id.is_(None), IntakeRow.expires_at < moment, ~unseen.exists())
    return list(session.scalars(found.order_by(IntakeRow.expires_at, IntakeRow.id).limit(most)))


def clear_away(session: Session, moment: datetime) -> int:
    """Links, messages and jobs that have served their purpose before a moment; how many."""
    n_rows = 0
    for condition in (
        delete(LinkRow).where(LinkRow.expires_at < moment),
        delete(OutboxRow).where(OutboxRow.state != "waiting", OutboxRow.created_at < moment),
        delete(JobRow).where(JobRow.state.in_(("done", "failed")), JobRow.created_at < moment),
    ):
        n_rows += int(session.execute(condition).rowcount)  # type: ignore[attr-defined]
    return n_rows
