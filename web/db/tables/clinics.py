"""Clinics, the places that their clients come from, and the programs that may call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic


class ClinicRow(Base):
    """A clinic. ``directory_version`` rises with every change of its therapists, so that workers know when to look.

    ``host`` is the name under which its public pages are called; the only clinic of a database needs none.
    ``two_person_weights``: what one lead wants to publish, another one has to approve. ``scarcity_prices``: lists leave
    places that are worth more to others. A case shall wait ``wait_target_days`` at most, a therapist answer a request
    within ``answer_days``; a place is held ``hold_hours``. A check-in's link is valid ``check_in_days``; well-being is
    asked for every ``measure_every`` sessions; from ``quiet_from`` to ``quiet_until`` o'clock nobody is reminded of
    anything. What is known of clients whose case has been closed for ``keep_closed_months`` is erased; None keeps it.
    ``watched_at`` is the moment up to which check-ins were looked at for alerts, ``tended_at``
    when a worker last did what had fallen due.
    """

    __tablename__ = "clinics"
    __table_args__ = (
        CheckConstraint("scale_lowest < scale_top AND scale_step > 0", name="scale"),
        CheckConstraint("directory_version >= 0", name="directory_version"),
    )

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    host: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(10))
    scale_lowest: Mapped[float]
    scale_top: Mapped[float]
    scale_step: Mapped[float]
    directory_version: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    two_person_weights: Mapped[bool] = mapped_column(default=False, server_default=false())
    scarcity_prices: Mapped[bool] = mapped_column(default=False, server_default=false())
    wait_target_days: Mapped[int] = mapped_column(default=14, server_default="14")
    answer_days: Mapped[int] = mapped_column(default=3, server_default="3")
    hold_hours: Mapped[int] = mapped_column(default=48, server_default="48")
    check_in_days: Mapped[int] = mapped_column(default=7, server_default="7")
    measure_every: Mapped[int] = mapped_column(default=4, server_default="4")
    quiet_from: Mapped[int] = mapped_column(default=21, server_default="21")
    quiet_until: Mapped[int] = mapped_column(default=8, server_default="8")
    keep_closed_months: Mapped[int | None]
    watched_at: Mapped[datetime | None]
    tended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PlaceRow(OfClinic, Base):
    """A district or town by its name, so that a client can say where they set out from without an address."""

    __tablename__ = "places"
    __table_args__ = (
        UniqueConstraint("clinic_id", "code"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="position"),
    )

    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    latitude: Mapped[float]
    longitude: Mapped[float]


class ApiTokenRow(OfClinic, Base):
    """A program's way in: the SHA-256 of its token, its scopes, and until when."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
