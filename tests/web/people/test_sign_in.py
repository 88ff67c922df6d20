"""The door: who comes in, where they come out, and what the others learn, which is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.people.conftest import House, events, rows_of
from tests.web.staff import PASSWORD, change, enter, hire, signed_in
from web import visits
from web.db import engine
from web.db.tables import AccountRow
from web.services import clinics, passwords, people

HOMES = {
    "coordinator": "/queue/",
    "therapist": "/caseload/",
    "clinic_lead": "/insights/",
    "administrator": "/people/",
}


@pytest.mark.parametrize("role", HOMES)
def test_each_role_lands_at_its_home(house_on_each: House, role: str) -> None:
    house, client = house_on_each, house_on_each.app.test_client()
    person = hire(house.url, role)
    answer = enter(client, person.email.upper())
    assert (answer.status_code, answer.location) == (303, "/home")
    home = client.get("/home")
    assert (home.status_code, home.location) == (303, HOMES[role])
    assert ("person.signed_in", str(person.id), {}) in events(house)


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        (("administrator", "coordinator"), "/queue/"),
        (("administrator", "therapist", "clinic_lead"), "/insights/"),
        (("administrator", "therapist"), "/caseload/"),
    ],
)
def test_with_several_roles_the_order_is_fixed_and_all_are_linked(
    house: House, roles: tuple[str, ...], home: str
) -> None:
    client = signed_in(house.app, house.url, hire(house.url, *roles, name="Ines <b>Kahn</b>"))
    assert client.get("/home").location == home
    page = client.get("/people/").text
    assert all(f'<a href="{HOMES[role]}"' in page for role in roles)
    assert all(f'<a href="{path}"' not in page for role, path in HOMES.items() if role not in roles)
    assert '<a href="/people/" aria-current="page">' in page
    assert "Ines &lt;b&gt;Kahn" in page and "<b>Kahn" not in page


@pytest.mark.S7
def test_who_is_not_let_in_learns_nothing_of_why(house_on_each: House, tried: Callable[[int], None]) -> None:
    house = house_on_each
    known, suspended, closed, without = (hire(house.url, "coordinator") for _ in range(4))
    change(house.url, suspended, "suspended")
    with engine.sessions(house.url)() as session:
        engine.writing(session)
        accounts = {row.person_id: row for row in session.scalars(select(AccountRow))}
        accounts[closed.id].active = False
        accounts[without.id].password = None
        session.commit()
    tries = {
        known.email: ("not the password at all", known),
        "nobody-77@clinic.example": (PASSWORD, None),
        suspended.email: (PASSWORD, suspended),
        closed.email: (PASSWORD, closed),
        without.email: (PASSWORD, without),
    }
    pages, events_before = [], len(events(house))
    for email, (password, _) in tries.items():
        client = house.app.test_client()
        answer = enter(client, email, password)
        assert answer.status_code == 401 and email in answer.text and password not in answer.text
        assert client.get("/home").location == "/sign-in"
        with client.session_transaction() as kept:
            page = answer.text.replace(email, "…")
            pages.append(re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", page))
            assert visits.SIGN_IN not in kept and "_user_id" not in kept
    assert len(set(pages)) == 1
    noted = [(action, subject, details) for action, subject, details in events(house)[events_before:]]
    assert noted == [("person.sign_in_failed", str(p.id) if p else "", {}) for _, p in tries.values()]
    tried(len(tries))


def test_each_try_hashes_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known, suspended = hire(house.url, "coordinator"), hire(house.url, "coordinator", status="suspended")
    counts = []
    context = house.app.extensions["security"].pwd_context
    for name in ("hash", "verify"):
        monkeypatch.setattr(context, name, _counted(getattr(context, name), counts))
    for email in (known.email, suspended.email, "nobody-78@clinic.example"):
        counts.clear()
        assert enter(house.app.test_client(), email, "not the password at all").status_code == 401
        assert len(counts) == 1, email


def _counted(work: Callable[..., object], counts: list[int]) -> Callable[..., object]:
    def counting(*args: object, **more: object) -> object:
        counts.append(1)
        return work(*args, **more)

    return counting


def test_the_hash_is_argon2id_with_our_parameters_and_stays(house: House) -> None:
    person = hire(house.url, "coordinator")

    def stored() -> str | None:
        with engine.sessions(house.url)() as session:
            return session.scalar(select(AccountRow.password).where(AccountRow.person_id == person.id))

    before = stored()
    assert before is not None and before.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert enter(house.app.test_client(), person.email).status_code == 303
    assert stored() == before


def test_a_hash_of_weaker_parameters_is_made_anew_by_signing_in(house: House) -> None:
    person = hire(house.url, "coordinator")

    def stored(new: str | None = None) -> str:
        with engine.sessions(house.url)() as session:
            row = engine.writing(session).scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one()
            row.password = new or row.password
            session.commit()
            return str(row.password)

    old = stored(PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD))
    assert enter(house.app.test_client(), person.email, "not the password at all").status_code == 401
    assert stored() == old
    assert enter(house.app.test_client(), person.email).status_code == 303
    assert stored() != old and stored().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert enter(house.app.test_client(), person.email).status_code == 303


def test_a_password_that_was_changed_while_it_was_compared_lets_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reset ends all sign-ins: one that has just begun with the old password must not be left."""
    person, client, real = hire(house.url, "coordinator"), house.app.test_client(), people.require_unchanged
    new = "kelp and sand and stones"

    def meanwhile(session: Session, person_id: UUID, checked: str | None) -> None:
        people.keep_hash(session, person_id, passwords.hash_of(new))
        real(session, person_id, checked)

    monkeypatch.setattr(people, "require_unchanged", meanwhile)
    answer = enter(client, person.email)
    assert answer.status_code == 401 and "do not belong together" in answer.text
    assert client.get("/queue/").location.startswith("/sign-in") and not rows_of(house, person)
    monkeypatch.undo()
    assert enter(client, person.email).status_code == 401 and enter(client, person.email, new).status_code == 303


def test_a_password_typed_on_another_keyboard_is_the_same(house: House) -> None:
    import unicodedata

    words = "Ångström fährt früh übers Moor"
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), None)
        now = datetime.now(UTC)
        people.create(session, "nfd@clinic.example", "N F D", "coordinator", password=words, now=now)
        session.commit()
    typed = unicodedata.normalize("NFD", words)
    assert typed != words and enter(house.app.test_client(), "nfd@clinic.example", typed).status_code == 303


@pytest.mark.S5
def test_who_is_suspended_while_the_password_is_compared_does_not_come_in(
    house: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    person, client, real = hire(house.url, "administrator"), house.app.test_client(), people.require_unchanged

    def meanwhile(session: Session, person_id: UUID, checked: str | None) -> None:
        real(session, person_id, checked)
        people.change(session, person.email, "suspended", now=datetime.now(UTC))

    monkeypatch.setattr(people, "require_unchanged", meanwhile)
    assert enter(client, person.email).status_code == 403
    assert client.get("/people/").status_code == 303
    tried(2)
