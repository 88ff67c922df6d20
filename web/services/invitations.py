"""Inviting somebody to work at a clinic, and accepting it: the address is theirs, as the mail has reached them.

Who invites learns nothing of whether the address has an account at another clinic: the same happens either way. Who has
one accepts with their own sign-in, and keeps name and password; who has none chooses both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import clinics, people
from web.db.tables import MembershipRow
from web.db.tables.people import ROLES
from web.services import audit, own_sign_ins, passwords, second_factors, sign_in_policy, staff_links, staff_mail
from web.services import people as service
from web.services.clinics import Clinic
from web.services.people import ACTIVE, INVITED, LONGEST_NAME, REMOVED
from web.services.second_factors import Factors
from web.services.staff_links import INVITATION, StaffLink

WORKS_HERE, NAME, CODE, DONE = "works_here", "name", "code", "done"
COMMAND = audit.COMMAND


class WorksHere(InvalidInput):
    """Somebody with this address works here already: their roles are changed on their page."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody is invited to do; ``has_account`` where they sign in at another clinic already."""

    link: StaffLink
    person_id: UUID
    email: str
    roles: tuple[str, ...]
    has_account: bool


def invite(
    session: Session, clinic: Clinic, email: str, roles: Sequence[str], *, actor: str, now: datetime, mail: bool = True
) -> UUID:
    """Invite somebody to these roles, by mail unless the link is handed over. Raises InvalidInput or WorksHere."""
    clinics.lock(session, clinic.id)
    address = service.normal_email(email)
    if not service.is_email(address):
        raise InvalidInput("email", email, "expected an address such as name@example.org")
    if not roles or any(role not in ROLES for role in roles):
        raise InvalidInput("roles", ", ".join(roles), f"expected some of {', '.join(ROLES)}")
    person_id = service.known_or_new(session, address, now=now)
    here = {row.role: row for row in people.memberships(session, person_id)}
    if any(row.status in (ACTIVE, service.SUSPENDED) for row in here.values()):
        raise WorksHere("email", email, "works here already; change their roles on their page")
    for role in dict.fromkeys(roles):
        _invited(session, person_id, role, here.get(role), now)
        audit.record(session, "person.invited", now=now, subject=str(person_id), actor=actor, role=role)
    if mail:
        staff_mail.invite(session, person_id, address, now=now)
    return person_id


def send_again(session: Session, clinic: Clinic, person_id: UUID, *, actor: str, now: datetime) -> bool:
    """Send a new invitation, after which the one before opens nothing; whether they are invited at all."""
    clinics.lock(session, clinic.id)
    if not any(row.status == INVITED for row in people.memberships(session, person_id)):
        return False
    staff_mail.invite(session, person_id, people.of_key(session, person_id).email, now=now)
    audit.record(session, "person.invited_again", now=now, subject=str(person_id), actor=actor)
    return True


def take_back(session: Session, clinic: Clinic, person_id: UUID, *, actor: str, now: datetime) -> bool:
    """Take an invitation back; whether there was one."""
    clinics.lock(session, clinic.id)
    found = [row for row in people.memberships(session, person_id) if row.status == INVITED]
    for row in found:
        row.status = REMOVED
    session.flush()
    staff_links.end(session, INVITATION, person_id, now=now)
    if found:
        audit.record(session, "person.invitation_taken_back", now=now, subject=str(person_id), actor=actor)
    return bool(found)


def link(session: Session, person_id: UUID, *, now: datetime) -> str:
    """The path of a new link, to be handed over where no mail can be sent; those before it open nothing any more."""
    staff_links.end(session, INVITATION, person_id, now=now)
    return staff_links.PATHS[INVITATION] + staff_links.make(session, INVITATION, person_id, now=now)


def of_link(session: Session, token: str, *, now: datetime) -> Invitation | None:
    """What a link invites to; None where it opens nothing (any more)."""
    found = staff_links.of_token(session, INVITATION, token, now=now)
    if found is None:
        return None
    person = people.of_key(session, found.person_id)
    roles = tuple(row.role for row in people.memberships(session, person.id) if row.status == INVITED)
    has_account = bool(person.name)
    return Invitation(found, person.id, person.email, roles, has_account) if roles else None


def accept_as(session: Session, invitation: Invitation, person_id: UUID, *, now: datetime) -> bool:
    """Accept as somebody who is signed in; whether it was they who were invited, and the link was still good."""
    if person_id != invitation.person_id or not staff_links.use(session, invitation.link, now=now):
        return False
    _accepted(session, invitation, now)
    return True


def accept_new(
    session: Session, invitation: Invitation, name: str, password: str, *, secret: bytes, code: str, now: datetime
) -> str:
    """Accept with a new account: a name, a password, and an app where there is a code of one.

    ``done``, or what was wrong: ``name``, ``code``. Raises WeakPassword. An app makes a shorter password enough.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return NAME
    if code and not second_factors.is_code_of(secret, code, now=now):
        return CODE
    shortest = passwords.SHORTEST_OF_TWO if code else passwords.SHORTEST
    passwords.check(password, invitation.email, name, shortest=shortest)
    if invitation.has_account or not staff_links.use(session, invitation.link, now=now):
        return WORKS_HERE
    people.of_key(session, invitation.person_id).name = name
    has = sign_in_policy.Has(bool(code), 0, 0)
    own_sign_ins.keep_password(session, invitation.person_id, password, Factors(has, 0, False), now=now)
    if code:
        second_factors.set_up_app(session, invitation.person_id, secret, code, now=now)
    _accepted(session, invitation, now)
    return DONE


def _invited(session: Session, person_id: UUID, role: str, known: MembershipRow | None, now: datetime) -> None:
    if known is None:
        session.add(MembershipRow(person_id=person_id, role=role, status=INVITED, created_at=now))
    else:
        known.status = INVITED
    session.flush()


def _accepted(session: Session, invitation: Invitation, now: datetime) -> None:
    for row in people.memberships(session, invitation.person_id):
        if row.status == INVITED:
            row.status = ACTIVE
    staff_links.end(session, INVITATION, invitation.person_id, now=now)
    session.flush()
    actor = str(invitation.person_id)
    audit.record(session, "person.joined", now=now, subject=actor, actor=actor, n_roles=len(invitation.roles))
