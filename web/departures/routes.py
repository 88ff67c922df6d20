"""The therapists, one of them with their caseload, and what is done when they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.departures import forms, presenters
from web.services import departures, handovers
from web.services.conflicts import Conflict
from web.wording.conflicts import say_conflict

blueprint = Blueprint("departures", __name__, url_prefix="/departures")
Answer = str | Response | tuple[str, int]


@blueprint.before_request
def known() -> None:
    """Nothing at the address of a therapist whom the clinic does not have."""
    key = (request.view_args or {}).get("therapist_key")
    if key is not None and not departures.is_known(edge.session(), key):
        abort(404)


@blueprint.get("/")
def home() -> str:
    """Everybody, who leaves first."""
    everybody = departures.everybody(edge.session(), now=visits.now())
    return render_template("departures/home.html", rows=presenters.rows(everybody, _today()))


@blueprint.get("/<uuid:therapist_key>")
def show(therapist_key: UUID) -> str:
    """One therapist and their caseload."""
    return _page(therapist_key)


@blueprint.post("/<uuid:therapist_key>")
def announce(therapist_key: UUID) -> Answer:
    """They leave, or are on leave, and take nobody new."""
    try:
        said = forms.departure(request.form)
        departures.announce(edge.session(), visits.clinic(), therapist_key, said, zone=visits.zone(), **_by())
    except InvalidInput as wrong:
        return _page(therapist_key, wrong=wrong.mend), 422
    return redirect(url_for(".show", therapist_key=therapist_key), 303)


@blueprint.post("/<uuid:therapist_key>/back")
def call_off(therapist_key: UUID) -> Response:
    """They take clients again."""
    departures.call_off(edge.session(), visits.clinic(), therapist_key, **_by())
    return redirect(url_for(".show", therapist_key=therapist_key), 303)


@blueprint.post("/<uuid:therapist_key>/proposal")
def propose(therapist_key: UUID) -> Response:
    """A proposal for everybody who still has a place with them."""
    key = departures.propose(edge.session(), visits.clinic(), therapist_key, **_by())
    return redirect(url_for("proposals.show", proposal_id=key), 303)


@blueprint.post("/<uuid:therapist_key>/agreed")
def agreed(therapist_key: UUID) -> Response:
    """What a client has told the coordinator of the note about them."""
    client, agrees = forms.client(request.form)
    written_at = request.form.get("written_at", "")
    handovers.note_answer(edge.session(), client, therapist_key, written_at, agrees=agrees, **_by())
    return redirect(url_for(".show", therapist_key=therapist_key, _anchor=f"client-{client}"), 303)


@blueprint.errorhandler(Conflict)
def against(conflict: Conflict) -> tuple[str, int]:
    """What stands against it, on the page as it is now."""
    return _page((request.view_args or {})["therapist_key"], wrong=say_conflict(conflict.code)), 409


def _page(key: UUID, wrong: str = "") -> str:
    found = departures.caseload(edge.session(), key, now=visits.now()) or abort(404)
    page, today = presenters.page(found, _today()), _today().isoformat()
    typed = {name: request.form.get(name, getattr(page, name)) for name in ("kind", "begins_on", "ends_on")}
    return render_template("departures/show.html", page=replace(page, **typed), wrong=wrong, today=today)


def _today() -> date:
    return visits.now().astimezone(visits.zone()).date()


def _by() -> dict[str, Any]:
    return {"actor": str(visits.person().person_id), "now": visits.now()}  # type: ignore[union-attr]
