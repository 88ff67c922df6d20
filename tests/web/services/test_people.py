"""People, memberships and sign-ins, below the web."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from web.db import engine, tenancy
from web.db.tables import AccountRow, AuditEventRow, SignInRow, TherapistRow
from web.services import clinics, passwords, people

WORDS = "harbour lights in late autumn"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with engine.sessions(database)() as opened:
        clinics.create(engine.writing(opened), "north", "North", now=NOW)
        yield opened


def hired(session: Session, email: str = "ada@north.example", role: str = "coordinator") -> UUID:
    return people.create(session, email, "Ada Quill", role, password=WORDS, now=NOW)


def test_a_person_has_an_account_a_role_and_an_event(session: Session) -> None:
    person_id = hired(session, "  Ada@North.Example ")
    found = people.of_email(session, "ADA@north.example")
    assert found is not None and (found.person_id, found.active) == (person_id, True)
    assert found.password is not None and found.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert [(m.email, m.roles) for m in people.everybody(session, now=NOW)] == [
        ("ada@north.example", (("coordinator", "active"),))
    ]
    events = [(row.action, row.subject, row.details) for row in session.scalars(select(AuditEventRow))]
    assert ("person.created", str(person_id), {"role": "coordinator"}) in events
    assert not any("ada" in repr(event).lower() for event in events)


def test_a_second_role_leaves_name_and_password_as_they_are(session: Session) -> None:
    person_id = hired(session)
    before = people.of_email(session, "ada@north.example")
    again = people.create(
        session, "ADA@NORTH.EXAMPLE", "Mallory", "therapist", password="another one altogether", now=NOW
    )
    assert again == person_id and people.of_email(session, "ada@north.example") == before
    member = people.everybody(session, now=NOW)[0]
    assert (member.name, member.roles) == ("Ada Quill", (("coordinator", "active"), ("therapist", "active")))


def test_a_role_is_given_once_and_comes_back_after_a_suspension(session: Session) -> None:
    person_id = hired(session)
    with pytest.raises(InvalidInput, match="already"):
        hired(session)
    assert people.change(session, "Ada@north.example", "suspended", now=NOW) == 1
    assert people.change(session, "Ada@north.example", "suspended", now=NOW) == 0
    assert people.of_email(session, "ada@north.example").active is False
    assert hired(session) == person_id
    assert people.of_email(session, "ada@north.example").active is True
    changes = [r.details for r in session.scalars(select(AuditEventRow)) if r.action == "membership.changed"]
    assert changes == [{"role": "coordinator", "status": status} for status in ("suspended", "active")]


def test_roles_are_those_of_the_clinic_that_was_entered(session: Session, database: str) -> None:
    person_id = hired(session)
    token = people.sign_in(session, person_id, now=NOW)
    session.commit()
    with engine.sessions(database)() as south:
        clinics.create(engine.writing(south), "south", "South", now=NOW)
        assert people.of_sign_in(south, token, now=NOW).roles == frozenset()
        assert people.of_email(south, "ada@north.example").active is False
        assert people.everybody(south, now=NOW) == []
        with pytest.raises(InvalidInput, match="nobody"):
            people.change(south, "ada@north.example", "removed", now=NOW)
        people.create(south, "ada@north.example", "Ada", "clinic_lead", password=None, now=NOW)
        assert people.of_sign_in(south, token, now=NOW).roles == {"clinic_lead"}
    assert people.of_sign_in(session, token, now=NOW).roles == {"coordinator"}


@pytest.mark.parametrize(
    ("later", "is_in"),
    [
        ({}, True),
        ({"minutes": 29, "seconds": 59}, True),
        ({"minutes": 30}, False),
        ({"days": 400}, False),
    ],
)
def test_a_sign_in_without_use_lasts_half_an_hour(session: Session, later: dict[str, int], is_in: bool) -> None:
    token = people.sign_in(session, hired(session), now=NOW)
    assert (people.of_sign_in(session, token, now=NOW + timedelta(**later)) is not None) is is_in


def test_a_sign_in_in_use_lasts_half_a_day(session: Session) -> None:
    token = people.sign_in(session, hired(session), now=NOW)
    for minutes in range(20, 720, 20):
        people.seen(session, token, now=NOW + timedelta(minutes=minutes))
    assert people.of_sign_in(session, token, now=NOW + timedelta(minutes=719)) is not None
    assert people.of_sign_in(session, token, now=NOW + timedelta(minutes=720)) is None


def test_the_last_use_is_noted_once_a_minute_and_not_after_the_end(session: Session) -> None:
    token = people.sign_in(session, hired(session), now=NOW)

    def seen(**later: int) -> datetime:
        people.seen(session, token, now=NOW + timedelta(**later))
        session.expire_all()
        return session.scalars(select(SignInRow)).one().seen_at

    assert seen(seconds=59) == NOW
    assert seen(seconds=60) == NOW + timedelta(seconds=60)
    people.sign_out(session, token, now=NOW + timedelta(seconds=90))
    session.flush()
    assert seen(seconds=900) == NOW + timedelta(seconds=60)


def test_the_database_holds_no_token_and_a_token_is_128_bits(session: Session) -> None:
    token = people.sign_in(session, hired(session), now=NOW)
    row = session.scalars(select(SignInRow)).one()
    assert len(token) == 22 and token not in repr(vars(row)) and len(row.token_hash) == 32


@pytest.mark.parametrize("change", [str.swapcase, lambda t: t[:-1], lambda t: t + "x", lambda t: " " + t, lambda t: ""])
def test_anything_else_is_nobody(session: Session, change: object) -> None:
    token = people.sign_in(session, hired(session), now=NOW)
    assert people.of_sign_in(session, change(token), now=NOW) is None  # type: ignore[operator]
    assert people.of_sign_in(session, "\udcff" * 22, now=NOW) is None


def test_all_sign_ins_end_together_and_nobody_elses(session: Session) -> None:
    ada, ben = hired(session), hired(session, "ben@north.example")
    before = people.of_email(session, "ada@north.example").uniquifier
    tokens = [people.sign_in(session, ada, now=NOW) for _ in range(3)]
    other = people.sign_in(session, ben, now=NOW)
    assert {m.email: m.n_sign_ins for m in people.everybody(session, now=NOW)} == {
        "ada@north.example": 3,
        "ben@north.example": 1,
    }
    people.end_all(session, ada, now=NOW)
    session.expire_all()
    assert [people.of_sign_in(session, token, now=NOW) for token in tokens] == [None] * 3
    assert people.of_sign_in(session, other, now=NOW) is not None
    assert people.of_email(session, "ada@north.example").uniquifier != before
    assert people.everybody(session, now=NOW)[0].n_sign_ins == 0
    assert people.everybody(session, now=NOW + timedelta(minutes=30))[1].n_sign_ins == 0


def test_a_closed_account_is_nobody(session: Session) -> None:
    token = people.sign_in(session, hired(session), now=NOW)
    session.scalars(select(AccountRow)).one().active = False
    session.flush()
    assert people.of_sign_in(session, token, now=NOW) is None
    assert people.of_email(session, "ada@north.example").active is False


def test_a_therapist_is_one_person_and_a_person_one_therapist(session: Session) -> None:
    for number in (1, 2):
        session.add(
            TherapistRow(external_id=f"t{number}", name="T", capacity=1, profile={}, created_at=NOW, changed_at=NOW)
        )
    session.flush()
    ada, ben = hired(session), hired(session, "ben@north.example")
    assert people.therapist_of(session, ada) is None
    people.link_therapist(session, ada, "t1", now=NOW)
    people.link_therapist(session, ada, "t2", now=NOW)
    assert people.therapist_of(session, ada) == "t2"
    people.link_therapist(session, ben, "t2", now=NOW)
    assert (people.therapist_of(session, ada), people.therapist_of(session, ben)) == (None, "t2")
    with pytest.raises(InvalidInput, match="no such therapist"):
        people.link_therapist(session, ben, "t3", now=NOW)


@pytest.mark.parametrize(
    "email",
    ["", "ada", "@north.example", "ada@", "a b@north.example", "ada@@north.example", "ada@north..example",
     "a\x00da@north.example", "a\u202eda@north.example", "a" * 250 + "@x.yz", "ada@north.example\nbcc: x@y.z"],
)  # fmt: skip
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(InvalidInput, match="email"):
        hired(session, email)


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "a\nb", "a\x00b", "a\u202eb"])
def test_what_is_no_name_is_refused(session: Session, name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        people.create(session, "ada@north.example", name, "coordinator", password=WORDS, now=NOW)


def test_an_unknown_role_or_status_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="owner"):
        hired(session, role="owner")
    with pytest.raises(InvalidInput, match="fired"):
        people.change(session, "ada@north.example", "fired", now=NOW)


def test_people_need_a_clinic(database: str) -> None:
    with engine.sessions(database)() as nowhere, pytest.raises(tenancy.NoClinic):
        people.everybody(nowhere, now=datetime.now(UTC))


GOOD = (
    WORDS,
    "Ångström fährt früh übers Moor",
    "海の見える静かな部屋で本を読む",
    "🦊🌲🚲🎻🧵🪁🍞🛶🧊🪴🎈🧭🗝️🪶🐚",
    "x7#Qm2$Lp9!Vb4&",
)
WEAK = (
    "short", "fourteen chars", "a" * 200, "ab" * 20, "passwordpassword", "Password Password 1", "123456789012345",
    "qwertyuiopasdfghjkl", "abcdefghijklmnopqrst", "1q2w3e4r1q2w3e4r", "iloveyou-iloveyou-iloveyou",
    "letmein letmein 123", "0123456butterfly", "**butterfly-2026**", "football1football1", "butterflybutterfly-9!",
    "correct horse battery staple", "adaquilladaquill", "ada@north.example", "northexample12345",
    "x y" * 67 + " and more", "harbour lights \udcff in autumn",
)  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_long_passwords_of_any_kind_will_do(password: str) -> None:
    assert passwords.hash_of(password, "ada@north.example", "Ada Quill").startswith("$argon2id$")


def test_beside_a_second_factor_a_password_is_short_and_none_that_was_stolen() -> None:
    assert passwords.hash_of("vQ7!mz#x", "ada@north.example", shortest=passwords.SHORTEST_OF_TWO)
    for stolen in ("starwars", "Liverpool", "mustang1", "chocolate9!"):
        with pytest.raises(passwords.WeakPassword) as refused:
            passwords.hash_of(stolen, "ada@north.example", shortest=passwords.SHORTEST_OF_TWO)
        assert refused.value.code == "common"


def test_who_has_no_password_costs_a_guesser_as_much_as_who_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without one is not told from others by the time that it takes, and nothing opens it."""
    looked_at: list[str] = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            looked_at.append(str(hash))
            return super().verify(hash, password)

    costs = {"time_cost": passwords.TIME_COST, "memory_cost": passwords.MEMORY_KIB, "parallelism": 1}
    monkeypatch.setattr(passwords, "_HASHER", Counted(**costs))
    hashed = passwords.hash_of(WORDS)
    assert [passwords.matches(one, WORDS) for one in (hashed, None, None)] == [True, False, False]
    assert len(looked_at) == 3 and {one.rpartition(",p=1$")[0] for one in looked_at} == {"$argon2id$v=19$m=19456,t=2"}


@pytest.mark.parametrize("password", WEAK)
def test_passwords_that_are_tried_first_are_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(passwords.WeakPassword) as refused:
        passwords.hash_of(password, "ada@north.example", "Ada Quill")
    assert password not in str(refused.value)
