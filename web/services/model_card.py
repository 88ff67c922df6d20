"""The card of a clinic's models: which serves, what it learned from, what its trial came to, and a fit on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Scale
from web.db.queries import cases, ratings, versions
from web.db.tables import ModelRow
from web.jobs import rows
from web.jobs.rows import Job
from web.services import audit, models, refit
from web.services.clinics import Clinic

MOST_MODELS = 8
PARTS = ("client", "therapist", "pair", "time", "session")  # of what makes scores differ


@dataclass(frozen=True, slots=True)
class Learned:
    """A model as it is told of: ``summary`` is what its fit wrote down, ``may_serve`` whether no trial refused it."""

    version: str
    fitted_at: datetime
    serves: bool
    may_serve: bool
    summary: Mapping[str, Any]

    @property
    def report(self) -> Mapping[str, Any]:
        """What the fit says of itself."""
        found: Mapping[str, Any] = self.summary.get("report", {})
        return found

    @property
    def verdict(self) -> Mapping[str, Any] | None:
        """What the gate decided; None for a model that was never tried."""
        found: Mapping[str, Any] | None = (self.summary.get("trial") or {}).get("verdict")
        return found

    @property
    def judged(self) -> Mapping[str, Any] | None:
        """The figures of its trial; None where there was nothing to judge on."""
        splits = ((self.summary.get("trial") or {}).get("report") or {}).get("splits") or [None]
        return splits[0]


@dataclass(frozen=True, slots=True)
class Fitting:
    """The job of a new fit and who asked for it, by name; ``can_ask``: there are ratings, and no fit is on its way.

    ``n_untold`` ratings do not count yet: no therapist was told of them.
    """

    job: Job | None
    asked_by: str
    can_ask: bool
    is_enough: bool
    n_untold: int


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about the clinic's models. ``before`` is the one that the serving one is compared with."""

    serving: Learned | None
    is_readable: bool
    before: Learned | None
    models: tuple[Learned, ...]
    fitting: Fitting
    scale: Scale


def card_of(session: Session, clinic: Clinic, *, now: datetime) -> Card:
    """The card of the clinic that the session has entered."""
    found = [_learned(row) for row in versions.last_models(session, MOST_MODELS)]
    serving = next((model for model in found if model.serves), None)
    return Card(
        serving=serving,
        is_readable=serving is None or models.serving(session, clinic.id) is not None,
        before=serving and _before(serving, found),
        models=tuple(found),
        fitting=fitting_of(session, now=now),
        scale=clinic.scale,
    )


def fitting_of(session: Session, *, now: datetime) -> Fitting:
    """How the new fit stands that somebody asked for, or whether one can be asked for."""
    job = rows.look(session, refit.KIND, now=now)
    is_enough = ratings.count(session) >= models.FEWEST_RATINGS
    is_open = job is not None and job.is_open
    asked_by, n_untold = _name(session, job.asked_by) if job else "", ratings.count_untold(session)
    return Fitting(job, asked_by, is_enough and not is_open, is_enough, n_untold)


def ask_fit(session: Session, *, now: datetime, person_id: UUID) -> bool:
    """Ask for a new fit; False where one is on its way already, or there is nothing to learn from."""
    if not fitting_of(session, now=now).can_ask or not rows.ask(
        session, refit.KIND, refit.KIND, asked_by=str(person_id), now=now
    ):
        return False
    audit.record(session, "model.asked", now=now, actor=str(person_id))
    return True


def shares(summary: Mapping[str, Any]) -> dict[str, float]:
    """How much of the differences between scores each part makes, together 1; what there is none of is left out."""
    found = dict.fromkeys(PARTS, 0.0)
    for component in summary.get("components", ()):
        found[part_of(component["name"])] += component["share"]
    return {part: share for part, share in found.items() if share > 0}


def part_of(component: str) -> str:
    """The part of ``PARTS`` that a variance component of the alliance model belongs to."""
    if component == "residual":
        return "session"
    if component.endswith("drift"):
        return "time"
    if component == "dyad" or component.startswith("match ") or " x " in component or " ~ " in component:
        return "pair"
    return "client" if component.startswith("client") else "therapist"


def in_range(pit: Mapping[str, Any]) -> float:
    """The share of scores within the middle 80 % of what was expected of each, from the tenths of a trial."""
    return float(sum(pit["shares"][1:9]))


def _before(serving: Learned, found: Iterable[Learned]) -> Learned | None:
    """The model that served when this one was fitted, or else the one fitted before it."""
    older = [model for model in found if model.fitted_at < serving.fitted_at]
    named = next((model for model in older if model.version == serving.summary.get("before")), None)
    return named or next(iter(older), None)


def _learned(row: ModelRow) -> Learned:
    return Learned(row.version, row.fitted_at, row.serving, models.may_serve(row.summary), row.summary)


def _name(session: Session, actor: str) -> str:
    try:
        key = UUID(actor)
    except ValueError:
        return actor
    return cases.names(session, [key]).get(key, "")
