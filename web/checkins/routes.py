"""What a client said after each session, for that client alone."""

from __future__ import annotations

from flask import Blueprint, render_template

from web import edge, visits
from web.checkins import presenters
from web.services import courses, measures

blueprint = Blueprint("checkins", __name__, url_prefix="/check-ins")


@blueprint.get("/")
def home() -> str:
    """The courses of the client whose private link this browser keeps."""
    session, clinic, client_id = edge.session(), visits.clinic(), visits.intake().client_id
    found = courses.of_client(session, clinic, client_id)
    is_due = measures.is_due(session, clinic, client_id, now=visits.now())
    return render_template(
        "checkins/home.html", courses=[presenters.course(one) for one in found], well_being_is_due=is_due
    )
