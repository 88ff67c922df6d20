"""What a therapist was told of their strengths and edges, for that therapist alone."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from web import edge, visits
from web.development import presenters
from web.services import acknowledging, releases

blueprint = Blueprint("development", __name__, url_prefix="/development")


@blueprint.get("/")
def home() -> str:
    """Strengths and edges as they were told last, the own view beside the clients', and what was read in time."""
    me, session = visits.person().person_id, edge.session()
    try:
        mirror = acknowledging.mirror(session, me)
        read = acknowledging.acknowledged(session, person_id=me, now=visits.now())
    except LookupError:
        abort(404)
    page = presenters.page(releases.of_person(session, me), mirror, read, visits.zone())
    return render_template("development/home.html", page=page)
