"""What a list was made with: versions of weights and models. At most one of each serves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic

_SERVING = text("serving")


def one_serves(table: str) -> Index:
    """At most one row of a clinic serves."""
    return Index(f"uq_{table}_serving", "clinic_id", unique=True, sqlite_where=_SERVING, postgresql_where=_SERVING)


class WeightsRow(OfClinic, Base):
    """A version of the weights: factor → weight, and how far clients may move each, factor → [least, most] times it."""

    __tablename__ = "weights_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "version"), one_serves("weights_versions"))

    version: Mapped[str] = mapped_column(String(60))
    weights: Mapped[Document]
    client_bounds: Mapped[Document | None]
    note: Mapped[str] = mapped_column(Text, default="")
    serving: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class ModelRow(OfClinic, Base):
    """A fitted model: its file (arrays, JSON and hash, no pickle) and what is told of it, in one row.

    Model, description and activation change together, and a backup of the database holds them.
    """

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("clinic_id", "version"), one_serves("models"))

    version: Mapped[str] = mapped_column(String(64))
    file: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    summary: Mapped[Document]
    serving: Mapped[bool] = mapped_column(default=False)
    fitted_at: Mapped[datetime]
