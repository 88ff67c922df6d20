"""A clinic's alliance models: fitted from its ratings, stored as one row, loaded once a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from matcher import ClinicModel
from matcher.entities import Intake, Rating, Therapist
from matcher.errors import InvalidInput
from web.db import mapping
from web.db.queries import clients, clinics, directory, ratings, versions
from web.db.tables import ModelRow
from web.exchange.model_file import DamagedModel, pack, unpack
from web.services import audit
from web.services.clinics import Clinic

FEWEST_RATINGS = 2

_loaded: dict[UUID, tuple[str, ClinicModel | None]] = {}
_reading = Lock()


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is fitted to."""

    intakes: list[Intake]
    therapists: list[Therapist]
    ratings: list[Rating]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that serves: its version, whether it is another than before, and what is told of it."""

    version: str
    is_new: bool
    summary: dict[str, Any]


def material(session: Session) -> Material:
    """Everything that the clinic which the session has entered knows."""
    return Material(
        [mapping.intake_of(row.external_id, answers) for row, answers in clients.current(session)],
        [mapping.therapist_of(row) for row in directory.every(session)],
        [mapping.rating_of(row) for row in ratings.rows(session)],
    )


def estimate(found: Material, clinic: Clinic) -> ClinicModel:
    """The model of the clinic's ratings. Takes its time, and no transaction is open meanwhile."""
    if len(found.ratings) < FEWEST_RATINGS:
        mend = "there is nothing to learn from yet; bring ratings in with: rapport import ratings FILE"
        raise InvalidInput("ratings", len(found.ratings), mend)
    return ClinicModel.fit(found.intakes, found.therapists, found.ratings, scale=clinic.scale)


def publish(session: Session, clinic: Clinic, model: ClinicModel, *, now: datetime) -> Fitted:
    """Store a model and let it serve; one that is stored already only serves again."""
    clinics.lock(session, clinic.id)
    is_new = versions.serving_model(session) != model.version
    row = versions.model(session, model.version)
    if row is None:
        file = pack(model.to_arrays(), model.meta())
        row = ModelRow(version=model.version, file=file, summary=model.summary(), fitted_at=now)
        session.add(row)
        session.flush()
    versions.serve(session, row)
    if is_new:
        audit.record(session, "model.served", now=now, subject=model.version)
    return Fitted(model.version, is_new, row.summary)


def serving(session: Session, clinic_id: UUID) -> ClinicModel | None:
    """The model that serves, read once a process and version; None without one, or where it cannot be read."""
    version = versions.serving_model(session)
    if version is None:
        return None
    with _reading:
        known = _loaded.get(clinic_id)
        if known is None or known[0] != version:
            known = (version, _read(session, version))
            _loaded[clinic_id] = known
    return known[1]


def _read(session: Session, version: str) -> ClinicModel | None:
    """A damaged model is told to whoever watches the logs; the clinic's lists are then made by the rules alone."""
    try:
        model = ClinicModel.from_arrays(*unpack(versions.model_file(session, version) or b""))
    except (DamagedModel, InvalidInput, KeyError, TypeError) as error:
        structlog.get_logger().error("model unreadable", error=type(error).__name__)
        return None
    if model.version != version:
        structlog.get_logger().error("model unreadable", error="WrongVersion")
        return None
    return model
