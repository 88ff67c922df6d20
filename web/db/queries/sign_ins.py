"""Second factors, passkeys, open sign-ins, links to staff, and what a clinic asks of those who sign in.

What may be used once is used up by one statement that says whether it was still there: two requests at the same moment
cannot both have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Row, delete, func, or_, select, update
from sqlalchemy.orm import Session

from web.db.tables import (
    AccountRow,
    ChallengeRow,
    ClinicRow,
    MembershipRow,
    PasskeyRow,
    PersonRow,
    RecoveryCodeRow,
    SignInPolicyRow,
    SignInRow,
    StaffLinkRow,
)
from web.db.tenancy import ACROSS_CLINICS


def policy(session: Session) -> SignInPolicyRow | None:
    """What the clinic asks of those who sign in; None where it never said."""
    return session.scalar(select(SignInPolicyRow).execution_options(populate_existing=True))


def open_of(session: Session, person_id: UUID) -> list[SignInRow]:
    """The sign-ins of a person that were not ended, the last used first; some may have run out."""
    which = (SignInRow.person_id == person_id) & SignInRow.ended_at.is_(None) & SignInRow.is_half.is_(False)
    return list(session.scalars(select(SignInRow).where(which).order_by(SignInRow.seen_at.desc(), SignInRow.id)))


def end_others(session: Session, person_id: UUID, kept: UUID | None, *, now: datetime) -> int:
    """End every sign-in of a person but one; how many those were."""
    which = (SignInRow.person_id == person_id) & SignInRow.ended_at.is_(None)
    if kept is not None:
        which &= SignInRow.id != kept
    return _changed(session, update(SignInRow).where(which).values(ended_at=now))


def end_one(session: Session, person_id: UUID, sign_in_id: UUID, *, now: datetime) -> bool:
    """End a sign-in of this person; whether it was open."""
    which = (SignInRow.id == sign_in_id) & (SignInRow.person_id == person_id) & SignInRow.ended_at.is_(None)
    return _changed(session, update(SignInRow).where(which).values(ended_at=now)) == 1


def failed(session: Session, person_id: UUID, *, known: bool) -> None:
    """Count a try that failed."""
    column = AccountRow.n_failed_known if known else AccountRow.n_failed
    session.execute(update(AccountRow).where(AccountRow.person_id == person_id).values({column: column + 1}))


def take_step(session: Session, person_id: UUID, counter: int) -> bool:
    """Let the code of a step be used, once; whether no code of it, or of a later one, was used before."""
    is_new = or_(AccountRow.totp_counter.is_(None), AccountRow.totp_counter < counter)
    which = (AccountRow.person_id == person_id) & is_new
    return _changed(session, update(AccountRow).where(which).values(totp_counter=counter)) == 1


def n_codes(session: Session, person_id: UUID) -> int:
    """How many recovery codes are left."""
    which = (RecoveryCodeRow.person_id == person_id) & RecoveryCodeRow.used_at.is_(None)
    return session.scalar(select(func.count(RecoveryCodeRow.id)).where(which)) or 0


def forget_codes(session: Session, person_id: UUID) -> None:
    """Delete every recovery code of a person."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))


def take_code(session: Session, person_id: UUID, code_hash: bytes, *, now: datetime) -> bool:
    """Use up a recovery code of this person; whether it was there to be used."""
    which = (RecoveryCodeRow.person_id == person_id) & (RecoveryCodeRow.code_hash == code_hash)
    spent = update(RecoveryCodeRow).where(which, RecoveryCodeRow.used_at.is_(None)).values(used_at=now)
    return _changed(session, spent) == 1


def passkeys(session: Session, person_id: UUID) -> list[PasskeyRow]:
    """A person's passkeys, the oldest first."""
    which = PasskeyRow.person_id == person_id
    return list(session.scalars(select(PasskeyRow).where(which).order_by(PasskeyRow.made_at, PasskeyRow.id)))


def passkey(session: Session, credential: bytes, host: str) -> PasskeyRow | None:
    """The passkey of a host by what its device calls it, as it is now."""
    which = (PasskeyRow.credential == credential) & (PasskeyRow.host == host)
    return session.scalar(select(PasskeyRow).where(which).execution_options(populate_existing=True))


def is_passkey(session: Session, credential: bytes) -> bool:
    """Whether a device has called a passkey so already, whatever the host."""
    return session.scalar(select(PasskeyRow.id).where(PasskeyRow.credential == credential)) is not None


