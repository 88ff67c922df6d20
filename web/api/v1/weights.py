"""A clinic's weights for programs: look, draft, publish, go back.

A program is no person. Where two are asked for, or where the weights would shut somebody out, people decide.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi import Tag

from web import edge, problems, visits
from web.api.v1 import calling
from web.api.v1.calling import CHANGES, READS, SECURITY
from web.api.v1.routes import PROBLEMS, api
from web.api.v1.weights_bodies import (
    WeightsDraftIn,
    WeightsDraftSeen,
    WeightsPreviewIn,
    WeightsPublishIn,
    WeightsRollBackIn,
)
from web.preview_answers import WeightsPreviewOut, preview_out
from web.services import panels, tuning, weight_drafts, weights
from web.services.weight_troubles import DraftConflict, NotAcknowledged, WeightsTrouble
from web.weight_answers import (
    WeightsActivationOut,
    WeightsDraftOut,
    WeightsOut,
    activation_out,
    draft_out,
    standing_out,
)
from web.wording.weights import say_trouble

WEIGHTS = Tag(name="Weights", description="How much each factor counts, who let it count so, and since when.")


@api.get(
    "/weights",
    summary="Look at the clinic's weights",
    description="What serves, the draft, and what served before. Scope `weights:read`.",
    operation_id="weights",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsOut, **READS},
    endpoint="weights",
)
def show() -> Response:
    """The weights as they stand."""
    return calling.answer(standing_out(weights.standing(edge.session(), calling.clinic(), now=visits.now())))


@api.put(
    "/weights/draft",
    summary="Begin the draft, or change it",
    description="Replaces the draft's numbers and withdraws its proposal. Sending the same again changes nothing. "
    "Scope `weights:write`.",
    operation_id="save_weights_draft",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsDraftOut, **CHANGES},
    endpoint="save_weights_draft",
)
def save(body: WeightsDraftIn) -> Response:
    """The draft with these numbers."""
    said = (body.weights, body.pairs(), body.note, body.revision)
    made = weight_drafts.save_draft(edge.session(), calling.clinic(), *said, actor=calling.program(), now=visits.now())
    return calling.answer(draft_out(made))


@api.delete(
    "/weights/draft",
    summary="Set the draft aside",
    description="What serves stays as it is. The draft's revision stands in the address: `?revision=3`. "
    "Scope `weights:write`.",
    operation_id="discard_weights_draft",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsOut, **CHANGES},
    endpoint="discard_weights_draft",
)
def discard(query: WeightsDraftSeen) -> Response:
    """The weights without a draft."""
    weight_drafts.discard(edge.session(), calling.clinic(), query.revision, actor=calling.program(), now=visits.now())
    return show()


@api.post(
    "/weights/preview",
    summary="See what other weights would change",
    description="On the clinic's forty most recent intakes, beside the weights that serve, in the strict order of "
    "scores. Nothing is stored. Scope `weights:read`.",
    operation_id="preview_weights",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsPreviewOut, **PROBLEMS},
    endpoint="preview_weights",
)
def preview(body: WeightsPreviewIn) -> Response:
    """Who would be shown more and less, and who no more."""
    found = panels.preview(edge.session(), calling.clinic(), body.weights, now=visits.now())
    return calling.answer(preview_out(found))


@api.post(
    "/weights/publish",
    summary="Let the draft serve",
    description="At once, or from a moment on. The revision makes it safe to send twice: the draft is gone after the "
    "first, and the second is answered with 409. Scope `weights:write`.",
    operation_id="publish_weights",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsActivationOut, **CHANGES},
    endpoint="publish_weights",
)
def publish(body: WeightsPublishIn) -> Response:
    """What serves, or will."""
    said = (body.revision, body.effective_at, body.acknowledged)
    made = tuning.publish_as_it_is(edge.session(), calling.clinic(), *said, actor=calling.program(), now=visits.now())
    return calling.answer(activation_out(made))


@api.post(
    "/weights/roll-back",
    summary="Let earlier weights serve again",
    description="At once. Going back to what serves already is answered with 409, so it is safe to send twice. "
    "Scope `weights:write`.",
    operation_id="roll_back_weights",
    tags=[WEIGHTS],
    security=SECURITY,
    responses={200: WeightsActivationOut, **CHANGES},
    endpoint="roll_back_weights",
)
def roll_back(body: WeightsRollBackIn) -> Response:
    """What serves again."""
    said = (body.version, body.acknowledged)
    made = tuning.roll_back(edge.session(), calling.clinic(), *said, actor=calling.program(), now=visits.now())
    return calling.answer(activation_out(made))


@api.errorhandler(WeightsTrouble)
def told(trouble: WeightsTrouble) -> Response:
    """A 409 with what stands in the way: with the draft as it is now, or with who would be shut out of all lists."""
    more: dict[str, Any] = {}
    if isinstance(trouble, DraftConflict):
        more = {"draft": trouble.draft and draft_out(trouble.draft).model_dump(mode="json")}
    if isinstance(trouble, NotAcknowledged):
        more = {
            "shuts_out": [{"kind": one.kind, "trait": one.trait, "option": one.option} for one in trouble.shuts_out]
        }
    return problems.answer(409, say_trouble(trouble.code, trouble.params), more=more)
