"""A request: choosing whom to ask for, how it stands, taking it back, the first session."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from web import edge, visits
from web.exchange import calendars
from web.request import presenters
from web.request.forms import AskForm
from web.services import courses, handovers, lists, requests
from web.services.conflicts import Conflict
from web.wording.conflicts import say_conflict
from web.wording.language import _

blueprint = Blueprint("request", __name__, url_prefix="/request")
HERE = "/request/"
WRONG, CONFLICT = 422, 409


@blueprint.get("/")
def home() -> str:
    """How the request of the client stands, and what comes next."""
    kept = visits.intake()
    found = requests.status(edge.session(), kept) if kept.client_id is not None else None
    page = presenters.standing(found, _list(), kept, now=visits.now(), zone=visits.zone())
    handed_on = handovers.of_client(edge.session(), kept)
    has_met = page.kind == "nothing" and bool(courses.of_client(edge.session(), visits.clinic(), kept.client_id))
    return render_template("request/home.html", page=page, handed_on=handed_on, has_met=has_met)


@blueprint.get("/ask")
def choose() -> str | Answer | tuple[str, int]:
    """Somebody of the list, who may come second, and what happens then."""
    if visits.intake().client_id is None:
        return redirect("/intake/", 303)
    if requests.standing(edge.session(), visits.intake()) is not None:
        return _conflict(Conflict("has_request"))
    form = AskForm(formdata=None, data={"first": request.args.get("first", "")})
    return _ask_page(form)


@blueprint.post("/ask")
def ask() -> Answer | tuple[str, int]:
    """Send the request. Sending it twice is sending it once."""
    session, kept, form = edge.session(), visits.intake(), AskForm()
    if kept.client_id is None:
        return redirect("/intake/", 303)
    form.offer(person.id for person in presenters.others(_people(), form.first.data))
    if not form.accept():
        return _ask_page(form, WRONG)
    try:
        requests.ask(session, visits.clinic(), kept, form.chosen(), now=visits.now())
    except Conflict as against:
        return _conflict(against)
    return redirect(HERE, 303)


@blueprint.get("/withdraw")
def leave() -> str | Answer:
    """What taking the request back would end."""
    if visits.intake().client_id is None:
        return redirect(HERE, 303)
    page = presenters.withdrawing(requests.status(edge.session(), visits.intake()), visits.zone())
    return redirect(HERE, 303) if page is None else render_template("request/withdraw.html", page=page)


@blueprint.post("/withdraw")
def withdraw() -> Answer | tuple[str, int]:
    """Take it back. Doing so twice is doing so once."""
    if visits.intake().client_id is None:
        return redirect(HERE, 303)
    try:
        requests.withdraw(edge.session(), visits.clinic(), visits.intake(), now=visits.now())
    except Conflict as against:
        return _conflict(against)
    return redirect(HERE, 303)


@blueprint.get("/first-session")
def first_session() -> str:
    """What to expect in the first session."""
    return render_template("request/first_session.html")


@blueprint.get("/first-session.ics")
def calendar() -> Response:
    """The first session as a calendar file."""
    kept = visits.intake()
    place = requests.status(edge.session(), kept).place if kept.client_id is not None else None
    if place is None or place.first_session_at is None:
        abort(404)
    words = _("With %(name)s, %(clinic)s. If the day does not suit you, tell them as soon as you know.",
              name=place.therapist, clinic=visits.clinic().name)  # fmt: skip
    file = calendars.first_session(
        str(place.key), place.first_session_at, title=_("First session"), words=words, now=visits.now()
    )
    return Response(file, mimetype=calendars.MIME, headers=calendars.SAVED_AS)


def _ask_page(form: AskForm, status: int = 200) -> tuple[str, int]:
    by = requests.answer_by(edge.session(), visits.clinic(), now=visits.now())
    page = presenters.asking(_people(), form.first.data, by, visits.intake(), visits.zone())
    if page is None:
        return _conflict(Conflict("not_on_list"))
    form.offer(person.id for person in page.others)
    return render_template("request/ask.html", page=page, form=form), status


def _conflict(against: Conflict) -> tuple[str, int]:
    """What stands against, and the best of those who have a place now; nothing of what was sent is done."""
    free = requests.with_places(edge.session(), visits.intake(), now=visits.now())
    has_asked = against.code in ("has_request", "has_place")
    people = presenters.people(_list(), visits.clinic(), visits.now().date(), free)
    words = say_conflict(against.code, to_client=True)
    return render_template("request/conflict.html", words=words, has_asked=has_asked, people=people[:5]), CONFLICT


def _people() -> list[presenters.Person]:
    return presenters.people(_list(), visits.clinic(), visits.now().date())


def _list() -> lists.StoredList | None:
    return lists.latest(edge.session(), visits.clinic(), visits.intake())
