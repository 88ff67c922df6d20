"""Mail to staff about their sign-in: an invitation, the way to a new password, that something was changed.

None of it says more than the clinic's name. A link is made when the mail is written, in the transaction that claims it.
For a new password nothing is looked up before that either, so that who asks learns not even from the clock whether
anybody has that address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import people
from web.db.tables import OutboxRow
from web.services import outbox, staff_links
from web.services.staff_links import INVITATION, PATHS, RESET

INVITED, PASSWORD, CHANGED = "staff_invited", "password_reset", "sign_in_changed"
KINDS = (INVITED, PASSWORD, CHANGED)


def invite(session: Session, person_id: UUID, email: str, *, now: datetime) -> None:
    """Promise an invitation; those before it open nothing any more."""
    staff_links.end(session, INVITATION, person_id, now=now)
    outbox.promise(session, INVITED, _once(), email, now=now, person_id=str(person_id))


def offer_password(session: Session, email: str, *, now: datetime) -> None:
    """Promise the way to a new password to whoever may have this address; the same work for everybody."""
    outbox.promise(session, PASSWORD, _once(), email, now=now)


def tell_of_change(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Promise the news that how somebody signs in was changed, in case it was not they."""
    outbox.promise(session, CHANGED, _once(), people.of_key(session, person_id).email, now=now)


def paths(session: Session, row: OutboxRow, *, now: datetime) -> Mapping[str, str] | None:
    """The links of a promised mail, made now; None where it is not to be sent."""
    if row.kind == CHANGED:
        return {}
    person = people.by_email(session, row.recipient)
    statuses = set() if person is None else {m.status for m in people.memberships(session, person.id)}
    wanted = "invited" if row.kind == INVITED else "active"
    if person is None or wanted not in statuses or not people.account(session, person.id).active:
        return None
    kind = INVITATION if row.kind == INVITED else RESET
    return {"link": PATHS[kind] + staff_links.make(session, kind, person.id, now=now)}


def _once() -> str:
    return secrets.token_hex(16)
