"""What was erased, by pseudonym: that it was, and whether the models that knew it are gone too."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic


class ErasureRow(OfClinic, Base):
    """A client whose data were erased: ``subject`` is the key that no row bears any more, ``asked_by`` who wanted it.

    ``forgotten_at`` is when no model was left that had read what they said.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_clinic_id_forgotten_at", "clinic_id", "forgotten_at"),)

    subject: Mapped[UUID]
    asked_by: Mapped[str] = mapped_column(String(100))
    n_rows: Mapped[int]
    erased_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]
