"""Which keys a database is sealed with, and whether this process has them: a wrong ring is refused at once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.engine import Connection

from web.db import crypto
from web.db.tables import SealingKeyRow
from web.db.tables.base import new_key

_TABLE = SealingKeyRow.__table__
_PLACE, _PROOF = "sealing_keys.proof", b"this key opens what this database holds"


def require(engine: Engine) -> None:
    """Raise NoKey where something in the database is sealed with a key that this process does not have.

    The current key is written down with its first use, so that the next process is refused without it.
    """
    with engine.connect() as connection:
        _check(connection)
        is_new = crypto.ring().current not in _names(connection)
    if is_new:
        with engine.connect().execution_options(rapport_writes=True) as connection, connection.begin():
            introduce(connection)


def introduce(connection: Connection) -> None:
    """Write the current key down, in the transaction of whoever is about to seal with it."""
    name = crypto.ring().current
    if not inspect(connection).has_table(_TABLE.name) or name in _names(connection):
        return
    key = new_key()
    row = {"id": key, "name": name, "proof": crypto.seal(_PLACE, key, _PROOF), "since": datetime.now(UTC)}
    connection.execute(insert(_TABLE).values(**row))


def _check(connection: Connection) -> None:
    for row in connection.execute(select(_TABLE)):
        try:
            crypto.open_sealed(_PLACE, row.id, row.proof)
        except crypto.NoKey:
            raise crypto.NoKey(
                f"The database holds what was sealed with the key {row.name!r}, which is not on the ring: "
                "name the file that has it in RAPPORT_KEYS. Without it nobody can read what clients said."
            ) from None
        except crypto.Tampered:
            raise crypto.NoKey(
                f"The key {row.name!r} on the ring is not the one with which this database was sealed: "
                "name the right file in RAPPORT_KEYS."
            ) from None


def _names(connection: Connection) -> set[str]:
    return set(connection.scalars(select(_TABLE.c.name)))
