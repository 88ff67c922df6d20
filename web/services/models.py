"""A clinic's alliance models: fitted from its ratings, tried, stored as one row, loaded once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from matcher import Champion, ClinicModel, shift, threads, trial
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

UNREADABLE_SECONDS = 60.0  # how long a model that could not be read is taken as such: a fit may mend its file

_loaded: dict[UUID, tuple[str, ClinicModel | None, float]] = {}
_reading = Lock()


class TooFewRatings(InvalidInput):
    """There is nothing to learn from yet."""


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


def estimate(found: Material, clinic: Clinic, *, goes_on: bool = False) -> ClinicModel:
    """The model of the clinic's ratings. Takes its time, and no transaction is open meanwhile.

    ``goes_on``: from where the model that serves ended, as far as it may (``ClinicModel.fit``).
    """
    if len(found.ratings) < FEWEST_RATINGS:
        mend = "there is nothing to learn from yet; bring ratings in with: rapport import ratings FILE"
        raise TooFewRatings("ratings", len(found.ratings), mend)
    with threads(processors()):
        return ClinicModel.fit(
            found.intakes, found.therapists, found.ratings, scale=clinic.scale, specification=METHOD,
            start=found.champion.model if goes_on and found.champion else None,
        )  # fmt: skip


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


def about(found: Material, model: ClinicModel) -> dict[str, Any]:
    """What is told of a model beside its own summary: when its ratings were given, and how far expectations moved.

    ``shift`` is None without a model that served before, or where the two cannot be compared.
    """
    moments = sorted(rating.rated_at for rating in found.ratings if rating.rated_at is not None)
    span = {"first": moments[0].isoformat(), "last": moments[-1].isoformat()} if moments else None
    told: dict[str, Any] = {"span": span, "before": found.serving, "shift": None}
    before = found.champion.model if found.champion else None
    if before is not None and before.scale == model.scale and found.serving != model.version:
        told["shift"] = shift(before, model, found.intakes, found.therapists).document()
    return told


def publish(
    session: Session,
    clinic: Clinic,
    model: ClinicModel,
    *,
    now: datetime,
    tried: Tried | None = None,
    about: Mapping[str, Any] | None = None,
    actor: str = audit.COMMAND,
) -> Fitted:
    """Store a model with its trial and what else is told ``about`` it, and let it serve unless the trial says no.

    One that is stored already is not stored again. Overtaken where another model serves than the one that it was tried
    against: nothing is stored then.
    """
    clinics.lock(session, clinic.id)
    before = versions.serving_model(session)
    if tried is not None and tried.against != before:
        raise Overtaken("Another model began to serve while this one was tried. Nothing was changed; fit again.")
    row = _stored(session, model, tried, now, about or {})
    if tried is not None and not tried.trial.verdict.serves:
        audit.record(session, "model.refused", now=now, subject=model.version, actor=actor)
        return Fitted(model.version, True, before, row.summary)
    versions.serve(session, row)
    if before != model.version:
        audit.record(session, "model.served", now=now, subject=model.version, actor=actor)
    return Fitted(model.version, before != model.version, model.version, row.summary)


def up_to_date(session: Session) -> Fitted | None:
    """The model that serves, where it is of as many ratings as there are and can be read; None where it is not."""
    version = versions.serving_model(session)
    row = None if version is None else versions.model(session, version)
    if row is None or n_read(row.summary) != ratings.count(session) or _read(session, row.version) is None:
        return None
    return Fitted(row.version, False, row.version, row.summary)


def n_read(summary: Mapping[str, Any]) -> int:
    """How many ratings a model was fitted to, those that tell nothing included."""
    return int(summary.get("report", {}).get("rows_read", 0))


def serve_again(session: Session, clinic: Clinic, version: str, *, now: datetime, actor: str) -> bool:
    """Let an earlier model serve again; whether it does. One that a trial refused, or that cannot be read, does not."""
    clinics.lock(session, clinic.id)
    row = versions.model(session, version)
    if row is None or not may_serve(row.summary) or _read(session, version) is None:
        return False
    if not row.serving:
        versions.serve(session, row)
        audit.record(session, "model.rolled_back", now=now, subject=version, actor=actor)
    return True


def may_serve(summary: Mapping[str, Any]) -> bool:
    """Whether no trial refused the model of this summary."""
    return bool(summary.get("trial", {}).get("verdict", {}).get("serves", True))


def _stored(
    session: Session, model: ClinicModel, tried: Tried | None, now: datetime, about: Mapping[str, Any]
) -> ModelRow:
    """The model's row; the newest trial of a model is the one that is kept."""
    row = versions.model(session, model.version)
    if row is None:
        row = ModelRow(version=model.version, file=_file(model), summary=model.summary() | about, fitted_at=now)
        session.add(row)
    elif _read(session, model.version) is None:
        row.file = _file(model)  # the same model of the same ratings, whose file was damaged
    if tried is not None:
        row.summary = {**row.summary, **about, "trial": tried.trial.document()}
    session.flush()
    return row


def _file(model: ClinicModel) -> bytes:
    return pack(model.to_arrays(), model.meta())


def _champion(session: Session, version: str) -> Champion | None:
    """The model that serves, as far as this release can read it."""
    row = versions.model(session, version)
    if row is None:
        return None
    model = _read(session, version)
    return Champion(row.fitted_at, model.specification if model else row.summary.get("specification"), model)


def serving(session: Session, clinic_id: UUID) -> ClinicModel | None:
    """The model that serves, read once a process and version; None without one, or where it cannot be read (yet)."""
    version = versions.serving_model(session)
    if version is None:
        return None
    with _reading:
        known = _loaded.get(clinic_id)
        is_stale = known is not None and known[1] is None and monotonic() > known[2] + UNREADABLE_SECONDS
        if known is None or known[0] != version or is_stale:
            known = (version, _read(session, version), monotonic())
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
