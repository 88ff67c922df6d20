"""The well-being check, by the browser's private link or by a link for this purpose alone; looking changes nothing.

Such a link is left at once for an address without it, as a check-in's is: a cookie of an hour holds it meanwhile, and
so does the form itself, so that a browser without cookies is answered as well. Whoever opens a link, of any age, learns
nothing of what its client has answered elsewhere: whom to call, and how the answer stands, is the answer to the form
that was sent, and stands at no address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from matcher.errors import InvalidInput
from web import edge, visits
from web.cookies import WELL_BEING
from web.pasting import token_in
from web.services import clinics, measures, safety
from web.services.links import EXPIRED, OPEN, USED, Link
from web.services.measures import Answers
from web.wellbeing import forms, presenters

blueprint = Blueprint("wellbeing", __name__, url_prefix="/well-being")
HERE = "/well-being/"
WRONG, GONE, NOT_KEPT = 422, 410, 503
Work = Callable[[], object]
NONE = "none"  # no link at all
STATUS = {USED: 200, NONE: 200, EXPIRED: GONE}


@blueprint.get("/")
def home() -> str:
    """The questions where it is time for them; else what was said, and a way to the questions all the same."""
    kept, session = visits.intake(), edge.session()
    if kept.client_id is None:
        return render_template("components/not_yet.html")
    found = measures.of_client(session, kept.client_id)
    is_due = measures.is_due(session, visits.clinic(), kept.client_id, now=visits.now())
    checks = presenters.checks(found, visits.zone())
    return render_template("wellbeing/home.html", is_due=is_due, checks=checks, changed="changed" in request.args)


@blueprint.get("/questions")
def questions() -> str | Answer:
    """The questionnaires on one page."""
    return _page({}) if visits.intake().client_id is not None else redirect(HERE, 303)


@blueprint.post("/questions", provide_automatic_options=False)  # who may ask is the page's affair
def answer() -> Answer | str | tuple[str, int]:
    """An answer that must reach a person does so first of all; then everything is kept."""
    if forms.concern():
        return _concerning(_alarm, _save, lambda: redirect(f"{HERE}told", 303))
    if _own_client() is None:
        return redirect(HERE, 303)
    said = forms.answers(measures.asked(edge.session()))
    short = measures.unscored(edge.session(), said)
    if short:
        return _page(said, short), WRONG
    _save()
    return redirect(HERE, 303)


@blueprint.post("/<uuid:measure_id>/shown-to")
def show_to(measure_id: UUID) -> Answer:
    """Decide anew who may see what was said at one time."""
    client_id = visits.intake().client_id or abort(404)
    try:
        measures.show_to(edge.session(), client_id, measure_id, request.form.get("shown_to", ""))
    except (LookupError, InvalidInput):
        abort(404)
    return redirect(f"{HERE}?changed", 303)


@blueprint.get("/told")
def told() -> str:
    """Whom to talk to now, how the answer stands at the practice, and where they can call."""
    return _told(safety.state(edge.session(), visits.intake().id, now=visits.now()), is_own=True)


@blueprint.get("/link/<link>")
def linked(link: str) -> Answer:
    """Leave the link's own address for one that says nothing."""
    return WELL_BEING.keep(redirect(url_for(".now"), 303), link)


@blueprint.get("/now")
def now() -> str | tuple[str, int]:
    """The questionnaires behind a link; one that was used, or is too old, says so kindly."""
    return _opened(WELL_BEING.kept())


@blueprint.post("/now", provide_automatic_options=False)
def answer_linked() -> Answer | str | tuple[str, int]:
    """The same as ``answer``, once; an answer that must reach a person does so also behind a link that is over."""
    link = request.form.get("token", "") or WELL_BEING.kept()
    if forms.concern():
        return _concerning(partial(_alarm_linked, link), partial(_save_linked, link), _told_here)
    if "link" in request.form:  # pasted, where the browser keeps nothing
        return _opened(token_in(request.form["link"]))
    found = _link(link)
    said = forms.answers(measures.asked(edge.session()))
    short = measures.unscored(edge.session(), said)
    if found.state == OPEN and short:
        return _page(said, short, link), WRONG
    state = _save_linked(link)
    if state not in (OPEN, USED):
        return _over(state)
    return WELL_BEING.keep(redirect(url_for(".now"), 303), link) if WELL_BEING.kept() else _over(USED)


def _opened(link: str) -> str | tuple[str, int]:
    if not link:
        return _over(NONE)
    found = _link(link)
    return _page({}, link=link) if found.state == OPEN else _over(found.state)


def _concerning(alarm: Work, save: Work, then: Callable[[], Answer | str]) -> Answer | str | tuple[str, int]:
    """The flag first, for good; what was answered then, as far as that can be; and whom to talk to."""
    if not edge.kept(alarm):
        return _told(safety.NOT_TOLD, is_own=False), NOT_KEPT
    edge.kept(lambda: (_enter(), save()))
    return then()


def _told_here() -> str:
    """Whom to talk to now, once a flag was raised, for whoever came by a link."""
    return _told(safety.TOLD, is_own=False)


def _alarm() -> None:
    kept = visits.intake()
    if kept is None:
        raise visits.NoIntake
    safety.alarm(edge.session(), kept.client_id, kept, forms.concern(), now=visits.now())


def _alarm_linked(link: str) -> None:
    safety.alarm(edge.session(), _link(link).client_id, None, forms.concern(), now=visits.now())


def _save() -> None:
    client_id = _own_client()
    if client_id is not None:
        session = edge.session()
        said = forms.answers(measures.asked(session))
        measures.save(session, client_id, said, shown_to=forms.shown_to(), now=visits.now())


def _save_linked(link: str) -> str:
    session = edge.session()
    said = forms.answers(measures.asked(session))
    return measures.save_by_link(session, link, said, shown_to=forms.shown_to(), now=visits.now())


def _enter() -> None:
    """A session that was opened after the first one is to be in the same clinic."""
    found = visits.clinic()
    if found is not None:
        clinics.enter(edge.session(), found)


def _own_client() -> UUID | None:
    """The client of the browser's private link; None before they have sent their answers."""
    kept = visits.intake()
    if visits.clinic() is None:
        raise visits.NoClinic
    if kept is None:
        raise visits.NoIntake
    return kept.client_id


def _link(link: str) -> Link:
    if visits.clinic() is None:
        raise visits.NoClinic
    found = measures.of_link(edge.session(), link, now=visits.now())
    if found is None:
        abort(404)
    return found


def _page(said: Answers, short: tuple[str, ...] = (), link: str = "") -> str:
    asked = measures.asked(edge.session())
    return render_template(
        "wellbeing/questions.html", sheets=presenters.sheets(asked, said, short), shown_to=forms.shown_to(), link=link,
        alarms=any(question.is_for_a_person for one in asked for question in one.questions),
    )  # fmt: skip


def _over(state: str) -> tuple[str, int]:
    return render_template("wellbeing/over.html", state=state), STATUS.get(state, GONE)


def _told(state: str, *, is_own: bool) -> str:
    """``is_own``: whoever reads it is known to this browser, and can go on from here."""
    can_leave_number = is_own and state in (safety.TOLD, safety.SEEN)
    return render_template("wellbeing/told.html", state=state, can_leave_number=can_leave_number, may_answer=is_own)
