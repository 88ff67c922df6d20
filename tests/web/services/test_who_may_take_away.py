"""Whose role, and whose second factor, an administrator may take: not the last one's who can come in, nor what another
clinic leans on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.people.authenticator import Authenticator
from tests.web.services.test_ways_in import with_app, with_passkey
from web.db import engine
from web.db.queries import people as rows
from web.services import clinics, invitations, memberships, people
from web.services import second_factors as factors
from web.services.memberships import LastAdministrator
from web.services.people import ACTIVE, REMOVED, SUSPENDED
from web.services.second_factors import NotTheirs

WORDS = "harbour lights in late autumn"
ADA, BEN = "ada@north.example", "ben@north.example"
In = Callable[[str], Session]


@pytest.fixture
def at(database: str) -> In:
    """A session in a clinic, by its name."""
    with engine.sessions(database)() as opened:
        clinics.create(engine.writing(opened), "north", "North", now=NOW)
        opened.commit()
    with engine.sessions(database)() as opened:
        clinics.create(engine.writing(opened), "south", "South", now=NOW)
        opened.commit()

    def enter(slug: str) -> Session:
        opened = engine.sessions(database)()
        clinics.find(engine.writing(opened), slug)
        return opened

    return enter


def hired(session: Session, email: str, role: str = "administrator", password: str | None = WORDS) -> UUID:
    return people.create(session, email, "Ada Quill", role, password=password, now=NOW)


@pytest.mark.parametrize("comes_in", ["password", "passkey", "not", "closed", "invited"])
def test_the_last_administrator_is_the_last_who_can_come_in(at: In, comes_in: str) -> None:
    """One who has no way in, or was invited and has not come, administers nothing."""
    with at("north") as session:
        clinic, ada = clinics.find(session, "north"), hired(session, ADA)
        if comes_in == "invited":
            invitations.invite(session, clinic, BEN, ["administrator"], actor="x", now=NOW, mail=False)
        else:
            ben = hired(session, BEN, password=WORDS if comes_in in ("password", "closed") else None)
            assert comes_in != "passkey" or with_passkey(session, ben, Authenticator())
            rows.account(session, ben).active = comes_in != "closed"
            session.flush()
        if comes_in in ("password", "passkey"):
            memberships.move(session, clinic, ada, "administrator", SUSPENDED, actor=ada, now=NOW)
            return
        with pytest.raises(LastAdministrator):
            memberships.move(session, clinic, ada, "administrator", SUSPENDED, actor=ada, now=NOW)
        session.rollback()


@pytest.mark.parametrize(
    ("here", "there", "may"),
    [
        (ACTIVE, None, True), (SUSPENDED, None, True), (REMOVED, None, False), (ACTIVE, ACTIVE, False),
        (ACTIVE, SUSPENDED, False), (SUSPENDED, ACTIVE, False), (ACTIVE, REMOVED, True), ("invited", ACTIVE, False),
        ("invited", None, False),
    ],
)  # fmt: skip
def test_a_second_factor_is_taken_by_the_one_clinic_that_it_guards(
    at: In, here: str, there: str | None, may: bool
) -> None:
    """A role that rests at another clinic holds again one day, behind whatever factor there is then."""
    if there is not None:
        with at("south") as session:
            hired(session, ADA, "coordinator")
            people.change(session, ADA, there, now=NOW)
            session.commit()
    with at("north") as session:
        clinic, by = clinics.find(session, "north"), hired(session, BEN)
        if here == "invited":
            ada = invitations.invite(session, clinic, ADA, ["therapist"], actor="x", now=NOW, mail=False)
        else:
            ada = hired(session, ADA, "therapist")
            people.change(session, ADA, here, now=NOW)
        with_app(session, ada)
        if may:
            factors.take_away(session, ada, actor=by, now=NOW)
        else:
            with pytest.raises(NotTheirs):
                factors.take_away(session, ada, actor=by, now=NOW)
        assert rows.account(session, ada).has_app is not may
        session.rollback()


def test_of_who_was_only_invited_nothing_is_told_but_the_invitation(at: In) -> None:
    """Whether an address has an account at another clinic, and what guards it, is not the inviter's to learn."""
    with at("south") as session:
        ben = hired(session, BEN, "coordinator")
        with_app(session, ben)
        session.commit()
    with at("north") as session:
        clinic = clinics.find(session, "north")
        found = []
        for email in (BEN, "new@north.example"):
            person = invitations.invite(session, clinic, email, ["therapist"], actor="x", now=NOW, mail=False)
            known = memberships.find(session, person, "localhost")
            assert known is not None
            found.append((known.name, known.roles, known.factors, known.has_account))
            [line] = [one for one in people.everybody(session, now=NOW) if one.person_id == person]
            assert (line.name, line.n_sign_ins) == ("", 0)
        assert found[0] == found[1] == ("", (("therapist", "invited"),), memberships.NO_FACTORS, False)
        session.rollback()
