"""The routes of version 1: parse → one service → present."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, current_app, g, jsonify, render_template
from flask_openapi import APIBlueprint, OpenAPI, Tag

from web import alternative_answers, answers, edge, headers, visits
from web.alternative_answers import WhyOut
from web.answers import MatchListOut
from web.api.v1 import reference
from web.api.v1.body import MatchesIn, WhyIn, require_json
from web.api.v1.model import ModelOut
from web.api.v1.model import document as document_of_models
from web.problems import KINDS, TYPE
from web.services import clinics, matching, model_card

MODEL = Tag(name="Model", description="What the clinic has learned from what clients said.")
MATCHING = Tag(name="Matching", description="An intake goes in, a ranked and explained list comes out.")
PROBLEM = {"content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
PROBLEMS = {status: {"description": KINDS[status][0], **PROBLEM} for status in (400, 401, 403, 406, 413, 415, 422, 429)}

api = APIBlueprint("api_v1", __name__, url_prefix="/api/v1", validate_response=False)
api.before_request(require_json)


@api.post(
    "/matches",
    summary="Rank the clinic's therapists for an intake",
    description="Nothing is stored: the intake is answered and forgotten. The same intake, directory, model and "
    "weights give the same list. `score` is the sum of `contributions[].points`.",
    operation_id="matches",
    tags=[MATCHING],
    security=[{"token": []}],
    responses={200: MatchListOut, **PROBLEMS},
)
def match(body: MatchesIn) -> Response:
    """Everyone who can be offered, best first, with the reasons; everyone who cannot, and why."""
    found = matching.for_intake(edge.session(), g.caller.clinic_id, body.intake.entity(), top=body.top)
    return jsonify(answers.match_list(found.matches, found.therapists, found.scale).model_dump(mode="json"))


@api.get(
    "/model",
    summary="The card of the clinic's models",
    description="What the model that serves learned from, what makes scores differ, how it did on later sessions, and "
    "which models came before. A count under five is null.",
    operation_id="model",
    tags=[MODEL],
    security=[{"token": []}],
    responses={200: ModelOut, **{status: PROBLEMS[status] for status in (401, 403, 406, 429)}},
)
def model() -> Response:
    """The card in figures."""
    session = edge.session()
    found = model_card.card_of(session, clinics.of_id(session, g.caller.clinic_id), now=visits.now())
    return jsonify(document_of_models(found).model_dump(mode="json"))


@api.post(
    "/matches/why",
    summary="Say why a therapist stands where they stand for an intake",
    description="What sets them apart from the first, what would have to change for them to be first, and, for who "
    "cannot be offered, every requirement that stands between and the smallest changes that remove it. By the strict "
    "order of scores. Nothing is stored.",
    operation_id="why",
    tags=[MATCHING],
    security=[{"token": []}],
    responses={200: WhyOut, **PROBLEMS},
)
def why(body: WhyIn) -> Response:
    """Why not first, why not at all, and what would change it."""
    found = matching.what_if_of(edge.session(), g.caller.clinic_id, body.intake.entity(), body.therapist_id)
    return jsonify(alternative_answers.why(found).model_dump(mode="json"))


@api.get("/openapi.json", doc_ui=False)
def document() -> Response:
    """The OpenAPI document."""
    return headers.same_for_everybody(jsonify(document_of(current_app)))


@api.get("/", doc_ui=False, endpoint="reference")
def reference_page() -> Response:
    """The reference as a page."""
    page = render_template("api/reference.html", api=reference.of(document_of(current_app)))
    return headers.same_for_everybody(Response(page, mimetype="text/html"))


def document_of(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the application, which is made once."""
    return cast(OpenAPI, app).api_doc
