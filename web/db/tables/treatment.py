"""Who works with whom: dyads, their sessions, and what the client said after each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic, own_key, same_clinic


class DyadRow(OfClinic, Base):
    """A client and a therapist who have met; ``ended_at`` where their work together is known to be over.

    ``held_because`` is why no model reads what is said there: until a person has judged it (``judged_at``), or for good
    where they left it out. What they let count is not held again.
    """

    __tablename__ = "dyads"
    __table_args__ = (
        own_key(),
        same_clinic("client_id", "clients", "CASCADE"),
        same_clinic("therapist_id", "therapists"),
        UniqueConstraint("clinic_id", "client_id", "therapist_id"),
    )

    client_id: Mapped[UUID]
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    held_because: Mapped[str | None] = mapped_column(String(20))
    judged_at: Mapped[datetime | None]


class SessionRow(OfClinic, Base):
    """A session of a dyad, counted from 1."""

    __tablename__ = "sessions"
    __table_args__ = (
        own_key(),
        same_clinic("dyad_id", "dyads", "CASCADE"),
        UniqueConstraint("clinic_id", "dyad_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    dyad_id: Mapped[UUID]
    number: Mapped[int]


class RatingRow(OfClinic, Base):
    """The client's rating of the alliance after a session, on the clinic's scale: one a session."""

    __tablename__ = "ratings"
    __table_args__ = (
        same_clinic("session_id", "sessions", "CASCADE"),
        UniqueConstraint("clinic_id", "session_id"),
    )

    session_id: Mapped[UUID]
    score: Mapped[float]
    rated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
