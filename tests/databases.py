"""Databases on a real PostgreSQL for tests: new ones, and copies that are lent to one test after the other.

To make a copy and to drop it takes longer than most tests. One that a test has given back is made as it was: the rows
that it has now go, those that it had come back. Where the test has changed more than rows, it gets none of that and is
dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, make_url

from web.db import engine

MOST = 40  # tests that use one copy: nothing sweeps up what they deleted
_SHAPE = """
SELECT (SELECT (count(*), max(oid), count(relacl)) FROM pg_class WHERE relnamespace = 'public'::regnamespace)::text
    || (SELECT (count(*), max(oid), count(*) FILTER (WHERE tgenabled <> 'O')) FROM pg_trigger)::text
    || (SELECT (count(*), max(oid)) FROM pg_constraint)::text || (SELECT (count(*), max(oid)) FROM pg_proc)::text
    || (SELECT (count(*), count(*) FILTER (WHERE attisdropped)) FROM pg_attribute)::text
    || (SELECT (count(*), max(oid)) FROM pg_attrdef)::text
    || (SELECT md5(string_agg(attrelid || attname, ',' ORDER BY attrelid, attnum)) FROM pg_attribute WHERE attnum > 0)
    || (SELECT coalesce(md5(string_agg(pg_get_functiondef(oid), ',' ORDER BY oid)), '') FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace)
    || (SELECT count(*) FROM pg_class WHERE relrowsecurity)::text || (SELECT count(*) FROM pg_db_role_setting)::text
"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
_OTHERS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
_lent: dict[str, Copy] = {}


@contextmanager
def new_database(server: str, template: str = "template1", name: str | None = None) -> Iterator[str]:
    """A new database on a server, a copy of another one, removed afterwards."""
    name = name or f"rapport_{uuid4().hex}"
    yield _create(server, template, name)
    _drop(server, name)


@contextmanager
def copy_of(server: str, template: str) -> Iterator[str]:
    """A database with the rows of another one, which nobody changes meanwhile.

    It has the same address each time: an engine that knows the statements already need not compile them anew.
    """
    copy = _lent.pop(template, None) or Copy(server, template)
    is_as_it_was = False
    try:
        yield copy.url
        engine.engine(copy.url).dispose()
        is_as_it_was = copy.is_as_it_was()
    finally:
        if is_as_it_was:
            _lent[template] = copy
        else:
            _drop(server, copy.name)


def give_up(server: str) -> None:
    """Drop the copies that nobody has borrowed."""
    while _lent:
        _drop(server, _lent.popitem()[1].name)
    maintenance(server).dispose()


@cache
def maintenance(server: str) -> Engine:
    """An engine for what is done to databases as a whole."""
    return create_engine(server, isolation_level="AUTOCOMMIT")


class Copy:
    """A copy that remembers the rows that it began with, and everything but rows by its shape."""

    def __init__(self, server: str, template: str) -> None:
        self.name, self.n_lent = f"{template}_copy", 0
        self.url = _create(server, template, self.name)
        self._engine = create_engine(self.url)
        with self._engine.begin() as connection:
            self._tables = list(connection.exec_driver_sql(_TABLES).scalars())
            self._full = self._with_rows(connection)
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for name in self._full:
                connection.exec_driver_sql(f"CREATE TABLE kept.{name} AS SELECT * FROM public.{name}")
        self._shape = self._shape_now()

    def is_as_it_was(self) -> bool:
        """Make it as it was; whether that is done."""
        self.n_lent += 1
        with self._engine.connect() as connection:
            connection.exec_driver_sql(_OTHERS, (self.name,))
        if self.n_lent >= MOST or self._shape_now() != self._shape:
            self._engine.dispose()
            return False
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no triggers, no references
            for name in {*self._with_rows(connection), *self._full}:
                connection.exec_driver_sql(f"DELETE FROM {name}")
            for name in self._full:
                connection.exec_driver_sql(f"INSERT INTO public.{name} SELECT * FROM kept.{name}")
        self._engine.dispose()
        return True

    def _with_rows(self, connection: Connection) -> list[str]:
        asked = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM public.{name})" for name in self._tables)
        return list(connection.exec_driver_sql(" UNION ALL ".join(asked)).scalars())

    def _shape_now(self) -> str:
        with self._engine.connect() as connection:
            return str(connection.exec_driver_sql(_SHAPE).scalar_one())


def _create(server: str, template: str, name: str) -> str:
    with maintenance(server).connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop(server: str, name: str) -> None:
    engine.engine(make_url(server).set(database=name).render_as_string(hide_password=False)).dispose()
    with maintenance(server).connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
