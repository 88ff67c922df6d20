"""The matches. What is sent computes and stores a list; what is looked at comes from the store."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from web import edge, visits
from web.matches import presenters
from web.pages import KeptPages
from web.services import intakes, lists, requests
from web.services.lists import Movable, StoredList

blueprint = Blueprint("matches", __name__, url_prefix="/matches")
HERE = "/matches/"
FIRST, MORE = 5, 10
AT_ONCE = 3
WRONG = 422


@blueprint.get("/")
def show() -> str | Answer:
    """The newest list, five people or more of them."""
    newest = lists.newest(edge.session(), visits.intake())
    if newest is None:
        return redirect("/intake/", 303)
    most = _most()
    kept, standing = visits.intake(), requests.standing(edge.session(), visits.intake())
    about = (newest, most, visits.now().date(), kept.is_sent, kept.flags, standing, _movable())
    return _pages().get(
        (*about, *visits.seen_as()), lambda token: _page(_latest(most), csrf_token=token, standing=standing)
    )


@blueprint.post("/order")
def order() -> Answer | tuple[str, int]:
    """Put the list into the order that the client would have, by what matters most to them."""
    wanted = presenters.wanted(request.form, _movable())
    if wanted is None:
        stored = _latest(_most())
        standing = requests.standing(edge.session(), visits.intake())
        return (_page(stored, is_wrong=True, standing=standing), WRONG) if stored else redirect("/intake/", 303)
    return _made(wanted)


@blueprint.post("/again")
def again() -> Answer:
    """Bring the list up to date."""
    return _made(None)


@blueprint.get("/compare")
def compare() -> str | Answer | tuple[str, int]:
    """Up to three people side by side."""
    stored = _latest(lists.STORED)
    if stored is None:
        return redirect("/intake/", 303)
    chosen = set(request.args.getlist("with"))
    known = [match.therapist_id for match in stored.matches.matches if match.therapist_id in chosen]
    page = presenters.comparison(stored, known[:AT_ONCE], visits.clinic(), visits.now().date())
    status = 200 if len(known) == len(chosen) and 1 < len(chosen) <= AT_ONCE else WRONG
    standing = requests.standing(edge.session(), visits.intake())
    return render_template(
        "matches/compare.html", page=page, n_chosen=len(chosen), most=AT_ONCE, standing=standing
    ), status


@blueprint.post("/ask/<any(choose_for_me, no_match):kind>")
def ask(kind: str) -> Answer:
    """Ask the practice to look at this intake."""
    kept = visits.intake()
    if kept.client_id is None:
        return redirect("/intake/", 303)
    intakes.raise_flag(edge.session(), kept, kind, now=visits.now())
    return redirect(f"{HERE}#asked", 303)


def _made(wanted: dict[str, int] | None) -> Answer:
    kept = visits.intake()
    if kept.client_id is None:
        return redirect("/intake/", 303)
    lists.make(edge.session(), visits.clinic(), kept, now=visits.now(), wanted=wanted)
    return redirect(HERE + ("?more" if "more" in request.args else ""), 303)


def _most() -> int:
    return MORE if "more" in request.args else FIRST


def _latest(most: int) -> StoredList | None:
    return lists.latest(edge.session(), visits.clinic(), visits.intake(), most=most)


def _movable() -> tuple[Movable, ...]:
    now = visits.now()
    return visits.fresh("rapport_movable", visits.clinic().id, lambda: lists.movable(edge.session(), now=now))


def _pages() -> KeptPages:
    return current_app.extensions.setdefault("rapport_match_pages", KeptPages())


def _page(stored: StoredList, **more: Any) -> str:
    page = presenters.page(stored, visits.intake(), visits.clinic(), visits.now().date(), _movable())
    query = "?more" if "more" in request.args else ""
    return render_template("matches/list.html", page=page, most=AT_ONCE, query=query, **more)
