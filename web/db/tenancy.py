"""The fence between clinics: a session enters one clinic, and then every statement is confined to its rows.

It stands below all queries, so that none of them can forget it: reads, updates and deletes of a clinic's rows get the
condition added, new rows get the clinic's id or are refused, and a statement on such rows in a session that has
entered no clinic is refused. What must look across clinics (whose token is this?) says so by ``ACROSS_CLINICS``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.schema import Table

from web.db.tables.base import Base, OfClinic

_CLINIC = "rapport_clinic"
ACROSS_CLINICS = {"across_clinics": True}


class NoClinic(RuntimeError):
    """A clinic's rows were asked for by a session that had entered no clinic."""


class WrongClinic(RuntimeError):
    """A session was to touch the rows of a clinic that it had not entered."""


def enter(session: Session, clinic_id: UUID) -> Session:
    """Confine a session to a clinic, for good: what it has loaded could otherwise cross over."""
    if session.info.setdefault(_CLINIC, clinic_id) != clinic_id:
        raise WrongClinic("this session has entered another clinic; open one session a clinic")
    return session


def guard(maker: sessionmaker[Session]) -> None:
    """Put the fence around every session that ``maker`` makes."""
    event.listen(maker, "do_orm_execute", _confine)
    event.listen(maker, "before_flush", _own)


def _confine(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load or state.execution_options.get("across_clinics"):
        return
    tables = _tables_of_clinics(state)
    if "text" in tables:
        raise NoClinic("SQL as text cannot be confined to a clinic: state it by the classes of the rows")
    if not tables:
        return
    clinic_id = state.session.info.get(_CLINIC)
    if clinic_id is None:
        raise NoClinic(f"{', '.join(sorted(tables))}: enter a clinic first (web.db.tenancy.enter)")
    if state.is_insert:
        _check_inserted(state, clinic_id)
        return
    if not state.is_orm_statement:
        raise NoClinic(f"{', '.join(sorted(tables))}: state such rows by their classes, so that they can be confined")
    state.statement = state.statement.options(
        with_loader_criteria(OfClinic, lambda cls: cls.clinic_id == clinic_id, include_aliases=True)
    )


def _tables_of_clinics(state: ORMExecuteState) -> set[str]:
    met: set[str] = set()
    for element in visitors.iterate(state.statement):
        entity = getattr(element, "_annotations", {}).get("parententity")
        if isinstance(entity, Mapper) and issubclass(entity.class_, OfClinic):
            met.add(entity.local_table.name)
        elif isinstance(element, Table) and element.name in _named():
            met.add(element.name)
        elif isinstance(element, TextClause):
            met.add("text")
    target = getattr(state.statement, "table", None)
    if isinstance(target, Table) and target.name in _named():
        met.add(target.name)
    return met


def _named() -> frozenset[str]:
    return frozenset(m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfClinic))


def _check_inserted(state: ORMExecuteState, clinic_id: UUID) -> None:
    rows = state.parameters
    for row in [rows] if isinstance(rows, dict) else rows or [{}]:
        if row.get("clinic_id") != clinic_id:
            raise WrongClinic("a row to insert does not bear the clinic that this session has entered")


def _own(session: Session, context: Any, instances: Any) -> None:
    """New rows get the clinic of their session; rows of another clinic are refused."""
    clinic_id = session.info.get(_CLINIC)
    for row in _touched(session):
        if clinic_id is None:
            raise NoClinic(f"{type(row).__name__}: enter a clinic first (web.db.tenancy.enter)")
        if row.clinic_id is None:
            row.clinic_id = clinic_id
        elif row.clinic_id != clinic_id:
            raise WrongClinic(f"{type(row).__name__}: this row belongs to a clinic that this session has not entered")


def _touched(session: Session) -> Iterable[OfClinic]:
    return (row for rows in (session.new, session.dirty, session.deleted) for row in rows if isinstance(row, OfClinic))
