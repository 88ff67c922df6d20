"""Clients, and what they told us: each change of an intake is a version of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic, own_key, same_clinic
from web.db.tables.sealed import Sealed, sealed_column


class ClientRow(OfClinic, Base):
    """A client, by the clinic's own id. ``intake_version`` is the version that counts.

    ``reminders_off_at`` is when they asked not to be reminded of check-ins any more.
    """

    __tablename__ = "clients"
    __table_args__ = (
        own_key(),
        UniqueConstraint("clinic_id", "external_id"),
        CheckConstraint("intake_version >= 1", name="intake_version"),
    )

    external_id: Mapped[str] = mapped_column(String(100))
    intake_version: Mapped[int]
    reminders_off_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class IntakeVersionRow(OfClinic, Base):
    """One version of an intake: all of ``matcher.entities.Intake`` but the id, as a document; never changed."""

    __tablename__ = "intake_versions"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        UniqueConstraint("clinic_id", "client_id", "version"),
        CheckConstraint("version >= 1", name="version"),
    )

    client_id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int]
    _answers: Mapped[bytes | None] = sealed_column("answers")
    answers = Sealed(dict)
    created_at: Mapped[datetime]
