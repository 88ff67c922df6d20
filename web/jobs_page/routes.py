"""Work beside the pages as it stands, and what failed asked for once more."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.jobs_page import presenters
from web.services import running

blueprint = Blueprint("jobs_page", __name__, url_prefix="/jobs")


@blueprint.get("/")
def home() -> str:
    """What runs, waits, failed and was done."""
    return render_template("jobs_page/home.html", shown=_shown(), done=request.args.get("done"))


@blueprint.get("/now")
def changes() -> str | Response:
    """The same for a page that asks again; 204 where that is what it shows already."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".home"), 303)
    shown = _shown()
    if shown.seen == request.args.get("seen"):
        return Response(status=204)
    return render_template("jobs_page/board.html", shown=shown)


@blueprint.post("/<uuid:job_id>/again")
def again(job_id: UUID) -> Response:
    """Ask for a failed job once more; asking twice is asking once."""
    person_id = visits.person().person_id
    try:
        done = running.again(edge.session(), job_id, person_id=person_id, now=visits.now())
    except LookupError:
        abort(404)
    return redirect(url_for(".home", done="again" if done else "unchanged"), 303)


@blueprint.post("/messages/again")
def send_again() -> Response:
    """Let failed messages be sent after all."""
    n = running.send_again(edge.session(), person_id=visits.person().person_id, now=visits.now())
    return redirect(url_for(".home", done="sending" if n else "unchanged"), 303)


def _shown() -> presenters.Shown:
    found = running.board(edge.session(), visits.clinic(), now=visits.now())
    return presenters.shown(found, now=visits.now(), sends_mail=current_app.config["SENDS_MAIL"])
