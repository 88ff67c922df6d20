"""Intakes under way and sent, the consents given with them, and the flags by which a person looks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, OfClinic, one_of, own_key, same_clinic
from web.db.tables.sealed import Sealed, sealed_column

FLAGS = ("safety", "no_match", "choose_for_me")


class IntakeRow(OfClinic, Base):
    """What somebody has told us so far, step by step, behind a private link; a client's once it is sent.

    ``link_hash`` is the SHA-256 of the link's 128 random bits. ``answers`` maps a step to what was said there.
    The marks tell that two intakes gave the same address or telephone number, and nothing else (``db.contact_marks``).
    """

    __tablename__ = "intakes"
    __table_args__ = (own_key(), same_clinic("client_id", "clients", "CASCADE"))

    link_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    client_id: Mapped[UUID | None] = mapped_column(index=True)
    _answers: Mapped[bytes | None] = sealed_column("answers")
    answers = Sealed(dict, absent={})
    email_mark: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    phone_mark: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class ConsentRow(OfClinic, Base):
    """A client's consent to one version of a text, and until when it held."""

    __tablename__ = "consents"
    __table_args__ = (same_clinic("client_id", "clients", "CASCADE"),)

    client_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class FlagRow(OfClinic, Base):
    """A person of the clinic shall look at this intake; one of a kind an intake, ``seen_at`` when somebody has.

    ``sources`` are the answers for which it stands, in the order in which they came.
    """

    __tablename__ = "flags"
    __table_args__ = (
        same_clinic("intake_id", "intakes", "CASCADE"),
        UniqueConstraint("clinic_id", "intake_id", "kind"),
        one_of("kind", FLAGS),
        CheckConstraint("seen_at IS NULL OR seen_at >= raised_at", name="seen_at"),
    )

    intake_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    raised_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
