"""Whatever changes who comes in, and how, leaves an entry that says who did it; and its owner is told by mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.people.authenticator import Authenticator
from tests.web.services.test_ways_in import HOST, WORDS, hired, with_app, with_passkey
from web.db import engine
from web.db.queries import sign_ins
from web.db.tables import AuditEventRow, OutboxRow
from web.services import clinics, invitations, memberships, own_sign_ins, passkeys, people, resets, sign_in_policy
from web.services import second_factors as factors
from web.services import staff_links as links
from web.services import tokens as programs
from web.services.clinics import Clinic
from web.services.people import SignedIn
from web.services.sign_in_policy import APP, SignInPolicy
from web.services.staff_mail import CHANGED

COMMAND, NOBODY, THEM, ADMIN = "command line", "nobody", "them", "admin"
NEW = "guest@north.example"
TICK = timedelta(microseconds=1)
Entries = list[tuple[str, str]]  # (what, by whom)


@dataclass
class Town:
    """A clinic with an administrator, and somebody to whom things are done; ``now`` is the moment of it."""

    session: Session
    clinic: Clinic
    admin: UUID
    ada: UUID
    now: datetime = NOW

    def signed_in(self) -> SignedIn:
        token = people.sign_in(self.session, self.ada, now=NOW, second=APP)
        found = people.of_sign_in(self.session, token, now=NOW)
        assert found is not None
        return found

    def invited(self) -> UUID:
        return invitations.invite(self.session, self.clinic, NEW, ["therapist"], actor=COMMAND, now=NOW, mail=False)

    def link(self, kind: str, whom: UUID) -> str:
        return links.make(self.session, kind, whom, now=NOW)


@pytest.fixture
def town(database: str) -> Iterator[Town]:
    with engine.sessions(database)() as opened:
        clinics.create(engine.writing(opened), "north", "North", now=NOW)
        opened.commit()
    with engine.sessions(database)() as opened:
        clinic = clinics.find(engine.writing(opened), None)
        yield Town(opened, clinic, hired(opened, "administrator", "ben"), hired(opened))
        opened.rollback()


def _app_goes(at: Town) -> Callable[[], object]:
    with_app(at.session, at.ada)
    return lambda: factors.remove_app(at.session, at.ada, now=NOW)


def _passkey_goes(at: Town) -> Callable[[], object]:
    assert with_passkey(at.session, at.ada, Authenticator())
    [key] = passkeys.every(at.session, at.ada)
    return lambda: passkeys.remove(at.session, at.ada, key.id, now=NOW)


def _code(at: Town) -> Callable[[], object]:
    code = factors.new_codes(at.session, at.ada, now=NOW)[0]
    return lambda: factors.take_recovery_code(at.session, at.ada, code, now=NOW)


def _reset(at: Town) -> Callable[[], object]:
    link = links.of_token(at.session, links.RESET, at.link(links.RESET, at.ada), now=NOW)
    assert link is not None
    return lambda: resets.choose(at.session, link, "other words of one's own", HOST, now=NOW)


def _proved(at: Town) -> Callable[[], object]:
    person = at.signed_in()
    return lambda: own_sign_ins.prove(at.session, person, now=NOW)


def _password(at: Town) -> Callable[[], object]:
    person, has = at.signed_in(), factors.of(at.session, at.ada, HOST)
    new = "other words of one's own"
    return lambda: own_sign_ins.change_password(at.session, person, WORDS, new, has, now=NOW)


def _others_end(at: Town) -> Callable[[], object]:
    people.sign_in(at.session, at.ada, now=NOW)
    person = at.signed_in()
    return lambda: own_sign_ins.end_others(at.session, person, now=NOW)


def _one_ends(at: Town) -> Callable[[], object]:
    other, person = at.signed_in(), at.signed_in()
    assert other.sign_in_id is not None
    return lambda: own_sign_ins.end_one(at.session, person, other.sign_in_id or at.ada, now=NOW)


def _out(at: Town) -> Callable[[], object]:
    token = people.sign_in(at.session, at.ada, now=NOW)
    return lambda: people.sign_out(at.session, token, now=NOW)


def _again(at: Town) -> Callable[[], object]:
    at.ada = at.invited()
    return lambda: invitations.send_again(at.session, at.clinic, at.ada, actor=str(at.admin), now=NOW)


def _taken_back(at: Town) -> Callable[[], object]:
    at.ada = at.invited()
    return lambda: invitations.take_back(at.session, at.clinic, at.ada, actor=str(at.admin), now=NOW)


def _joined(at: Town) -> Callable[[], object]:
    at.ada = at.invited()
    found = invitations.of_link(at.session, at.link(links.INVITATION, at.ada), now=NOW)
    assert found is not None
    return lambda: invitations.accept_new(at.session, found, "Guest", WORDS, secret=b"x" * 20, code="", now=NOW)


def _invited(at: Town) -> Callable[[], object]:
    def act() -> None:
        at.ada = at.invited()

    return act


def _moved(at: Town) -> Callable[[], object]:
    return lambda: memberships.move(
        at.session, at.clinic, at.ada, "coordinator", "suspended", actor=at.admin, now=NOW
    )  # fmt: skip


def _given(at: Town) -> Callable[[], object]:
    return lambda: memberships.give(at.session, at.clinic, at.ada, "therapist", actor=at.admin, now=NOW)


DONE: dict[str, tuple[Callable[[Town], Callable[[], object]], Entries, bool]] = {
    "app": (lambda at: lambda: with_app(at.session, at.ada), [("person.app_set_up", THEM)], True),
    "app goes": (_app_goes, [("person.app_removed", THEM)], True),
    "passkey": (
        lambda at: lambda: with_passkey(at.session, at.ada, Authenticator()), [("person.passkey_added", THEM)], True,
    ),
    "passkey goes": (_passkey_goes, [("person.passkey_removed", THEM)], True),
    "codes": (
        lambda at: lambda: factors.new_codes(at.session, at.ada, now=NOW),
        [("person.recovery_codes_made", THEM)], False,
    ),
    "code": (_code, [("person.recovery_code_used", THEM)], True),
    "factors taken": (
        lambda at: lambda: factors.take_away(at.session, at.ada, actor=at.admin, now=NOW),
        [("person.second_factor_reset", ADMIN)], True,
    ),
    "factors taken by command": (
        lambda at: lambda: factors.take_away_by_command(at.session, at.ada, now=NOW),
        [("person.second_factor_reset", COMMAND)], True,
    ),
    "reset": (_reset, [("person.password_changed", THEM)], True),
    "password": (_password, [("person.password_changed", THEM), ("person.proved", THEM)], True),
    "proved": (_proved, [("person.proved", THEM)], False),
    "in": (lambda at: lambda: people.sign_in(at.session, at.ada, now=NOW), [("person.signed_in", THEM)], False),
    "out": (_out, [("person.signed_out", THEM)], False),
    "not in": (
        lambda at: lambda: people.sign_in_failed(at.session, at.ada, now=NOW),
        [("person.sign_in_failed", NOBODY)], False,
    ),
    "others end": (_others_end, [("person.other_sign_ins_ended", THEM)], False),
    "one ends": (_one_ends, [("person.sign_in_ended", THEM)], False),
    "all end": (
        lambda at: lambda: people.end_all(at.session, at.ada, now=NOW), [("person.all_signed_out", COMMAND)], False,
    ),
    "invited": (_invited, [("person.invited", COMMAND)], False),
    "again": (_again, [("person.invited_again", ADMIN)], False),
    "taken back": (_taken_back, [("person.invitation_taken_back", ADMIN)], False),
    "joined": (_joined, [("person.password_changed", THEM), ("person.joined", THEM)], False),
    "moved": (_moved, [("membership.changed", ADMIN)], False),
    "given": (_given, [("membership.changed", ADMIN)], False),
}  # fmt: skip


def entries(session: Session, after: int) -> list[tuple[str, str, str]]:
    found = select(AuditEventRow).where(AuditEventRow.sequence > after).order_by(AuditEventRow.sequence)
    return [(row.action, row.subject, row.actor) for row in session.scalars(found)]


@pytest.mark.P8
@pytest.mark.parametrize("what", DONE)
def test_every_change_of_a_way_in_is_written_down_and_told(town: Town, what: str, tried: Callable[[int], None]) -> None:
    prepare, expected, is_told = DONE[what]
    act = prepare(town)
    session, before = town.session, len(entries(town.session, 0))
    n_told = len(session.scalars(select(OutboxRow).where(OutboxRow.kind == CHANGED)).all())
    act()
    by = {THEM: str(town.ada), ADMIN: str(town.admin), COMMAND: COMMAND, NOBODY: NOBODY}
    assert entries(session, before) == [(action, str(town.ada), by[who]) for action, who in expected]
    mails = session.scalars(select(OutboxRow).where(OutboxRow.kind == CHANGED)).all()
    assert len(mails) - n_told == int(is_told)
    assert all(mail.recipient == "ada@north.example" for mail in mails)
    tried(1)


@pytest.mark.P8
def test_tokens_of_programs_and_the_rules_of_the_door_are_written_down(
    town: Town, tried: Callable[[int], None]
) -> None:
    session, before = town.session, len(entries(town.session, 0))
    programs.issue(session, now=NOW)
    [known] = programs.every(session)
    programs.revoke(session, known.id, now=NOW)
    sign_in_policy.change(session, town.clinic.id, SignInPolicy("everybody"), actor=town.admin, now=NOW)
    assert entries(session, before) == [
        ("token.issued", str(known.id), COMMAND), ("token.revoked", str(known.id), COMMAND),
        ("sign_in_policy.changed", "", str(town.admin)),
    ]  # fmt: skip
    tried(3)


@pytest.mark.S5
def test_who_loses_every_factor_is_signed_out_everywhere(town: Town, tried: Callable[[int], None]) -> None:
    """What was opened with the lost factor would stand open to whoever has it now; others stay in."""
    session = town.session
    with_app(session, town.ada)
    whole, half = town.signed_in(), people.begin_sign_in(session, town.ada, now=NOW)
    theirs = people.sign_in(session, town.admin, now=NOW)
    factors.take_away(session, town.ada, actor=town.admin, now=NOW)
    session.expire_all()
    assert whole.sign_in_id not in {row.id for row in sign_ins.open_of(session, town.ada)}
    assert people.half_way(session, half, now=NOW) is None
    assert people.of_sign_in(session, theirs, now=NOW) is not None
    tried(3)


@pytest.mark.S5
def test_a_sign_in_that_has_run_out_is_not_listed_as_open(town: Town, tried: Callable[[int], None]) -> None:
    """By the clinic's own times: left unused for too long, or used for too long."""
    session, rules = town.session, sign_in_policy.of(town.session)
    person = town.signed_in()
    for after, is_open in ((rules.idle - TICK, True), (rules.idle, False), (rules.at_most, False)):
        assert bool(own_sign_ins.every_open(session, person, now=NOW + after)) is is_open, after
    [row] = sign_ins.open_of(session, town.ada)
    row.seen_at = NOW + rules.at_most - TICK
    session.flush()
    assert len(own_sign_ins.every_open(session, person, now=NOW + rules.at_most - TICK)) == 1
    assert not own_sign_ins.every_open(session, person, now=NOW + rules.at_most)
    tried(5)
