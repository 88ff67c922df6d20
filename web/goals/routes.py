"""Goals: written down, rated, set aside and taken up again, by the browser's private link."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from matcher.errors import InvalidInput
from web import edge, visits
from web.goals import presenters
from web.services import goals
from web.wording.language import _

blueprint = Blueprint("goals", __name__, url_prefix="/goals")
HERE = "/goals/"
WRONG = 422


@blueprint.get("/")
def home() -> str:
    """What a client wants to change, and how near it is."""
    return _page() if visits.intake().client_id is not None else render_template("components/not_yet.html")


@blueprint.post("/")
def add() -> Answer | tuple[str, int]:
    """Goals in somebody's own words; the same words twice are one goal."""
    typed = [words for words in request.form.getlist("words") if words.strip()]
    try:
        for words in typed:
            goals.add(edge.session(), _client_id(), words, now=visits.now())
        if not typed:
            raise InvalidInput("words", "", "write down a goal")
    except InvalidInput as wrong:
        edge.undo()
        return _page(_say(wrong.field), typed), WRONG
    return redirect(HERE, 303)


@blueprint.post("/ratings")
def rate() -> Answer | tuple[str, int]:
    """How near each goal is; what was left open stays as it was."""
    said = {name: value for name, value in request.form.items() if value and name != "csrf_token"}
    try:
        scores = {UUID(name): int(value) for name, value in said.items()}
        goals.rate(edge.session(), _client_id(), scores, now=visits.now())
    except (ValueError, LookupError):  # InvalidInput is a ValueError
        edge.undo()
        return _page(_("Please choose one of the numbers from 0 to 10 for each goal.")), WRONG
    return redirect(f"{HERE}?kept", 303)


@blueprint.post("/<uuid:goal_id>/end")
def end(goal_id: UUID) -> Answer:
    """Set a goal aside; it can be taken up again."""
    try:
        goals.end(edge.session(), _client_id(), goal_id, now=visits.now())
    except LookupError:
        abort(404)
    return redirect(HERE, 303)


@blueprint.post("/<uuid:goal_id>/shown-to")
def show_to(goal_id: UUID) -> Answer:
    """Decide who may see a goal, and how near it is."""
    try:
        goals.show_to(edge.session(), _client_id(), goal_id, request.form.get("shown_to", ""))
    except (LookupError, InvalidInput):
        abort(404)
    return redirect(f"{HERE}?changed#who", 303)


@blueprint.post("/<uuid:goal_id>/take-up")
def take_up(goal_id: UUID) -> Answer | tuple[str, int]:
    """Take up a goal that was set aside."""
    try:
        goals.take_up(edge.session(), _client_id(), goal_id)
    except LookupError:
        abort(404)
    except InvalidInput as wrong:
        return _page(_say(wrong.field)), WRONG
    return redirect(HERE, 303)


def _client_id() -> UUID:
    found = visits.intake().client_id
    if found is None:
        abort(404)
    return found


def _say(field: str) -> str:
    if field == "goals":
        return _("Three goals at a time are enough. Set one aside first; it is not lost.")
    return _("Please write down in a sentence what you would like to be different, in at most %(most)s letters.",
             most=goals.LONGEST)  # fmt: skip


def _page(wrong: str = "", typed: list[str] | None = None) -> str:
    kept = visits.intake()
    found = goals.of_client(edge.session(), _client_id())
    page = presenters.page(found, goals.suggested(kept), visits.zone(), typed or ())
    is_kept = "kept" in request.args and not wrong
    return render_template(
        "goals/home.html", page=page, wrong=wrong, is_kept=is_kept, steps=presenters.STEPS,
        is_changed="changed" in request.args,
    )  # fmt: skip
