"""An intake in, the clinic's ranked and explained list out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import (
    CLIENT_BOUNDS,
    CLIENT_STEPS,
    DEFAULT_WEIGHTS,
    ClinicModel,
    Directory,
    emphasised,
    rank,
    what_if,
    who_fits,
)
from matcher.counterfactuals import WhatIf
from matcher.entities import Intake, MatchList, Scale, Therapist, Weights
from web.db import mapping
from web.db.queries import clinics, directory, forecasts, versions
from web.db.tables import ForecastRow, WeightsRow
from web.services import directories, free_places, models

UNREADABLE = "model_unreadable"
GOOD_FOR = timedelta(days=14)  # prices of a forecast: a clinic changes


@dataclass(frozen=True, slots=True)
class Forecast:
    """What places are worth by one forecast, therapist → price."""

    id: UUID
    prices: Mapping[str, float]

    def of(self, directory: Directory) -> dict[str, float]:
        """The prices of those who are in the directory; whoever came later costs nothing yet."""
        return {id_: price for id_, price in self.prices.items() if price and directory.row(id_) is not None}


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that decides a list besides the intake: the same grounds give the same list, whenever it is asked for.

    ``is_unreadable``: there is a model that should serve, and this release cannot read it. ``forecast`` is what places
    are worth to those who will come, where the clinic's lists leave them to those.
    """

    directory: Directory
    directory_version: int
    weights: Weights
    bounds: Mapping[str, tuple[float, float]]
    model: ClinicModel | None
    today: date
    scale: Scale
    is_unreadable: bool = False
    forecast: Forecast | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """A ranked list, the therapists who are offered in it, and the scale of its expectations."""

    matches: MatchList
    therapists: Mapping[str, Therapist]
    scale: Scale


@dataclass(frozen=True, slots=True)
class Movable:
    """A factor that clients may give less or more weight, and the steps between which they may: 0 is as it is."""

    factor: str
    least: int
    most: int


def for_intake(
    session: Session,
    clinic_id: UUID,
    intake: Intake,
    *,
    top: int | None = None,
    now: datetime | None = None,
    today: date | None = None,
    wanted: Mapping[str, int] | None = None,
) -> Matched:
    """The list of an intake in the strict order, by the grounds of this moment; nothing is stored.

    ``today`` is the day from which waiting counts, that of ``now`` by default.
    """
    found = grounds(session, clinic_id, now=now)
    return by_grounds(session, replace(found, today=today or found.today), intake, top=top, wanted=wanted)


def grounds(session: Session, clinic_id: UUID, *, now: datetime | None = None) -> Grounds:
    """The clinic's directory, model and weights as they are now. The session has entered the clinic.

    ``now``, the present by default, decides which weights serve and which holds are over, and its day in UTC from when
    waiting counts.
    """
    now = now or datetime.now(UTC)
    known, clinic = directories.current(session, clinic_id), clinics.by_id(session, clinic_id)
    weights, bounds = serving_weights(session, now=now)
    model = models.serving(session, clinic_id)
    lost = model is None and versions.serving_model(session) is not None
    priced = forecast_of(forecasts.serving(session, now - GOOD_FOR)) if clinic.scarcity_prices else None
    scale = mapping.scale_of(clinic)
    offered = free_places.counted_in(session, known.directory, now=now)
    return Grounds(offered, known.version, weights, bounds, model, now.date(), scale, lost, priced)


def forecast_of(row: ForecastRow | None) -> Forecast | None:
    """The forecast of a row."""
    return None if row is None else Forecast(row.id, row.prices)


def by_grounds(
    session: Session,
    found: Grounds,
    intake: Intake,
    *,
    top: int | None = None,
    wanted: Mapping[str, int] | None = None,
    seed: int | None = None,
) -> Matched:
    """The list of an intake by these grounds.

    ``wanted`` moves the weights by what the client says matters most, within the clinic's bounds; ``seed`` draws the
    order of near-ties.
    """
    matches = rank(
        intake,
        found.directory,
        weights=emphasised(found.weights, wanted, found.bounds) if wanted else found.weights,
        model=found.model,
        today=found.today,
        top=top,
        seed=seed,
        prices=None if found.forecast is None else found.forecast.of(found.directory),
    )
    if found.is_unreadable:
        matches = replace(matches, notes=tuple(UNREADABLE if note == "no_model" else note for note in matches.notes))
    offered = directory.profiles_at(session, found.directory_version, [m.therapist_id for m in matches.matches])
    return Matched(matches, {row.external_id: mapping.therapist_of(row) for row in offered}, found.scale)


def what_if_of(
    session: Session, clinic_id: UUID, intake: Intake, therapist_id: str, *, now: datetime | None = None
) -> WhatIf:
    """Why a therapist stands where they stand for an intake, and what would have to change. Nothing is stored."""
    found = grounds(session, clinic_id, now=now)
    return what_if(intake, found.directory, therapist_id, weights=found.weights, model=found.model, today=found.today)


def ways_to(
    session: Session, clinic_id: UUID, intake: Intake, therapist_ids: Iterable[str], *, now: datetime
) -> dict[str, WhatIf]:
    """What stands between an intake and each of these therapists now, as far as they are in the directory."""
    found = grounds(session, clinic_id, now=now)
    return {
        key: what_if(intake, found.directory, key, weights=found.weights, model=found.model, today=found.today)
        for key in therapist_ids
        if found.directory.row(key) is not None
    }


def for_place(
    session: Session, clinic_id: UUID, therapist_id: str, intakes: Iterable[Intake], *, now: datetime
) -> dict[str, float]:
    """Whom of these clients a place with a therapist suits, best first: intake id → score."""
    found = grounds(session, clinic_id, now=now)
    fits = who_fits(therapist_id, intakes, found.directory, weights=found.weights, model=found.model, today=found.today)
    return {fit.intake_id: fit.score for fit in fits}


def movable(session: Session, *, now: datetime) -> tuple[Movable, ...]:
    """The factors that a client may give more or less weight, the weightiest first."""
    weights, bounds = serving_weights(session, now=now)
    found = []
    for code in sorted(weights.values, key=lambda code: -weights.values[code]):
        least, most = bounds.get(code, CLIENT_BOUNDS)
        if weights.values[code] > 0 and least < most:
            found.append(Movable(code, -CLIENT_STEPS if least < 1 else 0, CLIENT_STEPS if most > 1 else 0))
    return tuple(found)


def serving_weights(session: Session, *, now: datetime) -> tuple[Weights, Mapping[str, tuple[float, float]]]:
    """The weights that serve, and how far clients may move them."""
    row = versions.serving_weights(session, now)
    return (DEFAULT_WEIGHTS, {}) if row is None else (mapping.weights_of(row), bounds_of(row))


def bounds_of(row: WeightsRow) -> dict[str, tuple[float, float]]:
    """How far clients may move each factor of a version."""
    return {code: (float(least), float(most)) for code, (least, most) in (row.client_bounds or {}).items()}


def directory_of(session: Session, clinic_id: UUID) -> tuple[int, Directory]:
    """The clinic's directory as it is now, and its version."""
    held = directories.current(session, clinic_id)
    return held.version, held.directory
