"""The people of a clinic: who they are, what they may do, and where they are signed in.

A sign-in is 128 random bits in a browser's cookie; the database holds their hash. Roles, and what the clinic asks of
those who sign in, are read at every request, so that a change works on the next.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import people, sign_ins
from web.db.tables import AccountRow, MembershipRow, PersonRow, SignInRow, TherapistRow
from web.db.tables.base import new_key
from web.db.tables.people import ROLES, STATUSES
from web.services import audit, passwords, sign_in_policy
from web.services.sign_in_policy import AGAIN, WHOLE, Has

ACTIVE, SUSPENDED, INVITED, REMOVED = "active", "suspended", "invited", "removed"
LONGEST_EMAIL, LONGEST_NAME = 254, 200
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)*")
SEEN_EVERY = timedelta(minutes=1)
HALF_WAY_FOR = timedelta(minutes=10)
# of failed tries in a row, in browsers that are new and in such as the person has used: a hundred together, as NIST
# SP 800-63B-4, section 3.2.2, allows. Then a passkey, a browser of the other kind, or a new password lead in.
MOST_FAILED = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in, and the roles that hold at this clinic at present.

    ``second`` is what they showed beside the password, ``proved_at`` when they last showed that it is they. What they
    have to set up before anything else opens is ``owes``.
    """

    person_id: UUID
    name: str
    email: str
    roles: frozenset[str]
    seen_at: datetime
    sign_in_id: UUID | None = None
    second: str = ""
    proved_at: datetime | None = None
    owes: str = ""


class PasswordChanged(Exception):
    """A password was right, and is not any more: somebody has changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Somebody whose password was right, and whose second factor is still to come."""

    person_id: UUID
    email: str
    token: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is asked for at the door. ``active``: the account is open, and they work at this clinic or are invited.

    ``failed`` are the tries in a row that failed: (in browsers that are new, in browsers of theirs).
    """

    person_id: UUID
    email: str
    uniquifier: str
    password: str | None
    active: bool
    failed: tuple[int, int] = (0, 0)

    def is_closed(self, *, known: bool) -> bool:
        """Whether so many tries failed that the password opens nothing more in a browser of this kind."""
        return self.failed[known] >= MOST_FAILED


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the clinic: (role, status) of each membership, and in how many browsers they are signed in.

    Who was only invited has neither a name nor a sign-in here, whatever they have elsewhere.
    """

    person_id: UUID
    name: str
    email: str
    roles: tuple[tuple[str, str], ...]
    n_sign_ins: int


