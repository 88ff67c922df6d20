"""The fence between clinics: a session enters one clinic, and then every statement is confined to its rows.

It stands below all queries, so that none of them can forget it: reads, updates and deletes of a clinic's rows get the
condition added, new rows get the clinic's id or are refused, and a statement on such rows in a session that has
entered no clinic is refused. What cannot be confined is refused: SQL as text, tables by name, changes by key, the bulk
methods, the bare connection; and the SQL of every SELECT is looked at once more before it is sent. What must look
across clinics (whose token is this?) says so by ``ACROSS_CLINICS``. The fence keeps a careless query in; code that
names another clinic's id in a condition of its own means it.

Two tables belong to no clinic. People (who may work at several) are free. Clinics may be read, for one has to be found
before it is entered; a clinic is changed by a session that has entered it, and deleted by none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.schema import Table
from sqlalchemy.sql.selectable import TableClause

from web.db.tables.base import Base, OfClinic
from web.db.tables.clinics import ClinicRow

_CLINIC = "rapport_clinic"
_TEXT = "(text)"
_FENCED = "rapport_fenced"
ACROSS_CLINICS = {"across_clinics": True}
STATED_ONCE = {"stated_once": True}  # of a statement that a module keeps: looked into once, not at each request
_MOST_CONFINED = 1_000
_confined: dict[tuple[Executable, UUID], Executable] = {}


class NoClinic(RuntimeError):
    """A clinic's rows were asked for by a session that had entered no clinic."""


class WrongClinic(RuntimeError):
    """A session was to touch the rows of a clinic that it had not entered."""


def enter(session: Session, clinic_id: UUID) -> Session:
    """Confine a session to a clinic, for good: what it has loaded could otherwise cross over."""
    if session.info.setdefault(_CLINIC, clinic_id) != clinic_id:
        raise WrongClinic("this session has entered another clinic; open one session a clinic")
    return session


def entered(session: Session) -> UUID | None:
    """The clinic that a session has entered; None before it has."""
    found: UUID | None = session.info.get(_CLINIC)
    return found


