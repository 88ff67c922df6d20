"""What was done, what is to be done, and what is to be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.db.tables.base import Base, Document, OfClinic, one_of
from web.db.tables.sealed import Sealed, SealedBytes, sealed_column

JOB_STATES = ("waiting", "running", "done", "failed")
MAIL_STATES = ("waiting", "sent", "failed")


class AuditEventRow(OfClinic, Base):
    """What was done, by whom, to what: ids and counts, never what a person wrote. Added, and never changed.

    ``sequence`` counts the clinic's events from 1. ``mac`` seals the event and all before it with the secret of the
    ring's ``key`` (web.db.audit_chain).
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        UniqueConstraint("clinic_id", "sequence"),
        Index(None, "clinic_id", "subject"),
        Index(None, "clinic_id", "actor"),
    )

    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100), default="")
    details: Mapped[Document]
    sequence: Mapped[int]
    key: Mapped[str] = mapped_column(String(16))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHeadRow(OfClinic, Base):
    """Where the chain of a clinic's events ends; locked by whoever adds to it."""

    __tablename__ = "audit_heads"
    __table_args__ = (UniqueConstraint("clinic_id"),)

    sequence: Mapped[int]
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class JobRow(OfClinic, Base):
    """Work that is done beside the requests: claimed under a lease, claimed again when a worker died.

    ``key`` names the work, so that asking twice is asking once. ``stage`` says in a code what is being done, for who
    waits for it; ``asked_by`` who wanted it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        Index("ix_jobs_state_due_at", "state", "due_at"),
        one_of("state", JOB_STATES),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
    )

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    arguments: Mapped[Document]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(String(40), default="", server_default="")
    asked_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    result: Mapped[Document | None]
    created_at: Mapped[datetime]


class OutboxRow(OfClinic, Base):
    """A message that was promised in the same transaction as what it tells of."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("clinic_id", "key"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
        one_of("state", MAIL_STATES),
    )

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    _recipient: Mapped[bytes | None] = sealed_column("recipient")
    recipient = Sealed(str, absent="")
    _params: Mapped[bytes | None] = sealed_column("params")
    params = Sealed(dict, absent={})
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SealingKeyRow(Base):
    """A key with which something in this database is sealed, by its name; ``proof`` opens with that very key alone."""

    __tablename__ = "sealing_keys"

    name: Mapped[str] = mapped_column(String(16), unique=True)
    proof: Mapped[bytes] = mapped_column(SealedBytes)
    since: Mapped[datetime]
