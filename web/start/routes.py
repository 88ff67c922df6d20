"""The first page, and whom to call."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask, Response, current_app, render_template

from web import edge, headers
from web.services import demo
from web.settings import Settings
from web.start import crisis, presenters

blueprint = Blueprint("start", __name__)
_HELP = "rapport_help_page"


@blueprint.get("/")
def home() -> Response:
    """What Rapport does; in the demo also what comes out for three invented people."""
    found = demo.examples(edge.session(), date.today()) if current_app.config["DEMO"] else None
    page = render_template("start/home.html", shown=found and presenters.examples(found))
    return headers.same_for_everybody(Response(page, mimetype="text/html"))


@blueprint.get(crisis.ADDRESS)
def help_now() -> Response:
    """Whom to call. Usually answered before it comes this far (``serve_help_first``)."""
    return Response(current_app.extensions[_HELP], mimetype="text/html")


def serve_help_first(app: Flask, settings: Settings) -> None:
    """Render whom to call, once, and answer it before everything else."""
    contacts = crisis.read_contacts(settings.crisis_contacts or crisis.CONTACTS)
    with app.test_request_context(crisis.ADDRESS):
        page = render_template("start/help_now.html", contacts=contacts).encode()
    app.extensions[_HELP] = page
    app.wsgi_app = crisis.served_first(app.wsgi_app, page, headers.SECURITY.items())  # type: ignore[method-assign]
