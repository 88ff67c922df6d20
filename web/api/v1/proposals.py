"""The waiting list and its proposals for programs: begin one, look at it, carry it out."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi import Tag

from web import edge, problems, visits
from web.api.v1 import calling
from web.api.v1.calling import CHANGES, MISSING, READS, SECURITY
from web.api.v1.proposals_bodies import ProposalCommitIn, ProposalIn, ProposalPath, QueueQuery
from web.api.v1.routes import PROBLEMS, api
from web.problems import Refused
from web.proposal_bodies import ProposalCommitOut, ProposalOut, QueueOut
from web.services import (
    proposal_answers,
    proposal_commits,
    proposal_conflicts,
    proposal_people,
    proposals,
)
from web.services.conflicts import Conflict
from web.services.proposal_conflicts import Against
from web.wording.conflicts import say_conflict

WAITING = Tag(name="Waiting list", description="Who waits, and proposals that place them together.")


@api.get(
    "/queue",
    summary="Who waits",
    description="Who waits for a place, the longest first, a part at a time. Scope `queue:read`.",
    operation_id="queue",
    tags=[WAITING],
    security=SECURITY,
    responses={200: QueueOut, **READS, 422: PROBLEMS[422]},
    endpoint="queue",
)
def queue(query: QueueQuery) -> Response:
    """A part of the waiting list."""
    entries, more = proposal_people.queue(edge.session(), query.limit, query.after)
    return calling.answer(QueueOut.model_validate({"entries": entries, "next": more}))


@api.post(
    "/proposals",
    summary="Begin a proposal",
    description="A draft over the waiting list, which a worker works out: ask for it until its `state` is `draft`. "
    "Nobody is given a place by it. With the header `Idempotency-Key` it is safe to send twice: the second answer is "
    "the same proposal. Scope `proposals:write`.",
    operation_id="begin_proposal",
    tags=[WAITING],
    security=SECURITY,
    responses={200: ProposalOut, **PROBLEMS},
    endpoint="begin_proposal",
)
def begin(body: ProposalIn) -> Response:
    """The proposal that was begun."""
    key = calling.sent_once("")
    made = proposals.begin(edge.session(), body.settings(), actor=calling.program(), now=visits.now(), key=key)
    return show(ProposalPath(proposal_id=made))


@api.get(
    "/proposals/<uuid:proposal_id>",
    summary="Look at a proposal",
    description="What each person gets beside their own best, and why; and what other policies come to. "
    "Scope `proposals:read`.",
    operation_id="proposal",
    tags=[WAITING],
    security=SECURITY,
    responses={200: ProposalOut, **READS, **MISSING},
    endpoint="proposal",
)
def show(path: ProposalPath) -> Response:
    """The proposal as it stands."""
    found = proposals.look(edge.session(), path.proposal_id, now=visits.now())
    if found is None:
        raise Refused(404)
    return calling.answer(ProposalOut.model_validate(proposal_answers.of(found)))


@api.post(
    "/proposals/<uuid:proposal_id>/commit",
    summary="Carry a proposal out",
    description="All places or none: where one was taken meanwhile the answer is a 409 that names every conflict, and "
    "the draft stays. Sending the same revision again does nothing more. Scope `proposals:write`.",
    operation_id="commit_proposal",
    tags=[WAITING],
    security=SECURITY,
    responses={200: ProposalCommitOut, **CHANGES, **MISSING},
    endpoint="commit_proposal",
)
def commit(path: ProposalPath, body: ProposalCommitIn) -> Response:
    """How many were placed."""
    if proposals.look(edge.session(), path.proposal_id, now=visits.now()) is None:
        raise Refused(404)
    said = (path.proposal_id, body.revision)
    n_placed = proposal_commits.commit(
        edge.session(), calling.clinic(), *said, actor=calling.program(), now=visits.now()
    )
    return calling.answer(ProposalCommitOut(proposal_id=path.proposal_id, n_placed=n_placed))


@api.errorhandler(Conflict)
def against(conflict: Conflict) -> Response:
    """A 409 with everything that stands against."""
    every = proposal_conflicts.told(edge.session(), calling.clinic(), conflict, now=visits.now())
    return problems.answer(409, say_conflict(conflict.code), more={"conflicts": [_conflict(one) for one in every]})


def _conflict(one: Against) -> dict[str, Any]:
    return {
        "code": one.code,
        "client_id": one.client_id and str(one.client_id),
        "therapist_id": one.therapist and one.therapist.id,
        "next_best": [other.id for other in one.next_best],
        "text": say_conflict(one.code),
    }
