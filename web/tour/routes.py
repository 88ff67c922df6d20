"""Who the five are, and one click to become one of them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, abort, current_app, g, redirect, render_template, request, session
from werkzeug.wrappers import Response

from web import edge, visits
from web.services import demo_people, people, sign_in_policy
from web.services.demo_people import CLIENT, IN_THERAPY
from web.tour import presenters
from web.tour.presenters import Persona

blueprint = Blueprint("tour", __name__, url_prefix="/tour")
FIRST_PAGES: Mapping[str, str] = {
    CLIENT: "/matches/",
    IN_THERAPY: "/check-ins/",
    "therapist": "/caseload/",
    "coordinator": "/queue/",
    "clinic_lead": "/insights/",
}


def install(app: Flask) -> None:
    """Give the frame of every page ``demo_strip``: the five people, or nobody where the clinic is not the demo's."""
    app.context_processor(lambda: {"demo_strip": _strip()})


@blueprint.get("/")
def home() -> str:
    """Who the five are, and what to try as each."""
    _require_demo()
    return render_template("tour/home.html", personas=presenters.personas(_current()))


@blueprint.post("/as")
@blueprint.post("/as/<persona>")
def look(persona: str | None = None) -> Response:
    """Become one of the five; whoever one was before is left behind."""
    _require_demo()
    persona = persona or request.form.get("persona", "")
    if persona not in FIRST_PAGES:
        abort(404)
    response = visits.forget_link(redirect(FIRST_PAGES[persona], 303))
    _leave()
    session[visits.PERSONA] = persona
    if persona in (CLIENT, IN_THERAPY):
        return visits.keep_link(response, demo_people.link(persona))
    person_id = demo_people.person_id(edge.session(), persona) or abort(404)
    token = people.sign_in(edge.session(), person_id, now=visits.now(), second=sign_in_policy.DEMO)
    session[visits.SIGN_IN] = token
    return response


def _strip() -> list[Persona]:
    """Asked for by every template: looked up once a request. Pages that are made at the start belong to no visitor."""
    if "writes" not in g:
        return []
    if "demo_strip" not in g:
        g.demo_strip = presenters.personas(_current()) if _is_demo() else []
    return g.demo_strip


def _require_demo() -> None:
    if not _is_demo():
        abort(404)


def _is_demo() -> bool:
    """Both the installation and the clinic's own row must say so: a real clinic is never entered by a click."""
    if not current_app.config["DEMO"]:
        return False
    found = visits.clinic()
    return found is not None and found.is_demo


def _current() -> str:
    return str(session.get(visits.PERSONA, ""))


def _leave() -> None:
    """End the former sign-in, and forget what this browser's session knew."""
    if visits.SIGN_IN in session:
        people.sign_out(edge.session(), str(session[visits.SIGN_IN]), now=visits.now())
    session.clear()
