"""The queue, one case, and "I am looking after this"."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.queue import presenters
from web.services import intakes, queue

blueprint = Blueprint("queue", __name__, url_prefix="/queue")


@blueprint.get("/")
def home() -> str:
    """Who needs a person first, and who sent an intake."""
    found = queue.waiting(edge.session(), now=visits.now())
    return render_template("queue/home.html", lists=presenters.lists(found, visits.now()), weeks=queue.WEEKS)


@blueprint.get("/<uuid:intake_id>")
def case(intake_id: UUID) -> str:
    """One intake at a glance."""
    found = queue.case(edge.session(), intake_id) or abort(404)
    return render_template("queue/case.html", case=presenters.case(found, visits.now(), visits.clinic().currency))


@blueprint.post("/flags/<uuid:flag_id>/seen")
def see(flag_id: UUID) -> Response:
    """Note who looks after a flag; doing it twice is doing it once."""
    person = visits.person()
    seen = intakes.see_flag(edge.session(), flag_id, person_id=person.person_id, now=visits.now())
    return redirect(url_for(".case", intake_id=seen or abort(404)), 303)
