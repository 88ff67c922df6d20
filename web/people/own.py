"""Your sign-in: password, authenticator app, recovery codes, and where somebody is signed in."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from web import edge, qr, visits
from web.people import presenters
from web.people.routes import blueprint
from web.services import own_sign_ins, passkeys, people, second_factors, sign_in_policy
from web.services.passwords import WeakPassword
from web.services.second_factors import NeedsLongerPassword
from web.wording.language import _

NONCE = "app_to_be_set_up"
Answer = ResponseReturnValue


@blueprint.get("/your-sign-in/")
def own() -> str:
    """Everything about how one signs in."""
    return show()


@blueprint.post("/your-sign-in/password")
def change_password() -> Answer:
    """Another password; every other sign-in ends."""
    person, now = visits.person(), visits.now()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    factors = second_factors.of(edge.session(), person.person_id, visits.host())
    try:
        if not own_sign_ins.change_password(edge.session(), person, old, new, factors, now=now):
            edge.keep()
            people.sign_in_failed(edge.session(), person.person_id, now=now, known=True)
            return show({"old": _("This is not your password")}), 422
    except WeakPassword as weak:
        return show({"new": presenters.weak(weak.code, second_factors.shortest_password(factors))}), 422
    return _done("password")


@blueprint.route("/your-sign-in/app", methods=["GET", "POST"])
def app() -> Answer:
    """Set up an authenticator app: nothing is kept until it has shown a right code."""
    person, now = visits.person(), visits.now()
    nonce = session.setdefault(NONCE, secrets.token_urlsafe(16))
    secret = second_factors.pending_secret(f"{person.person_id} {nonce}")
    if request.method != "POST":
        return _set_up(secret)
    if not second_factors.set_up_app(edge.session(), person.person_id, secret, request.form.get("code", ""), now=now):
        return _set_up(secret, _("This code is not right. Please type the one that the app shows now.")), 422
    session.pop(NONCE)
    own_sign_ins.keep_factor(edge.session(), person, sign_in_policy.APP, now=now)
    return first_codes("app") or _done("app")


@blueprint.post("/your-sign-in/app/remove")
def remove_app() -> Answer:
    """Let the app be no second factor any more."""
    return lose_factor(lambda person_id: second_factors.remove_app(edge.session(), person_id, now=visits.now()))


@blueprint.post("/your-sign-in/codes")
def codes() -> Answer:
    """New recovery codes in place of the old ones."""
    person = visits.person()
    if not second_factors.of(edge.session(), person.person_id, visits.host()).has.any:
        abort(404)
    return _show_codes()


@blueprint.post("/your-sign-in/elsewhere/<uuid:sign_in_id>")
def end_sign_in(sign_in_id: UUID) -> Answer:
    """End one of one's own sign-ins."""
    if not own_sign_ins.end_one(edge.session(), visits.person(), sign_in_id, now=visits.now()):
        abort(404)
    return _done("ended")


@blueprint.post("/your-sign-in/elsewhere")
def end_others() -> Answer:
    """End all but this one."""
    own_sign_ins.end_others(edge.session(), visits.person(), now=visits.now())
    return _done("ended")


def show(wrong: dict[str, str] | None = None) -> str:
    """The page, with what is to be mended."""
    person, opened, now = visits.person(), edge.session(), visits.now()
    factors = second_factors.of(opened, person.person_id, visits.host())
    return render_template(
        "people/own.html",
        factors=factors,
        passkeys=presenters.passkeys(passkeys.every(opened, person.person_id), visits.host(), visits.zone()),
        sign_ins=presenters.sign_ins(own_sign_ins.every_open(opened, person, now=now), visits.zone()),
        clinics=own_sign_ins.other_clinics(opened, person, visits.host()),
        owes=person.owes,
        owed=presenters.owed(person.owes),
        said=presenters.SAID.get(request.args.get("done", ""), ""),
        shortest=second_factors.shortest_password(factors),
        wrong=wrong or {},
    )


def first_codes(said: str) -> str | None:
    """The page with the first recovery codes, which come with the first second factor; None where there are some."""
    found = second_factors.of(edge.session(), visits.person().person_id, visits.host())
    return None if found.n_codes else _show_codes(said)


def lose_factor(remove: presenters.Removes) -> Answer:
    """Take a second factor away, unless the password cannot stand alone."""
    person, now = visits.person(), visits.now()
    try:
        if remove(person.person_id) is False:
            abort(404)
    except NeedsLongerPassword:
        return show({"new": presenters.LONGER_FIRST}), 409
    factors = second_factors.of(edge.session(), person.person_id, visits.host())
    own_sign_ins.lose_factor(edge.session(), person, factors, now=now)
    return _done("removed")


def _show_codes(said: str = "codes") -> str:
    made = second_factors.new_codes(edge.session(), visits.person().person_id, now=visits.now())
    return render_template("people/codes.html", codes=made, said=presenters.SAID[said], onward=url_for(".own"))


def _set_up(secret: bytes, wrong: str = "") -> str:
    text = second_factors.address(secret, visits.person().email, visits.clinic().name)
    return render_template(
        "people/app.html", drawing=qr.svg(text, _("QR code for your authenticator app")), wrong=wrong,
        by_hand=second_factors.typed_by_hand(secret),
    )  # fmt: skip


def _done(what: str) -> Response:
    return redirect(url_for(".own", done=what), 303)
