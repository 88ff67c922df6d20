"""Of two who do something at once: what the page says has happened has happened, whoever was faster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.web.people.factors import app_code, give_app
from tests.web.staff import PASSWORD, hire
from tests.web.waiting_room import SAID
from web.db import engine, schema
from web.db.queries import people as rows
from web.db.queries import sign_ins
from web.db.tables import ClientRow, IntakeRow, KioskRow, OutboxRow, PasskeyRow
from web.exchange import backup_file
from web.services import (
    backups,
    clinics,
    emergencies,
    erasing,
    intakes,
    kiosks,
    passkeys,
    passwords,
    people,
    resets,
    second_factors,
    staff_links,
    tokens,
)
from web.services.clinics import Clinic
from web.services.intakes import CONTACT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def opened(url: str) -> tuple[Session, Clinic]:
    session = engine.sessions(url)()
    return session, clinics.find(engine.writing(session), None)


@pytest.mark.P7
def test_who_erases_while_another_tab_sends_is_erased(harbour: str, tried: Callable[[int], None]) -> None:
    one, clinic = opened(harbour)
    link = intakes.begin(one, now=NOW)
    kept = intakes.of_link(one, link, now=NOW)
    assert kept is not None
    for step, said in intakes.by_step(SAID).items():
        kept = intakes.save(one, kept, step, said, now=NOW)
    kept = intakes.save(one, kept, CONTACT, {"name": "Ottilie", "email": "o@there.example"}, now=NOW)
    one.commit()
    seen = intakes.of_link(one, link, now=NOW)  # the tab that erases has read it, and not yet written
    assert seen is not None and seen.client_id is None
    one.rollback()
    other, _ = opened(harbour)
    mine = intakes.of_link(other, link, now=NOW)
    assert mine is not None
    intakes.send(other, mine, consent="1", now=NOW)
    other.commit()
    one, clinic = opened(harbour)
    assert erasing.erase_own(one, clinic, seen, now=NOW) > 3
    one.commit()
    last, _ = opened(harbour)
    names = [row.answers.get(CONTACT, {}).get("name") for row in last.scalars(select(IntakeRow))]
    assert "Ottilie" not in names
    assert erasing.erase_own(last, clinic, seen, now=NOW) == 0
    tried(1)


@pytest.mark.S5
def test_who_signs_in_while_the_password_is_reset_is_not_in_with_the_old_one(
    harbour: str, tried: Callable[[int], None]
) -> None:
    person = hire(harbour, "coordinator")
    session, _ = opened(harbour)
    token = staff_links.make(session, staff_links.RESET, person.id, now=NOW)
    checked = people.of_email(session, person.email)
    session.commit()
    assert checked is not None and passwords.matches(checked.password, PASSWORD)
    people.require_unchanged(session, person.id, checked.password)
    session.rollback()
    other, _ = opened(harbour)
    link = resets.of_link(other, token, now=NOW)
    assert link is not None and resets.choose(other, link, "four wholly other words", "localhost", now=NOW)
    other.commit()
    session, _ = opened(harbour)
    with pytest.raises(people.PasswordChanged):
        people.require_unchanged(session, person.id, checked.password)
    session.rollback()
    tried(2)


@pytest.mark.S5
def test_who_shows_a_factor_while_it_is_taken_away_is_not_in(database: str, tried: Callable[[int], None]) -> None:
    """The page had read the account, or the passkey, a moment before."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    person = hire(database, "coordinator")
    codes = give_app(database, person)
    slow, other = opened(database)[0], engine.sessions(database)()
    read = rows.account(slow, person.id)  # and still holds what it read
    assert read.has_app
    if "sqlite" in database:
        slow.rollback()  # one who writes waits for another there
    clinics.find(engine.writing(other), None)
    second_factors.take_away(other, person.id, actor=person.id, now=NOW)
    other.commit()
    assert not second_factors.take_app_code(slow, person.id, app_code(at=NOW), now=NOW)
    assert not second_factors.take_recovery_code(slow, person.id, codes[0], now=NOW)
    slow.rollback()
    tried(2)


