"""Clinics: making one, and finding the one that is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import CHECK_IN, Scale
from matcher.errors import InvalidInput
from web.db import tenancy
from web.db.mapping import scale_of
from web.db.queries import clinics
from web.db.tables import ClinicRow
from web.services import audit

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
_NAMED, LONGEST_KEPT = 5, 600


class ClinicTrouble(Exception):
    """There is no such clinic, there are several, or the name is taken; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic as commands and features know it."""

    id: UUID
    slug: str
    name: str
    currency: str
    scale: Scale
    is_demo: bool


def create(
    session: Session,
    slug: str,
    name: str,
    *,
    now: datetime,
    scale: Scale = CHECK_IN,
    currency: str = "€",
    is_demo: bool = False,
    host: str | None = None,
) -> Clinic:
    """A new clinic, which the session then has entered."""
    if not SLUG.fullmatch(slug):
        raise InvalidInput("slug", slug, "expected a short name of small letters, digits and hyphens, such as harbour")
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise InvalidInput("name", name, "expected a name of 1 to 200 letters on one line")
    if host is not None and not HOST.fullmatch(host):
        raise InvalidInput("host", host, "expected a host name in small letters, such as harbour.example.org")
    if host is not None and clinics.by_host(session, host) is not None:
        raise ClinicTrouble(f"There is a clinic at {host} already; choose another host name.")
    if clinics.by_slug(session, slug) is not None:
        raise ClinicTrouble(f"There is a clinic named {slug} already; choose another name.")
    row = ClinicRow(
        slug=slug,
        host=host,
        name=name.strip(),
        currency=currency,
        scale_lowest=scale.lowest,
        scale_top=scale.top,
        scale_step=scale.step,
        is_demo=is_demo,
        created_at=now,
    )
    session.add(row)
    session.flush()
    tenancy.enter(session, row.id)
    audit.record(session, "clinic.created", now=now, subject=slug)
    return _clinic(row)


def find(session: Session, slug: str | None) -> Clinic:
    """The clinic of a slug, or the only one there is; the session then has entered it. Raises ClinicTrouble."""
    row = _only(session) if slug is None else clinics.by_slug(session, slug)
    if row is None:
        raise ClinicTrouble(f"There is no clinic named {slug!r}. {_there_are(session)}")
    tenancy.enter(session, row.id)
    return _clinic(row)


def of_id(session: Session, clinic_id: UUID) -> Clinic:
    """The clinic with a key that is known to exist."""
    return _clinic(clinics.by_id(session, clinic_id))


def of_host(session: Session, host: str) -> Clinic | None:
    """The clinic whose public pages answer to a host name; where there is only one, it answers to every name."""
    row = clinics.by_host(session, host)
    if row is None:
        found = clinics.every(session, 2)
        row = found[0] if len(found) == 1 else None
    return None if row is None else _clinic(row)


def every(session: Session) -> list[Clinic]:
    """Every clinic, by slug."""
    return [_clinic(row) for row in clinics.every(session, None)]


def enter(session: Session, clinic: Clinic) -> None:
    """Confine the session to the rows of a clinic."""
    tenancy.enter(session, clinic.id)


def tended(session: Session, clinic: Clinic, *, now: datetime) -> None:
    """Note that a worker has just done what had fallen due here."""
    clinics.by_id(session, clinic.id).tended_at = now
    session.flush()


def keeps_closed(session: Session, clinic: Clinic) -> int | None:
    """For how many months a closed case is kept; None for good."""
    return clinics.by_id(session, clinic.id).keep_closed_months


def keep_closed(session: Session, clinic: Clinic, months: int | None, *, actor: str, now: datetime) -> None:
    """Keep closed cases for so many months, and erase their clients then. Raises InvalidInput."""
    if months is not None and not 1 <= months <= LONGEST_KEPT:
        raise InvalidInput("months", months, f"expected 1 to {LONGEST_KEPT} months, or none to keep them for good")
    clinics.by_id(session, clinic.id).keep_closed_months = months
    session.flush()
    audit.record(session, "clinic.keeps", now=now, subject=clinic.slug, actor=actor, months=months or 0)


def _only(session: Session) -> ClinicRow:
    found = clinics.every(session, 2)
    if len(found) != 1:
        raise ClinicTrouble(_there_are(session) + (" Say which one with --clinic." if found else ""))
    return found[0]


def _there_are(session: Session) -> str:
    slugs = [row.slug for row in clinics.every(session, _NAMED + 1)]
    if not slugs:
        return "There is no clinic yet; make one with: rapport clinic create SLUG --name NAME"
    return f"There are: {', '.join(slugs[:_NAMED])}{' …' if len(slugs) > _NAMED else ''}."


def _clinic(row: ClinicRow) -> Clinic:
    return Clinic(row.id, row.slug, row.name, row.currency, scale_of(row), row.is_demo)
