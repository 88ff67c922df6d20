"""What an administrator does with the roles of people: give, suspend, let hold again, take away.

It works on the next request of the person. Whoever is left without a role here is signed out everywhere as well, so
that a role that is given again later opens nothing that stood open before. The last administrator keeps the role: a
clinic that nobody can administer any more would need whoever runs the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import clinics, people, sign_ins
from web.db.tables import MembershipRow
from web.db.tables.people import ROLES
from web.services import audit, second_factors, staff_links
from web.services.clinics import Clinic
from web.services.people import ACTIVE, INVITED, REMOVED, SUSPENDED, end_where_nothing_holds
from web.services.second_factors import Factors
from web.services.sign_in_policy import Has

MOVES = {ACTIVE: (SUSPENDED, REMOVED), SUSPENDED: (ACTIVE, REMOVED), REMOVED: (ACTIVE,), INVITED: (REMOVED,)}
ADMINISTRATOR = "administrator"
NO_FACTORS = Factors(Has(False, 0, 0), 0, False)  # of who was only invited: nothing of theirs is told here


class LastAdministrator(Exception):
    """Nobody else administers the clinic."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of the clinic as an administrator sees them. ``roles`` are (role, status); ``invited_until`` is when
    their last invitation runs out, None where it was not sent yet, or needs no answer."""

    person_id: UUID
    name: str
    email: str
    roles: tuple[tuple[str, str], ...]
    factors: Factors
    invited_until: datetime | None
    has_account: bool


def find(session: Session, person_id: UUID, host: str) -> Known | None:
    """Somebody of the clinic that the session has entered; None where there is no such person here."""
    found = sign_ins.member(session, person_id)
    if not found:
        return None
    person = found[0][0]
    link = sign_ins.last_link(session, person_id, staff_links.INVITATION)
    is_open = link is not None and link.used_at is None and link.ended_at is None
    has_joined = any(row.has_joined for _, row in found)
    return Known(
        person.id,
        person.name if has_joined else "",
        person.email,
        tuple((row.role, row.status) for _, row in found),
        second_factors.of(session, person_id, host) if has_joined else NO_FACTORS,
        link.expires_at if link is not None and is_open else None,
        has_joined and people.account(session, person_id).password is not None,
    )


def give(session: Session, clinic: Clinic, person_id: UUID, role: str, *, actor: UUID, now: datetime) -> None:
    """Give somebody of the clinic one more role. Raises InvalidInput."""
    known = _known(session, clinic, person_id)
    if role not in ROLES or any(row.role == role for row in known):
        raise InvalidInput("role", role, "expected a role that they do not have")
    status = ACTIVE if any(row.status == ACTIVE for row in known) else INVITED
    if status == INVITED and not any(row.status == INVITED for row in known):
        raise InvalidInput("role", role, "they do not work here at present; let a role hold again, or invite them")
    session.add(MembershipRow(person_id=person_id, role=role, status=status, created_at=now))
    _record(session, person_id, role, status, actor, now)


def move(
    session: Session, clinic: Clinic, person_id: UUID, role: str, status: str, *, actor: UUID, now: datetime
) -> None:
    """Let a role of somebody hold, rest, or be no more. Raises InvalidInput or LastAdministrator."""
    known = _known(session, clinic, person_id)
    row = next((row for row in known if row.role == role), None)
    if row is None or status not in MOVES[row.status]:
        raise InvalidInput("status", status, "this cannot be made of that role")
    if status == ACTIVE and not any(other.has_joined for other in known):
        raise InvalidInput("status", status, "they never accepted an invitation; invite them again")
    if row.role == ADMINISTRATOR and row.status == ACTIVE and sign_ins.n_active(session, ADMINISTRATOR) < 2:
        raise LastAdministrator
    held, row.status = row.status == ACTIVE, status
    session.flush()
    _record(session, person_id, role, status, actor, now)
    if held and status != ACTIVE:
        end_where_nothing_holds(session, person_id, now=now)
    if not any(other.status == INVITED for other in known):
        staff_links.end(session, staff_links.INVITATION, person_id, now=now)


def _known(session: Session, clinic: Clinic, person_id: UUID) -> Sequence[MembershipRow]:
    """Their roles here, once nobody else can change any: two administrators do not take the role of each other."""
    clinics.lock(session, clinic.id)
    found = people.memberships(session, person_id)
    if not found:
        raise InvalidInput("person", str(person_id), "nobody of this clinic")
    return found


def _record(session: Session, person_id: UUID, role: str, status: str, actor: UUID, now: datetime) -> None:
    audit.record(
        session, "membership.changed", now=now, subject=str(person_id), actor=str(actor), role=role, status=status
    )