class FencedSession(Session):
    """A session without the ways that lead round its events."""

    def connection(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: statements on the bare connection are not confined."""
        raise NoClinic("the bare connection of a session cannot be confined to a clinic: execute on the session")

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: the bulk methods tell nobody which rows they write."""
        raise NoClinic("the bulk methods cannot be confined to a clinic: add rows, or execute an insert with a list")

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects


def guard(maker: sessionmaker[FencedSession]) -> None:
    """Put the fence around every session that ``maker`` makes."""
    event.listen(maker, "do_orm_execute", _confine)
    event.listen(maker, "before_flush", _own)
    event.listen(maker, "before_attach", _refuse_strangers)


def fenced(engine: Engine) -> Engine:
    """The engine as sessions use it: what they read is looked at once more as SQL, before it is sent."""
    listened = engine.execution_options(**{_FENCED: True})
    event.listen(listened, "before_cursor_execute", _look_at_sql)
    return listened


def _look_at_sql(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    """The last look: whatever way a SELECT took, each table of clinics' rows in it bears its condition."""
    options = context.execution_options if context is not None else connection.get_execution_options()
    if statement.lstrip().startswith(("SELECT", "WITH")) and not options.get("across_clinics"):
        open_tables = _unconfined(statement)
        if open_tables:
            raise NoClinic(f"{', '.join(open_tables)}: state such rows by their classes, so that they can be confined")


@lru_cache(maxsize=2048)
def _unconfined(sql: str) -> tuple[str, ...]:
    """Tables of clinics' rows that a SELECT reads more often than it asks for their clinic.

    A table's name without a dot behind it is where rows come from; it may have an alias. Values are never in the SQL.
    """
    names = "|".join(sorted(_named()))
    read = Counter(alias or name for name, alias in re.findall(rf'(?<![\w."])"?({names})\b"?(?!\.)(?: AS (\w+))?', sql))
    asked = Counter(re.findall(r"\b(\w+)\.clinic_id = (?:\?|%\()", sql))
    return tuple(sorted(name for name, times in read.items() if asked[name] < times))


def _confine(state: ORMExecuteState) -> None:
    if state.execution_options.get("across_clinics"):
        return
    clinic_id = state.session.info.get(_CLINIC)
    known = _confined.get((state.statement, clinic_id)) if clinic_id is not None else None
    if known is not None:
        state.statement = known
        return
    tables = tables_met(state)
    if _TEXT in tables:
        raise NoClinic("SQL as text cannot be confined to a clinic: state it by the classes of the rows")
    _guard_clinics(state, clinic_id)
    fenced = tables & _named()
    if not fenced:
        return
    if clinic_id is None:
        raise NoClinic(f"{', '.join(sorted(fenced))}: enter a clinic first (web.db.tenancy.enter)")
    if state.is_insert:
        _check_inserted(state, clinic_id)
        return
    if not state.is_orm_statement:
        raise NoClinic(f"{', '.join(sorted(fenced))}: state such rows by their classes, so that they can be confined")
    if state.is_update:
        _check_updated(state)
    stated = state.statement
    state.statement = stated.options(
        with_loader_criteria(OfClinic, lambda cls: cls.clinic_id == clinic_id, include_aliases=True)
    )
    if state.is_select and state.execution_options.get("stated_once"):
        _remember(stated, clinic_id, state.statement)


def _remember(stated: Executable, clinic_id: UUID, confined: Executable) -> None:
    """Keep what a statement became for a clinic. A statement never changes, and is itself alone: it keys no other."""
    if len(_confined) >= _MOST_CONFINED:
        _confined.clear()
    _confined[stated, clinic_id] = confined


def tables_met(state: ORMExecuteState) -> set[str]:
    """The names of all tables in a statement, and ``_TEXT`` where a part of it is text that nobody can look into."""
    met: set[str] = set()
    for element in visitors.iterate(state.statement):
        entity = getattr(element, "_annotations", {}).get("parententity")
        if isinstance(entity, Mapper):
            met.add(entity.local_table.name)
        elif isinstance(element, Table):
            met.add(element.name)
        elif isinstance(element, TableClause | TextClause) or _is_literal(element):
            met.add(_TEXT)
    target = getattr(state.statement, "table", None)
    return met | {target.name} if isinstance(target, Table) else met


def _is_literal(element: object) -> bool:
    """A column that is a piece of SQL; ``*`` is SQLAlchemy's own, in count(*)."""
    return isinstance(element, ColumnClause) and element.is_literal and element.name != "*"


def _guard_clinics(state: ORMExecuteState, clinic_id: UUID | None) -> None:
    """A clinic is changed by a session that has entered it, and deleted by none."""
    target = getattr(state.statement, "table", None)
    if not (state.is_update or state.is_delete) or getattr(target, "name", None) != ClinicRow.__tablename__:
        return
    if state.is_delete or clinic_id is None or not state.is_orm_statement:
        raise WrongClinic("clinics: enter the clinic to change it; this cannot delete one")
    _check_updated(state)
    state.statement = state.statement.where(ClinicRow.id == clinic_id)


def _check_updated(state: ORMExecuteState) -> None:
    """No change by key, to which no condition can be added, and no row given away to another clinic."""
    if state.parameters:
        raise NoClinic("changes by key cannot be confined to a clinic: state them with where(), or change loaded rows")
    values = getattr(state.statement, "_values", None) or {}
    if any(getattr(column, "key", column) == "clinic_id" for column in values):
        raise WrongClinic("a row stays with its clinic: clinic_id cannot be changed")


def _named() -> frozenset[str]:
    return frozenset(m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfClinic))


def _check_inserted(state: ORMExecuteState, clinic_id: UUID) -> None:
    if getattr(state.statement, "_post_values_clause", None) is not None:
        raise NoClinic("an insert that changes what is there cannot be confined to a clinic: look first, then change")
    rows = state.parameters
    for row in [rows] if isinstance(rows, dict) else rows or [{}]:
        if row.get("clinic_id") != clinic_id:
            raise WrongClinic("a row to insert does not bear the clinic that this session has entered")


def _own(session: Session, context: Any, instances: Any) -> None:
    """New rows get the clinic of their session; rows of another clinic are refused."""
    clinic_id = session.info.get(_CLINIC)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, ClinicRow) and (row.id != clinic_id or row in session.deleted):
            raise WrongClinic("clinics: enter the clinic to change it; this cannot delete one")
    for row in _touched(session):
        if clinic_id is None:
            raise NoClinic(f"{type(row).__name__}: enter a clinic first (web.db.tenancy.enter)")
        if row.clinic_id is None:
            row.clinic_id = clinic_id
        elif row.clinic_id != clinic_id:
            raise WrongClinic(f"{type(row).__name__}: this row belongs to a clinic that this session has not entered")


def _refuse_strangers(session: Session, row: object) -> None:
    """A row of another clinic cannot be handed to a session, which would then load what belongs to it."""
    if isinstance(row, OfClinic) and row.clinic_id not in (None, session.info.get(_CLINIC)):
        raise WrongClinic(f"{type(row).__name__}: this row belongs to a clinic that this session has not entered")


def _touched(session: Session) -> Iterable[OfClinic]:
    return (row for rows in (session.new, session.dirty, session.deleted) for row in rows if isinstance(row, OfClinic))
