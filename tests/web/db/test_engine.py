"""SQLite is set up for safety; a session that writes says so; keys and moments come back as they went."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from web.db import engine, schema
from web.db.tables import ClinicRow
from web.db.tables.base import new_key

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def a_clinic(slug: str = "north", created_at: datetime = NOW) -> ClinicRow:
    return ClinicRow(
        slug=slug, name=slug, currency="€", scale_lowest=0, scale_top=1, scale_step=0.1, created_at=created_at
    )


def test_sqlite_keeps_what_it_acknowledged_and_forgets_what_it_deleted(tmp_path: Path) -> None:
    with engine.engine(f"sqlite:///{tmp_path}/deep/er/x.sqlite").connect() as connection:
        said = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")}  # fmt: skip
    assert said == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000,
    }  # fmt: skip


def test_a_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        engine.writing(session).add(a_clinic())
        session.commit()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600} and {"x.sqlite", "x.sqlite-wal"} <= set(modes)


def test_a_write_that_was_not_announced_is_refused(database: str) -> None:
    with engine.sessions(database)() as session:
        session.add(a_clinic())
        with pytest.raises(engine.UnannouncedWrite):
            session.flush()
    with engine.sessions(database)() as session, pytest.raises(engine.UnannouncedWrite):
        session.execute(insert(ClinicRow).values(slug="x"))


def test_a_reader_waits_for_no_writer_and_sees_what_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.sqlite"
    schema.upgrade(url)
    sessions = engine.sessions(url)
    with sessions() as writer, sessions() as reader:
        engine.writing(writer)
        writer.add(a_clinic())
        writer.flush()
        assert reader.scalars(select(ClinicRow)).all() == []
        writer.commit()
        assert reader.scalars(select(ClinicRow)).all() == []  # still the same picture
        reader.rollback()
        assert len(reader.scalars(select(ClinicRow)).all()) == 1


def test_the_second_writer_waits_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    url = f"sqlite:///{tmp_path}/x.sqlite"
    schema.upgrade(url)
    sessions = engine.sessions(url)
    refused: list[type[BaseException]] = []

    def second() -> None:
        with sessions() as session:
            try:
                engine.writing(session)
            except OperationalError as error:
                refused.append(type(error))

    with sessions() as first:
        engine.writing(first)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused == [OperationalError]


def test_moments_come_back_in_utc(database: str) -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with engine.sessions(database)() as session:
        engine.writing(session).add(a_clinic(created_at=summer))
        session.commit()
    with engine.sessions(database)() as session:
        found = session.scalar(select(ClinicRow.created_at))
    assert found == summer and found.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: str) -> None:
    with engine.sessions(database)() as session:
        engine.writing(session).add(a_clinic(created_at=datetime(2026, 7, 1)))
        with pytest.raises(Exception, match="a moment needs its zone"):
            session.flush()


def test_keys_rise_with_time_and_are_of_version_seven() -> None:
    keys = [new_key() for _ in range(1000)]
    assert len(set(keys)) == 1000
    assert {key.version for key in keys} == {7} and {key.variant for key in keys} == {"specified in RFC 4122"}
    assert [key.int >> 80 for key in keys] == sorted(key.int >> 80 for key in keys)
