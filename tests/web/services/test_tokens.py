"""A token opens its own clinic, for as long as it says, and is nowhere to be read."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from web.db import engine, tenancy
from web.db.tables import ApiTokenRow, AuditEventRow
from web.services import clinics, tokens


@pytest.fixture
def issued(database: str) -> tuple[str, str, UUID]:
    with engine.sessions(database)() as session:
        engine.writing(session)
        clinic = clinics.create(session, "north", "North", now=NOW)
        token = tokens.issue(session, now=NOW, days=30)
        session.commit()
    return database, token, clinic.id


def verify(url: str, token: str, **later: int) -> tokens.Caller | None:
    with engine.sessions(url)() as session:
        return tokens.verify(session, token, now=NOW + timedelta(**later))


def test_a_token_opens_its_clinic_until_its_end(issued: tuple[str, str, UUID]) -> None:
    url, token, clinic_id = issued
    caller = verify(url, token)
    assert caller is not None
    assert (caller.clinic_id, caller.scopes) == (clinic_id, {"matches"})
    assert verify(url, token, days=29, hours=23) == caller
    assert verify(url, token, days=30) is None


@pytest.mark.parametrize("change", [str.upper, lambda t: t[:-1], lambda t: t + "x", lambda t: " " + t, lambda t: ""])
def test_anything_else_opens_nothing(issued: tuple[str, str, UUID], change: object) -> None:
    url, token, _ = issued
    assert verify(url, change(token)) is None  # type: ignore[operator]
    assert verify(url, "rapport_" + "\udcff" * 20) is None


def test_a_revoked_token_opens_nothing(issued: tuple[str, str, UUID]) -> None:
    url, token, clinic_id = issued
    with engine.sessions(url)() as session:
        tenancy.enter(engine.writing(session), clinic_id)
        other = tokens.issue(session, now=NOW)
        [known] = [one for one in tokens.every(session) if one.id == verify(url, token).token_id]  # type: ignore[union-attr]
        assert tokens.revoke(session, known.id, now=NOW) == 1
        session.commit()
    assert verify(url, token) is None and verify(url, other) is not None
    with engine.sessions(url)() as session:
        tenancy.enter(engine.writing(session), clinic_id)
        assert tokens.revoke(session, known.id, now=NOW) == 0
        assert tokens.revoke(session, None, now=NOW) == 1
        events = session.scalars(select(AuditEventRow.subject).where(AuditEventRow.action == "token.revoked")).all()
        assert len(set(events)) == 2
        session.commit()
    assert verify(url, other) is None


def test_no_clinic_revokes_the_token_of_another(issued: tuple[str, str, UUID]) -> None:
    url, token, _ = issued
    caller = verify(url, token)
    assert caller is not None
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=NOW)
        assert tokens.every(session) == [] and tokens.revoke(session, None, now=NOW) == 0
        with pytest.raises(InvalidInput, match="rapport token list"):
            tokens.revoke(session, caller.token_id, now=NOW)
        session.commit()
    assert verify(url, token) == caller


def test_the_session_of_a_caller_is_confined_to_the_clinic(issued: tuple[str, str, UUID]) -> None:
    url, token, _ = issued
    with engine.sessions(url)() as session:
        tokens.verify(session, token, now=NOW)
        with pytest.raises(tenancy.WrongClinic):
            tenancy.enter(session, UUID(int=1))


def test_the_database_holds_no_token(issued: tuple[str, str, UUID]) -> None:
    url, token, clinic_id = issued
    with engine.sessions(url)() as session:
        tenancy.enter(session, clinic_id)
        row = session.scalars(select(ApiTokenRow)).one()
        assert token not in repr(vars(row)) and len(row.token_hash) == 32
        assert len(token) == len("rapport_") + 43  # 256 bits


def test_an_unknown_scope_is_refused(issued: tuple[str, str, UUID]) -> None:
    url, _, clinic_id = issued
    with engine.sessions(url)() as session:
        tenancy.enter(engine.writing(session), clinic_id)
        with pytest.raises(InvalidInput, match="everything"):
            tokens.issue(session, now=NOW, scopes=("everything",))
