"""What the routes of version 1 share: who calls, for which clinic, and how a document is answered."""

from __future__ import annotations

from uuid import UUID, uuid5

from flask import Response, g, jsonify, request
from pydantic import BaseModel

from web import edge
from web.api.v1.routes import PROBLEM, PROBLEMS
from web.problems import KINDS, Refused
from web.services import clinics
from web.services.clinics import Clinic

SECURITY = [{"token": []}]
MISSING = {404: {"description": KINDS[404][0], **PROBLEM}}
CHANGES = {409: {"description": KINDS[409][0], **PROBLEM}, **PROBLEMS}
READS = {status: said for status, said in PROBLEMS.items() if status not in {413, 415, 422}}
MOST_KEY = 200


def answer(document: BaseModel) -> Response:
    """A document as the answer."""
    return jsonify(document.model_dump(mode="json"))


def clinic() -> Clinic:
    """The clinic whose token it is."""
    return clinics.of_id(edge.session(), g.caller.clinic_id)


def program() -> str:
    """Who acts, for the history of what was done."""
    return f"program {g.caller.token_id}"


def sent_once(what: str) -> UUID | None:
    """The key of what shall be made, where the caller has named it so that sending twice makes one."""
    said = request.headers.get("Idempotency-Key", "")
    if len(said) > MOST_KEY:
        raise Refused(400, f"Send an Idempotency-Key of at most {MOST_KEY} characters.")
    return uuid5(g.caller.clinic_id, f"{what}{said}") if said else None