def normal_email(email: str) -> str:
    """The one form of an e-mail address; large and small letters are the same."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def is_email(email: str) -> bool:
    """Whether this could be an e-mail address."""
    return len(email) <= LONGEST_EMAIL and email.isprintable() and EMAIL.fullmatch(email) is not None


def of_email(session: Session, email: str) -> Credentials | None:
    """What the person with this address must know; None where nobody has it. Both take the same work."""
    return _credentials(people.account_by_email(session, normal_email(email)))


def who_may_enter(session: Session, person_id: UUID) -> Credentials | None:
    """The same of a person whom a passkey has named; None where they may not come in here."""
    found = _credentials(people.account_by_email(session, people.of_key(session, person_id).email))
    return found if found is not None and found.active else None


def of_uniquifier(session: Session, uniquifier: str) -> Credentials | None:
    """The same, by the name that the sign-in library knows."""
    return _credentials(people.account_by_uniquifier(session, uniquifier))


def of_sign_in(session: Session, token: str, *, now: datetime, host: str = "") -> SignedIn | None:
    """Whose sign-in this is, at the clinic that the session has entered; None where it has ended, or is not enough.

    ``host`` is the name that was called, to which a passkey belongs.
    """
    found = people.sign_in(session, _hash(token), host) if _TOKEN.fullmatch(token) else None
    if found is None:
        return None
    row, person, account, n_passkeys, n_here = found
    rules = sign_in_policy.of(session)
    if not account.active or row.is_half or row.ended_at is not None:
        return None
    if now >= min(row.seen_at + rules.idle, row.made_at + rules.at_most):
        return None
    roles = frozenset(m.role for m in people.memberships(session, person.id) if m.status == ACTIVE)
    stands = sign_in_policy.standing(rules, roles, row.second, Has(account.has_app, n_passkeys, n_here))
    if stands == AGAIN:
        return None
    return SignedIn(
        person.id, person.name, person.email, roles, row.seen_at, row.id, row.second, row.proved_at or row.made_at,
        "" if stands == WHOLE else stands,
    )  # fmt: skip


def require_unchanged(session: Session, person_id: UUID, checked: str | None) -> None:
    """Let nobody change the password until the transaction ends. Raises PasswordChanged where that was done already.

    ``checked`` is the hash that a password was compared with: a reset may end all sign-ins between that and this one.
    """
    if people.locked_account(session, person_id).password != checked:
        raise PasswordChanged


def may_still_enter(session: Session, person_id: UUID) -> bool:
    """Whether they work here or are invited at this moment; nobody ends their sign-ins until the transaction ends."""
    account = people.locked_account(session, person_id)
    return account.active and not {ACTIVE, INVITED}.isdisjoint(people.statuses(session, person_id))


def sign_in(session: Session, person_id: UUID, *, now: datetime, second: str = "", browser: str = "") -> str:
    """A new sign-in; its token, which this browser alone is told. Tries that failed before are forgotten."""
    token = _new_sign_in(session, person_id, now, second=second, browser=browser, proved_at=now)
    account = people.account(session, person_id)
    if account.n_failed or account.n_failed_known:
        account.n_failed = account.n_failed_known = 0
    audit.record(session, "person.signed_in", now=now, subject=str(person_id), actor=str(person_id))
    return token


def begin_sign_in(session: Session, person_id: UUID, *, now: datetime) -> str:
    """The first half of a sign-in, which opens nothing but the question for the second factor; its token."""
    return _new_sign_in(session, person_id, now, is_half=True)


def half_way(session: Session, token: str, *, now: datetime) -> HalfWay | None:
    """Whose first half this is; None where it was completed, or is over."""
    found = people.sign_in(session, _hash(token)) if _TOKEN.fullmatch(token) else None
    if found is None:
        return None
    row, person, account, _n, _n_here = found
    is_open = (
        account.active and row.is_half and row.ended_at is None and row.made_at <= now < row.made_at + HALF_WAY_FOR
    )
    return HalfWay(person.id, person.email, token) if is_open else None


def end_half(session: Session, half: HalfWay, *, now: datetime) -> None:
    """Let a first half serve no more: it was completed."""
    people.sign_in(session, _hash(half.token))[0].ended_at = now
    session.flush()


def _new_sign_in(session: Session, person_id: UUID, now: datetime, **more: object) -> str:
    token = secrets.token_urlsafe(16)
    session.add(SignInRow(person_id=person_id, token_hash=_hash(token), made_at=now, seen_at=now, **more))
    session.flush()
    return token


def seen(session: Session, token: str, *, now: datetime) -> None:
    """Note that a sign-in is in use, at most once a minute."""
    people.seen(session, _hash(token), now=now, before=now - SEEN_EVERY)


def sign_in_failed(session: Session, person_id: UUID | None, *, now: datetime, known: bool = False) -> None:
    """Write down that somebody did not get in; whom they said they were only where that is somebody of ours.

    ``known``: in a browser which that person has used before.
    """
    subject = "" if person_id is None else str(person_id)
    if person_id is not None:
        sign_ins.failed(session, person_id, known=known)
    audit.record(session, "person.sign_in_failed", now=now, subject=subject, actor=_NOBODY)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a sign-in; nothing where it has ended before."""
    found = people.sign_in(session, _hash(token)) if _TOKEN.fullmatch(token) else None
    if found is not None and found[0].ended_at is None and not found[0].is_half:
        found[0].ended_at = now
        person_id = str(found[1].id)
        audit.record(session, "person.signed_out", now=now, subject=person_id, actor=person_id)


def end_all(session: Session, person_id: UUID, *, now: datetime) -> None:
    """End every sign-in of a person, wherever it is; also one that is just being written down."""
    people.locked_account(session, person_id).uniquifier = secrets.token_hex(16)
    people.end_sign_ins(session, person_id, now=now)
    audit.record(session, "person.all_signed_out", now=now, subject=str(person_id))


def keep_hash(session: Session, person_id: UUID, hashed: str) -> None:
    """Replace the hash of a password that is the same, made with newer parameters."""
    people.account(session, person_id).password = hashed
    session.flush()


def is_known(session: Session, email: str) -> bool:
    """Whether somebody with this address works at some clinic; they have a password of their own then."""
    return people.by_email(session, normal_email(email)) is not None


def create(session: Session, email: str, name: str, role: str, *, password: str | None, now: datetime) -> UUID:
    """Give somebody a role at the clinic that the session has entered. Raises InvalidInput or WeakPassword.

    Somebody who works at another clinic already keeps name and password. A role that was taken away holds again.
    """
    email = _checked(email, name, role)
    person = people.by_email(session, email)
    if person is None:
        person = _new_person(session, email, name.strip(), password, now)
    known = next((m for m in people.memberships(session, person.id) if m.role == role), None)
    if known is not None and known.status == ACTIVE:
        raise InvalidInput("email", email, f"has the role {role} at this clinic already")
    if known is not None:
        _set_status(session, known, ACTIVE, now)
        return person.id
    session.add(MembershipRow(person_id=person.id, role=role, status=ACTIVE, created_at=now))
    audit.record(session, "person.created", now=now, subject=str(person.id), role=role)
    return person.id


