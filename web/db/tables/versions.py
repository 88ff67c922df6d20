"""What a list was made with: versions of weights, with who let them serve and when, and models.

A version of the weights never changes. Which one serves is told by the activations: the last that has begun. So a
change for next Monday is an activation that begins then, and going back is one of an earlier version.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic, one_of

ACTIVATIONS = ("published", "rolled_back")
_SERVING = text("serving")


def one_serves(table: str) -> Index:
    """At most one row of a clinic serves."""
    return Index(f"uq_{table}_serving", "clinic_id", unique=True, sqlite_where=_SERVING, postgresql_where=_SERVING)


class WeightsRow(OfClinic, Base):
    """A version of the weights: factor → weight, and how far clients may move each, factor → [least, most] times it.

    ``author`` is who made it (a person's key, or the word for who it was), ``based_on`` the version it was made from.
    """

    __tablename__ = "weights_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "version"),)

    version: Mapped[str] = mapped_column(String(60))
    weights: Mapped[Document]
    client_bounds: Mapped[Document | None]
    note: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(100), default="", server_default="")
    based_on: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]


class WeightsActivationRow(OfClinic, Base):
    """A version of the weights serves from ``effective_at`` on, until another begins; unless it was called off before.

    ``version`` is None for the weights that the release brings. ``approved_by`` is the second person, where the clinic
    asks for one.
    """

    __tablename__ = "weights_activations"
    __table_args__ = (
        ForeignKeyConstraint(
            ("clinic_id", "version"), ("weights_versions.clinic_id", "weights_versions.version"), ondelete="RESTRICT"
        ),
        one_of("kind", ACTIVATIONS),
        Index("ix_weights_activations_clinic_id_effective_at", "clinic_id", "effective_at"),
    )

    version: Mapped[str | None] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    effective_at: Mapped[datetime]
    made_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str | None] = mapped_column(String(100))
    called_off_at: Mapped[datetime | None]


class WeightsDraftRow(OfClinic, Base):
    """The draft that a clinic's leads work on together: relative weights as they were typed, and the bounds.

    ``revision`` rises with every change, so that nobody overwrites what they have not seen. ``proposed_by`` wants it
    published, from ``effective_at`` on (at once where that is None), and waits for a second person.
    """

    __tablename__ = "weights_drafts"
    __table_args__ = (UniqueConstraint("clinic_id"), CheckConstraint("revision >= 1", name="revision"))

    weights: Mapped[Document]
    client_bounds: Mapped[Document | None]
    note: Mapped[str] = mapped_column(Text, default="")
    based_on: Mapped[str | None] = mapped_column(String(60))
    revision: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[str] = mapped_column(String(100))
    edited_at: Mapped[datetime]
    proposed_by: Mapped[str | None] = mapped_column(String(100))
    proposed_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]


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
