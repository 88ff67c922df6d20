"""The tables of a database brought to a version, forwards and back, by Alembic."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from web.db import engine, sealing

MIGRATIONS = Path(__file__).parent / "migrations"
UNSEALED = "0006"  # versions before it kept as plain text what clients said
_LOCK = 7_246_318_077  # any number, the same for all: one process migrates a PostgreSQL database at a time


class SchemaError(RuntimeError):
    """The database is not at a version that can be worked with; the text says how to mend it."""


def upgrade(url: str, revision: str = "head", *, marked: str | None = None) -> str:
    """Bring a database to a version, all or nothing; the version that it then has.

    ``marked`` names an empty table that tells later who made an empty database; one that is not empty gets no mark.
    """
    before = current(url)
    found = _run(url, lambda config: command.upgrade(config, revision), marked)
    if before is not None and before < UNSEALED <= found:
        scrub(url)
    return found


def has_mark(url: str, name: str) -> bool:
    """Whether ``upgrade(..., marked=name)`` made this database."""
    return inspect(engine.engine(url)).has_table(name)


def downgrade(url: str, revision: str, *, losing: bool = False) -> str:
    """Take a database back to a version, all or nothing; ``base`` is an empty database.

    Raises SchemaError where what clients and therapists said would be lost, unless it is to be (``losing``).
    """

    def back(config: Config) -> None:
        config.attributes["losing"] = losing
        command.downgrade(config, revision)

    return _run(url, back)


def head() -> str:
    """The version that this release works with."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def current(url: str) -> str | None:
    """The version of a database; None where it has none of our tables. Raises SchemaError where it is out of reach."""
    try:
        with engine.engine(url).connect() as connection:
            return _current(connection)
    except (SQLAlchemyError, OSError) as error:  # OSError: the folder of a SQLite file
        raise _out_of_reach(error) from error


def require_current(url: str) -> None:
    """Raise SchemaError where the database is not at the version of this release, NoKey where its keys are away."""
    found = current(url)
    if found is None:
        raise SchemaError("The database has no tables yet; make them with: rapport db upgrade")
    if found != head():
        raise SchemaError(_apart(found))
    sealing.require(engine.engine(url))


def scrub(url: str) -> None:
    """Write every file anew: what was plain before it was sealed would otherwise stay where it was on the disk."""
    made = engine.engine(url)
    if made.dialect.name == "postgresql":
        with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL")
        return
    with closing(made.raw_connection()) as opened:  # SQLite vacuums outside of any transaction, and ours begins one
        opened.driver_connection.execute("VACUUM")
        opened.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _out_of_reach(error: Exception) -> SchemaError:
    return SchemaError(f"The database cannot be reached ({type(error).__name__}); check DATABASE_URL.")


def _apart(found: str) -> str:
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found in known:
        return f"The database is at version {found}, this release needs {head()}: run rapport db upgrade"
    return f"The database is at version {found}, which is newer than this release: update Rapport"


def _run(url: str, action: Callable[[Config], None], marked: str | None = None) -> str:
    try:
        made = engine.engine(url)
    except OSError as error:  # the folder of a SQLite file
        raise _out_of_reach(error) from error
    with made.connect().execution_options(rapport_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        found = _current(connection)
        _refuse_strangers(connection, found)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            action(config)
        except CommandError as error:
            known = found is None or found in {s.revision for s in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
            raise SchemaError(f"{error}" if known else _apart(str(found))) from error
        sealing.introduce(connection)
        if marked is not None and found is None:
            connection.exec_driver_sql(f"CREATE TABLE {marked} (id INTEGER)")
        return _current(connection) or "base"


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_strangers(connection: Connection, found: str | None) -> None:
    """A database without our version must be empty: it may be somebody else's."""
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    if found is None and tables:
        shown = ", ".join(sorted(tables)[:3])
        raise SchemaError(f"The database holds tables that are not Rapport's ({shown} …): give it an empty one.")