def known_or_new(session: Session, email: str, *, now: datetime) -> UUID:
    """The person with this address; a new one, without name and password, where there is none yet."""
    person = people.by_email(session, email)
    return person.id if person is not None else _new_person(session, email, "", None, now).id


def change(
    session: Session, email: str, status: str, *, now: datetime, role: str | None = None, actor: str = audit.COMMAND
) -> int:
    """Give each role of a person here (or the one named) another status; how many changed. Raises InvalidInput."""
    if status not in STATUSES:
        raise InvalidInput("status", status, f"expected one of {', '.join(STATUSES)}")
    person = people.by_email(session, normal_email(email))
    found = [] if person is None else people.memberships(session, person.id)
    meant = [row for row in found if role in (None, row.role)]
    if not meant:
        raise InvalidInput("email", email, "nobody with this address has that role here; see: rapport people list")
    changed = [row for row in meant if row.status != status]
    for row in changed:
        _set_status(session, row, status, now, actor)
    if person is not None and changed and status != ACTIVE:
        end_where_nothing_holds(session, person.id, now=now)
    return len(changed)


def end_where_nothing_holds(session: Session, person_id: UUID, *, now: datetime) -> None:
    """End every sign-in of who has no role left: one that is given back later opens nothing that stood open before.

    A sign-in at another clinic is not this one's to end; here the roles are asked for at every request.
    """
    session.flush()
    holds = ACTIVE in people.statuses(session, person_id) or sign_ins.works_elsewhere(session, person_id, (ACTIVE,))
    if not holds:
        people.locked_account(session, person_id)  # whoever is just coming in ends, too
        people.end_sign_ins(session, person_id, now=now)


def everybody(session: Session, *, now: datetime) -> list[Member]:
    """Everybody of the clinic, by name."""
    rules = sign_in_policy.of(session)
    n_open = people.open_sign_ins(session, seen_after=now - rules.idle, made_after=now - rules.at_most)
    roles: dict[UUID, list[tuple[str, str]]] = {}
    persons: dict[UUID, PersonRow] = {}
    joined: set[UUID] = set()
    for person, membership in people.everybody(session):
        persons[person.id] = person
        roles.setdefault(person.id, []).append((membership.role, membership.status))
        joined |= {person.id} if membership.has_joined else set()
    return [
        Member(key, row.name if key in joined else "", row.email, tuple(roles[key]),
               n_open.get(key, 0) if key in joined else 0)
        for key, row in persons.items()
    ]  # fmt: skip


def therapist_of(session: Session, person_id: UUID) -> str | None:
    """The therapist (external id) who signs in as this person; None where nobody does."""
    found = people.therapists_of(session, person_id)
    return found[0].external_id if found else None


def link_therapist(session: Session, person_id: UUID, external_id: str, *, now: datetime) -> None:
    """Let a therapist of the directory be this person, and nobody else. Raises InvalidInput where there is none."""
    row = people.therapist(session, external_id)
    if row is None:
        raise InvalidInput("therapist", external_id, "no such therapist in this clinic's directory")
    others: list[TherapistRow] = [other for other in people.therapists_of(session, person_id) if other is not row]
    for other in others:
        other.person_id = None
    row.person_id = person_id
    audit.record(session, "therapist.linked", now=now, subject=str(row.id), person=str(person_id))


def _checked(email: str, name: str, role: str) -> str:
    if role not in ROLES:
        raise InvalidInput("role", role, f"expected one of {', '.join(ROLES)}")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput("name", name, f"expected a name of 1 to {LONGEST_NAME} letters on one line")
    if not is_email(normal_email(email)):
        raise InvalidInput("email", email, "expected an address such as name@example.org")
    return normal_email(email)


def _new_person(session: Session, email: str, name: str, password: str | None, now: datetime) -> PersonRow:
    hashed = None if password is None else passwords.hash_of(password, email, name)
    person = PersonRow(id=new_key(), email=email, name=name, created_at=now)
    session.add(person)
    session.flush()
    session.add(
        AccountRow(person_id=person.id, password=hashed, active=True, uniquifier=secrets.token_hex(16), changed_at=now)
    )
    session.flush()
    return person


def _set_status(session: Session, row: MembershipRow, status: str, now: datetime, actor: str = audit.COMMAND) -> None:
    row.status = status
    audit.record(
        session, "membership.changed", now=now, subject=str(row.person_id), actor=actor, role=row.role, status=status
    )


def _credentials(found: Sequence[Row[tuple[AccountRow, PersonRow, MembershipRow | None]]]) -> Credentials | None:
    if not found:
        return None
    account, person, _ = found[0]
    here = account.active and any(row[2] is not None and row[2].status in (ACTIVE, INVITED) for row in found)
    failed = (account.n_failed, account.n_failed_known)
    return Credentials(person.id, person.email, account.uniquifier, account.password, here, failed)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
