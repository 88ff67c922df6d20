"""The second half of a sign-in, a passkey in place of both halves, and showing once more who is here."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from web import browsers, edge, visits
from web.people import addresses
from web.people.routes import HOME, NEXT, blueprint, enter
from web.services import own_sign_ins, passkeys, people, second_factors, sign_in_policy
from web.services.people import HalfWay
from web.wording.language import _

Answer = Response | tuple[str, int]


@blueprint.route("/sign-in/second", methods=["GET", "POST"])
def second() -> ResponseReturnValue:
    """The code of an app, or a recovery code; on this page a passkey answers as well."""
    half = _half_way()
    if half is None:
        return redirect(url_for(".sign_in"), 303)
    if request.method != "POST":
        return _ask(half)
    code = request.form.get("code", "")[: second_factors.LONGEST]
    shown = _taken(half, code)
    if shown is None:
        return _wrong(half)
    people.end_half(edge.session(), half, now=visits.now())
    wanted = session.get(NEXT)
    if shown == sign_in_policy.RECOVERY:
        wanted = url_for(".own")
    return enter(half.person_id, half.email, wanted, second=shown)


@blueprint.post("/sign-in/passkey/ask")
def ask_passkey() -> Response:
    """What a browser's passkey has to sign: to come in, or to show once more who is here."""
    person = visits.person()
    purpose, person_id = (passkeys.ENTER, None) if person is None else (passkeys.PROVE, person.person_id)
    options = passkeys.ask(edge.session(), purpose, visits.host(), person_id=person_id, now=visits.now())
    return Response(options, mimetype="application/json")


@blueprint.post("/sign-in/passkey")
def passkey() -> ResponseReturnValue:
    """In, by a passkey alone: its device has asked who holds it, so that it is both factors."""
    person_id = passkeys.answered(
        edge.session(), passkeys.ENTER, request.form.get("answer", ""), host=visits.host(), origin=origin(),
        now=visits.now(),
    )  # fmt: skip
    known = None if person_id is None else people.who_may_enter(edge.session(), person_id)
    if known is None:
        edge.keep()
        people.sign_in_failed(edge.session(), None, now=visits.now())
        return render_template("people/passkey_failed.html"), 401
    half = _half_way()
    if half is not None:
        people.end_half(edge.session(), half, now=visits.now())
    wanted = request.form.get("next") or session.get(NEXT)
    return enter(known.person_id, known.email, wanted, second=sign_in_policy.PASSKEY)


@blueprint.route("/sign-in/again", methods=["GET", "POST"])
def again() -> ResponseReturnValue:
    """Show once more who is here: before roles are changed, or a second factor."""
    person, wanted = visits.person(), addresses.own(request.values.get("next")) or HOME
    if request.method != "POST":
        return _ask_again(wanted)
    opened, now, answer = edge.session(), visits.now(), request.form.get("answer", "")
    if answer:
        found = passkeys.answered(
            opened, passkeys.PROVE, answer, host=visits.host(), origin=origin(), person_id=person.person_id, now=now
        )
        if found is not None:
            own_sign_ins.prove(opened, person, second=sign_in_policy.PASSKEY, now=now)
            return redirect(wanted, 303)
    typed = request.form.get("password", ""), request.form.get("code", "")
    if any(typed) and own_sign_ins.proves(opened, person, *typed, now=now):
        own_sign_ins.prove(opened, person, now=now)
        return redirect(wanted, 303)
    edge.keep()
    people.sign_in_failed(opened, person.person_id, now=now, known=True)
    return _ask_again(wanted, _("This does not belong to you, or was used before. Please try again.")), 401


def origin() -> str:
    """What a browser calls the origin of these pages."""
    return f"{request.scheme}://{request.host}"


def _half_way() -> HalfWay | None:
    """Who is half way in here; nobody where so many tries have failed that only other ways lead in."""
    token = str(session.get(visits.HALF_WAY, ""))
    half = people.half_way(edge.session(), token, now=visits.now()) if token else None
    if half is None:
        return None
    found = people.of_email(edge.session(), half.email)
    return half if found and found.active and not found.is_closed(known=browsers.is_known(half.email)) else None


def _taken(half: HalfWay, code: str) -> str | None:
    """What kind of code this was; None where it opens nothing."""
    opened, now = edge.session(), visits.now()
    if second_factors.looks_like_app_code(code):
        is_right = second_factors.take_app_code(opened, half.person_id, code, now=now)
        return sign_in_policy.APP if is_right else None
    return sign_in_policy.RECOVERY if second_factors.take_recovery_code(opened, half.person_id, code, now=now) else None


def _wrong(half: HalfWay) -> Answer:
    edge.keep()
    people.sign_in_failed(edge.session(), half.person_id, now=visits.now(), known=browsers.is_known(half.email))
    return _ask(half, _("This code is not right, or was used before. Please type the one that is shown now.")), 401


def _ask(half: HalfWay, wrong: str = "") -> str:
    found = second_factors.of(edge.session(), half.person_id, visits.host())
    return render_template("people/second.html", has=found.has, n_codes=found.n_codes, wrong=wrong)


def _ask_again(wanted: str, wrong: str = "") -> str:
    found = second_factors.of(edge.session(), visits.person().person_id, visits.host())
    unchanged = "unchanged" in request.args
    return render_template("people/again.html", has=found.has, wrong=wrong, wanted=wanted, unchanged=unchanged)
