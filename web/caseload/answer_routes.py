"""Who asks for a therapist, the therapist's answer, and those who then have a place."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from web import cards, edge, visits
from web.caseload import clients
from web.caseload.answers import DeclineForm, SessionForm
from web.caseload.routes import blueprint
from web.exchange import calendars
from web.services import caseloads, requests
from web.services.conflicts import Conflict
from web.wording.conflicts import say_conflict
from web.wording.language import _

WRONG, CONFLICT = 422, 409


@blueprint.get("/requests/<uuid:choice_id>")
def asked(choice_id: UUID) -> tuple[str, int]:
    """What somebody brings who asks for this therapist, and until when an answer is due."""
    return _asked_page(choice_id, SessionForm(formdata=None), DeclineForm(formdata=None))


@blueprint.post("/requests/<uuid:choice_id>/accept")
def accept(choice_id: UUID) -> Answer | tuple[str, int]:
    """Take somebody on, with the first session where that is known."""
    form, now = SessionForm(), visits.now()
    if not form.accept(now, visits.zone()):
        return _asked_page(choice_id, form, DeclineForm(formdata=None), WRONG)
    try:
        place = requests.accept(edge.session(), visits.clinic(), _me(), choice_id, first=form.moment, now=now)
    except LookupError:
        abort(404)
    except Conflict as against:
        return _conflict(against)
    return redirect(url_for(".client", placement_id=place, done="accepted"), 303)


@blueprint.post("/requests/<uuid:choice_id>/decline")
def decline(choice_id: UUID) -> Answer | tuple[str, int]:
    """Say that one cannot take somebody on, and why."""
    form = DeclineForm()
    if not form.accept():
        return _asked_page(choice_id, SessionForm(formdata=None), form, WRONG)
    try:
        requests.decline(edge.session(), visits.clinic(), _me(), choice_id, form.reason.data, now=visits.now())
    except LookupError:
        abort(404)
    except Conflict as against:
        return _conflict(against)
    return redirect(url_for(".home", done="declined"), 303)


@blueprint.get("/clients/<uuid:placement_id>")
def client(placement_id: UUID) -> tuple[str, int]:
    """Somebody who has a place: how to reach them, the first session, everything they told us."""
    return _client_page(placement_id, None)


@blueprint.post("/clients/<uuid:placement_id>/session")
def book(placement_id: UUID) -> Answer | tuple[str, int]:
    """Note when the first session is, move it, or leave it open again."""
    form, now = SessionForm(), visits.now()
    if not form.accept(now, visits.zone()):
        return _client_page(placement_id, form)
    try:
        requests.book(edge.session(), _me(), placement_id, form.moment, now=now)
    except LookupError:
        abort(404)
    except Conflict as against:
        return _conflict(against)
    done = "booked" if form.moment else "unbooked"
    return redirect(url_for(".client", placement_id=placement_id, done=done), 303)


@blueprint.get("/clients/<uuid:placement_id>/first-session.ics")
def calendar(placement_id: UUID) -> Response:
    """The first session as a calendar file, in which the client is not named."""
    here = (one.place for one in caseloads.clients(edge.session(), _me()))
    first = next((place.first_session_at for place in here if place.placement_id == placement_id), None)
    words = _("With a new client; who it is stands on your page in Rapport.")
    if first is None:
        abort(404)
    file = calendars.first_session(str(placement_id), first, title=_("First session"), words=words, now=visits.now())
    return Response(file, mimetype=calendars.MIME, headers=calendars.SAVED_AS)


def _me() -> UUID:
    return visits.person().person_id


def _asked_page(choice_id: UUID, form: SessionForm, no: DeclineForm, status: int = 200) -> tuple[str, int]:
    no.offer()
    try:
        found = caseloads.request(edge.session(), _me(), choice_id)
    except LookupError:
        abort(404)
    except Conflict as against:
        return _conflict(against)
    around = {"currency": visits.clinic().currency, "now": visits.now(), "zone": visits.zone()}
    page = clients.brings(found, caseloads.names(edge.session()), **around)
    clock = cards.clock_words(visits.zone())
    return render_template("caseload/request.html", page=page, form=form, no=no, clock=clock), status


def _client_page(placement_id: UUID, sent: SessionForm | None) -> tuple[str, int]:
    """The page as it is, or with what was ``sent`` and could not be taken."""
    try:
        found = caseloads.client(edge.session(), _me(), placement_id)
    except LookupError:
        abort(404)
    except Conflict as against:
        return _conflict(against)
    form = sent or SessionForm(formdata=None)
    if sent is None:
        form.fill(found.place.first_session_at, visits.zone())
    around = {"currency": visits.clinic().currency, "now": visits.now(), "zone": visits.zone()}
    page = clients.whole(found, caseloads.names(edge.session()), **around)
    done, clock = clients.DONE.get(request.args.get("done", "")), cards.clock_words(visits.zone())
    status = 200 if sent is None else WRONG
    return render_template("caseload/client.html", page=page, form=form, done=done, clock=clock), status


def _conflict(against: Conflict) -> tuple[str, int]:
    """What stands against; nothing was done."""
    return render_template("caseload/conflict.html", words=say_conflict(against.code)), CONFLICT
