"""Who may be lost from sight, by the signals that there are now, each with when it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import at_risk, clinics, intakes
from web.services.clinics import Clinic
from web.services.intakes import CONTACT

# What a person can mend soonest stands first
SIGNALS = ("declined", "hold_over", "please_contact", "contradicted", "not_settled", "not_read", "silent", "too_long")
SILENT_DAYS = 21
CONTRADICTED_DAYS = 28  # so long it stands that an hour was noted as missed, of which the client has said how it was
TAKEN_UP_DAYS = 7  # so long a therapist has for what they alone are told
MOST = 100


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Somebody, and since when it is so; ``therapist`` is with whom they have a place."""

    intake_id: UUID
    contact: Mapping[str, str]
    concerns: tuple[str, ...]
    since: datetime
    waiting_since: datetime
    priority: int
    therapist: str | None


@dataclass(frozen=True, slots=True)
class Signals:
    """Signal → who is concerned, the longest first, at most ``MOST`` of them."""

    by_signal: Mapping[str, tuple[AtRisk, ...]]
    target_days: int


def signals(session: Session, clinic: Clinic, *, now: datetime) -> Signals:
    """Everybody at risk. Who waits too long and has another signal as well stands with that one alone."""
    target = clinics.by_id(session, clinic.id).wait_target_days
    rows: dict[str, Sequence[Any]] = {
        "declined": at_risk.came_to_nothing(session, MOST),
        "hold_over": at_risk.ran_out(session, MOST),
        "please_contact": at_risk.to_contact(session, MOST),
        "contradicted": at_risk.contradicted(session, now - timedelta(days=CONTRADICTED_DAYS), MOST),
        "not_settled": at_risk.not_settled(session, now - timedelta(days=TAKEN_UP_DAYS), MOST),
        "not_read": at_risk.not_read(session, now - timedelta(days=TAKEN_UP_DAYS), MOST),
        "silent": at_risk.silent(session, now - timedelta(days=SILENT_DAYS), MOST),
        "too_long": at_risk.too_long(session, now - timedelta(days=target), MOST),
    }
    named: set[UUID] = set()
    found = {}
    for signal in SIGNALS:
        fresh = _first_of_each(rows[signal], named)
        named |= {row[0].client_id for row in fresh}
        found[signal] = tuple(one for row in fresh if (one := _one(session, row)) is not None)
    return Signals(MappingProxyType(found), target)


def _first_of_each(rows: Sequence[Any], named: set[UUID]) -> list[Any]:
    """The first row of everybody who is not named yet: somebody may have had two therapists."""
    first: dict[UUID, Any] = {}
    for row in rows:
        if row[0].client_id not in named:
            first.setdefault(row[0].client_id, row)
    return list(first.values())


def _one(session: Session, row: Any) -> AtRisk | None:
    case = row[0]
    intake = intakes.of_client(session, case.client_id)
    if intake is None:
        return None
    return AtRisk(
        intake_id=intake.id,
        contact=intake.answers.get(CONTACT, {}),
        concerns=tuple(intake.answers.get("concerns", {}).get("concerns", ())),
        since=row.since,
        waiting_since=case.waiting_since,
        priority=case.priority,
        therapist=getattr(row, "therapist", None),
    )
