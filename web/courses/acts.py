"""What a therapist does on the page of a course: rates, reads, answers, settles, plans, calls off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.courses.forms import NextForm
from web.courses.routes import blueprint, conflict, page
from web.services import acknowledging
from web.services.conflicts import Conflict
from web.wording.language import _

WRONG = 422
Answer = Response | tuple[str, int]


@blueprint.post("/<uuid:placement_id>/sessions/<uuid:session_id>/own")
def rate(placement_id: UUID, session_id: UUID) -> Answer:
    """Keep how the therapist found a session."""
    score = request.form.get("score", "")
    if not (score.isascii() and score.isdigit() and int(score[:3]) <= 10):
        return page(placement_id, wrong=_("Please choose a number from 0 to 10 for this session."), status=WRONG)
    return _do(placement_id, partial(acknowledging.rate, of=session_id, score=int(score)), "rated")


@blueprint.post("/<uuid:placement_id>/said/<uuid:check_in_id>/read")
def read(placement_id: UUID, check_in_id: UUID) -> Answer:
    """Let the client know that it was read."""
    return _do(placement_id, partial(acknowledging.read, check_in=check_in_id), "read")


@blueprint.post("/<uuid:placement_id>/said/<uuid:check_in_id>/reply")
def reply(placement_id: UUID, check_in_id: UUID) -> Answer:
    """Answer what was shared."""
    words = request.form.get("words", "")
    try:
        return _do(placement_id, partial(acknowledging.reply, check_in=check_in_id, words=words), "replied")
    except InvalidInput:
        most = acknowledging.LONGEST
        wrong = _("Write a few words to your client, at most %(most)s letters.", most=most)
        return page(placement_id, wrong=wrong, typed=(str(check_in_id), words), status=WRONG)


@blueprint.post("/<uuid:placement_id>/alerts/<uuid:alert_id>")
def settle(placement_id: UUID, alert_id: UUID) -> Answer:
    """Say what came of it."""
    outcome = request.form.get("outcome", "")
    try:
        return _do(placement_id, partial(acknowledging.settle, alert=alert_id, outcome=outcome), "settled")
    except InvalidInput:
        return page(placement_id, wrong=_("Please choose what came of it."), status=WRONG)


@blueprint.post("/<uuid:placement_id>/plan")
def plan(placement_id: UUID) -> Answer:
    """Plan the next session."""
    form = NextForm()
    if not form.accept(visits.now(), visits.zone(), may_be_open=False):
        return page(placement_id, form=form, status=WRONG)
    return _do(placement_id, partial(acknowledging.plan, at=form.moment), "planned")


@blueprint.post("/<uuid:placement_id>/appointments/<uuid:appointment_id>")
def call_off(placement_id: UUID, appointment_id: UUID) -> Answer:
    """Say that an appointment does not, or did not, take place."""
    why = request.form.get("why", "")
    try:
        return _do(placement_id, partial(acknowledging.call_off, appointment=appointment_id, why=why), "called_off")
    except InvalidInput:
        abort(400)


def _do(placement_id: UUID, work: Callable[..., None], done: str) -> Answer:
    """Do it, and show the page anew; somebody else's is nothing at this address."""
    try:
        work(edge.session(), visits.clinic(), visits.person().person_id, placement_id, now=visits.now())
    except LookupError:
        abort(404)
    except Conflict as against:
        return conflict(against)
    return redirect(url_for(".show", placement_id=placement_id, done=done), 303)
