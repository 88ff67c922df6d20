"""What a clinic lead sees first: counts, the model and the weights that serve, and what was done last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import DEFAULT_WEIGHTS
from web.db import mapping
from web.db.queries import cases, directory, overview, versions
from web.db.tables import AuditEventRow

DAYS = 30
EVENTS = 20


@dataclass(frozen=True, slots=True)
class Model:
    """The model that serves, and what is told of it (``ClinicModel.summary``)."""

    version: str
    fitted_at: datetime
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What was done, when, and by whom: a person's name, or the word for who it was."""

    at: datetime
    actor: str
    action: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The clinic at a glance; ``weights`` maps a factor to how much it counts, together 1."""

    n_therapists: int
    free_places: int
    n_sent: int
    n_check_ins: int
    model: Model | None
    weights_version: str
    weights: Mapping[str, float]
    events: tuple[Event, ...]


def overview_of(session: Session, *, now: datetime) -> Overview:
    """The overview of the clinic that the session has entered."""
    served = versions.serving_weights(session, now)
    weights = DEFAULT_WEIGHTS if served is None else mapping.weights_of(served)
    row = overview.serving_model(session)
    return Overview(
        n_therapists=directory.count(session),
        free_places=overview.free_places(session, now),
        n_sent=cases.count_sent(session, now - timedelta(days=DAYS)),
        n_check_ins=overview.count_ratings(session),
        model=row and Model(row.version, row.fitted_at, row.summary),
        weights_version=weights.version,
        weights=weights.values,
        events=tuple(_events(session, overview.last_events(session, EVENTS))),
    )


def _events(session: Session, rows: list[AuditEventRow]) -> Iterable[Event]:
    actors = {row.actor: key for row in rows if (key := _person(row.actor))}
    names = cases.names(session, list(actors.values()))
    for row in rows:
        key = actors.get(row.actor)
        yield Event(row.at, names.get(key, row.actor) if key else row.actor, row.action)


def _person(actor: str) -> UUID | None:
    """The key of an actor who is a person; None for a client, a command, a job."""
    try:
        return UUID(actor.removeprefix("person "))
    except ValueError:
        return None
