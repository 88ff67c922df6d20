"""Putting the pages of proposals together: one service, one presenter, one template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request

from web import edge, visits
from web.proposals import forms, lines, presenters
from web.services import proposal_conflicts, proposal_people, proposals
from web.services.conflicts import Conflict
from web.services.proposals import Proposal


def by() -> dict[str, Any]:
    """Who acts, and when."""
    return {"actor": str(visits.person().person_id), "now": visits.now()}  # type: ignore[union-attr]


def found(proposal_id: UUID) -> Proposal:
    """The proposal at this address, or nothing there."""
    return proposals.look(edge.session(), proposal_id, now=visits.now()) or abort(404)


def home() -> str:
    """What a new proposal would be for, and the last ones."""
    last = proposals.newest(edge.session(), now=visits.now())
    names = proposals.names(edge.session(), last)
    standing = proposal_people.standing(edge.session(), now=visits.now())
    return render_template(
        "proposals/home.html", standing=standing, last=[presenters.entry(one, names) for one in last]
    )


def shown(proposal: Proposal) -> str:
    """Everybody's place, or how far it is."""
    people = _people(proposal)
    therapists = proposal_people.therapists(edge.session())
    names = proposals.names(edge.session(), [proposal])
    view = forms.view(request.args)
    page = lines.page(proposal, people, therapists, visits.clinic().currency, view)  # type: ignore[union-attr]
    head = presenters.head(proposal, people, therapists, names)
    return render_template("proposals/show.html", head=head, page=page, view=view)


def progress(proposal: Proposal, seen: str | None) -> str | Response:
    """How far it is; what has ended is shown by the page itself."""
    if "HX-Request" in request.headers and not proposal.is_solving:
        return Response(status=204, headers={"HX-Refresh": "true"})
    told = presenters.progress(proposal)
    if told.seen == seen:
        return Response(status=204)
    return render_template("proposals/progress.html", progress=told, proposal_id=proposal.id)


def sure(proposal: Proposal) -> str:
    """What will happen, before it does."""
    people = _people(proposal)
    return render_template("proposals/sure.html", sure=presenters.sure(proposal, people))


def conflicts(proposal: Proposal, against: Conflict) -> dict[str, Any]:
    """What a page about conflicts says."""
    every = proposal_conflicts.told(edge.session(), visits.clinic(), against, now=visits.now())
    people = _people(proposal, [str(one.client_id) for one in every if one.client_id])
    return {"conflict": presenters.conflict(proposal, every, people)}


def _people(proposal: Proposal, more: Iterable[str] = ()) -> presenters.People:
    said, settings = (proposal.result or {}).get("lines", ()), proposal.settings
    asked = (*settings.locks, *settings.excluded_clients, *(pair[0] for pair in settings.excluded_pairs))
    keys = (*(line["client"] for line in said), *asked, *more)
    return proposal_people.people(edge.session(), keys)