@pytest.mark.S5
@pytest.mark.parametrize("ending", ["factor", "sign-outs", "suspended"])
def test_who_is_just_coming_in_is_out_when_all_sign_ins_end(
    database: str, ending: str, tried: Callable[[int], None]
) -> None:
    """Their code was right, and their sign-in is not written down yet."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    person = hire(database, "coordinator")
    give_app(database, person)
    session, _ = opened(database)
    half = people.half_way(session, people.begin_sign_in(session, person.id, now=NOW), now=NOW)
    session.commit()
    coming, _ = opened(database)
    assert half is not None and second_factors.take_app_code(coming, person.id, app_code(at=NOW), now=NOW)
    people.end_half(coming, half, now=NOW)

    def end() -> None:
        other, _ = opened(database)
        if ending == "factor":
            second_factors.take_away(other, person.id, actor=person.id, now=NOW)
        elif ending == "sign-outs":
            people.end_all(other, person.id, now=NOW)
        else:
            people.change(other, person.email, "suspended", now=NOW)
        other.commit()

    ender = Thread(target=end)
    ender.start()
    ender.join(0.3)
    assert ender.is_alive()
    token = people.sign_in(coming, person.id, now=NOW, second="totp")
    coming.commit()
    ender.join(30)
    assert not ender.is_alive()
    session, _ = opened(database)
    people.change(session, person.email, "active", now=NOW)
    assert people.of_sign_in(session, token, now=NOW) is None
    session.rollback()
    tried(1)


@pytest.mark.S5
def test_who_was_suspended_a_moment_before_does_not_come_in(database: str, tried: Callable[[int], None]) -> None:
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    person = hire(database, "coordinator")
    coming, _ = opened(database)
    assert people.may_still_enter(coming, person.id)
    coming.rollback()
    other, _ = opened(database)
    people.change(other, person.email, "suspended", now=NOW)
    other.commit()
    assert not people.may_still_enter(coming, person.id)
    coming.rollback()
    tried(1)


@pytest.mark.S5
def test_a_passkey_that_answers_is_taken_away_after_its_sign_in(database: str, tried: Callable[[int], None]) -> None:
    """So that the end of all sign-ins, which comes with it, ends that one, too."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    person = hire(database, "coordinator")
    session, _ = opened(database)
    key = PasskeyRow(
        person_id=person.id, host="h", credential=b"c", public_key=b"k", n_signed=0, name="x", made_at=NOW
    )  # fmt: skip
    session.add(key)
    session.commit()
    answering, _ = opened(database)
    assert passkeys._locked(answering, b"c", "h") is not None
    ended: list[str] = []

    def take_away() -> None:
        other, _ = opened(database)
        second_factors.take_away(other, person.id, actor=person.id, now=NOW)
        ended.append(token)
        other.commit()

    taking = Thread(target=take_away)
    token = people.sign_in(answering, person.id, now=NOW, second="passkey")
    taking.start()
    taking.join(0.3)
    assert taking.is_alive() and not ended
    answering.commit()
    taking.join(30)
    session, _ = opened(database)
    assert people.of_sign_in(session, token, now=NOW) is None and ended
    assert sign_ins.passkey(session, b"c", "h") is None
    session.rollback()
    tried(1)


def test_an_opening_is_told_to_whoever_else_there_is(database: str) -> None:
    """The administrators, else the leads, else the coordinators; never to oneself alone."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    opener = hire(database, "administrator")
    for role in ("coordinator", "clinic_lead", "administrator"):  # each is told in place of the one before
        told = hire(database, role)
        session, _ = opened(database)
        client = ClientRow(external_id=f"c-{role}", intake_version=1, created_at=NOW)
        session.add(client)
        session.flush()
        emergencies.begin(session, opener.id, "administrator", str(client.id), "They called in distress.", now=NOW)
        session.flush()
        mails = session.scalars(select(OutboxRow).where(OutboxRow.kind == "emergency").order_by(OutboxRow.id)).all()
        assert mails[-1].recipient == told.email, role
        session.commit()


def test_a_backup_brings_back_nothing_that_opens(harbour: str, tmp_path: Path) -> None:
    person = hire(harbour, "coordinator")
    give_app(harbour, person)
    session, _ = opened(harbour)
    tokens.issue(session, now=NOW, scopes=("matches",))
    staff_links.make(session, staff_links.RESET, person.id, now=NOW)
    kiosks.begin(session, by="x", now=NOW)
    signed_in = people.sign_in(session, person.id, now=NOW)
    session.commit()
    backups.make(harbour, tmp_path / "one.backup", now=NOW)
    restored = f"sqlite:///{tmp_path}/restored.sqlite"
    backups.restore(restored, tmp_path / "one.backup", now=NOW)
    with engine.engine(restored).connect() as connection:
        for table, ended in backups.OPENS.items():
            rows = connection.execute(text(f"SELECT {ended} FROM {table}")).scalars().all()
            assert rows and all(rows), table
        ends = connection.execute(select(KioskRow.__table__.c.ends_at)).scalars().all()
    assert ends and max(ends) <= NOW
    session, _ = opened(restored)
    assert people.of_sign_in(session, signed_in, now=NOW) is None


def test_a_restore_that_was_killed_is_done_again(database: str, tmp_path: Path) -> None:
    """It leaves the tables without rows. Where somebody has worked since, nothing is read into them."""
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    path, target = tmp_path / "one.backup", f"sqlite:///{tmp_path}/restored.sqlite"
    n_rows = backups.make(database, path, now=NOW)
    schema.upgrade(target, backup_file.head(path).revision)
    assert backups.restore(target, path, now=NOW) == n_rows
    with pytest.raises(backups.NotEmpty):
        backups.restore(target, path, now=NOW)


def test_of_two_who_restore_at_once_the_second_destroys_nothing(
    harbour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire(harbour, "coordinator")
    path, target = tmp_path / "one.backup", f"sqlite:///{tmp_path}/restored.sqlite"
    n_rows, check = backups.make(harbour, path, now=NOW), backup_file.check

    def slow(*args: Any) -> None:
        monkeypatch.setattr(backup_file, "check", check)
        assert backups.restore(target, path, now=NOW) == n_rows  # the other one begins and ends meanwhile
        check(*args)

    monkeypatch.setattr(backup_file, "check", slow)
    with pytest.raises(backups.NotEmpty):
        backups.restore(target, path, now=NOW)
    session, _ = opened(target)
    assert people.everybody(session, now=NOW)
