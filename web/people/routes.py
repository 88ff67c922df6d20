"""Signing in and out, the way home, and everybody who works here."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_security.utils import login_user, logout_user

from web import browsers, edge, visits
from web.people import addresses, presenters
from web.people.forms import SignInForm
from web.services import people, weight_publishing, weights
from web.wording.language import _

blueprint = Blueprint("people", __name__)
HOME = "/home"


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The door."""
    form = SignInForm(request.form or None)
    if request.method == "POST":
        return _let_in(form) if form.validate() else _refuse(form)
    if visits.person() is not None and visits.person().roles:
        return redirect(addresses.own(request.args.get("next")) or HOME, 303)
    return _door(form, 200)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Out, also for somebody whose sign-in has ended."""
    _forget()
    return redirect("/sign-in", 303)


@blueprint.get(HOME)
def home() -> ResponseReturnValue:
    """On to the first page of the person's role."""
    return redirect(presenters.home_of(visits.person().roles), 303)


@blueprint.get("/people/")
def everybody() -> str:
    """Everybody who works at the clinic."""
    found = people.everybody(edge.session(), now=visits.now())
    return render_template(
        "people/people.html",
        lines=presenters.lines(found),
        two_person=weights.two_person(edge.session(), visits.clinic()),
    )


@blueprint.post("/people/one-publishes")
def one_is_enough() -> Response:
    """Let a lead publish weights alone again."""
    person = visits.person().person_id
    weight_publishing.ask_for_two(edge.session(), visits.clinic(), False, actor=person, now=visits.now())
    return redirect(url_for(".everybody"), 303)


@blueprint.errorhandler(RateLimitExceeded)
def wait(error: RateLimitExceeded) -> ResponseReturnValue:
    """After too many tries the door says how long to wait; elsewhere the answer is everybody's."""
    if request.endpoint != "people.sign_in" or request.method != "POST":
        raise error
    form = SignInForm(request.form or None)
    form.email.errors = [_("There were many tries to sign in. Please wait five minutes and try again.")]
    answer = _door(form, 429)
    answer.headers["Retry-After"] = str(error.limit.limit.get_expiry() if error.limit else 300)
    return answer


def _let_in(form: SignInForm) -> Response:
    """A new session, so that nothing that was known before lets anybody in."""
    _forget()
    token = people.sign_in(edge.session(), form.user.id, now=visits.now())
    session[visits.SIGN_IN] = token
    login_user(form.user, remember=False, authn_via=["password"])
    return browsers.keep(redirect(form.next.data or HOME, 303), form.user.email)


def _refuse(form: SignInForm) -> Response:
    if not form.was_looked_up:
        return _door(form, 422)
    edge.keep()
    people.sign_in_failed(edge.session(), form.user and form.user.id, now=visits.now())
    return _door(form, 401)


def _door(form: SignInForm, status: int) -> Response:
    return Response(render_template("people/sign_in.html", form=form), status, mimetype="text/html")


def _forget() -> None:
    if visits.SIGN_IN in session:
        people.sign_out(edge.session(), str(session[visits.SIGN_IN]), now=visits.now())
    logout_user()
    session.clear()
