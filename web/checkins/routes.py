"""What a client said after each session, for that client alone; who may see it, and what was answered."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.checkins import presenters, sessions
from web.cookies import CHECK_IN
from web.services import appointments, check_ins, courses, emergencies, measures, reminders

blueprint = Blueprint("checkins", __name__, url_prefix="/check-ins")


@blueprint.get("/")
def home() -> str:
    """The courses and sessions of the client whose private link this browser keeps."""
    clinic, client_id, now = visits.clinic(), visits.intake().client_id, visits.now()
    found = courses.of_client(edge.session(), clinic, client_id)
    told = check_ins.of_client(edge.session(), clinic, client_id, now) if client_id else ()
    if visits.is_looked_at() and check_ins.has_unseen_reply(told):
        edge.afterwards(lambda opened: check_ins.replies_seen_in(opened, clinic, client_id, now))
    return render_template(
        "checkins/home.html", courses=[presenters.course(one) for one in found],
        sessions=sessions.lines(told, visits.zone()), changed="changed" in request.args,
        coming=sessions.coming(appointments.to_come(edge.session(), client_id, now=now), visits.zone()),
        reminded=client_id and not reminders.are_off_for(edge.session(), client_id),
        emergencies=sessions.emergencies(
            emergencies.of_client(edge.session(), client_id, now=now), visits.zone()
        ),
        well_being_is_due=measures.is_due(edge.session(), clinic, client_id, now=now),
    )  # fmt: skip


@blueprint.post("/<uuid:session_id>")
def begin(session_id: UUID) -> Response:
    """Say something about a session, or correct it, from the client's own page: by a link like that in the mail."""
    try:
        token = check_ins.own_link(
            edge.session(), visits.clinic(), visits.intake().client_id, session_id, now=visits.now()
        )
    except LookupError:
        abort(404)
    return CHECK_IN.keep(redirect(url_for(".now", change=""), 303), token)


@blueprint.post("/<uuid:session_id>/shown-to")
def show_to(session_id: UUID) -> Response:
    """Decide anew who may see what was said about a session."""
    try:
        check_ins.show_to(edge.session(), visits.intake().client_id, session_id, request.form.get("shown_to", ""))
    except (LookupError, InvalidInput):
        abort(404)
    return redirect(url_for(".home", changed="", _anchor=f"session-{session_id}"), 303)
