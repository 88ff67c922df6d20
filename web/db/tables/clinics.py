"""Clinics, the people who work there, and the programs that may call."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic

ROLES = ("coordinator", "therapist", "clinic_lead", "administrator")
STATUSES = ("invited", "active", "suspended", "removed")


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A column that holds one of a few words."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


class ClinicRow(Base):
    """A clinic. ``directory_version`` rises with every change of its therapists, so that workers know when to look."""

    __tablename__ = "clinics"
    __table_args__ = (
        CheckConstraint("scale_lowest < scale_top AND scale_step > 0", name="scale"),
        CheckConstraint("directory_version >= 0", name="directory_version"),
    )

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(10))
    scale_lowest: Mapped[float]
    scale_top: Mapped[float]
    scale_step: Mapped[float]
    directory_version: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class PersonRow(Base):
    """Somebody who works at one or more clinics; what they may do there is said by their memberships."""

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


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


class ApiTokenRow(OfClinic, Base):
    """A program's way in: the SHA-256 of its token, its scopes, and until when."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
