"""What the clinic knows of whoever has this private link: to see, to take along, and to have erased."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from web import edge, visits
from web.exchange import packing
from web.mydata import presenters
from web.services import erasing, my_data
from web.wording.language import _

blueprint = Blueprint("mydata", __name__, url_prefix="/my-data")
HERE = "/my-data/"
WRONG = 422


@blueprint.get("/")
def home() -> str:
    """What is known, what was agreed to, and what can be done about it."""
    known = my_data.known(edge.session(), visits.intake())
    return render_template("mydata/home.html", page=presenters.page(known, visits.clinic(), visits.zone()))


@blueprint.get("/everything.<any(json, zip):form>")
def take_along(form: str) -> Response:
    """Everything, as one JSON document, or as a table for each kind in a ZIP file."""
    document = my_data.take_along(edge.session(), visits.clinic(), visits.intake(), now=visits.now())
    content, kind = packing.as_json(document) if form == "json" else packing.as_tables(document)
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="my-data.{form}"'
    return answer


@blueprint.get("/erase")
def ask() -> str:
    """What is gone when everything is erased, before it is."""
    return _ask()


@blueprint.post("/erase")
def erase() -> Answer | tuple[str, int]:
    """Erase everything, once it was said twice; this browser forgets the link."""
    if request.form.get("sure") != "yes":
        return _ask(_("Say that you are sure, or go back: nothing was erased")), WRONG
    erasing.erase_own(edge.session(), visits.clinic(), visits.intake(), now=visits.now())
    return visits.forget_link(redirect(f"{HERE}erased", 303))


@blueprint.get("/erased")
def erased() -> str:
    """Everything is gone."""
    return render_template("mydata/erased.html")


def _ask(wrong: str | None = None) -> str:
    known = my_data.known(edge.session(), visits.intake())
    page = presenters.page(known, visits.clinic(), visits.zone())
    return render_template("mydata/erase.html", page=page, wrong=wrong)
