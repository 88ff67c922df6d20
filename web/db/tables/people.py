"""The people who work at clinics, what they may do there, and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic, one_of

ROLES = ("coordinator", "therapist", "clinic_lead", "administrator")
STATUSES = ("invited", "active", "suspended", "removed")


class PersonRow(Base):
    """Somebody who works at one or more clinics; what they may do there is said by their memberships."""

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class AccountRow(Base):
    """How a person signs in: an Argon2id hash, None until a password was chosen.

    ``uniquifier`` names the account to the sign-in library, and changes when every sign-in shall end.
    """

    __tablename__ = "accounts"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    changed_at: Mapped[datetime]


class MembershipRow(OfClinic, Base):
    """A person's role at a clinic, and whether it holds at present."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("clinic_id", "person_id", "role"),
        one_of("role", ROLES),
        one_of("status", STATUSES),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]


class SignInRow(Base):
    """A browser in which somebody is signed in: looked up at every request, so that it can be ended from elsewhere.

    ``token_hash`` is the SHA-256 of 128 random bits in the browser's cookie.
    """

    __tablename__ = "sign_ins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
