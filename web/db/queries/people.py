"""People who work at clinics, their accounts, memberships and sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from web.db.tables import AccountRow, MembershipRow, PasskeyRow, PersonRow, SignInRow, TherapistRow


def by_email(session: Session, email: str) -> PersonRow | None:
    """The person with an e-mail address, which is kept in small letters."""
    return session.scalar(select(PersonRow).where(PersonRow.email == email))


def account_by_email(session: Session, email: str) -> Sequence[Row[tuple[AccountRow, PersonRow, MembershipRow | None]]]:
    """(account, person, membership here) for each membership; one row without any, where there is none."""
    return session.execute(_accounts().where(PersonRow.email == email)).all()


def account_by_uniquifier(
    session: Session, uniquifier: str
) -> Sequence[Row[tuple[AccountRow, PersonRow, MembershipRow | None]]]:
    """The same, by the name of the account."""
    return session.execute(_accounts().where(AccountRow.uniquifier == uniquifier)).all()


def _accounts() -> Select[tuple[AccountRow, PersonRow, MembershipRow]]:
    return (
        select(AccountRow, PersonRow, MembershipRow)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .outerjoin(MembershipRow, MembershipRow.person_id == PersonRow.id)
    )


def of_key(session: Session, person_id: UUID) -> PersonRow:
    """The person with a key that is known to exist."""
    return session.execute(select(PersonRow).where(PersonRow.id == person_id)).scalar_one()


def account(session: Session, person_id: UUID) -> AccountRow:
    """The account of a person who is known to have one."""
    return session.execute(select(AccountRow).where(AccountRow.person_id == person_id)).scalar_one()


def locked_account(session: Session, person_id: UUID) -> AccountRow:
    """The same as it is now, which nobody else changes until the transaction ends."""
    found = select(AccountRow).where(AccountRow.person_id == person_id).with_for_update()
    return session.execute(found.execution_options(populate_existing=True)).scalar_one()


def memberships(session: Session, person_id: UUID) -> list[MembershipRow]:
    """A person's memberships at the clinic."""
    return list(session.scalars(select(MembershipRow).where(MembershipRow.person_id == person_id)))


def statuses(session: Session, person_id: UUID) -> list[str]:
    """The statuses of a person's roles at the clinic, as they are now."""
    return list(session.scalars(select(MembershipRow.status).where(MembershipRow.person_id == person_id)))


def active_in(session: Session, role: str) -> list[UUID]:
    """Who has a role at the clinic that holds, and an open account."""
    found = (
        select(MembershipRow.person_id)
        .join(AccountRow, AccountRow.person_id == MembershipRow.person_id)
        .where(MembershipRow.role == role, MembershipRow.status == "active", AccountRow.active)
    )
    return list(session.scalars(found))


def addresses_in(session: Session, role: str) -> list[tuple[UUID, str]]:
    """(person, e-mail address) of everybody who has a role at the clinic that holds, and an open account."""
    found = (
        select(PersonRow.id, PersonRow.email)
        .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(MembershipRow.role == role, MembershipRow.status == "active", AccountRow.active)
    )
    return [(key, email) for key, email in session.execute(found.order_by(PersonRow.id))]


def everybody(session: Session) -> Sequence[Row[tuple[PersonRow, MembershipRow]]]:
    """(person, membership) of everybody at the clinic, by name."""
    found = select(PersonRow, MembershipRow).join(MembershipRow, MembershipRow.person_id == PersonRow.id)
    return session.execute(found.order_by(PersonRow.name, PersonRow.email, MembershipRow.role)).all()


def sign_in(
    session: Session, token_hash: bytes, host: str = ""
) -> Row[tuple[SignInRow, PersonRow, AccountRow, int, int]] | None:
    """(sign-in, person, account, how many passkeys they have, and how many of them for ``host``) of a token."""
    n_passkeys = select(func.count(PasskeyRow.id)).where(PasskeyRow.person_id == PersonRow.id).correlate(PersonRow)
    found = (
        select(
            SignInRow,
            PersonRow,
            AccountRow,
            n_passkeys.scalar_subquery(),
            n_passkeys.where(PasskeyRow.host == host).scalar_subquery(),
        )
        .join(PersonRow, PersonRow.id == SignInRow.person_id)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(SignInRow.token_hash == token_hash)
    )
    return session.execute(found).one_or_none()


def seen(session: Session, token_hash: bytes, *, now: datetime, before: datetime) -> None:
    """Note when a sign-in was last used, where that is not noted since ``before``."""
    which = (SignInRow.token_hash == token_hash) & SignInRow.ended_at.is_(None) & (SignInRow.seen_at <= before)
    session.execute(update(SignInRow).where(which).values(seen_at=now))


def end_sign_ins(session: Session, person_id: UUID, *, now: datetime) -> None:
    """End every sign-in of a person."""
    which = (SignInRow.person_id == person_id) & SignInRow.ended_at.is_(None)
    session.execute(update(SignInRow).where(which).values(ended_at=now))


def open_sign_ins(session: Session, *, seen_after: datetime, made_after: datetime) -> dict[UUID, int]:
    """Person of the clinic → how many sign-ins are open."""
    here = select(MembershipRow.person_id)
    found = (
        select(SignInRow.person_id, func.count(SignInRow.id))
        .where(SignInRow.person_id.in_(here), SignInRow.ended_at.is_(None), SignInRow.is_half.is_(False))
        .where(SignInRow.seen_at > seen_after, SignInRow.made_at > made_after)
        .group_by(SignInRow.person_id)
    )
    return dict(session.execute(found).all())


def therapists_of(session: Session, person_id: UUID) -> list[TherapistRow]:
    """The entries in the directory that are this person."""
    return list(session.scalars(select(TherapistRow).where(TherapistRow.person_id == person_id)))


def therapist(session: Session, external_id: str) -> TherapistRow | None:
    """The therapist with an external id."""
    return session.scalar(select(TherapistRow).where(TherapistRow.external_id == external_id))
