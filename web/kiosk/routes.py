"""The tablet: one address, so that a browser's back button leads nowhere, and nothing on it that outlasts a person.

The page asks to be loaded anew when its time is over, by a header, so that it works without script. What it shows is
what the tablet's row says, so that a page that is come back to shows what is now, never what was.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import cards, check_in_form, edge, visits
from web.cookies import KIOSK
from web.services import kiosks
from web.services.check_ins import SAID
from web.services.kiosks import CODE, FORM, NONE, RESTS, THANKS, WRONG, Screen
from web.wording.kiosk import SAID_OF

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
Answer = Response | tuple[str, int]


@blueprint.get("/")
def home() -> Response:
    """What the tablet shows now."""
    return _answer(_screen(), said=request.args.get("because", ""))


@blueprint.post("/")
def say() -> Response:
    """A code, or what is said about the hour that the code has opened."""
    token, now = KIOSK.kept(), visits.now()
    if "code" in request.form:
        state = kiosks.enter(edge.session(), visits.clinic(), token, request.form["code"], now)
        return _back(WRONG) if state == WRONG else _back()
    if "leave" in request.form:
        kiosks.leave(edge.session(), token, now)
        return _back()
    return _say(_screen(), token)


def _say(screen: Screen, token: str) -> Response:
    opening = request.form.get("opening", "")
    if screen.state in (FORM, THANKS) and opening != screen.opening:
        return _back("other")
    if screen.page is None:
        return _back("" if screen.state == THANKS else "over")
    typed = check_in_form.read(request.form)
    said, errors = check_in_form.accepted(typed, screen.page.therapist)
    if said is None:
        return _answer(screen, check_in_form.shown(typed, screen.page, errors), status=422)
    state = kiosks.say(edge.session(), visits.clinic(), token, opening, said, visits.now())
    return _back({SAID: "", CODE: "over", NONE: ""}.get(state, "used"))


def _screen() -> Screen:
    return kiosks.screen(edge.session(), visits.clinic(), KIOSK.kept(), visits.now())


def _answer(screen: Screen, form: check_in_form.Shown | None = None, *, said: str = "", status: int = 200) -> Response:
    page = screen.page
    if page is not None and form is None:
        form = check_in_form.shown(check_in_form.of_said(None), page)
    held = cards.moment_words(page.held_at, visits.zone()) if page is not None and page.held_at else ""
    minutes = -(-int(screen.left.total_seconds()) // 60) if screen.left else 0
    text = render_template(_TEMPLATES[screen.state], form=form, held=held, minutes=minutes, opening=screen.opening,
                           said=SAID_OF.get(said, ""))  # fmt: skip
    response = Response(text, 404 if screen.state == NONE else status, mimetype="text/html")
    if screen.state == CODE:
        response.headers["Clear-Site-Data"] = '"cache"'
    if screen.left is not None:
        response.headers["Refresh"] = f"{int(screen.left.total_seconds()) + 1}; url={url_for('.home')}"
    return response


def _back(because: str = "") -> Response:
    return redirect(url_for(".home", because=because or None), 303)


_TEMPLATES = {
    CODE: "kiosk/code.html",
    FORM: "kiosk/form.html",
    THANKS: "kiosk/thanks.html",
    RESTS: "kiosk/rests.html",
    NONE: "kiosk/none.html",
}
