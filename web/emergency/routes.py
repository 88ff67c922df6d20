"""Opening a client's course in an emergency, looking at it, and closing it again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.emergency import presenters
from web.services import emergencies
from web.wording.language import _

blueprint = Blueprint("emergency", __name__, url_prefix="/emergency")


@blueprint.get("/")
def home() -> str:
    """What it means, what one has open, and the form."""
    return _page()


@blueprint.post("/")
def begin() -> Response | tuple[str, int]:
    """Open the course of a client."""
    person, said = visits.person(), request.form
    role = next(role for role in emergencies.ROLES if role in person.roles)
    try:
        key = emergencies.begin(
            edge.session(), person.person_id, role, said.get("whom", ""), said.get("reason", ""), now=visits.now()
        )
    except InvalidInput as wrong:
        return _page(wrong.field), 422
    return redirect(url_for(".show", access_id=key), 303)


@blueprint.get("/<uuid:access_id>")
def show(access_id: UUID) -> str:
    """The course, as long as it is open."""
    try:
        found = emergencies.look(edge.session(), access_id, visits.person().person_id, now=visits.now())
    except LookupError:
        abort(404)
    return render_template("emergency/show.html", page=presenters.page(found, visits.now(), visits.zone()))


@blueprint.post("/<uuid:access_id>/end")
def end(access_id: UUID) -> Response:
    """Close it."""
    try:
        emergencies.end(edge.session(), access_id, visits.person().person_id, now=visits.now())
    except LookupError:
        abort(404)
    return redirect(url_for(".home", closed=""), 303)


def _page(wrong: str = "") -> str:
    faults = {
        "whom": _("Write the number that the clinic has given the client; the queue links here from each case."),
        "reason": _("Say in at least %(n)s letters why it cannot wait.", n=emergencies.SHORTEST),
    }
    found = emergencies.own(edge.session(), visits.person().person_id, now=visits.now())
    return render_template(
        "emergency/home.html", wrong=wrong, fault=faults.get(wrong, ""), longest=emergencies.LONGEST,
        whom=request.form.get("whom", request.args.get("client", "")), reason=request.form.get("reason", ""),
        opened=presenters.opened(found, visits.zone()), closed="closed" in request.args,
    )  # fmt: skip
