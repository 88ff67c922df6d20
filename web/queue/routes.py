"""The queue and one case, what a coordinator does about them, a place that opens, and who may be lost from sight."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.queue import filters, forms, pages
from web.services import bulk as many
from web.services import cases, casework, contacting, dossiers, intakes
from web.services.casework import By
from web.services.conflicts import Conflict

blueprint = Blueprint("queue", __name__, url_prefix="/queue")
Answer = str | Response | tuple[str, int]


@blueprint.route("/", methods=["GET", "POST"])
def home() -> Answer:
    """Who needs a person first, and the waiting list; what was typed to look for somebody goes on sealed."""
    if request.method == "POST" or filters.TYPED in request.args:
        return pages.found(request.form if request.method == "POST" else request.args)
    return pages.home()


@blueprint.get("/changes")
def changes() -> Answer:
    """Whether somebody else has changed what a page shows."""
    return pages.changes()


@blueprint.post("/bulk")
def bulk() -> Response:
    """The same about every case that is ticked, or about none of them."""
    seen, by = forms.seen(request.form), _by()
    if request.form.get("do") == "reopen":
        closed_at = forms.moment(request.form.get("at", "")) or abort(400)
        return pages.done_to_many("reopened", many.reopen(edge.session(), closed_at, **by))
    if request.form.get("do") == "close":
        reason = forms.reason(request.form, cases.CLOSED_BECAUSE)
        return pages.done_to_many("closed", many.close(edge.session(), seen, reason, **by))
    n = many.prioritise(edge.session(), seen, forms.priority(request.form, "to"), **by)
    return pages.done_to_many("prioritised", n)


@blueprint.get("/openings")
def openings() -> str:
    """Who fits a place that opens."""
    return pages.opening()


@blueprint.get("/at-risk")
def at_risk() -> str:
    """Who may be lost from sight."""
    return pages.lost_from_sight()


@blueprint.get("/<uuid:intake_id>")
def case(intake_id: UUID) -> str:
    """One case."""
    return pages.case(intake_id)


@blueprint.post("/<uuid:intake_id>/assign")
def assign(intake_id: UUID) -> Response:
    """Give a client a place, or hold one for them."""
    client_id, choice = _client(intake_id), forms.choice(request.form)
    if request.form.get("do") == "hold":
        casework.hold(edge.session(), visits.clinic(), client_id, choice, _seen())
        return pages.done(intake_id, "held")
    casework.assign(edge.session(), visits.clinic(), client_id, choice, _seen())
    return pages.done(intake_id, "assigned")


@blueprint.post("/<uuid:intake_id>/give-back")
def give_back(intake_id: UUID) -> Response:
    """End the place that is open for a client."""
    place = forms.key(request.form.get("place", ""))
    casework.give_back(edge.session(), visits.clinic(), _client(intake_id), place, _seen())
    return pages.done(intake_id, "given_back")


@blueprint.post("/<uuid:intake_id>/rematch")
def rematch(intake_id: UUID) -> Response:
    """Give the place back, and make a new list."""
    _client(intake_id)
    form = request.form
    casework.rematch(
        edge.session(), visits.clinic(), intake_id, form.get("reason", ""), _seen(), words=form.get("words", ""),
        again="again" in form,
    )  # fmt: skip
    return pages.done(intake_id, "rematched")


@blueprint.post("/<uuid:intake_id>/list")
def renew(intake_id: UUID) -> Response:
    """Make the list anew."""
    _client(intake_id)
    dossiers.bring_up_to_date(edge.session(), visits.clinic(), intake_id, **_by())
    return pages.done(intake_id, "renewed")


@blueprint.post("/<uuid:intake_id>/priority")
def prioritise(intake_id: UUID) -> Response:
    """Say how urgent a case is."""
    casework.prioritise(edge.session(), _client(intake_id), forms.priority(request.form), _seen())
    return pages.done(intake_id, "prioritised")


@blueprint.post("/<uuid:intake_id>/close")
def close(intake_id: UUID) -> Response:
    """Take somebody off the list."""
    reason = forms.reason(request.form, cases.CLOSED_BECAUSE)
    casework.close(edge.session(), _client(intake_id), reason, _seen())
    return pages.done(intake_id, "closed")


@blueprint.post("/<uuid:intake_id>/reopen")
def reopen(intake_id: UUID) -> Response:
    """Put somebody back on the list."""
    casework.reopen(edge.session(), _client(intake_id), _seen())
    return pages.done(intake_id, "reopened")


@blueprint.post("/<uuid:intake_id>/note")
def note(intake_id: UUID) -> Response:
    """Keep a note."""
    casework.say(edge.session(), _client(intake_id), request.form.get("note", ""), **_by())
    return pages.done(intake_id, "noted")


@blueprint.post("/<uuid:intake_id>/contacts/<uuid:alert_id>")
def contacted(intake_id: UUID, alert_id: UUID) -> Response:
    """Say what came of it that somebody is to be called."""
    client_id, outcome = _client(intake_id), request.form.get("outcome", "")
    try:
        contacting.note(edge.session(), visits.clinic(), client_id, alert_id, outcome, **_by())
    except LookupError:
        abort(404)
    return pages.done(intake_id, "contact_open" if outcome == contacting.NOT_REACHED else "contact_closed")


@blueprint.post("/flags/<uuid:flag_id>/seen")
def see(flag_id: UUID) -> Response:
    """Note who looks after a flag; doing it twice is doing it once."""
    person = visits.person()
    seen = intakes.see_flag(edge.session(), flag_id, person_id=person.person_id, now=visits.now())
    return redirect(url_for(".case", intake_id=seen or abort(404)), 303)


@blueprint.errorhandler(Conflict)
def changed_meanwhile(conflict: Conflict) -> Answer:
    """Things are not as they were seen: what has changed is named, and nothing was done."""
    return pages.conflict(conflict)


@blueprint.errorhandler(InvalidInput)
def refused(wrong: InvalidInput) -> Answer:
    """A reason or words that are missing."""
    return pages.refused(wrong)


def _client(intake_id: UUID) -> UUID:
    return dossiers.client_of(edge.session(), intake_id) or abort(404)


def _by() -> dict[str, Any]:
    return {"actor": str(visits.person().person_id), "now": visits.now()}


def _seen() -> By:
    return forms.by(request.form, visits.person().person_id, visits.now())
