"""A clinic's alliance models: fitted from its ratings, tried, stored as one row, loaded once a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from matcher import Champion, ClinicModel, threads, trial
from matcher.entities import Intake, Rating, Therapist
from matcher.errors import InvalidInput
from web.db import mapping
from web.db.queries import clients, clinics, directory, ratings, versions
from web.db.tables import ModelRow
from web.exchange.model_file import DamagedModel, pack, unpack
from web.services import audit
from web.services.clinics import Clinic, ClinicTrouble
from web.settings import processors

if TYPE_CHECKING:
    from matcher.evaluation.trial import Trial

FEWEST_RATINGS = 2
METHOD = {"drift": "auto"}  # what a clinic's model has beyond the defaults: its ratings come with their moments

_loaded: dict[UUID, tuple[str, ClinicModel | None]] = {}
_reading = Lock()


class Overtaken(ClinicTrouble):
    """While a model was tried against the one that serves, another one began to serve."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is fitted to, and the version of the model that serves, with as much of it as can be read."""

    intakes: list[Intake]
    therapists: list[Therapist]
    ratings: list[Rating]
    serving: str | None = None
    champion: Champion | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial, and the version of the model that served when it was held."""

    trial: Trial
    against: str | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that was fitted, and what is told of it. ``serving`` is the version that serves now, None for none."""

    version: str
    is_new: bool
    serving: str | None
    summary: dict[str, Any]

    @property
    def serves(self) -> bool:
        """Whether it is this model that serves."""
        return self.version == self.serving


def material(session: Session) -> Material:
    """Everything that the clinic which the session has entered knows."""
    version = versions.serving_model(session)
    return Material(
        [mapping.intake_of(row.external_id, answers) for row, answers in clients.current(session)],
        [mapping.therapist_of(row) for row in directory.every(session)],
        [mapping.rating_of(row) for row in ratings.rows(session)],
        version,
        version and _champion(session, version),
    )


def estimate(found: Material, clinic: Clinic) -> ClinicModel:
    """The model of the clinic's ratings. Takes its time, and no transaction is open meanwhile."""
    if len(found.ratings) < FEWEST_RATINGS:
        mend = "there is nothing to learn from yet; bring ratings in with: rapport import ratings FILE"
        raise InvalidInput("ratings", len(found.ratings), mend)
    with threads(processors()):
        return ClinicModel.fit(found.intakes, found.therapists, found.ratings, scale=clinic.scale, specification=METHOD)


def try_out(found: Material, clinic: Clinic, model: ClinicModel) -> Tried | None:
    """The trial of a model before it may serve; None for the model that serves already. Takes as long as a fit."""
    if model.version == found.serving:
        return None
    with threads(processors()):
        held = trial(
            found.intakes, found.therapists, found.ratings, scale=clinic.scale, champion=found.champion,
            specification=METHOD,
        )  # fmt: skip
    return Tried(held, found.serving)


def publish(
    session: Session, clinic: Clinic, model: ClinicModel, *, now: datetime, tried: Tried | None = None
) -> Fitted:
    """Store a model with its trial, and let it serve unless the trial says no.

    One that is stored already is not stored again. Overtaken where another model serves than the one that it was tried
    against: nothing is stored then.
    """
    clinics.lock(session, clinic.id)
    before = versions.serving_model(session)
    if tried is not None and tried.against != before:
        raise Overtaken("Another model began to serve while this one was tried. Nothing was changed; fit again.")
    row = _stored(session, model, tried, now)
    if tried is not None and not tried.trial.verdict.serves:
        audit.record(session, "model.refused", now=now, subject=model.version)
        return Fitted(model.version, True, before, row.summary)
    versions.serve(session, row)
    if before != model.version:
        audit.record(session, "model.served", now=now, subject=model.version)
    return Fitted(model.version, before != model.version, model.version, row.summary)


def _stored(session: Session, model: ClinicModel, tried: Tried | None, now: datetime) -> ModelRow:
    """The model's row; the newest trial of a model is the one that is kept."""
    row = versions.model(session, model.version)
    if row is None:
        file = pack(model.to_arrays(), model.meta())
        row = ModelRow(version=model.version, file=file, summary=model.summary(), fitted_at=now)
        session.add(row)
    if tried is not None:
        row.summary = {**row.summary, "trial": tried.trial.document()}
    session.flush()
    return row


def _champion(session: Session, version: str) -> Champion | None:
    """The model that serves, as far as this release can read it."""
    row = versions.model(session, version)
    if row is None:
        return None
    model = _read(session, version)
    return Champion(row.fitted_at, model.specification if model else row.summary.get("specification"), model)


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


def of_version(session: Session, clinic_id: UUID, version: str) -> ClinicModel | None:
    """Any model that is kept; None where there is none of this version, or where it cannot be read."""
    known = _loaded.get(clinic_id)
    if known is not None and known[0] == version:
        return known[1]
    return _read(session, version) if versions.model(session, version) is not None else None


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
