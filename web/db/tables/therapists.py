"""Therapists of a clinic's directory."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic, own_key


class TherapistRow(OfClinic, Base):
    """A therapist: the clinic's own id for them, the profile as a document, and what must be counted in SQL.

    ``profile`` holds all of ``matcher.entities.Therapist`` but id, name and capacity. ``person_id`` is who signs in.
    ``capacity`` is how many places are free; ``stated_capacity`` what the last file said, before any were taken.
    """

    __tablename__ = "therapists"
    __table_args__ = (
        own_key(),
        UniqueConstraint("clinic_id", "external_id"),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    external_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int]
    stated_capacity: Mapped[int | None]
    profile: Mapped[Document]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class TherapistVersionRow(OfClinic, Base):
    """A therapist as they were from one version of the directory on: so that any list can be made again as it was."""

    __tablename__ = "therapist_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "external_id", "directory_version"),)

    external_id: Mapped[str] = mapped_column(String(100))
    directory_version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int]
    profile: Mapped[Document]
