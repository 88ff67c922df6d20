"""Who opened the course of a client who is not theirs, because it could not wait."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic, same_clinic
from web.db.tables.sealed import Sealed, sealed_column


class EmergencyAccessRow(OfClinic, Base):
    """One opening of one client's course, for a time. ``reason`` is sealed: it may say what is the matter."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (same_clinic("client_id", "clients", "CASCADE"), Index(None, "clinic_id", "client_id"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    client_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(20))
    _reason: Mapped[bytes | None] = sealed_column("reason")
    reason = Sealed(str)
    begun_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
