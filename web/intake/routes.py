"""The intake, one topic a page. What is sent at a step is kept at once; going back or coming later loses nothing."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from web import edge, visits
from web.intake import presenters, steps, wrong
from web.intake.forms import LinkForm, SendForm, StepForm
from web.services import intakes, lists, placing, requests
from web.services.intakes import Offered

blueprint = Blueprint("intake", __name__, url_prefix="/intake")
CONSENT_VERSION = "2026-11"
WRONG = 422


@blueprint.get("/")
def overview() -> str:
    """What was answered, and what is still open."""
    kept = visits.intake()
    return render_template("intake/overview.html", tasks=presenters.tasks(kept), has_list=kept.client_id is not None)


@blueprint.post("/begin")
def begin() -> Answer:
    """A new intake behind a new private link, which this browser keeps."""
    link = intakes.begin(edge.session(), now=visits.now())
    return visits.keep_link(_go("intake.step", name="concerns"), link)


@blueprint.get("/<any(concerns, practicalities, about, wishes, style, before, expectations):name>")
def step(name: str) -> str:
    """A step with what was said before."""
    offered = _offered()
    form = steps.ALL[name].form(formdata=None)
    form.offer(offered)
    form.fill(visits.intake().said(name), offered)
    return _page(name, form)


@blueprint.post("/<any(concerns, practicalities, about, wishes, style, before, expectations):name>")
def answer(name: str) -> Answer | tuple[str, int]:
    """Keep what was said, and go on to the next step, or back to where it was to be corrected."""
    offered = _offered()
    form = steps.ALL[name].form()
    form.offer(offered)
    said = form.accept(offered)
    if said is None:
        return _page(name, form), WRONG
    intakes.save(edge.session(), visits.intake(), name, said, now=visits.now())
    return _go("intake.check" if "checked" in request.args else _endpoint(steps.after(name)), **_named(name))


@blueprint.get("/check")
def check() -> str:
    """Everything that was said, to be looked at before it is sent."""
    form = SendForm(formdata=None, data=visits.intake().said(intakes.CONTACT))
    return _check_page(form)


@blueprint.post("/check")
def send() -> Answer | tuple[str, int]:
    """Send the intake with the consent, and make the list. Sending twice is sending once."""
    form, session, kept, now = SendForm(), edge.session(), visits.intake(), visits.now()
    missing = presenters.missing(kept)
    if not form.accept() or missing:
        return _check_page(form, missing), WRONG
    placing.give_back_overdue(session, visits.clinic(), now=now)  # before a case is locked: the clinic comes first
    kept = intakes.save(session, kept, intakes.CONTACT, form.contact(), now=now)
    kept = intakes.send(session, kept, consent=CONSENT_VERSION, now=now)
    lists.make_if_new(session, visits.clinic(), kept, now=now)
    return redirect("/matches/", 303)


@blueprint.get("/link")
def own_link() -> str:
    """The private link, to come back with from here or from another device."""
    return render_template("intake/own_link.html", link=visits.own_link(), days=intakes.DAYS_OPEN)


@blueprint.get("/carry-on")
def carry_on() -> str:
    """A place to paste a private link."""
    return render_template("intake/carry_on.html", form=LinkForm(formdata=None))


@blueprint.post("/carry-on")
def paste() -> Answer | tuple[str, int]:
    """Find the intake of a pasted link."""
    form = LinkForm()
    if not form.validate():
        wrong.too_old(form)
        return render_template("intake/carry_on.html", form=form), WRONG
    link = form.token()
    if link is None or intakes.of_link(edge.session(), link, now=visits.now()) is None:
        return render_template("intake/carry_on.html", form=presenters.unknown(form)), WRONG
    return _carried_on(link)


@blueprint.get("/link/<link>")
def linked(link: str) -> tuple[str, int]:
    """What a private link opens: a page with a button, because whoever scans mail opens links too."""
    return render_template("intake/linked.html", state=(state := _state(link))), presenters.STATUS[state]


@blueprint.post("/link/<link>")
def come_back(link: str) -> Answer | tuple[str, int]:
    """Let this browser keep the link, and go on where the intake was left."""
    state = _state(link)
    if state != "open":
        return render_template("intake/linked.html", state=state), presenters.STATUS[state]
    return _carried_on(link)


@blueprint.post("/leave")
def leave() -> Answer:
    """Let this browser forget the intake; the private link still opens it."""
    return visits.forget_link(redirect("/", 303))


def _offered() -> Offered:
    return intakes.offered(edge.session(), visits.clinic().id)


def _state(link: str) -> str:
    session, now = edge.session(), visits.now()
    if intakes.of_link(session, link, now=now) is not None:
        return "open"
    return "expired" if intakes.has_expired(session, link, now=now) else "unknown"


def _carried_on(link: str) -> Answer:
    kept = intakes.of_link(edge.session(), link, now=visits.now())
    if kept is None:
        abort(404)
    if requests.standing(edge.session(), kept) is not None:
        return visits.keep_link(redirect("/request/", 303), link)
    there = redirect("/matches/", 303) if kept.is_sent else _go(_endpoint(name := steps.next_open(kept)), name=name)
    return visits.keep_link(there, link)


def _page(name: str, form: StepForm) -> str:
    around = presenters.around(visits.clinic())
    return render_template(steps.ALL[name].template, form=form, page=presenters.page(name, visits.intake()), **around)


def _check_page(form: SendForm, missing: tuple[str, ...] = ()) -> str:
    told = presenters.told(visits.intake(), _offered(), visits.clinic().currency)
    page = presenters.page(steps.CHECK, visits.intake())
    around = presenters.around(visits.clinic())
    return render_template("intake/check.html", form=form, page=page, told=told, missing=missing, **around)


def _endpoint(name: str) -> str:
    return f"intake.{name}" if name in (steps.CHECK, "safety") else "intake.step"


def _named(name: str) -> dict[str, str]:
    following = steps.after(name)
    return {"name": following} if "checked" not in request.args and _endpoint(following) == "intake.step" else {}


def _go(endpoint: str, **values: str) -> Response:
    if endpoint != "intake.step":
        values.pop("name", None)
    return redirect(url_for(endpoint, **values), 303)
