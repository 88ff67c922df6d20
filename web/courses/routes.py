"""The courses of a therapist's clients, as far as each client shares them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request

from web import cards, edge, visits
from web.courses import measured, presenters
from web.courses.forms import NextForm
from web.services import goals, measures, shared_courses
from web.services.conflicts import Conflict
from web.wording.conflicts import say_conflict
from web.wording.courses import DONE

blueprint = Blueprint("courses", __name__, url_prefix="/courses")


@blueprint.get("/")
def home() -> str:
    """Everybody who has a place with this therapist."""
    found = shared_courses.everybody(edge.session(), visits.person().person_id, now=visits.now())
    return render_template("courses/home.html", lines=[presenters.line(one) for one in found])


@blueprint.get("/<uuid:placement_id>")
def show(placement_id: UUID) -> tuple[str, int]:
    """One course, what may be done about it, and the appointments."""
    return page(placement_id)


def page(
    placement_id: UUID, *, form: NextForm | None = None, wrong: str = "", typed: tuple[str, str] = ("", ""),
    status: int = 200,
) -> tuple[str, int]:  # fmt: skip
    """The page as it is, or with what could not be taken: a ``form``, or the words ``typed`` for a check-in."""
    try:
        found = shared_courses.of_place(
            edge.session(), visits.person().person_id, placement_id, now=visits.now(), clinic=visits.clinic()
        )
    except LookupError:
        abort(404)
    except Conflict as against:
        return conflict(against)
    opened = request.args.get("show", "")
    shown = presenters.page(
        found, now=visits.now(), zone=visits.zone(), opened=int(opened[:6]) if opened.isascii() and opened.isdigit()
        else None,
    )  # fmt: skip
    if form is None:
        form = NextForm(formdata=None)
        form.fill(shown.suggested, visits.zone())
    return render_template(
        "courses/show.html", page=shown, form=form, wrong=wrong, typed=typed, repair=presenters.repair(),
        clock=cards.clock_words(visits.zone()), done=DONE.get(request.args.get("done", "")),
        measured=_measured(found.client.place.client_id),
    ), status  # fmt: skip


def _measured(client_id: UUID) -> measured.Page:
    """What a client who is this therapist's shares of well-being and goals."""
    session = edge.session()
    return measured.page(measures.shared(session, client_id), goals.shared(session, client_id), visits.zone())


def conflict(against: Conflict) -> tuple[str, int]:
    """What stands against; nothing was done."""
    return render_template("courses/conflict.html", words=say_conflict(against.code)), 409
