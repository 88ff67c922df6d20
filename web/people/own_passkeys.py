"""Your passkeys: made, named and removed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from web import edge, visits
from web.people import browser_names
from web.people.own import first_codes, lose_factor, show
from web.people.routes import blueprint
from web.people.second import origin
from web.services import own_sign_ins, passkeys, sign_in_policy
from web.wording.language import _


@blueprint.post("/your-sign-in/passkeys/ask")
def ask_new_passkey() -> Response:
    """What a browser needs to make a passkey."""
    options = passkeys.ask_for_new(edge.session(), visits.person().person_id, visits.host(), now=visits.now())
    return Response(options, mimetype="application/json")


@blueprint.post("/your-sign-in/passkeys")
def add_passkey() -> ResponseReturnValue:
    """Keep a new passkey."""
    person, now = visits.person(), visits.now()
    name = request.form.get("name", "").strip() or browser_names.words(
        browser_names.code(request.user_agent.string)
    )  # fmt: skip
    answer = request.form.get("answer", "")
    kept = passkeys.add(
        edge.session(), person.person_id, answer, name, host=visits.host(), origin=origin(), now=now
    )  # fmt: skip
    if not kept:
        return show({"passkey": _("That did not work. Please try once more, or with another device.")}), 422
    own_sign_ins.keep_factor(edge.session(), person, sign_in_policy.PASSKEY, now=now)
    return first_codes("passkey") or redirect(url_for(".own", done="passkey"), 303)


@blueprint.post("/your-sign-in/passkeys/<uuid:passkey_id>/name")
def rename_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Call a passkey something else."""
    if not passkeys.rename(edge.session(), visits.person().person_id, passkey_id, request.form.get("name", "")):
        abort(404)
    return redirect(url_for(".own", done="named"), 303)


@blueprint.post("/your-sign-in/passkeys/<uuid:passkey_id>/remove")
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Let a passkey open nothing any more."""
    return lose_factor(
        lambda person_id: passkeys.remove(edge.session(), person_id, passkey_id, now=visits.now())
    )  # fmt: skip
