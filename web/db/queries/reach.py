"""Everything that hangs on a client: the tables that lead to one by their references, and the rows of one client.

It is read from the tables themselves, so that a new table is part of what a client is shown, takes along, and has
erased, from the day on which it exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from web.db.tables import Base, ClientRow, OfClinic
from web.db.tables.sealed import sealed_of

_ENDS = frozenset({"clinics", "people", "therapists"})  # what hangs on these is not a client's


@dataclass(frozen=True, slots=True)
class Step:
    """A class of rows that leads to a client: by its ``column``, which is the key of a row of ``parent``."""

    kind: type[Any]
    column: str
    parent: type[Any] | None


@cache
def steps(root: type[Any] = ClientRow) -> tuple[Step, ...]:
    """The root, then every class of rows that leads to it, each by the shortest way and after what it leads by."""
    kinds = {m.local_table.name: m.class_ for m in Base.registry.mappers if issubclass(m.class_, OfClinic)}
    found = {root.__tablename__: Step(root, "id", None)}
    nearest = [root.__tablename__]
    while nearest:
        further = []
        for name, kind in sorted(kinds.items()):
            if name in found or name in _ENDS:
                continue
            for column, parent in _references(kind):
                if parent in nearest:
                    found[name] = Step(kind, column, kinds[parent])
                    further.append(name)
                    break
        nearest = further
    return tuple(found.values())


def columns(kind: type[Any]) -> list[str]:
    """The attributes of a class of rows that hold values: plain ones by their column, sealed ones as opened."""
    plain = [attribute.key for attribute in kind.__mapper__.column_attrs if not attribute.key.startswith("_")]
    return plain + list(sealed_of(kind))


def rows(session: Session, key: UUID, root: type[Any] = ClientRow) -> Iterator[tuple[type[Any], Sequence[Any]]]:
    """(class, its rows) of everything that hangs on a client, or on an intake, in the order of ``steps``."""
    conditions: dict[type[Any], ColumnElement[bool]] = {}
    for step in steps(root):
        conditions[step.kind] = _condition(step, key, conditions)
        found = select(step.kind).where(conditions[step.kind]).order_by(step.kind.id)
        yield step.kind, session.scalars(found.execution_options(populate_existing=True)).all()


def client(session: Session, external_id: str) -> ClientRow | None:
    """The client with the clinic's own id."""
    return session.scalar(select(ClientRow).where(ClientRow.external_id == external_id))


def by_key(session: Session, key: UUID) -> ClientRow | None:
    """The client with a key."""
    return session.scalar(select(ClientRow).where(ClientRow.id == key))


def _condition(step: Step, key: UUID, known: dict[type[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    column = getattr(step.kind, step.column)
    if step.parent is None or step.parent is next(iter(known)):
        return column == key
    return column.in_(select(step.parent.id).where(known[step.parent]))


def _references(kind: type[Any]) -> list[tuple[str, str]]:
    """(column, table) of every reference to a row by its key."""
    return [
        (key.parent.name, key.column.table.name)
        for constraint in kind.__table__.foreign_key_constraints
        for key in constraint.elements
        if key.column.name == "id" and key.parent.name != "clinic_id"
    ]
