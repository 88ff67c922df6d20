"""What somebody does with their own sign-ins: see and end them, show once more who they are, a new password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import people as rows
from web.db.queries import sign_ins
from web.db.tables import SignInRow
from web.services import audit, passwords, second_factors, sign_in_policy, staff_mail
from web.services.people import MOST_FAILED, SignedIn
from web.services.second_factors import Factors

FRESH_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A browser in which somebody is signed in: its family as it was called, and since when."""

    id: UUID
    browser: str
    made_at: datetime
    seen_at: datetime
    is_this: bool


def is_fresh(person: SignedIn, *, now: datetime) -> bool:
    """Whether somebody has just shown that it is they. A click in the demo always has."""
    if person.second == sign_in_policy.DEMO:
        return True
    return person.proved_at is not None and person.proved_at <= now < person.proved_at + FRESH_FOR


def prove(session: Session, person: SignedIn, *, second: str = "", now: datetime) -> None:
    """Note that somebody has shown once more that it is they; ``second`` where it was by a second factor."""
    row = _own(session, person)
    row.proved_at, row.second = now, second or row.second
    session.flush()
    audit.record(session, "person.proved", now=now, subject=str(person.person_id), actor=str(person.person_id))


def proves(session: Session, person: SignedIn, password: str, code: str, *, now: datetime) -> bool:
    """Whether this password, or this code of their app, is theirs; who has an app may show either."""
    if code and second_factors.take_app_code(session, person.person_id, code, now=now):
        return True
    return bool(password) and _is_password(session, person, password)


def every_open(session: Session, person: SignedIn, *, now: datetime) -> list[OpenSignIn]:
    """Where somebody is signed in now, as this clinic counts it; the last used first."""
    rules = sign_in_policy.of(session)
    return [
        OpenSignIn(row.id, row.browser, row.made_at, row.seen_at, row.id == person.sign_in_id)
        for row in sign_ins.open_of(session, person.person_id)
        if now < min(row.seen_at + rules.idle, row.made_at + rules.at_most)
    ]


def end_one(session: Session, person: SignedIn, sign_in_id: UUID, *, now: datetime) -> bool:
    """End one of somebody's own sign-ins; whether there was such a one."""
    ended = sign_ins.end_one(session, person.person_id, sign_in_id, now=now)
    if ended:
        _record(session, person, "person.sign_in_ended", now)
    return ended


def end_others(session: Session, person: SignedIn, *, now: datetime) -> int:
    """End somebody's sign-ins but this one; how many those were."""
    n = sign_ins.end_others(session, person.person_id, person.sign_in_id, now=now)
    if n:
        _record(session, person, "person.other_sign_ins_ended", now, n=n)
    return n


def keep_factor(session: Session, person: SignedIn, second: str, *, now: datetime) -> None:
    """A second factor was just set up here: this sign-in has it, and all others, which have none, are over."""
    prove(session, person, second=second, now=now)
    end_others(session, person, now=now)


def lose_factor(session: Session, person: SignedIn, has: Factors, *, now: datetime) -> None:
    """A second factor was just taken away here: sign-ins elsewhere, which may rest on it, are over."""
    row = _own(session, person)
    if not has.has.any and row.second != sign_in_policy.DEMO:
        row.second = ""
    end_others(session, person, now=now)


def change_password(session: Session, person: SignedIn, old: str, new: str, factors: Factors, *, now: datetime) -> bool:
    """A new password in place of the old; whether the old one was right. Other sign-ins end. Raises WeakPassword."""
    if not _is_password(session, person, old):
        return False
    set_password(session, person.person_id, new, factors, now=now)
    prove(session, person, now=now)
    end_others(session, person, now=now)
    return True


def set_password(session: Session, person_id: UUID, new: str, factors: Factors, *, now: datetime) -> None:
    """Keep a new password, and tell its owner by mail. Raises WeakPassword. Sign-ins are ended by the caller."""
    keep_password(session, person_id, new, factors, now=now)
    staff_mail.tell_of_change(session, person_id, now=now)


def keep_password(session: Session, person_id: UUID, new: str, factors: Factors, *, now: datetime) -> None:
    """Keep a new password. Raises WeakPassword."""
    person, account = rows.of_key(session, person_id), rows.account(session, person_id)
    shortest = second_factors.shortest_password(factors)
    account.password = passwords.hash_of(new, person.email, person.name, shortest=shortest)
    account.is_short, account.changed_at = passwords.is_short(new), now
    account.n_failed = account.n_failed_known = 0
    session.flush()
    audit.record(session, "person.password_changed", now=now, subject=str(person_id), actor=str(person_id))


def other_clinics(session: Session, person: SignedIn, here: str) -> Sequence[tuple[str, str]]:
    """(name, host) of the other clinics at which somebody works, where those have hosts of their own."""
    found = sign_ins.clinics_of(session, person.person_id)
    return [(name, host) for name, host in found if host is not None and host != here]


def _is_password(session: Session, person: SignedIn, password: str) -> bool:
    """Whether it is theirs, and was not guessed at so often that it opens nothing any more."""
    account = rows.account(session, person.person_id)
    return passwords.matches(account.password, password) and account.n_failed_known < MOST_FAILED


def _own(session: Session, person: SignedIn) -> SignInRow:
    return next(row for row in sign_ins.open_of(session, person.person_id) if row.id == person.sign_in_id)


def _record(session: Session, person: SignedIn, action: str, now: datetime, **details: int) -> None:
    actor = str(person.person_id)
    audit.record(session, action, now=now, subject=actor, actor=actor, **details)
