"""The first page, and whom to call."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask, Response, abort, current_app, render_template

from web import edge, headers, visits
from web.services import demo, profiles
from web.settings import Settings
from web.start import crisis, presenters

blueprint = Blueprint("start", __name__)
_HELP = "rapport_help_page"


@blueprint.get("/")
def home() -> str:
    """What Rapport does, and the way in."""
    kept = visits.intake()
    return render_template(
        "start/home.html",
        has_clinic=visits.clinic() is not None,
        is_under_way=kept is not None,
        has_list=kept is not None and kept.is_sent,
        is_demo=current_app.config["DEMO"],
    )


@blueprint.get("/how-it-works")
def how_it_works() -> Response:
    """The idea, for whoever wants to know before they begin."""
    return headers.same_for_everybody(Response(render_template("start/how_it_works.html"), mimetype="text/html"))


@blueprint.get("/therapists")
def therapists() -> str:
    """Everybody who works here, in the order of their names."""
    found = profiles.everybody(edge.session())
    return render_template("start/therapists.html", people=presenters.people(found, visits.clinic().currency))


@blueprint.get("/examples")
def examples() -> Response:
    """What comes out for three invented people; in the demo alone."""
    found = demo.examples(edge.session(), date.today()) if current_app.config["DEMO"] else None
    if found is None:
        abort(404)
    page = render_template("start/examples.html", shown=presenters.examples(found))
    return headers.same_for_everybody(Response(page, mimetype="text/html"))


@blueprint.get(crisis.ADDRESS)
def help_now() -> Response:
    """Whom to call. Usually answered before it comes this far (``serve_help_first``)."""
    return Response(current_app.extensions[_HELP], mimetype="text/html")


def serve_help_first(app: Flask, settings: Settings) -> None:
    """Render whom to call, once, and answer it before everything else."""
    contacts = crisis.read_contacts(settings.crisis_contacts or crisis.CONTACTS)
    app.jinja_env.globals["crisis_contacts"] = contacts
    with app.test_request_context(crisis.ADDRESS):
        page = render_template("start/help_now.html", contacts=contacts).encode()
    app.extensions[_HELP] = page
    app.wsgi_app = crisis.served_first(app.wsgi_app, page, headers.SECURITY.items())  # type: ignore[method-assign]
