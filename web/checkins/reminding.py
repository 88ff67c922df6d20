"""To be asked by mail, or not: by the link that stands in each such mail, or from the client's own page."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.checkins.routes import blueprint
from web.services import reminders


@blueprint.get("/reminders/<token>", endpoint="reminders")
def look(token: str) -> tuple[str, int]:
    """A page with a button, because whoever scans mail opens links too."""
    off = reminders.are_off(edge.session(), token, now=visits.now())
    return render_template("checkins/reminders.html", off=off, token=token), 404 if off is None else 200


@blueprint.post("/reminders/<token>")
def stop_reminders(token: str) -> Response | tuple[str, int]:
    """Send no more such mail, as the button and a mail program's own click ask; or send it again."""
    if not reminders.turn(edge.session(), token, off="again" not in request.form, now=visits.now()):
        return render_template("checkins/reminders.html", off=None, token=""), 404
    return redirect(url_for(".reminders", token=token), 303)


@blueprint.post("/reminders")
def turn_reminders() -> Response:
    """The same from the client's own page."""
    client_id = visits.intake().client_id or abort(404)
    reminders.turn_for(edge.session(), client_id, off="again" not in request.form, now=visits.now())
    return redirect(url_for(".home", changed="", _anchor="mail"), 303)
