"""Accepting an invitation, and a new password for who has forgotten theirs: both by a link in a mail.

A GET uses no link up, for mail programs look at links ahead. The link moves from the address into a cookie at once, so
that it stands in no history, no log and no referrer.
"""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web import browsers, edge, qr, visits
from web.cookies import INVITED, RESET
from web.people import presenters
from web.people.routes import HOME, blueprint, enter
from web.services import invitations, passwords, people, resets, second_factors, sign_in_policy
from web.services.invitations import Invitation
from web.services.passwords import WeakPassword
from web.wording.language import _


@blueprint.get("/join/<token>")
def join_link(token: str) -> Response:
    """The link of an invitation: on to the page that asks."""
    return INVITED.keep(redirect(url_for(".join"), 303), token)


@blueprint.route("/join", methods=["GET", "POST"])
def join() -> ResponseReturnValue:
    """Accept an invitation: by one's own sign-in, or with a name and a password of one's own."""
    invitation = invitations.of_link(edge.session(), INVITED.kept(), now=visits.now())
    if invitation is None:
        return _over("invitation")
    if request.method != "POST":
        return _show_invitation(invitation)
    return _accept_known(invitation) if invitation.has_account else _accept_new(invitation)


@blueprint.route("/sign-in/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a new password. The answer is the same whoever asks."""
    if request.method != "POST":
        return render_template("people/forgotten.html", wrong="", email="", asked=False)
    email = request.form.get("email", "")[: people.LONGEST_EMAIL + 1]
    if not people.is_email(people.normal_email(email)):
        wrong = _("Enter an e-mail address such as name@example.org")
        return render_template("people/forgotten.html", wrong=wrong, email=email, asked=False), 422
    resets.ask(edge.session(), email, now=visits.now())
    return render_template("people/forgotten.html", wrong="", email="", asked=True)


@blueprint.get("/sign-in/reset/<token>")
def reset_link(token: str) -> Response:
    """The link of such a mail: on to the page that asks."""
    return RESET.keep(redirect(url_for(".reset"), 303), token)


@blueprint.route("/sign-in/reset", methods=["GET", "POST"])
def reset() -> ResponseReturnValue:
    """Choose the new password. Nobody is signed in by it."""
    opened, now = edge.session(), visits.now()
    link = resets.of_link(opened, RESET.kept(), now=now)
    if link is None:
        return _over("reset")
    shortest, wrong = resets.shortest(opened, link, visits.host()), ""
    if request.method == "POST":
        try:
            if not resets.choose(opened, link, request.form.get("password", ""), visits.host(), now=now):
                return _over("reset")  # used meanwhile, in another window
            response = redirect(url_for(".sign_in", because="new"), 303)
            RESET.forget(response)
            return response
        except WeakPassword as weak:
            wrong = presenters.weak(weak.code, shortest)
    page = render_template("people/reset.html", wrong=wrong, shortest=shortest)
    return page, 422 if wrong else 200


def _over(kind: str) -> tuple[str, int]:
    """A link that opens nothing (any more)."""
    return render_template("people/link_over.html", kind=kind), 404 if request.method != "POST" else 410


def _accept_known(invitation: Invitation) -> ResponseReturnValue:
    person = visits.person()
    if person is None or not invitations.accept_as(edge.session(), invitation, person.person_id, now=visits.now()):
        return _show_invitation(invitation), 403
    response = redirect(HOME, 303)
    INVITED.forget(response)
    return response


def _accept_new(invitation: Invitation) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "") for name in ("name", "password", "code")}
    shortest = passwords.SHORTEST_OF_TWO if typed["code"] else passwords.SHORTEST
    try:
        came_of_it = invitations.accept_new(
            edge.session(), invitation, typed["name"], typed["password"], secret=_secret(), code=typed["code"],
            now=visits.now(),
        )  # fmt: skip
    except WeakPassword as weak:
        return _show_invitation(invitation, {"password": presenters.weak(weak.code, shortest)}, typed["name"]), 422
    if came_of_it == invitations.WORKS_HERE:  # by this very link, in another window
        return _over("invitation")
    if came_of_it != invitations.DONE:
        return _show_invitation(invitation, presenters.not_accepted(came_of_it), typed["name"]), 422
    return _come_in(invitation, has_app=bool(typed["code"]))


def _come_in(invitation: Invitation, *, has_app: bool) -> Response:
    """In at once: whoever has accepted has just shown all that they have. With an app come its recovery codes."""
    second = sign_in_policy.APP if has_app else ""
    response = enter(invitation.person_id, invitation.email, None, second=second)
    if has_app:
        codes = second_factors.new_codes(edge.session(), invitation.person_id, now=visits.now())
        page = render_template("people/codes.html", codes=codes, said=presenters.SAID["app"], onward=HOME)
        response = browsers.keep(Response(page, mimetype="text/html"), invitation.email)
    INVITED.forget(response)
    return response


def _show_invitation(invitation: Invitation, wrong: dict[str, str] | None = None, name: str = "") -> str:
    person, secret = visits.person(), _secret()
    text = second_factors.address(secret, invitation.email, visits.clinic().name)
    return render_template(
        "people/join.html", email=invitation.email, roles=presenters.role_names(invitation.roles), name=name,
        clinic_name=visits.clinic().name, has_account=invitation.has_account, wrong=wrong or {},
        is_here=person is not None and person.person_id == invitation.person_id, is_other=person is not None,
        drawing=qr.svg(text, _("QR code for your authenticator app")), by_hand=second_factors.typed_by_hand(secret),
    )  # fmt: skip


def _secret() -> bytes:
    """The secret of the app that whoever holds this link may set up."""
    return second_factors.pending_secret(f"invitation {INVITED.kept()}")
