"""For how long closed cases are kept, as an administrator says it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInput
from web import edge, visits
from web.keeping import presenters
from web.services import clinics, erasing
from web.wording.language import _

blueprint = Blueprint("keeping", __name__, url_prefix="/keeping")
HERE, WRONG = "/keeping/", 422


@blueprint.get("/")
def home() -> str:
    """What is erased by itself, and when."""
    return _page()


@blueprint.post("/")
def keep() -> ResponseReturnValue:
    """Keep closed cases for so long from now on."""
    typed = request.form.get("months", "")
    try:
        months = presenters.months_of(typed)
        clinics.keep_closed(
            edge.session(), visits.clinic(), months, actor=str(visits.person().person_id), now=visits.now()
        )  # fmt: skip
    except InvalidInput:
        return _page(typed, _("Choose one of these")), WRONG
    return redirect(f"{HERE}?done", 303)


def _page(typed: str | None = None, wrong: str | None = None) -> str:
    found = erasing.outlook(edge.session(), visits.clinic(), now=visits.now())
    page = presenters.page(found, typed)
    return render_template("keeping/home.html", page=page, wrong=wrong, is_kept="done" in request.args)
