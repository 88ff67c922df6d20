"""A whole database written into one sealed file, and read back into an empty one, of either engine.

It is read in one transaction, so that it is the database of one moment while others go on writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, MetaData, Table, exists, insert, select, text, update
from sqlalchemy.engine import Connection

from web.db import crypto, engine, schema
from web.db.tables import Base
from web.exchange import backup_file
from web.exchange.backup_file import BadBackup

AT_ONCE = 500
_KEYS, _VERSION = "sealing_keys", "alembic_version"  # what the upgrade itself writes

# what lets somebody in, by the column that says that it does so no more
OPENS = {"sign_ins": "ended_at", "staff_links": "ended_at", "api_tokens": "revoked_at", "recovery_codes": "used_at"}


class NotEmpty(RuntimeError):
    """A backup is not restored over what is there."""


def make(url: str, path: Path, *, now: datetime) -> int:
    """Write the database into a new file; how many rows. Raises FileExistsError, SchemaError, NoKey."""
    schema.require_current(url)
    with engine.engine(url).connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        return backup_file.write(path, schema.head(), now, _rows(connection), crypto.derived)


def restore(url: str, path: Path, *, now: datetime) -> int:
    """Read a backup into an empty database, and bring that to the version of this release; how many rows.

    All rows or none; tables without rows may stay, and are filled the next time. What opened something then opens
    nothing any more: a backup does not know what was ended since.
    Raises NotEmpty, BadBackup, NoKey, SchemaError.
    """
    found = backup_file.head(path)
    is_made = schema.current(url) is not None
    if is_made and not _is_as_made(url, found.revision):
        raise NotEmpty("The database has tables already: restore into an empty one (a new name in DATABASE_URL).")
    backup_file.check(path, crypto.derived)  # all of it, before anything is made
    if not is_made:
        schema.upgrade(url, found.revision)
    with engine.engine(url).connect().execution_options(rapport_writes=True) as connection, connection.begin():
        _alone(connection)
        n_rows = _fill(connection, path)
        _end_what_opens(connection, now)
    schema.upgrade(url)
    return n_rows


def _rows(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in Base.metadata.sorted_tables:
        found = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
        for row in found.mappings():
            yield table.name, dict(row)


def _fill(connection: Connection, path: Path) -> int:
    """The rows, whose references lead to rows before them, but for those of the keys, which the upgrade wrote."""
    tables, n_rows = _tables(connection), 0
    connection.execute(tables[_KEYS].delete())
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, row in backup_file.read(path, crypto.derived):
        if name not in tables:
            raise BadBackup(f"the backup holds rows of {name}, which the tables of its version are not")
        if waiting and name not in waiting:
            _put(connection, tables, waiting)
        waiting[name].append(row)
        n_rows += 1
        if len(waiting[name]) >= AT_ONCE:
            _put(connection, tables, waiting)
    _put(connection, tables, waiting)
    return n_rows


def _is_as_made(url: str, revision: str) -> bool:
    """Whether a database has the tables of a version and nothing in them: what a restore leaves that was killed."""
    if schema.current(url) != revision:
        return False
    with engine.engine(url).connect() as connection:
        tables = [table for name, table in _tables(connection).items() if name not in (_KEYS, _VERSION)]
        return not any(connection.execute(select(exists(select(table)))).scalar_one() for table in tables)


def _alone(connection: Connection) -> None:
    """Of two who restore into one database at once, the second finds it full. Raises NotEmpty."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('rapport restore'))"))
    if connection.execute(text("SELECT count(*) FROM clinics")).scalar_one():
        raise NotEmpty("Somebody else has filled this database meanwhile: nothing was changed.")


def _end_what_opens(connection: Connection, now: datetime) -> None:
    tables = _tables(connection)
    for name, ended in OPENS.items():
        if name in tables:  # staff links and recovery codes are younger than the first backups
            column = tables[name].c[ended]
            connection.execute(update(tables[name]).where(column.is_(None)).values({ended: now}))
    kiosks = tables["kiosks"]
    connection.execute(update(kiosks).where(kiosks.c.ends_at > now).values(ends_at=now))


def _put(connection: Connection, tables: dict[str, Table], waiting: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in waiting.items():
        connection.execute(insert(tables[name]), rows)
    waiting.clear()


def _tables(connection: Connection) -> dict[str, Table]:
    """The tables as they are at this version, with the types of today where they are the same."""
    found = MetaData()
    found.reflect(connection)
    for name, table in found.tables.items():
        today = Base.metadata.tables.get(name)
        for column in table.c:
            if today is not None and column.name in today.c:
                known = today.c[column.name].type
                column.type = JSON(none_as_null=True) if isinstance(known, JSON) else known
    return dict(found.tables)