def forget_passkeys(session: Session, person_id: UUID, passkey_id: UUID | None = None) -> int:
    """Delete a passkey of a person, or all; how many those were."""
    which = PasskeyRow.person_id == person_id
    if passkey_id is not None:
        which &= PasskeyRow.id == passkey_id
    return _changed(session, delete(PasskeyRow).where(which))


def take_challenge(session: Session, challenge_hash: bytes) -> ChallengeRow | None:
    """A challenge, which is then gone; None where it was never asked, or was answered already."""
    row = session.scalar(select(ChallengeRow).where(ChallengeRow.challenge_hash == challenge_hash))
    if row is None or _changed(session, delete(ChallengeRow).where(ChallengeRow.id == row.id)) != 1:
        return None
    return row


def forget_challenges(session: Session, before: datetime) -> None:
    """Delete the challenges that nobody answered in time."""
    session.execute(delete(ChallengeRow).where(ChallengeRow.expires_at <= before))


def link(session: Session, token_hash: bytes) -> StaffLinkRow | None:
    """The link with a hash, at the clinic."""
    which = StaffLinkRow.token_hash == token_hash
    return session.scalar(select(StaffLinkRow).where(which).execution_options(populate_existing=True))


def take_link(session: Session, link_id: UUID, *, now: datetime) -> bool:
    """Use up a link; whether it was there to be used."""
    which = (StaffLinkRow.id == link_id) & StaffLinkRow.used_at.is_(None) & StaffLinkRow.ended_at.is_(None)
    return _changed(session, update(StaffLinkRow).where(which).values(used_at=now)) == 1


def end_links(session: Session, person_id: UUID, kind: str, *, now: datetime) -> None:
    """End every open link of a kind to a person, at the clinic."""
    which = (StaffLinkRow.person_id == person_id) & (StaffLinkRow.kind == kind) & StaffLinkRow.used_at.is_(None)
    session.execute(update(StaffLinkRow).where(which, StaffLinkRow.ended_at.is_(None)).values(ended_at=now))


def last_link(session: Session, person_id: UUID, kind: str) -> StaffLinkRow | None:
    """The newest link of a kind to a person, at the clinic."""
    which = (StaffLinkRow.person_id == person_id) & (StaffLinkRow.kind == kind)
    return session.scalar(select(StaffLinkRow).where(which).order_by(StaffLinkRow.made_at.desc()).limit(1))


def n_active(session: Session, role: str) -> int:
    """How many people have a role at the clinic that holds, and an account with a password or a passkey."""
    can_enter = or_(
        AccountRow.password.is_not(None),
        select(PasskeyRow.id).where(PasskeyRow.person_id == MembershipRow.person_id).exists(),
    )
    found = (
        select(func.count(MembershipRow.id))
        .join(AccountRow, AccountRow.person_id == MembershipRow.person_id)
        .where(MembershipRow.role == role, MembershipRow.status == "active", AccountRow.active, can_enter)
    )
    return session.scalar(found) or 0


def member(session: Session, person_id: UUID) -> Sequence[Row[tuple[PersonRow, MembershipRow]]]:
    """(person, membership) of somebody at the clinic, for each role."""
    found = select(PersonRow, MembershipRow).join(MembershipRow, MembershipRow.person_id == PersonRow.id)
    return session.execute(found.where(PersonRow.id == person_id).order_by(MembershipRow.role)).all()


def clinics_of(session: Session, person_id: UUID) -> Sequence[Row[tuple[str, str | None]]]:
    """(name, host) of every clinic at which a role of this person holds, by name. Looks across clinics, for a person
    alone and by their own key."""
    found = (
        select(ClinicRow.name, ClinicRow.host)
        .join(MembershipRow, MembershipRow.clinic_id == ClinicRow.id)
        .where(MembershipRow.person_id == person_id, MembershipRow.status == "active")
        .group_by(ClinicRow.id, ClinicRow.name, ClinicRow.host)
        .order_by(ClinicRow.name)
    )
    return session.execute(found, execution_options=ACROSS_CLINICS).all()


def works_elsewhere(session: Session, person_id: UUID, statuses: Sequence[str] = ("active", "suspended")) -> bool:
    """Whether a person has a role that holds, or rests, at more clinics than the one that the session has entered."""
    here = select(func.count(MembershipRow.id)).where(MembershipRow.person_id == person_id, MembershipRow.has_joined)
    here = here.where(MembershipRow.status.in_(statuses))
    everywhere = session.scalar(here, execution_options=ACROSS_CLINICS) or 0
    return everywhere > (session.scalar(here) or 0)


def _changed(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount
