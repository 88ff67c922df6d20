"""What an administrator does: invite, give and take roles, reset a second factor, and say what is asked at the door."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInput
from web import edge, visits
from web.people import presenters
from web.people.routes import blueprint
from web.services import invitations, memberships, people, second_factors, sign_in_policy, weight_publishing, weights
from web.services.memberships import Known, LastAdministrator
from web.services.second_factors import NotTheirs
from web.services.sign_in_policy import SignInPolicy
from web.wording.language import _


@blueprint.get("/people/")
def everybody() -> str:
    """Everybody who works at the clinic."""
    return _show_everybody()


@blueprint.post("/people/invite")
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    email, roles = request.form.get("email", ""), request.form.getlist("roles")
    try:
        person_id = invitations.invite(
            edge.session(), visits.clinic(), email, roles, actor=_actor(), now=visits.now()
        )  # fmt: skip
    except InvalidInput as wrong:
        return _show_everybody(presenters.not_invited(wrong), email, roles), 422
    return _back(person_id, "invited")


@blueprint.get("/people/<uuid:person_id>")
def member(person_id: UUID) -> str:
    """Somebody who works here, or is invited."""
    return _show(person_id)


@blueprint.post("/people/<uuid:person_id>/roles")
def give_role(person_id: UUID) -> ResponseReturnValue:
    """Give one more role."""
    return _change(person_id, lambda actor: memberships.give(
        edge.session(), visits.clinic(), person_id, request.form.get("role", ""), actor=actor, now=visits.now()
    ))  # fmt: skip


@blueprint.post("/people/<uuid:person_id>/roles/<role>")
def move_role(person_id: UUID, role: str) -> ResponseReturnValue:
    """Let a role hold, rest, or be no more."""
    status = request.form.get("status", "")
    return _change(person_id, lambda actor: memberships.move(
        edge.session(), visits.clinic(), person_id, role, status, actor=actor, now=visits.now()
    ))  # fmt: skip


@blueprint.post("/people/<uuid:person_id>/invitation")
def invite_again(person_id: UUID) -> ResponseReturnValue:
    """Send a new invitation in place of the last one."""
    if not invitations.send_again(edge.session(), visits.clinic(), person_id, actor=_actor(), now=visits.now()):
        abort(404)
    return _back(person_id, "invited")


@blueprint.post("/people/<uuid:person_id>/invitation/take-back")
def take_back(person_id: UUID) -> ResponseReturnValue:
    """Take an invitation back."""
    if not invitations.take_back(edge.session(), visits.clinic(), person_id, actor=_actor(), now=visits.now()):
        abort(404)
    return _back(person_id, "taken_back")


@blueprint.post("/people/<uuid:person_id>/second-factor")
def reset_factors(person_id: UUID) -> ResponseReturnValue:
    """Take the second factor of somebody who has lost it."""
    known = _known(person_id)
    if not known.factors.has.any:
        abort(404)
    try:
        second_factors.take_away(edge.session(), person_id, actor=visits.person().person_id, now=visits.now())
    except NotTheirs:
        return _show(person_id, _("Only whoever runs the server can do that for this person.")), 409
    return _back(person_id, "reset")


@blueprint.get("/people/sign-in")
def policy() -> str:
    """What is asked of those who sign in."""
    return _show_policy(sign_in_policy.of(edge.session()))


@blueprint.post("/people/sign-in")
def keep_policy() -> ResponseReturnValue:
    """Ask for something else from now on."""
    asked = presenters.policy_of(request.form)
    try:
        sign_in_policy.change(
            edge.session(), visits.clinic().id, asked, actor=visits.person().person_id, now=visits.now()
        )  # fmt: skip
    except InvalidInput as wrong:
        return _show_policy(asked, presenters.not_kept(wrong)), 422
    return redirect(url_for(".policy", done="kept"), 303)


@blueprint.post("/people/one-publishes")
def one_is_enough() -> Response:
    """Let a lead publish weights alone again."""
    person = visits.person().person_id
    weight_publishing.ask_for_two(edge.session(), visits.clinic(), False, actor=person, now=visits.now())
    return redirect(url_for(".everybody"), 303)


def _change(person_id: UUID, change: presenters.Changes) -> ResponseReturnValue:
    """Change roles, or say why they stay as they are."""
    _known(person_id)
    try:
        change(visits.person().person_id)
    except LastAdministrator:
        return _show(
            person_id, _("Nobody else administers the clinic. Make somebody else an administrator first.")
        ), 409
    except InvalidInput:
        return _show(person_id, _("That cannot be done with this role. Somebody may have changed it meanwhile.")), 409
    return _back(person_id, "changed")


def _known(person_id: UUID) -> Known:
    return memberships.find(edge.session(), person_id, visits.host()) or abort(404)


def _show(person_id: UUID, wrong: str = "") -> str:
    shown = presenters.known(_known(person_id), visits.zone())
    said = presenters.SAID.get(request.args.get("done", ""), "")
    return render_template("people/member.html", shown=shown, wrong=wrong, said=said)


def _show_everybody(wrong: dict[str, str] | None = None, email: str = "", roles: list[str] | None = None) -> str:
    found = people.everybody(edge.session(), now=visits.now())
    return render_template(
        "people/people.html",
        lines=presenters.lines(found),
        two_person=weights.two_person(edge.session(), visits.clinic()),
        roles=presenters.role_choices(roles or ()),
        email=email,
        wrong=wrong or {},
    )


def _show_policy(shown: SignInPolicy, wrong: dict[str, str] | None = None) -> str:
    return render_template(
        "people/policy.html", policy=shown, wrong=wrong or {}, asked_of=presenters.asked_of(shown.second_factor),
        said=presenters.SAID.get(request.args.get("done", ""), ""),
    )  # fmt: skip


def _actor() -> str:
    return str(visits.person().person_id)


def _back(person_id: UUID, done: str) -> Response:
    return redirect(url_for(".member", person_id=person_id, done=done), 303)
