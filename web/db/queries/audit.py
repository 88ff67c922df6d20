"""The audit trail: its chain from the first event on, its head, and what of it somebody looks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from web.db.tables import (
    AuditEventRow,
    AuditHeadRow,
    ClientRow,
    EmergencyAccessRow,
    IntakeRow,
    PlacementRow,
    RequestChoiceRow,
    RequestRow,
)  # fmt: skip

_AT_ONCE = 1_000
_OF = AuditEventRow
_ENTRY = (
    _OF.sequence, _OF.id, _OF.clinic_id, _OF.key, _OF.at, _OF.actor, _OF.action, _OF.subject, _OF.details, _OF.mac,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the trail is looked for: whose acts, what was done (or what it begins with), to what, and when."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def head(session: Session) -> AuditHeadRow | None:
    """Where the chain ends, as its own row says."""
    return session.scalar(select(AuditHeadRow).execution_options(populate_existing=True))


def chain(session: Session) -> Iterator[Row[tuple[object, ...]]]:
    """Every event of the clinic by its number, whatever that is, read in parts."""
    last: int | None = None
    while True:
        found = select(*_ENTRY).order_by(_OF.sequence).limit(_AT_ONCE)
        rows = session.execute(found if last is None else found.where(_OF.sequence > last)).all()
        yield from rows  # type: ignore[misc]
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].sequence


def page(session: Session, wanted: Wanted, *, before: int | None, most: int) -> Sequence[AuditEventRow]:
    """The newest events that are looked for, at most so many, with numbers below ``before``."""
    found = select(_OF).where(*_conditions(wanted)).order_by(_OF.sequence.desc()).limit(most)
    return session.scalars(found if before is None else found.where(_OF.sequence < before)).all()


def count(session: Session, wanted: Wanted) -> int:
    """How many events are looked for."""
    return session.scalar(select(func.count(_OF.id)).where(*_conditions(wanted))) or 0


def actions(session: Session) -> list[str]:
    """What has been done at the clinic so far, each once, by its code."""
    return list(session.scalars(select(_OF.action).distinct().order_by(_OF.action)))


def client_of(session: Session, kind: str, key: UUID) -> UUID | None:
    """The client whom a ``client``, ``intake``, ``placement`` or ``choice`` is of; None where there is no such thing.

    An intake that was flagged before it was sent is nobody's yet, and stands for itself.
    """
    if kind == "choice":
        asked = select(RequestRow.client_id).join(RequestChoiceRow, RequestChoiceRow.request_id == RequestRow.id)
        return session.scalar(asked.where(RequestChoiceRow.id == key))
    if kind == "client":
        return session.scalar(select(ClientRow.id).where(ClientRow.id == key))
    if kind == "intake":
        return session.scalar(select(func.coalesce(IntakeRow.client_id, IntakeRow.id)).where(IntakeRow.id == key))
    if kind == "emergency":
        return session.scalar(select(EmergencyAccessRow.client_id).where(EmergencyAccessRow.id == key))
    if kind == "placement":
        return session.scalar(select(PlacementRow.client_id).where(PlacementRow.id == key))
    raise ValueError(f"{kind}: expected client, intake, placement or choice")


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        found.append(_OF.actor == wanted.actor)
    if wanted.subject is not None:
        found.append(_OF.subject == wanted.subject)
    if wanted.since is not None:
        found.append(_OF.at >= wanted.since)
    if wanted.until is not None:
        found.append(_OF.at < wanted.until)
    if wanted.action is not None:
        found.append(_OF.action.startswith(wanted.action, autoescape=True))
    return found
