"""Engines and sessions: one engine a database and process, SQLite set up for safety, every session behind the fence.

A session that will write says so first (``writing``): SQLite then takes its one write lock at BEGIN, instead of failing
half-way when two readers both want to write. Reading sessions never wait for a writer.

No text reaches a database that only one of them could keep (``texts``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from web.db import audit_chain, tenancy, texts

BUSY_SECONDS = 5
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_WRITES = "rapport_writes"


class UnannouncedWrite(RuntimeError):
    """Rows were to be written by a session that had not said so."""


@cache
def engine(url: str) -> Engine:
    """The engine of a database, one a process."""
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    made = _sqlite(url) if is_sqlite else _postgresql(url)
    event.listen(made, "before_cursor_execute", _refuse_unkept_text)
    return made


def sessions(url: str) -> sessionmaker[tenancy.FencedSession]:
    """Makes sessions of a database; each sees the rows of one clinic alone, once it has entered it."""
    maker = sessionmaker(
        tenancy.fenced(engine(url)), class_=tenancy.FencedSession, expire_on_commit=False, autoflush=False
    )
    tenancy.guard(maker)
    audit_chain.guard(maker)
    event.listen(maker, "before_flush", lambda session, context, instances: _refuse_unannounced(session))
    event.listen(maker, "do_orm_execute", _refuse_unannounced_statement)
    return maker


def writing(session: Session) -> Session:
    """Announce that this session will write; before its first statement."""
    Session.connection(session, execution_options={_WRITES: True})  # past the fence: it only begins the transaction
    session.info[_WRITES] = True
    return session


def dispose(url: str) -> None:
    """Forget connections that were inherited from before a fork, without closing them for the parent."""
    engine(url).dispose(close=False)


def close(url: str) -> None:
    """Close every connection to a database that is about to go away."""
    engine(url).dispose()
    engine.cache_clear()


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5, pool_timeout=BUSY_SECONDS)


def _sqlite(url: str) -> Engine:
    made = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    if made.url.database and made.url.database != ":memory:":
        _make_private(Path(made.url.database))

    @event.listens_for(made, "connect")
    def set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def _make_private(path: Path) -> None:
    """A new file that nobody else on the machine can read; SQLite gives its companions the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _refuse_unkept_text(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, is_many: bool
) -> None:
    """Raise UnkeptText for a value that not every database could keep."""
    for text in _texts(values):
        texts.require(text)


def _texts(values: Any) -> Iterator[str]:
    """Every text among the values of a statement: of one row, of many, or of many in one."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        yield from (value for value in values.values() if isinstance(value, str))
    elif isinstance(values, tuple | list):
        for value in values:
            yield from _texts(value)


def _refuse_unannounced_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_unannounced(state.session)


def _refuse_unannounced(session: Session) -> None:
    if not session.info.get(_WRITES):
        raise UnannouncedWrite(
            "call web.db.engine.writing(session) before the first statement of a session that writes"
        )
