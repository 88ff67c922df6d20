"""The audit trail is a chain: in order, without gaps, in the same transaction, and refused to be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from web.db import audit_chain, crypto, engine, schema, tenancy
from web.db.queries import audit as rows
from web.db.tables import AuditEventRow, AuditHeadRow, ClinicRow
from web.services import audit, audit_trail, clinics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def north(database: str) -> Iterator[str]:
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    yield database


def opened(url: str) -> Session:
    session = engine.writing(engine.sessions(url)())
    clinics.find(session, "north")
    return session


def chain(url: str) -> list[tuple[int, str]]:
    with engine.sessions(url)() as session:
        clinics.find(session, "north")
        return [
            (row.sequence, row.action)
            for row in session.scalars(select(AuditEventRow).order_by(AuditEventRow.sequence))
        ]


def test_events_are_numbered_from_one_and_sealed_by_hand(north: str) -> None:
    """The seal is worked out here once more from its definition, not by the code that made it."""
    import hashlib
    import hmac

    with opened(north) as session:
        audit.record(session, "a.b", now=NOW, subject="s", actor="x", n=2, role="é")
        session.commit()
    with engine.sessions(north)() as session:
        clinics.find(session, "north")
        first, second = session.scalars(select(AuditEventRow).order_by(AuditEventRow.sequence)).all()
        head = session.scalars(select(AuditHeadRow)).one()
    assert (first.sequence, second.sequence, head.sequence, head.mac) == (1, 2, 2, second.mac)
    key, secret = crypto.ring().derived("audit")
    text_ = (
        f'[1,"{first.mac.hex()}",2,"{key}","{second.clinic_id.hex}","{second.id.hex}",'
        '"2026-03-02T12:00:00.000000+00:00","x","a.b","s",{"n":2,"role":"\\u00e9"}]'
    )
    assert second.mac == hmac.new(secret, text_.encode(), hashlib.sha256).digest()


def test_what_is_undone_leaves_no_event(north: str) -> None:
    with opened(north) as session:
        audit.record(session, "first", now=NOW)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            audit.record(session, "undone", now=NOW)
            assert 1 / 0
        with session.begin_nested():
            audit.record(session, "inner", now=NOW)
        audit.record(session, "last", now=NOW)
        session.commit()
    with opened(north) as session:
        audit.record(session, "rolled back", now=NOW)
        session.rollback()
        audit.record(engine.writing(session), "after", now=NOW)
        session.commit()
    with opened(north) as session:
        audit.record(session, "never committed", now=NOW)
    assert chain(north) == list(enumerate(["clinic.created", "first", "inner", "last", "after"], start=1))


def test_what_was_kept_before_a_part_that_is_undone_is_written(north: str) -> None:
    """Also where a part within it was done, or the events were read in it: neither writes what may be undone."""
    with opened(north) as session:
        audit.record(session, "before", now=NOW)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            with session.begin_nested():
                audit.record(session, "undone", now=NOW)
            assert 1 / 0
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            assert session.scalars(select(AuditEventRow.action)).all() == ["clinic.created"]
            assert 1 / 0
        session.commit()
    assert chain(north) == [(1, "clinic.created"), (2, "before")]


def test_who_reads_the_events_sees_their_own(north: str) -> None:
    with opened(north) as session:
        audit.record(session, "own", now=NOW)
        assert session.scalars(select(AuditEventRow.action).order_by(AuditEventRow.sequence)).all()[-1] == "own"
        session.rollback()
    assert len(chain(north)) == 1


def test_a_session_that_entered_no_clinic_records_nothing(north: str) -> None:
    with engine.sessions(north)() as session, pytest.raises(tenancy.NoClinic):
        audit.record(engine.writing(session), "a.b", now=NOW)


@pytest.mark.P8
def test_writers_at_the_same_time_keep_one_chain(
    north: str, trials: Callable[[int, int], int], tried: Callable[[int], None]
) -> None:
    """Half of them change the clinic's row, too, whose lock they take before the head's: nobody waits in a circle."""
    n_threads, n_each = 4, trials(10, 100)
    together, failures = Barrier(n_threads), []

    def write(k: int) -> None:
        together.wait()
        for n in range(n_each):
            try:
                with opened(north) as session:
                    row = session.scalars(select(ClinicRow)).one()
                    audit.record(session, "race.first", now=NOW, subject=str(k), n=n)
                    if k % 2:
                        row.name = f"North {k} {n}"
                    audit.record(session, "race.second", now=NOW, subject=str(k), n=n)
                    session.commit()
            except DBAPIError as error:
                failures.append(type(error.orig).__name__)

    threads = [Thread(target=write, args=(k,)) for k in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with engine.sessions(north)() as session:
        clinics.find(session, "north")
        assert audit_trail.verify(session) == audit_trail.Verdict(1 + 2 * n_threads * n_each)
    tried(2 * n_threads * n_each)


@pytest.mark.P8
def test_the_database_refuses_to_change_or_remove_an_event(north: str, tried: Callable[[int], None]) -> None:
    """Also with the rights of the owner of the tables, as long as the triggers stand."""
    statements = [
        "UPDATE audit_events SET action = 'x'", "UPDATE audit_events SET sequence = sequence + 1",
        "DELETE FROM audit_events", "DELETE FROM clinics",
        *(["TRUNCATE audit_events", "TRUNCATE clinics CASCADE"] if north.startswith("postgresql") else []),
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events" if north.startswith("sqlite") else
        "INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (id) DO UPDATE SET action = 'x'",
    ]  # fmt: skip
    for statement in statements:
        with (
            engine.engine(north).execution_options(rapport_writes=True).connect() as connection,
            pytest.raises(DBAPIError, match="never changed or removed"),
        ):
            connection.execute(text(statement))
            connection.commit()
    assert chain(north) == [(1, "clinic.created")]
    tried(len(statements))


def test_events_of_an_older_version_are_chained_in_their_order(blank: str) -> None:
    """Up, down and up again: nothing but the chain is lost; more events than are chained at once."""
    schema.upgrade(blank, "0005")
    ids = {UUID(int=1): "north", UUID(int=2): "south"}
    with engine.engine(blank).execution_options(rapport_writes=True).begin() as connection:
        for key, slug in ids.items():
            said: dict[str, Any] = {"id": key, "slug": slug, "name": slug, "currency": "€", "scale_lowest": 0.0,
                    "scale_top": 1.0, "scale_step": 0.1, "directory_version": 0, "two_person": False, "is_demo": False,
                    "keeps_rare_places": False, "created_at": NOW}  # fmt: skip
            known = ClinicRow.__table__.c  # type: ignore[attr-defined]
            connection.execute(ClinicRow.__table__.insert().values({k: v for k, v in said.items() if k in known}))  # type: ignore[attr-defined]
        old = [c for c in AuditEventRow.__table__.c if c.name not in {"sequence", "key", "mac"}]
        bare = text(
            f"INSERT INTO audit_events ({', '.join(c.name for c in old)}) "
            f"VALUES ({', '.join(':' + c.name for c in old)})"
        ).bindparams(*(bindparam(c.name, type_=c.type) for c in old))
        for n in range(1_100):
            at = NOW.replace(minute=59 - n % 60)
            connection.execute(bare, {"id": uuid4(), "clinic_id": UUID(int=1 + n % 2), "at": at, "actor": "x",
                                      "action": f"a.{n}", "subject": "", "details": {"n": n}})  # fmt: skip
    for _ in range(2):
        schema.upgrade(blank)
        for slug in ids.values():
            with engine.sessions(blank)() as session:
                clinics.find(session, slug)
                assert audit_trail.verify(session) == audit_trail.Verdict(550)
                found = session.scalars(select(AuditEventRow).order_by(AuditEventRow.sequence)).all()
                assert [row.at for row in found] == sorted(row.at for row in found)
        with engine.sessions(blank)() as session:
            clinics.find(engine.writing(session), "north")
            audit.record(session, "later", now=NOW)
            assert audit_chain.PURPOSE == "audit"
            session.rollback()
        schema.downgrade(blank, "0005")
        with engine.engine(blank).connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM audit_events")) == 1_100


def test_what_cannot_be_read_as_an_event_bears_no_seal() -> None:
    entry: dict[str, Any] = {
        "id": UUID(int=1), "clinic_id": UUID(int=2), "sequence": 1, "key": "k", "at": NOW, "actor": "", "action": "",
        "subject": "", "details": {1},
    }  # fmt: skip
    assert not audit_chain.is_sealed(bytes(32), audit_chain.BEGINNING, entry, bytes(32))


def test_a_head_that_is_gone_is_made_anew_after_the_last_event(north: str) -> None:
    with engine.engine(north).execution_options(rapport_writes=True).begin() as connection:
        connection.execute(text("DELETE FROM audit_heads"))
    with opened(north) as session:
        audit.record(session, "after", now=NOW)
        session.commit()
    assert chain(north) == [(1, "clinic.created"), (2, "after")]
    with engine.sessions(north)() as session:
        clinics.find(session, "north")
        assert audit_trail.verify(session).holds


def test_a_long_chain_is_read_in_parts(north: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(north) as session:
        for n in range(7):
            audit.record(session, "a.b", now=NOW, subject="s", actor="x", n=n)
        session.commit()
        whole = audit_trail.verify(session)
        for at_once in (1, 2, 3, 8):
            monkeypatch.setattr(rows, "_AT_ONCE", at_once)
            assert audit_trail.verify(session) == whole and whole.n_good == 8 and whole.holds
