"""The page that a check-in's link opens. Looking at it changes nothing, for programs that look through mail open links.

The link is left at once for an address without it, so that it stands in no history that others may see; a cookie of an
hour, for this page alone, holds it meanwhile, and so does the form itself: a second tab with another link, or a browser
that keeps no cookies, sends what it shows. What cannot be kept, as when the database is away, is shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import cards, check_in_form, edge, visits
from web.check_in_form import Shown
from web.checkins.routes import blueprint
from web.cookies import CHECK_IN
from web.pasting import token_in
from web.services import check_ins
from web.services.check_ins import CORRECTABLE, OPEN, SAID, USED, Outcome, Page, Said

STATUS = {OPEN: 200, CORRECTABLE: 200, USED: 200, "expired": 410, "ended": 410, "not_held": 410, "early": 200,
          "unknown": 404}  # fmt: skip
AWAY, WRONG = 503, 422
Answer = str | Response | tuple[str, int]


@blueprint.get("/link/<token>")
def arrive(token: str) -> Response:
    """Leave the link's own address for one that says nothing."""
    return CHECK_IN.keep(redirect(url_for(".now"), 303), token)


@blueprint.get("/now")
def now() -> Answer:
    """What the link opens: the form, what was said, or why there is nothing to say."""
    token, opened = CHECK_IN.kept(), list[Page]()
    if not token:
        return _without_link()
    if not edge.kept(lambda: opened.append(_open(token))):
        return render_template("checkins/away.html"), AWAY
    return _page(token, opened[0])


@blueprint.post("/now")
def say() -> Answer:
    """Keep what is said, or corrected; or show it again, with what has to be mended or that it could not be kept."""
    token, sent = request.form.get("token", ""), request.form
    if "link" in sent:
        return _pasted(sent["link"])
    typed, therapist = check_in_form.read(sent), sent.get("therapist", "")
    said, errors = check_in_form.accepted(typed, therapist)
    page = Page(CORRECTABLE if "correct" in sent else OPEN, therapist)
    if said is None:
        return _form(token, page, check_in_form.shown(typed, page, errors)), WRONG
    outcomes = list[Outcome]()
    act = check_ins.correct if "correct" in sent else check_ins.say
    if not edge.kept(lambda: outcomes.append(_act(act, token, said))):
        return _form(token, page, check_in_form.shown(typed, page), is_away=True), AWAY
    return _answered(token, outcomes[0], said)


def _open(token: str) -> Page:
    clinic = visits.clinic()
    if clinic is None:
        raise visits.NoClinic
    return check_ins.open(edge.session(), clinic, token, visits.now())


def _act(act: Callable[..., Outcome], token: str, said: Said) -> Outcome:
    clinic = visits.clinic()
    if clinic is None:
        raise visits.NoClinic
    return act(edge.session(), clinic, token, said, visits.now())


def _answered(token: str, outcome: Outcome, said: Said) -> Answer:
    if outcome.state == SAID:
        return _thanked(outcome.token or token)
    if outcome.state == CORRECTABLE:  # something else was said already, here or in another tab
        form = check_in_form.shown(check_in_form.of_said(said), outcome.page)
        return _form(token, outcome.page, form, is_other=True), 409
    return _state(outcome.page)


def _thanked(token: str) -> Answer:
    """Thanks at an address that can be loaded again; at once where the browser keeps no cookie to know the link by."""
    if CHECK_IN.kept():
        return CHECK_IN.keep(redirect(url_for(".now", said=""), 303), token)
    return CHECK_IN.keep(
        make_response(render_template("checkins/thanks.html", page=Page(SAID), is_new=True, until="")), token
    )


def _page(token: str, page: Page) -> Answer:
    if page.state == OPEN or (page.state == CORRECTABLE and "change" in request.args):
        return _form(token, page, check_in_form.shown(check_in_form.of_said(page.said), page))
    if page.state == CORRECTABLE:
        return render_template(
            "checkins/thanks.html", page=page, is_new="said" in request.args, until=_when(page.until)
        )
    return _state(page)


def _form(token: str, page: Page, form: Shown, *, is_away: bool = False, is_other: bool = False) -> str:
    held = _when(page.held_at) or request.form.get("held", "")  # also where the database is away
    return render_template(
        "checkins/now.html", form=form, token=token, held=held, therapist=page.therapist,
        corrects=page.state == CORRECTABLE, is_away=is_away, is_other=is_other,
    )  # fmt: skip


def _state(page: Page) -> Answer:
    if page.state == USED and "said" in request.args:  # by a link that others may have seen, in these very words
        return render_template("checkins/thanks.html", page=page, is_new=True, until="")
    return render_template("checkins/link.html", page=page, held=_when(page.held_at)), STATUS[page.state]


def _without_link() -> Answer:
    return render_template("checkins/link.html", page=Page("none"), held="")


def _pasted(link: str) -> Answer:
    """The form of a link that was pasted: shown at once, without any cookie."""
    token, opened = token_in(link), list[Page]()
    if not edge.kept(lambda: opened.append(_open(token))):
        return render_template("checkins/away.html"), AWAY
    return _page(token, opened[0])


def _when(moment: datetime | None) -> str:
    return cards.moment_words(moment, visits.zone()) if moment is not None else ""
