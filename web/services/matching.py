"""An intake in, the clinic's ranked and explained list out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import DEFAULT_WEIGHTS, emphasised, rank
from matcher.entities import Intake, MatchList, Scale, Therapist, Weights
from web.db import mapping
from web.db.queries import clinics, directory, versions
from web.services import directories, models


@dataclass(frozen=True, slots=True)
class Matched:
    """A ranked list, the therapists who are offered in it, and the scale of its expectations."""

    matches: MatchList
    therapists: Mapping[str, Therapist]
    scale: Scale


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
    """The list of an intake by the clinic's directory, model and weights as they are now; nothing is stored.

    The session has entered the clinic. ``now`` decides which weights serve, the present by default; ``today`` is the
    day from which waiting counts, that of ``now`` (UTC) by default.
    ``wanted`` moves the weights by what the client says matters most, within the clinic's bounds.
    """
    now = now or datetime.now(UTC)
    clinic = clinics.by_id(session, clinic_id)
    known = directories.current(session, clinic_id).directory
    matches = rank(
        intake,
        known,
        weights=_weights(session, wanted or {}, now),
        model=models.serving(session, clinic_id),
        today=today or now.date(),
        top=top,
    )
    offered = directory.some(session, [match.therapist_id for match in matches.matches])
    therapists = {row.external_id: mapping.therapist_of(row) for row in offered}
    return Matched(matches, therapists, mapping.scale_of(clinic))


def movable(session: Session, *, now: datetime) -> tuple[str, ...]:
    """The factors that a client may give more or less weight, the weightiest first."""
    weights, bounds = serving_weights(session, now=now)
    held = [code for code, (least, most) in bounds.items() if least == most]
    codes = [code for code, weight in weights.values.items() if weight > 0 and code not in held]
    return tuple(sorted(codes, key=lambda code: -weights.values[code]))


def serving_weights(session: Session, *, now: datetime) -> tuple[Weights, Mapping[str, tuple[float, float]]]:
    """The weights that serve, and how far clients may move them."""
    row = versions.serving_weights(session, now)
    if row is None:
        return DEFAULT_WEIGHTS, {}
    bounds = {code: (float(least), float(most)) for code, (least, most) in (row.client_bounds or {}).items()}
    return mapping.weights_of(row), bounds


def _weights(session: Session, wanted: Mapping[str, int], now: datetime) -> Weights:
    weights, bounds = serving_weights(session, now=now)
    return emphasised(weights, wanted, bounds) if wanted else weights
