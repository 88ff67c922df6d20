"""A proposal from its beginning to its end, a step a route."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import edge, visits
from web.proposals import forms, pages
from web.services import proposal_commits, proposals
from web.services.conflicts import Conflict
from web.services.proposal_settings import CHANGES, Settings

blueprint = Blueprint("proposals", __name__, url_prefix="/proposals")
Answer = str | Response | tuple[str, int]


@blueprint.before_request
def known() -> None:
    """Nothing at the address of a proposal that the clinic does not have."""
    key = (request.view_args or {}).get("proposal_id")
    if key is not None:
        pages.found(key)


@blueprint.get("/")
def home() -> str:
    """What a new proposal would be for, and the last ones."""
    return pages.home()


@blueprint.post("/")
def begin() -> Response:
    """A new draft, which is worked out at once."""
    key = proposals.begin_once(edge.session(), Settings(), **pages.by())
    return redirect(url_for(".show", proposal_id=key), 303)


@blueprint.get("/<uuid:proposal_id>")
def show(proposal_id: UUID) -> str:
    """Everybody's place, or how far it is."""
    return pages.shown(pages.found(proposal_id))


@blueprint.get("/<uuid:proposal_id>/progress")
def progress(proposal_id: UUID) -> Answer:
    """How far it is, for a page that asks again; 204 where that is what it shows already."""
    return pages.progress(pages.found(proposal_id), request.args.get("seen"))


@blueprint.post("/<uuid:proposal_id>/again")
def again(proposal_id: UUID) -> Response:
    """Work it out anew, with who waits now."""
    proposals.again(edge.session(), proposal_id, forms.revision(request.form), **pages.by())
    return redirect(url_for(".show", proposal_id=proposal_id), 303)


@blueprint.post("/<uuid:proposal_id>/people")
def change(proposal_id: UUID) -> Response:
    """Keep two people together, or apart, or leave somebody out."""
    asked = forms.people(request.form)
    if asked.act not in CHANGES:
        abort(400)
    said = (forms.revision(request.form), asked.act, asked.client, asked.therapist)
    proposals.change(edge.session(), proposal_id, *said, **pages.by())
    return redirect(url_for(".show", proposal_id=proposal_id, **asked.back), 303)


@blueprint.post("/<uuid:proposal_id>/rules")
def rule(proposal_id: UUID) -> Response:
    """Other rules, and the proposal that comes of them."""
    rules = forms.rules(request.form)
    proposals.rule(edge.session(), proposal_id, forms.revision(request.form), rules, **pages.by())
    return redirect(url_for(".show", proposal_id=proposal_id), 303)


@blueprint.get("/<uuid:proposal_id>/commit")
def sure(proposal_id: UUID) -> Answer:
    """What will happen, before it does."""
    found = pages.found(proposal_id)
    if not found.can_commit:
        return redirect(url_for(".show", proposal_id=proposal_id), 303)
    return pages.sure(found)


@blueprint.post("/<uuid:proposal_id>/commit")
def commit(proposal_id: UUID) -> Response:
    """Give everybody their place, or nobody."""
    seen = forms.revision(request.form)
    proposal_commits.commit(edge.session(), visits.clinic(), proposal_id, seen, **pages.by())
    return redirect(url_for(".show", proposal_id=proposal_id), 303)


@blueprint.post("/<uuid:proposal_id>/discard")
def discard(proposal_id: UUID) -> Response:
    """Set it aside."""
    proposals.discard(edge.session(), proposal_id, forms.revision(request.form), **pages.by())
    return redirect(url_for(".home"), 303)


@blueprint.errorhandler(Conflict)
def against(conflict: Conflict) -> tuple[str, int]:
    """Everything that stands against, person by person; the draft is as it was."""
    found = pages.found((request.view_args or {})["proposal_id"])
    return render_template("proposals/conflict.html", **pages.conflicts(found, conflict)), 409
