"""What the ways in refuse below the web: races, answers that come late, and factors that somebody still needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.people.authenticator import Authenticator
from tests.web.people.factors import SECRET, app_code
from web.db import engine, schema
from web.db.queries import people as rows
from web.db.queries import sign_ins
from web.services import clinics, invitations, memberships, own_sign_ins, passkeys, passwords, people, resets
from web.services import second_factors as factors
from web.services import staff_links as links
from web.services.clinics import Clinic
from web.services.second_factors import NeedsLongerPassword
from web.services.sign_in_policy import AGAIN, DEMO, EVERYBODY, WHOLE, Has, SignInPolicy, standing

HOST, ORIGIN = "localhost", "http://localhost"
WORDS, SHORT = "harbour lights in late autumn", "kelp-sand"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('ways-in') / 'rapport.sqlite'}"
    schema.upgrade(made)
    with engine.sessions(made)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    return made


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    """Nothing of a test stays."""
    with engine.sessions(url)() as opened:
        clinics.find(engine.writing(opened), None)
        yield opened
        opened.rollback()


def north(session: Session) -> Clinic:
    return clinics.find(session, None)


def hired(session: Session, role: str = "coordinator", name: str = "ada") -> UUID:
    return people.create(session, f"{name}@north.example", "Ada Quill", role, password=WORDS, now=NOW)


def with_app(session: Session, person_id: UUID, at: datetime = NOW) -> None:
    assert factors.set_up_app(session, person_id, SECRET, app_code(at=at), now=at)


def shortened(session: Session, person_id: UUID) -> None:
    """Their password is one that is enough beside a second factor alone."""
    rows.account(session, person_id).is_short = True
    session.flush()


def with_passkey(session: Session, person_id: UUID, device: Authenticator) -> bool:
    import json

    options = json.loads(passkeys.ask_for_new(session, person_id, HOST, now=NOW))
    return passkeys.add(session, person_id, device.make(options), "", host=HOST, origin=ORIGIN, now=NOW)


def test_two_at_once_use_a_link_once(session: Session) -> None:
    """Both have looked while it was good: the second is refused, and changes nothing."""
    actor, email = "command line", "new@north.example"
    person_id = invitations.invite(session, north(session), email, ["coordinator"], actor=actor, now=NOW, mail=False)
    token = invitations.link(session, person_id, now=NOW).rpartition("/")[2]
    seen = invitations.of_link(session, token, now=NOW)
    assert seen is not None
    said = {"secret": SECRET, "code": "", "now": NOW}
    assert invitations.accept_new(session, seen, "Ben Shore", WORDS, **said) == invitations.DONE
    assert invitations.accept_new(session, seen, "Mallory", WORDS + "!", **said) == invitations.WORKS_HERE
    assert not invitations.accept_as(session, seen, person_id, now=NOW)
    assert rows.of_key(session, person_id).name == "Ben Shore"
    link = links.of_token(session, links.RESET, links.make(session, links.RESET, person_id, now=NOW), now=NOW)
    assert link is not None and resets.choose(session, link, "first of two words here", HOST, now=NOW)
    assert not resets.choose(session, link, "second of two words here", HOST, now=NOW)
    assert passwords.matches(rows.account(session, person_id).password, "first of two words here")


def test_an_invitation_is_accepted_by_whom_it_was_sent_to_and_moves_no_other_role(session: Session) -> None:
    ben = hired(session, name="ben")
    ada = hired(session)
    memberships.move(session, north(session), ada, "coordinator", "removed", actor=ben, now=NOW)
    again = invitations.invite(session, north(session), "ada@north.example", ["therapist"], actor="x", now=NOW)
    assert again == ada
    seen = invitations.of_link(session, invitations.link(session, ada, now=NOW).rpartition("/")[2], now=NOW)
    assert seen is not None and seen.has_account
    assert not invitations.accept_as(session, seen, ben, now=NOW)
    assert invitations.accept_new(session, seen, "X", WORDS, secret=SECRET, code="", now=NOW) == "works_here"
    assert invitations.accept_as(session, seen, ada, now=NOW)
    assert {row.role: row.status for row in rows.memberships(session, ada)} == {
        "coordinator": "removed", "therapist": "active",
    }  # fmt: skip


def test_a_role_is_given_to_who_works_here_alone(session: Session) -> None:
    actor, ada = hired(session, "administrator", "ben"), hired(session)
    with pytest.raises(InvalidInput, match="nobody of this clinic"):
        memberships.give(session, north(session), uuid4(), "therapist", actor=actor, now=NOW)
    memberships.move(session, north(session), ada, "coordinator", "suspended", actor=actor, now=NOW)
    with pytest.raises(InvalidInput, match="do not work here at present"):
        memberships.give(session, north(session), ada, "therapist", actor=actor, now=NOW)
    new = invitations.invite(
        session, north(session), "c@north.example", ["coordinator", "therapist"], actor="x", now=NOW
    )
    token = links.make(session, links.INVITATION, new, now=NOW)
    memberships.move(session, north(session), new, "coordinator", "removed", actor=actor, now=NOW)
    assert links.of_token(session, links.INVITATION, token, now=NOW)  # they are invited to the other role still
    with pytest.raises(InvalidInput, match="never accepted"):
        memberships.move(session, north(session), new, "coordinator", "active", actor=actor, now=NOW)
    memberships.move(session, north(session), new, "therapist", "removed", actor=actor, now=NOW)
    assert links.of_token(session, links.INVITATION, token, now=NOW) is None


def test_a_short_password_keeps_its_last_second_factor(session: Session) -> None:
    ada, device = hired(session), Authenticator()
    with_app(session, ada)
    shortened(session, ada)
    factors.new_codes(session, ada, now=NOW)
    with pytest.raises(NeedsLongerPassword):
        factors.remove_app(session, ada, now=NOW)
    assert with_passkey(session, ada, device)
    factors.remove_app(session, ada, now=NOW)
    assert sign_ins.n_codes(session, ada) == factors.N_CODES  # the passkey is still there, which they stand in for
    [key] = passkeys.every(session, ada)
    with pytest.raises(NeedsLongerPassword):
        passkeys.remove(session, ada, key.id, now=NOW)
    factors.take_away_by_command(session, ada, now=NOW)
    account = rows.account(session, ada)
    assert account.password is None and not account.has_app and passkeys.every(session, ada) == []
    assert sign_ins.n_codes(session, ada) == 0


def test_a_code_opens_nothing_without_an_app_or_of_another_form(session: Session) -> None:
    ada = hired(session)
    assert not factors.take_app_code(session, ada, app_code(at=NOW), now=NOW)
    assert not factors.set_up_app(session, ada, SECRET, "000000", now=NOW)
    right = app_code(at=NOW)
    wide = right.translate({ord("0") + k: 0xFF10 + k for k in range(10)})
    for code in ("", right[:5], f"{right}0", wide, "abcdef", f"{right[:3]}+{right[3:]}", f"+{right[1:]}"):
        assert not factors.is_code_of(SECRET, code, now=NOW), code
    for code in (right, f"{right[:3]} {right[3:]}", f"{right[:3]}-{right[3:]}"):
        assert factors.is_code_of(SECRET, code, now=NOW), code


def test_a_passkey_is_added_once_by_its_own_answer_and_not_without_end(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben, device = hired(session), hired(session, name="ben"), Authenticator()
    assert not with_passkey(session, ada, Authenticator(origin="https://rapp0rt.example"))
    assert with_passkey(session, ada, device)
    assert not with_passkey(session, ben, device)  # the same device for two would let one in as the other
    deep = '{"response":' * 6_000 + "7" + "}" * 6_000
    for answer in (deep[: passkeys.LONGEST], deep, "[" * 9_000, '{"response":{"clientDataJSON":"é"}}', "{"):
        assert not passkeys.add(session, ada, answer, "", host=HOST, origin=ORIGIN, now=NOW)
    monkeypatch.setattr(passkeys, "MOST", 1)
    assert not with_passkey(session, ada, Authenticator())
    assert len(passkeys.every(session, ada)) == 1


def test_a_sign_in_that_lost_its_factor_is_one_by_password(session: Session) -> None:
    """Unless a passkey is left, or it is a click in the demo, which stands for whatever is asked."""
    ada = hired(session)
    for second, left, then in (("totp", False, ""), ("totp", True, "totp"), (DEMO, False, DEMO)):
        token = people.sign_in(session, ada, now=NOW, second=second)
        row = sign_ins.open_of(session, ada)
        own = next(one for one in row if one.token_hash == people._hash(token))
        person = SimpleNamespace(person_id=ada, sign_in_id=own.id, second=second)
        has = factors.Factors(Has(False, int(left), int(left)), 0, False)
        own_sign_ins.lose_factor(session, person, has, now=NOW)
        assert own.second == then
        assert [one.id for one in sign_ins.open_of(session, ada)] == [own.id]


def test_who_they_are_is_fresh_for_ten_minutes_and_a_wrong_password_changes_none(session: Session) -> None:
    ada = hired(session)
    token = people.sign_in(session, ada, now=NOW)
    person = people.of_sign_in(session, token, now=NOW)
    assert person is not None
    for minutes, fresh in ((-1, False), (0, True), (9.9, True), (10, False)):
        assert own_sign_ins.is_fresh(person, now=NOW + timedelta(minutes=minutes)) is fresh, minutes
    demo = SimpleNamespace(second=DEMO, proved_at=None)
    assert own_sign_ins.is_fresh(demo, now=NOW)
    has = factors.of(session, ada, HOST)
    assert not own_sign_ins.change_password(session, person, "not it at all", "other words for it", has, now=NOW)
    assert passwords.matches(rows.account(session, ada).password, WORDS)


@pytest.mark.parametrize("asks", ["none", EVERYBODY])
def test_the_demo_and_a_factor_that_was_not_shown(asks: str) -> None:
    rules, app = SignInPolicy(asks), Has(True, 0, 0)
    assert standing(rules, frozenset({"administrator"}), DEMO, Has(False, 0, 0)) == WHOLE
    assert standing(rules, frozenset({"therapist"}), "", app) == AGAIN
    assert standing(rules, frozenset({"therapist"}), "totp", app) == WHOLE


def test_a_sign_in_of_nobody_and_a_hash_made_anew(session: Session) -> None:
    ada = hired(session)
    for token in ("", "x", "A" * 22):
        assert people.of_sign_in(session, token, now=NOW) is None
        assert people.half_way(session, token, now=NOW) is None
    people.keep_hash(session, ada, "$argon2id$new")
    found = people.of_email(session, "ada@north.example")
    assert found is not None and found.password == "$argon2id$new"


def test_somebody_of_a_closed_account_gets_no_new_password(session: Session) -> None:
    ada, late = hired(session), datetime(2999, 1, 1, tzinfo=UTC)
    token = links.make(session, links.RESET, ada, now=NOW)
    assert resets.of_link(session, token, now=NOW) is not None
    assert resets.of_link(session, token, now=late) is None
    rows.account(session, ada).active = False
    session.flush()
    assert resets.of_link(session, token, now=NOW) is None
