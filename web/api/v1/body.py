"""What must hold of a request before its body is looked at: JSON wanted, JSON sent, one object."""

from __future__ import annotations

from flask import request
from pydantic import BaseModel, Field, ValidationError

from web.api.v1.proposals_bodies import ProposalCommitIn, ProposalIn, ProposalPath, QueueQuery
from web.api.v1.requests_bodies import RequestIn
from web.api.v1.weights_bodies import (
    WeightsDraftIn,
    WeightsDraftSeen,
    WeightsPreviewIn,
    WeightsPublishIn,
    WeightsRollBackIn,
)
from web.exchange.problems import BadInput, shown
from web.exchange.schema import IntakeIn
from web.exchange.schema.explain import problems_of
from web.exchange.schema.fields import Document
from web.problems import TYPE, Fault, Refused, faults
from web.settings import API_BODY_BYTES

MAX_TOP = 100
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class MatchesIn(Document):
    """An intake, and how many matches to answer."""

    intake: IntakeIn
    top: int = Field(5, ge=1, le=MAX_TOP, description="At most so many matches, the best first")


class WhyIn(Document):
    """An intake, and the therapist who is asked about."""

    intake: IntakeIn
    therapist_id: str = Field(min_length=1, max_length=100, description="The id of a therapist of the clinic")


SCHEMAS: tuple[type[BaseModel], ...] = (
    MatchesIn,
    WhyIn,
    WeightsDraftIn,
    WeightsDraftSeen,
    WeightsPreviewIn,
    WeightsPublishIn,
    WeightsRollBackIn,
    ProposalIn,
    ProposalCommitIn,
    ProposalPath,
    QueueQuery,
    RequestIn,
)


def require_json() -> None:
    """Refuse a request that wants something else than JSON, or brings something else."""
    wanted = request.accept_mimetypes
    if wanted and not (wanted.accept_json or TYPE in wanted or request.endpoint == "api_v1.reference"):
        raise Refused(406)
    if request.method not in WITH_BODY:
        return
    if not request.is_json:
        raise Refused(415)
    if request.content_length is None and len(request.get_data()) >= API_BODY_BYTES:
        raise Refused(413)  # a body without a length is cut off at the limit, and must not be read as if it were whole
    body = request.get_json()
    if not isinstance(body, dict):
        raise Refused(422, faults=[Fault(place="document", value=shown(body), mend="send one JSON object: { … }")])


def refuse_invalid(error: ValidationError) -> None:
    """Answer what does not fit its schema with every place, value and mend."""
    model = next(model for model in SCHEMAS if model.__name__ == error.title)
    raise Refused(422, faults=faults(BadInput(problems_of(error, model))))
