"""Rows ↔ domain objects: the only file that knows both.

Documents in rows are those of ``web.exchange.schema``, without what has a column of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.entities import Intake, Rating, Scale, Therapist, Weights
from web.db.tables import ClinicRow, WeightsRow
from web.exchange.schema import IntakeIn, TherapistIn, intake_document, therapist_document

_COLUMNS = frozenset({"therapist_id", "name", "capacity"})


def scale_of(row: ClinicRow) -> Scale:
    """The scale on which a clinic's clients rate."""
    return Scale(row.scale_lowest, row.scale_top, row.scale_step)


def therapist_of(row: Any) -> Therapist:
    """The therapist of a ``TherapistRow``, or of a row of ``queries.directory.profiles``."""
    known = {"therapist_id": row.external_id, "name": row.name, "capacity": row.capacity}
    return TherapistIn.model_validate(row.profile | known).entity()


def profile_of(therapist: Therapist) -> dict[str, Any]:
    """What a therapist's row keeps as a document."""
    return {name: value for name, value in therapist_document(therapist).items() if name not in _COLUMNS}


def intake_of(external_id: str, answers: Mapping[str, Any]) -> Intake:
    """The intake of a client's id and one version of the answers."""
    return IntakeIn.model_validate({**answers, "client_id": external_id}).entity()


def answers_of(intake: Intake) -> dict[str, Any]:
    """What an intake version keeps."""
    return {name: value for name, value in intake_document(intake).items() if name != "client_id"}


def rating_of(row: Any) -> Rating:
    """The rating of a row of ``queries.ratings.rows``."""
    return Rating(
        client_id=row.client, therapist_id=row.therapist, session=row.number, score=row.score, rated_at=row.rated_at
    )


def weights_of(row: WeightsRow) -> Weights:
    """The weights of a row."""
    return Weights(row.version, row.weights)
