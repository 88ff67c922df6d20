"""Requests for programs: a client asks for one or two therapists."""

from __future__ import annotations

from flask import Response

from web import edge, visits
from web.api.v1 import calling
from web.api.v1.calling import CHANGES, MISSING, SECURITY
from web.api.v1.proposals import WAITING
from web.api.v1.requests_bodies import RequestIn, RequestOut
from web.api.v1.routes import api
from web.problems import Refused
from web.services import program_requests


@api.post(
    "/requests",
    summary="Ask for a therapist for a client",
    description="The place is kept while the first choice is asked; the second is asked where the first cannot. Where "
    "none of them has a place, or none may be asked for, the answer is a 409 with the `next_best` who are free. With "
    "the header `Idempotency-Key` it is safe to send twice. Scope `requests:write`.",
    operation_id="make_request",
    tags=[WAITING],
    security=SECURITY,
    responses={200: RequestOut, **CHANGES, **MISSING},
    endpoint="make_request",
)
def ask(body: RequestIn) -> Response:
    """The request that was made."""
    session, key = edge.session(), calling.sent_once("request ")
    try:
        made = program_requests.ask(
            session, calling.clinic(), body.client_id, body.therapist_ids, key=key, now=visits.now()
        )
    except LookupError:
        raise Refused(404, "Nobody with this key is on the waiting list; take it from `GET /queue`.") from None
    return calling.answer(RequestOut.model_validate(made))
