"""The weights: tuned in a draft, looked at on recent intakes, published, compared and gone back on."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInput
from web import edge, visits
from web.services import tuning, weight_drafts, weight_publishing, weights
from web.services.weights import DraftConflict, Overtaken, WeightsTrouble
from web.weights import forms, history, moves, pages, presenters
from web.weights import past as tried
from web.wording.language import _

blueprint = Blueprint("weights", __name__, url_prefix="/weights")
Answer = str | Response | tuple[str, int]


@blueprint.get("/")
def home() -> str:
    """The draft, or what serves, and what it would change."""
    found = pages.looked()
    return pages.tuned(found, forms.of(presenters.shown_of(found.standing), found.standing.draft))


@blueprint.post("/preview")
def preview() -> Answer:
    """What the numbers as they are typed would change. Nothing is stored."""
    typed = forms.read(request.form)
    fill = request.form.get("fill")
    if fill:
        typed = forms.filled(pages.chosen(fill) or abort(404), typed)
    if typed.faults:
        return pages.wrong(typed)
    found = pages.looked(typed.numbers)
    return pages.fragment(found) if pages.wants_fragment() else pages.tuned(found, typed, is_kept=False)


@blueprint.post("/draft")
def save() -> Answer:
    """Keep the numbers as the draft that all leads share."""
    typed = forms.read(request.form)
    if typed.faults:
        return pages.wrong(typed)
    standing = weights.standing(edge.session(), visits.clinic(), now=visits.now())
    if standing.draft is None and forms.is_shown(typed, standing.serving):
        raise InvalidInput("weights", "as they are", _("these numbers serve already; change one first"))
    note = standing.draft.note if standing.draft else ""
    weight_drafts.save_draft(
        edge.session(), visits.clinic(), typed.numbers, typed.bounds, note, typed.revision, **pages.by()
    )
    return pages.done("saved")


@blueprint.post("/draft/discard")
def discard() -> Response:
    """Set the draft aside."""
    weight_drafts.discard(edge.session(), visits.clinic(), pages.revision(), **pages.by())
    return pages.done("discarded")


@blueprint.post("/draft/rebase")
def rebase() -> Response:
    """Compare the draft with what serves now, which somebody has just looked at."""
    onto = request.form.get("onto", "")
    version = None if onto == tuning.RELEASE else onto
    weight_drafts.rebase(edge.session(), visits.clinic(), pages.revision(), version, **pages.by())
    return redirect(url_for(".publish"), 303)


@blueprint.get("/publish")
def publish() -> Answer:
    """What the draft would change, a note, and from when on."""
    found = pages.looked()
    return pages.publishing(found) if found.standing.draft else redirect(url_for(".home"), 303)


@blueprint.post("/publish")
def let_serve() -> Response:
    """Let the draft serve, or ask the second person."""
    form = request.form
    done = tuning.publish(
        edge.session(), visits.clinic(), pages.revision(), form.get("note", ""), forms.moment(form), "seen" in form,
        **pages.by(),
    )  # fmt: skip
    return pages.done(done)


@blueprint.post("/approve")
def approve() -> Response:
    """Agree, as the second person."""
    done = tuning.approve(
        edge.session(), visits.clinic(), pages.revision(), "seen" in request.form, **pages.by()
    )  # fmt: skip
    return pages.done(done)


@blueprint.post("/decline")
def decline() -> Response:
    """Say no, or think again."""
    weight_drafts.decline(edge.session(), visits.clinic(), pages.revision(), **pages.by())
    return pages.done("declined")


@blueprint.get("/history")
def past() -> str:
    """What served, serves and will serve."""
    standing = weights.standing(edge.session(), visits.clinic(), now=visits.now())
    choices = history.choices(standing)
    return render_template(
        "weights/history.html", entries=history.entries(standing), choices=choices, two_person=standing.two_person
    )


@blueprint.post("/two-people")
def ask_for_two() -> Response:
    """Let nobody publish alone from now on; an administrator can end that."""
    weight_publishing.ask_for_two(edge.session(), visits.clinic(), True, **pages.by())
    return redirect(url_for(".past"), 303)


@blueprint.get("/past")
def on_past_data() -> Answer:
    """How the draft stands on past data, for a page that asks again; 204 where that is what it shows already."""
    return tried.again(request.args.get("seen"))


@blueprint.post("/past")
def try_on_past_data() -> Answer:
    """Ask for the draft to be tried on past data; asking twice is asking once."""
    tried.ask()
    return tried.again(None)


@blueprint.get("/compare")
def compare() -> str:
    """Two versions beside each other, and what the second changes."""
    standing = weights.standing(edge.session(), visits.clinic(), now=visits.now())
    before = tuning.named(standing, request.args.get("before")) or abort(404)
    after = tuning.named(standing, request.args.get("after", tuning.DRAFT)) or abort(404)
    found = tuning.between(edge.session(), visits.clinic(), before, after, visits.now())
    beside = history.beside(before, after)
    return render_template("weights/compare.html", beside=beside, moves=moves.moves(found))


@blueprint.get("/back/<version>")
def back(version: str) -> str:
    """What going back would change."""
    return pages.going_back(version)


@blueprint.post("/back/<version>")
def go_back(version: str) -> Response:
    """Let an earlier version serve again."""
    name = None if version == tuning.RELEASE else version
    tuning.roll_back(edge.session(), visits.clinic(), name, "seen" in request.form, **pages.by())
    return pages.done("rolled_back")


@blueprint.post("/scheduled/<uuid:activation_id>/call-off")
def call_off(activation_id: UUID) -> Response:
    """Let something that was to begin later not begin."""
    weight_publishing.call_off(edge.session(), visits.clinic(), activation_id, **pages.by())
    return pages.done("called_off")


@blueprint.errorhandler(DraftConflict)
def changed_meanwhile(conflict: DraftConflict) -> Answer:
    """Somebody else has changed the draft: both are shown, and what was typed stays."""
    return pages.conflict(conflict)


@blueprint.errorhandler(Overtaken)
def overtaken(trouble: Overtaken) -> Answer:
    """Other weights serve than those that the draft was begun from."""
    return pages.again(trouble, overtaken_by=presenters.name_of(trouble.serving))


@blueprint.errorhandler(WeightsTrouble)
def cannot(trouble: WeightsTrouble) -> Answer:
    """What cannot be done as things stand."""
    return pages.again(trouble)


@blueprint.errorhandler(InvalidInput)
def refused(wrong: InvalidInput) -> Answer:
    """A number, a note or a moment that cannot be taken."""
    return pages.refused(wrong)
