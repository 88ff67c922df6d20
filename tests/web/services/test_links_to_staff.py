"""A link to staff opens what it was made for, to whom, and in its time; and nobody is invited round that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from web.db import engine
from web.services import clinics, invitations, people, resets, staff_links
from web.services.invitations import WorksHere
from web.services.people import ACTIVE, INVITED, REMOVED, SUSPENDED
from web.services.staff_links import INVITATION, LIVES, RESET

WORDS = "harbour lights in late autumn"
ADA = "ada@north.example"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with engine.sessions(database)() as opened:
        clinics.create(engine.writing(opened), "north", "North", now=NOW)
        opened.commit()
    with engine.sessions(database)() as opened:
        clinics.find(engine.writing(opened), "north")
        yield opened
        opened.rollback()


def hired(session: Session, email: str = ADA) -> UUID:
    return people.create(session, email, "Ada Quill", "coordinator", password=WORDS, now=NOW)


def test_a_link_of_one_kind_opens_nothing_of_the_other(session: Session) -> None:
    """Whoever hands an invitation over has its link: it must not be the way to a new password of its owner."""
    clinic, ada = clinics.find(session, "north"), hired(session)
    people.change(session, ADA, REMOVED, now=NOW)
    invitations.invite(session, clinic, ADA, ["therapist"], actor="x", now=NOW, mail=False)
    invited, reset = (staff_links.make(session, kind, ada, now=NOW) for kind in (INVITATION, RESET))
    assert resets.of_link(session, invited, now=NOW) is None
    assert invitations.of_link(session, reset, now=NOW) is None
    assert resets.of_link(session, reset, now=NOW) is not None
    assert invitations.of_link(session, invited, now=NOW) is not None


@pytest.mark.parametrize("kind", [INVITATION, RESET])
def test_a_link_lives_from_its_first_moment_to_just_before_its_last(session: Session, kind: str) -> None:
    token, tick = staff_links.make(session, kind, hired(session), now=NOW), timedelta(microseconds=1)
    for after, opens in (
        (-tick, False), (timedelta(), True), (LIVES[kind] - tick, True), (LIVES[kind], False),
    ):  # fmt: skip
        assert (staff_links.of_token(session, kind, token, now=NOW + after) is not None) is opens, after


def test_a_link_that_was_ended_after_it_was_looked_at_is_not_used(session: Session) -> None:
    """Somebody else has taken the invitation back meanwhile, or asked for a newer link."""
    ada = hired(session)
    for kind in (INVITATION, RESET):
        link = staff_links.of_token(session, kind, staff_links.make(session, kind, ada, now=NOW), now=NOW)
        assert link is not None
        staff_links.end(session, kind, ada, now=NOW)
        assert not staff_links.use(session, link, now=NOW)


def test_ending_links_ends_those_of_this_person_and_of_this_kind(session: Session) -> None:
    ada, ben = hired(session), hired(session, "ben@north.example")
    tokens = {(kind, who): staff_links.make(session, kind, who, now=NOW) for kind in LIVES for who in (ada, ben)}
    staff_links.end(session, RESET, ada, now=NOW)
    left = {of for of, token in tokens.items() if staff_links.of_token(session, of[0], token, now=NOW) is not None}
    assert left == set(tokens) - {(RESET, ada)}


@pytest.mark.parametrize("status", [ACTIVE, SUSPENDED])
def test_who_works_here_or_is_suspended_is_not_invited_round_it(session: Session, status: str) -> None:
    """An invitation would turn a role that rests into one that the person themselves lets hold again."""
    clinic, ada = clinics.find(session, "north"), hired(session)
    people.change(session, ADA, status, now=NOW)
    for role in ("coordinator", "administrator"):
        with pytest.raises(WorksHere):
            invitations.invite(session, clinic, ADA, [role], actor="x", now=NOW, mail=False)
    assert {m.role: m.status for m in people.people.memberships(session, ada)} == {"coordinator": status}


def test_who_was_removed_may_be_invited_again_and_is_let_in_by_themselves(session: Session) -> None:
    clinic, ada = clinics.find(session, "north"), hired(session)
    people.change(session, ADA, REMOVED, now=NOW)
    invitations.invite(session, clinic, ADA, ["coordinator"], actor="x", now=NOW, mail=False)
    assert {m.role: m.status for m in people.people.memberships(session, ada)} == {"coordinator": INVITED}
