"""The client reads and agrees; the therapist writes, or reads what was handed on to them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.handover import presenters
from web.services import handovers
from web.services.conflicts import Conflict
from web.wording.language import _

blueprint = Blueprint("handover", __name__, url_prefix="/handover")
Answer = str | Response | tuple[str, int]


@blueprint.get("/")
def home() -> str:
    """What would be handed on about the client of the private link."""
    return _of_client()


@blueprint.post("/<uuid:note_id>")
def answer(note_id: UUID) -> Answer:
    """Agree, or not, to the words that were read."""
    said = request.form
    try:
        handovers.answer(
            edge.session(), visits.intake(), note_id, said.get("stamp", ""), agrees=said.get("answer") == "yes",
            now=visits.now(),
        )  # fmt: skip
    except LookupError:
        abort(404)
    except Conflict:
        return _of_client(_("These words were changed while you read them. Please read them once more.")), 409
    return redirect(url_for(".home", said=""), 303)


@blueprint.get("/notes")
def notes() -> str:
    """What a therapist hands on, and what was handed on to them."""
    return _of_therapist()


@blueprint.post("/notes/<uuid:client_id>")
def write(client_id: UUID) -> Answer:
    """Keep what is handed on about a client."""
    words = request.form.get("words", "")
    try:
        handovers.write(edge.session(), visits.person().person_id, client_id, words, now=visits.now())
    except LookupError:
        abort(404)
    except InvalidInput:
        most = handovers.LONGEST
        return _of_therapist(_("Write a few words, at most %(most)s letters.", most=most), client_id, words), 422
    return redirect(url_for(".notes", saved="", _anchor=f"client-{client_id}"), 303)


def _of_client(wrong: str = "") -> str:
    found = [presenters.shown(one) for one in handovers.of_client(edge.session(), visits.intake())]
    return render_template("handover/home.html", notes=found, wrong=wrong, said="said" in request.args)


def _of_therapist(wrong: str = "", client: UUID | None = None, words: str = "") -> str:
    page = presenters.page(handovers.desk(edge.session(), visits.person().person_id))
    return render_template(
        "handover/notes.html", page=page, wrong=wrong, client=client, words=words, saved="saved" in request.args
    )
