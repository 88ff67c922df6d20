"""Clinics themselves, which belong to none: the fence does not stand before them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from web.db.tables import ClinicRow, ModelRow
from web.db.tenancy import ACROSS_CLINICS


def by_id(session: Session, clinic_id: UUID) -> ClinicRow:
    """The clinic with a key that is known to exist; its row is read anew, other workers may have changed it."""
    return session.execute(
        select(ClinicRow).where(ClinicRow.id == clinic_id).execution_options(populate_existing=True)
    ).scalar_one()


def by_slug(session: Session, slug: str) -> ClinicRow | None:
    """The clinic of a slug."""
    return session.scalar(select(ClinicRow).where(ClinicRow.slug == slug))


def by_host(session: Session, host: str) -> ClinicRow | None:
    """The clinic of a host name."""
    return session.scalar(select(ClinicRow).where(ClinicRow.host == host))


def every(session: Session, most: int | None) -> list[ClinicRow]:
    """The first clinics by slug; all of them where ``most`` is None."""
    return list(session.scalars(select(ClinicRow).order_by(ClinicRow.slug).limit(most)))


def lock(session: Session, clinic_id: UUID) -> None:
    """Let nobody else change this clinic's directory, files or places until the transaction ends.

    Whoever takes or gives back places locks the clinic before anything else: then no two can wait for each other. Rows
    that only refer to the clinic can still be written. SQLite has one writer anyway.
    """
    session.execute(select(ClinicRow.id).where(ClinicRow.id == clinic_id).with_for_update(key_share=True))


def directory_changed(session: Session, clinic_id: UUID) -> int:
    """Tell every worker that the directory is not what it was; its new version."""
    raised = ClinicRow.directory_version + 1
    session.execute(update(ClinicRow).where(ClinicRow.id == clinic_id).values(directory_version=raised))
    return session.execute(select(ClinicRow.directory_version).where(ClinicRow.id == clinic_id)).scalar_one()


def directory_version(session: Session, clinic_id: UUID) -> int:
    """The version of a clinic's directory, as the database has it now."""
    return session.execute(select(ClinicRow.directory_version).where(ClinicRow.id == clinic_id)).scalar_one()


def counts(session: Session) -> tuple[int, int]:
    """How many clinics there are, and how many serving models."""
    n_clinics = session.scalar(select(func.count(ClinicRow.id))) or 0
    serving = select(func.count(ModelRow.id)).where(ModelRow.serving)
    return n_clinics, session.scalar(serving, execution_options=ACROSS_CLINICS) or 0
