"""Every sealed value of the database, whatever its table: what is to be sealed anew, and with which keys it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from web.db import crypto
from web.db.tables import AuditEventRow, Base, OfClinic, SealingKeyRow
from web.db.tables.sealed import sealed_of
from web.db.tenancy import ACROSS_CLINICS


@dataclass(frozen=True, slots=True)
class Sealing:
    """A class of rows and the names of what is sealed in them."""

    kind: type[Any]
    names: tuple[str, ...]


def everything() -> tuple[Sealing, ...]:
    """All that is sealed, by table."""
    kinds = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda kind: kind.__tablename__)
    return tuple(Sealing(kind, tuple(found)) for kind in kinds if (found := sealed_of(kind)))


def rows(session: Session, one: Sealing, other_than: str, most: int) -> Sequence[Any]:
    """Rows in which something is sealed with another key than this, locked until the transaction ends."""
    found = select(one.kind).where(_stale(one, other_than)).order_by(one.kind.id).limit(most)
    return session.scalars(found.with_for_update().execution_options(populate_existing=True)).all()


def names(session: Session) -> list[str]:
    """The keys that are written down as sealing something here, the oldest first."""
    return list(session.scalars(select(SealingKeyRow.name).order_by(SealingKeyRow.since, SealingKeyRow.id)))


def count(session: Session, name: str) -> int:
    """How many values are sealed with a key, in all clinics."""
    head, n = crypto.head_of(name), 0
    for one in everything():
        for column in _columns(one):
            found = select(func.count()).select_from(one.kind).where(_begins(column, head))
            across = ACROSS_CLINICS if issubclass(one.kind, OfClinic) else {}
            n += session.scalar(found.execution_options(**across)) or 0
    return n


def n_audit_events(session: Session, name: str) -> int:
    """How many events of the audit trail bear a seal that only this key can check, in all clinics."""
    found = select(func.count(AuditEventRow.id)).where(AuditEventRow.key == name)
    return session.scalar(found.execution_options(**ACROSS_CLINICS)) or 0


def forget(session: Session, name: str) -> None:
    """Write down that a key seals nothing any more."""
    session.execute(delete(SealingKeyRow).where(SealingKeyRow.name == name))


def _stale(one: Sealing, name: str) -> Any:
    head = crypto.head_of(name)
    return or_(*(column.is_not(None) & ~_begins(column, head) for column in _columns(one)))


def _columns(one: Sealing) -> list[Any]:
    return [getattr(one.kind, f"_{name}") for name in one.names]


def _begins(column: Any, head: bytes) -> Any:
    return func.substr(column, 1, len(head), type_=LargeBinary()) == literal(head, LargeBinary())
