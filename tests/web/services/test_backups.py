"""Restoring: an older release's backup, one that does not fit, and a database in which something stands already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from web.db import crypto, engine, schema
from web.db.tables import ApiTokenRow, ClinicRow
from web.exchange import backup_file
from web.services import backups
from web.services.backups import BadBackup, NotEmpty

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = "0006"  # whose release made the first backups
CLINIC = {
    "id": UUID(int=1), "slug": "north", "name": "North", "currency": "EUR", "scale_lowest": 0.0, "scale_top": 1.0,
    "scale_step": 0.1, "directory_version": 0, "is_demo": False, "created_at": NOW,
}  # fmt: skip
TOKEN = {
    "id": UUID(int=2), "clinic_id": CLINIC["id"], "token_hash": bytes(32), "scopes": ["match"], "created_at": NOW,
    "expires_at": NOW + timedelta(days=90), "revoked_at": None,
}  # fmt: skip


def of_the_first_release(folder: Path) -> Path:
    """A backup as the first release that could make one left it: a clinic and a token of it."""
    url, path = f"sqlite:///{folder}/first.sqlite", folder / "first.backup"
    schema.upgrade(url, FIRST)
    with engine.engine(url).connect() as connection:
        tables = backups._tables(connection)
        for name, row in (("clinics", CLINIC), ("api_tokens", TOKEN)):
            connection.execute(insert(tables[name]), row)

        def rows() -> Iterator[tuple[str, dict[str, Any]]]:
            for table in tables["clinics"].metadata.sorted_tables:
                if table.name != "alembic_version":
                    yield from ((table.name, dict(row)) for row in connection.execute(select(table)).mappings())

        backup_file.write(path, FIRST, NOW, rows(), crypto.derived)
    return path


def test_a_backup_of_an_older_release_is_brought_to_this_one_and_what_it_opened_is_shut(
    blank: str, tmp_path: Path
) -> None:
    backups.restore(blank, of_the_first_release(tmp_path), now=NOW)
    schema.require_current(blank)
    with engine.engine(blank).connect() as connection:
        assert connection.execute(select(ClinicRow.__table__.c.slug)).scalars().all() == ["north"]
        assert connection.execute(select(ApiTokenRow.__table__.c.revoked_at)).scalars().all() == [NOW]


@pytest.mark.parametrize("was_killed", [False, True])
def test_a_backup_that_does_not_fit_is_refused_and_leaves_what_was_there(
    blank: str, tmp_path: Path, was_killed: bool
) -> None:
    """Whole and well sealed, but with rows of a table that its version has not: found after the first rows stand."""
    path = tmp_path / "one.backup"
    rows = [("clinics", CLINIC | {"hold_hours": 48}), ("gone", {"n": 1})]
    backup_file.write(path, FIRST, NOW, [rows[0], rows[1]], crypto.derived)
    if was_killed:
        schema.upgrade(blank, FIRST)
    with pytest.raises(BadBackup, match="rows of gone"):
        backups.restore(blank, path, now=NOW)
    assert (
        schema.current(blank) == FIRST
    )  # tables, and nothing in them: whoever else restores here at this moment goes on
    assert backups.restore(blank, of_the_first_release(tmp_path), now=NOW) > 1  # it is as empty as before


def test_tables_of_another_version_are_somebody_elses_also_without_rows(blank: str, tmp_path: Path) -> None:
    path = of_the_first_release(tmp_path)
    schema.upgrade(blank, "0007")
    with pytest.raises(NotEmpty, match="has tables already"):
        backups.restore(blank, path, now=NOW)
    assert schema.current(blank) == "0007"
