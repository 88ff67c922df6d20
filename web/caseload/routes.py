"""The therapist's own page and the editor of the profile, a topic a page."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.caseload import clients, forms, presenters
from web.exchange.problems import BadInput
from web.services import caseloads, profiles
from web.services.profiles import TOPICS, Profile

blueprint = Blueprint("caseload", __name__, url_prefix="/caseload")


@blueprint.get("/")
def home() -> str:
    """Who asks, who has a place, the card as clients see it, and what would help the profile."""
    session, me, now = edge.session(), visits.person().person_id, visits.now()
    profile = profiles.of_person(session, me)
    return render_template(
        "caseload/home.html",
        home=profile and _home(profile),
        asks=[clients.asks(found, now) for found in caseloads.waiting(session, me)],
        comes=[clients.comes(found, visits.zone()) for found in caseloads.clients(session, me)],
        saved=presenters.TITLES.get(request.args.get("saved", "")),
        done=clients.DONE.get(request.args.get("done", "")),
    )


@blueprint.get("/profile")
def profile() -> str:
    """All topics, and the card that comes of them."""
    return render_template("caseload/profile.html", home=_home(_own()))


@blueprint.get("/profile/<topic>")
def topic(topic: str) -> str:
    """One topic of the profile."""
    own = _own(topic)
    form = forms.of_topic(topic)
    form.fill(own.document)
    return _page(topic, form, own)


@blueprint.post("/profile/<topic>")
def save(topic: str) -> Response | tuple[str, int]:
    """Keep what is said on a topic, or say what is wrong with it."""
    own = _own(topic)
    form = forms.of_topic(topic)
    if form.is_complete():
        try:
            _save(topic, form)
        except BadInput as bad:
            form.blame(bad.problems)
        else:
            return redirect(_next(topic), 303)
    return _page(topic, form, own), 422


def _save(topic: str, form: forms.TopicForm) -> None:
    person, clinic = visits.person(), visits.clinic()
    profiles.save(edge.session(), clinic, person.person_id, topic, form.said(), now=visits.now())


def _own(topic: str | None = None) -> Profile:
    """The profile of the person who is signed in, or nothing at this address."""
    if topic is not None and topic not in TOPICS:
        _nothing()
    return profiles.of_person(edge.session(), visits.person().person_id) or _nothing()


def _nothing() -> NoReturn:
    abort(404)


def _home(profile: Profile) -> presenters.Home:
    return presenters.home(profile, currency=visits.clinic().currency, today=visits.now().date())


def _next(topic: str) -> str:
    more = topic == "openings" and request.form.get("then") == "more"
    return url_for(".topic", topic=topic) if more else url_for(".home", saved=topic)


def _page(topic: str, form: forms.TopicForm, own: Profile) -> str:
    return render_template(
        "caseload/topic.html",
        topic=topic,
        title=presenters.TITLES[topic],
        lead=presenters.LEADS[topic],
        form=form,
        style=forms.STYLE,
        currency=visits.clinic().currency,
        faults=presenters.faults(form),
        home=_home(own),
    )
