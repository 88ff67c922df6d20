"""Lists that were shown: with all that is needed to explain and replay them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic, own_key, same_clinic
from web.db.tables.sealed import Sealed, sealed_column


class ShownListRow(OfClinic, Base):
    """A list as a client saw it: which intake, model and weights made it, with which seed.

    ``refusals`` maps a therapist's id to the codes that stood against them, ``remedies`` and ``notes`` are codes with
    their particulars.
    ``wanted`` is what the client said matters most to them, factor → step; empty for the clinic's own order.
    ``directory_version`` is the directory that it was made from, ``release`` the rules by which; both are None for
    lists that were made before they were kept, and those cannot be made again. ``forecast_id`` is the forecast by whose
    prices it leaves places to others.
    """

    __tablename__ = "shown_lists"
    __table_args__ = (own_key(), same_clinic("intake_version_id", "intake_versions", "CASCADE"))

    intake_version_id: Mapped[UUID] = mapped_column(index=True)
    weights_version: Mapped[str] = mapped_column(String(60))
    model_version: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    refusals: Mapped[Document]
    remedies: Mapped[list[Document]] = mapped_column(JSON)
    notes: Mapped[list[str]] = mapped_column(JSON)
    wanted: Mapped[Document | None]
    directory_version: Mapped[int | None]
    release: Mapped[str | None] = mapped_column(String(20))
    forecast_id: Mapped[UUID | None]
    made_at: Mapped[datetime]


class ShownMatchRow(OfClinic, Base):
    """A place in a shown list: score and contributions, and the propensity with which it came to stand there."""

    __tablename__ = "shown_matches"
    __table_args__ = (
        same_clinic("list_id", "shown_lists", "CASCADE"),
        same_clinic("therapist_id", "therapists"),
        UniqueConstraint("clinic_id", "list_id", "place"),
        UniqueConstraint("clinic_id", "list_id", "therapist_id"),
        CheckConstraint("place >= 1", name="place"),
        CheckConstraint("propensity BETWEEN 0 AND 1", name="propensity"),
    )

    list_id: Mapped[UUID]
    therapist_id: Mapped[UUID] = mapped_column(index=True)
    place: Mapped[int]
    score: Mapped[float]
    propensity: Mapped[float]
    contributions: Mapped[Document]
    _explanation: Mapped[bytes | None] = sealed_column("explanation")
    explanation = Sealed(dict)
