"""A new password for who has forgotten theirs: the answer is the same for every address, and so is the work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from web.db.queries import people as rows
from web.db.queries import sign_ins
from web.services import own_sign_ins, passwords, people, second_factors, staff_links, staff_mail
from web.services.staff_links import RESET, StaffLink


def ask(session: Session, email: str, *, now: datetime) -> None:
    """Let whoever has this address, and works here, get the way to a new password by mail."""
    staff_mail.offer_password(session, people.normal_email(email), now=now)


def of_link(session: Session, token: str, *, now: datetime) -> StaffLink | None:
    """A link that may be used; None where it opens nothing (any more)."""
    found = staff_links.of_token(session, RESET, token, now=now)
    return found if found is not None and rows.account(session, found.person_id).active else None


def shortest(session: Session, link: StaffLink, host: str) -> int:
    """How long the new password has to be at least."""
    return second_factors.shortest_password(second_factors.of(session, link.person_id, host))


def choose(session: Session, link: StaffLink, password: str, host: str, *, now: datetime) -> bool:
    """Keep the new password, end every sign-in and every other such link; whether the link was still good.

    Raises WeakPassword, and has used nothing up then. Nobody is signed in by it: the second factor is still asked for.
    """
    factors, person = second_factors.of(session, link.person_id, host), rows.of_key(session, link.person_id)
    passwords.check(password, person.email, person.name, shortest=second_factors.shortest_password(factors))
    if not staff_links.use(session, link, now=now):
        return False
    own_sign_ins.set_password(session, link.person_id, password, factors, now=now)
    staff_links.end(session, RESET, link.person_id, now=now)
    sign_ins.end_others(session, link.person_id, None, now=now)
    return True
