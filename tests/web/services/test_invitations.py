"""An invitation is its own person's alone, and opens nothing once it was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.staff import hire
from web.db import engine
from web.services import clinics, invitations, memberships, staff_links
from web.services.clinics import Clinic

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Opened = tuple[Session, Clinic]


@pytest.fixture
def house(database: str) -> Iterator[Opened]:
    with engine.sessions(database)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    with engine.sessions(database)() as session:
        yield session, clinics.find(engine.writing(session), None)


def invited(house: Opened, email: str = "new@north.example") -> tuple[UUID, str]:
    """(whom, the token of their link)."""
    session, clinic = house
    person_id = invitations.invite(session, clinic, email, ["therapist"], actor="x", now=NOW, mail=False)
    return person_id, staff_links.make(session, staff_links.INVITATION, person_id, now=NOW)


def test_who_is_signed_in_accepts_for_nobody_else(database: str, house: Opened) -> None:
    session, _ = house
    session.rollback()
    other = hire(database, "coordinator")
    with engine.sessions(database)() as mine:
        clinic = clinics.find(engine.writing(mine), None)
        person_id, token = invited((mine, clinic))
        found = invitations.of_link(mine, token, now=NOW)
        assert found is not None
        assert not invitations.accept_as(mine, found, other.id, now=NOW)
        assert invitations.of_link(mine, token, now=NOW) is not None  # and nothing is used up
        assert invitations.accept_as(mine, found, person_id, now=NOW)
        assert not invitations.accept_as(mine, found, person_id, now=NOW)


def test_a_link_that_was_taken_back_is_not_revived_by_the_next_invitation(house: Opened) -> None:
    session, clinic = house
    person_id, token = invited(house)
    invitations.take_back(session, clinic, person_id, actor=str(person_id), now=NOW)
    assert invitations.of_link(session, token, now=NOW) is None
    again, fresh = invited(house)
    assert again == person_id
    assert invitations.of_link(session, token, now=NOW) is None
    assert invitations.of_link(session, fresh, now=NOW) is not None


def test_who_never_accepted_gets_no_other_role_once_it_was_taken_back(house: Opened) -> None:
    session, clinic = house
    person_id, _ = invited(house)
    memberships.give(session, clinic, person_id, "coordinator", actor=person_id, now=NOW)  # one more to accept
    for role in ("therapist", "coordinator"):
        memberships.move(session, clinic, person_id, role, "removed", actor=person_id, now=NOW)
    with pytest.raises(InvalidInput, match="do not work here at present"):
        memberships.give(session, clinic, person_id, "clinic_lead", actor=person_id, now=NOW)
    with pytest.raises(InvalidInput, match="never accepted"):
        memberships.move(session, clinic, person_id, "therapist", "active", actor=person_id, now=NOW)
