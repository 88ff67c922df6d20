"""A list made again from its record: by the answers, directory, model, weights and rules that it names.

That the two are the same to the byte proves that the record says all that decided it. Where a list cannot be made again
the answer says why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import DEFAULT_WEIGHTS, RULES, Directory
from web.db import mapping
from web.db.queries import directory, forecasts, intakes, lists, versions
from web.db.tables import IntakeVersionRow, ShownListRow
from web.services import models
from web.services.clinics import Clinic
from web.services.matching import UNREADABLE, Grounds, bounds_of, forecast_of
from web.services.shown import STORED, STRICT, Making

SAME, DIFFERENT = "same", "different"
ERASED, NOT_RECORDED, OTHER_RULES = "erased", "not_recorded", "other_rules"
NO_WEIGHTS, NO_MODEL, NO_FORECAST = "no_weights", "no_model", "no_forecast"
VERDICTS = (SAME, DIFFERENT, ERASED, NOT_RECORDED, OTHER_RULES, NO_WEIGHTS, NO_MODEL, NO_FORECAST)


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it: one of ``VERDICTS``, the record, and the list as it was made again, both as JSON.

    ``again`` is empty where the list could not be made again, ``record`` where there is none any more.
    """

    verdict: str
    record: bytes = b""
    again: bytes = b""


def replay(session: Session, clinic: Clinic, list_id: UUID) -> Replay:
    """Make a list again. ``erased`` for one that is not there (any more)."""
    found = lists.by_id(session, list_id)
    if found is None:
        return Replay(ERASED)
    head, intake = found
    record = _bytes(_recorded(session, head))
    if head.directory_version is None:
        return Replay(NOT_RECORDED, record)
    if head.release != RULES:
        return Replay(OTHER_RULES, record)
    grounds = _grounds(session, clinic, head)
    if isinstance(grounds, str):
        return Replay(grounds, record)
    again = _bytes(_making(session, head, intake).by(session, grounds))
    return Replay(SAME if again == record else DIFFERENT, record, again)


def _making(session: Session, head: ShownListRow, intake: IntakeVersionRow) -> Making:
    asked = intakes.client(session, intake.client_id).external_id
    return Making(mapping.intake_of(asked, intake.answers), head.wanted or {}, str(intake.id), head.seed == STRICT)


def _grounds(session: Session, clinic: Clinic, head: ShownListRow) -> Grounds | str:
    """The grounds that a list names, or why they are not there any more."""
    assert head.directory_version is not None
    row = versions.weights(session, head.weights_version)
    if row is None and head.weights_version != DEFAULT_WEIGHTS.version:
        return NO_WEIGHTS
    model = None if head.model_version is None else models.of_version(session, clinic.id, head.model_version)
    if model is None and head.model_version is not None:
        return NO_MODEL
    forecast = None if head.forecast_id is None else forecast_of(forecasts.by_id(session, head.forecast_id))
    if forecast is None and head.forecast_id is not None:
        return NO_FORECAST
    then = directory.profiles_at(session, head.directory_version)
    return Grounds(
        directory=Directory.of(mapping.therapist_of(one) for one in then),
        directory_version=head.directory_version,
        weights=DEFAULT_WEIGHTS if row is None else mapping.weights_of(row),
        bounds={} if row is None else bounds_of(row),
        model=model,
        today=head.made_at.date(),
        scale=clinic.scale,
        is_unreadable=UNREADABLE in head.notes,
        forecast=forecast,
    )


def _recorded(session: Session, head: ShownListRow) -> dict[str, Any]:
    """The record in the shape of ``Making.by``."""
    names = ("weights_version", "model_version", "directory_version", "seed", "forecast_id", "refusals", "remedies",
             "notes")  # fmt: skip
    columns = ("place", "score", "propensity", "contributions", "explanation")
    return {name: getattr(head, name) for name in names} | {
        "wanted": head.wanted or {},
        "places": [
            {"id": row.explanation["therapist"]["id"]} | {name: getattr(row, name) for name in columns}
            for row in lists.places(session, head.id, STORED)
        ],
    }


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()
