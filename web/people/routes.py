"""Signing in and out, and the way home."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from web import browsers, edge, problems, visits
from web.people import addresses, browser_names, presenters
from web.people.forms import SignInForm
from web.services import people, second_factors
from web.wording.language import _

blueprint = Blueprint("people", __name__)
HOME = "/home"
NEXT = "next"  # where the session keeps the page that somebody wanted to see


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
    forget()
    return redirect("/sign-in", 303)


@blueprint.get(HOME)
def home() -> ResponseReturnValue:
    """On to the first page of the person's role."""
    return redirect(presenters.home_of(visits.person().roles), 303)


@blueprint.errorhandler(RateLimitExceeded)
def wait(error: RateLimitExceeded) -> ResponseReturnValue:
    """After too many tries the door says how long to wait; elsewhere the answer is everybody's."""
    if request.method != "POST" or request.endpoint not in ("people.sign_in", "people.second"):
        return problems.too_many(error)  # raised anew it would be a fault of ours
    seconds = int(error.limit.limit.get_expiry()) if error.limit else 300
    if request.endpoint == "people.second":
        answer = Response(render_template("people/wait.html", wait=presenters.wait(seconds)), 429, mimetype="text/html")
    else:
        form = SignInForm(request.form or None)
        form.email.errors = [_("There were many tries to sign in. Please wait five minutes and try again.")]
        answer = _door(form, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def enter(person_id: UUID, email: str, wanted: str | None, *, second: str = "") -> Response:
    """A new session, so that nothing that was known before lets anybody in, and on to the page that was wanted."""
    forget()
    if not people.may_still_enter(edge.session(), person_id):  # as they did a moment ago
        abort(403)
    browser = browser_names.code(request.user_agent.string)
    token = people.sign_in(edge.session(), person_id, now=visits.now(), second=second, browser=browser)
    session[visits.SIGN_IN], session[visits.ACCOUNT] = token, browsers.of(email)
    return browsers.keep(redirect(addresses.own(wanted) or HOME, 303), email)


def forget() -> None:
    """Nobody is signed in here any more, nor half way in."""
    if visits.SIGN_IN in session:
        people.sign_out(edge.session(), str(session[visits.SIGN_IN]), now=visits.now())
    session.clear()


def _let_in(form: SignInForm) -> Response:
    """In, or on to the second factor of who has one."""
    person_id, email = form.user.id, form.user.email
    try:
        people.require_unchanged(edge.session(), person_id, form.user.kept)
    except people.PasswordChanged:
        form.refuse()
        return _refuse(form)
    if not second_factors.of(edge.session(), person_id, visits.host()).has.any:
        return enter(person_id, email, form.next.data)
    forget()
    session[visits.HALF_WAY] = people.begin_sign_in(edge.session(), person_id, now=visits.now())
    session[visits.ACCOUNT], session[NEXT] = browsers.of(email), form.next.data
    return redirect(url_for(".second"), 303)


def _refuse(form: SignInForm) -> Response:
    if not form.was_looked_up:
        return _door(form, 422)
    edge.keep()
    known = browsers.is_known(form.email.data)
    people.sign_in_failed(edge.session(), form.user and form.user.id, now=visits.now(), known=known)
    return _door(form, 401)


def _door(form: SignInForm, status: int) -> Response:
    return Response(render_template("people/sign_in.html", form=form), status, mimetype="text/html")
