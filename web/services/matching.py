"""An intake in, the clinic's ranked and explained list out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import DEFAULT_WEIGHTS, Directory, rank
from matcher.entities import Intake, MatchList, Scale, Therapist
from web.db import mapping
from web.db.queries import clinics, directory, versions
from web.services import models


@dataclass(frozen=True, slots=True)
class Matched:
    """A ranked list with whom it speaks of, and the scale of its expectations."""

    matches: MatchList
    therapists: Mapping[str, Therapist]
    scale: Scale


@dataclass(frozen=True, slots=True)
class _Known:
    """A clinic's directory as one process holds it, and the version at which it was read."""

    version: int
    therapists: Mapping[str, Therapist]
    directory: Directory


_known: dict[UUID, _Known] = {}


def for_intake(
    session: Session, clinic_id: UUID, intake: Intake, *, top: int | None = None, today: date | None = None
) -> Matched:
    """The list of an intake by the clinic's directory, model and weights as they are now; nothing is stored.

    The session has entered the clinic. ``today`` is the day from which waiting counts, the present by default.
    """
    clinic = clinics.by_id(session, clinic_id)
    known = _directory(session, clinic_id, clinic.directory_version)
    weights = versions.serving_weights(session)
    matches = rank(
        intake,
        known.directory,
        weights=DEFAULT_WEIGHTS if weights is None else mapping.weights_of(weights),
        model=models.serving(session, clinic_id),
        today=today or date.today(),
        top=top,
    )
    return Matched(matches, known.therapists, mapping.scale_of(clinic))


def _directory(session: Session, clinic_id: UUID, version: int) -> _Known:
    """Read once a process and version: the clinic's row tells every worker when somebody has changed it."""
    known = _known.get(clinic_id)
    if known is None or known.version != version:
        therapists = [mapping.therapist_of(row) for row in directory.every(session)]
        known = _Known(version, {therapist.id: therapist for therapist in therapists}, Directory.of(therapists))
        _known[clinic_id] = known
    return known
