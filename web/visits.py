"""Who is here: the clinic whose name was called, the intake of the browser's private link, the person signed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, request, session, url_for
from werkzeug.wrappers import Response

from web import edge
from web.cookies import INTAKE
from web.services import clinics, intakes, own_sign_ins, people
from web.services.clinics import Clinic
from web.services.intakes import KeptIntake
from web.services.people import SignedIn
from web.wording.language import language

T = TypeVar("T")


class NoClinic(Exception):
    """No clinic answers to the host name that was called."""


class NoIntake(Exception):
    """The browser keeps no private link, or one that is not valid any more."""


class NotSignedIn(Exception):
    """Nobody is signed in in this browser, or not any more."""


class Owes(Exception):
    """Who is signed in has to set up a second factor before anything else opens."""


class NotFresh(Exception):
    """It is too long ago that who is signed in showed that it is they."""


PERSONA = "persona"
SIGN_IN = "sign_in"  # where the cookie of the session keeps the token
HALF_WAY = "half_way"  # and that of a first half
ACCOUNT = "account"  # and whose it is, under a key, so that tries can be counted
# asked by a page that may stand open alone: nobody stays signed in by it
POLLS = frozenset({"queue.changes", "jobs_page.changes", "proposals.progress", "weights.on_past_data",
                   "weights.learning", "insights.fitting", "insights.forecasting"})  # fmt: skip
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # as browsers of today and of before say it
_CLINICS = "rapport_clinics"
_FRESH_SECONDS, _MOST_KEPT = 1.0, 100


def now() -> datetime:
    """The moment of this request, the same wherever it is asked for."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return g.now


def zone() -> ZoneInfo:
    """By whose clocks the times of sessions are said."""
    found: ZoneInfo = current_app.config["ZONE"]
    return found


def clinic() -> Clinic | None:
    """The clinic of the host name, or the only one there is; the session has then entered it.

    Its row is looked up once a second and process: names change rarely, and every page asks.
    """
    if edge.is_adrift():
        return None
    if "clinic" not in g:
        found = fresh(_CLINICS, request.host, lambda: clinics.of_host(edge.session(), host()))
        if found is not None:
            clinics.enter(edge.session(), found)
        g.clinic = found
    return g.clinic


def fresh(kind: str, key: Hashable, read: Callable[[], T]) -> T:
    """What is read, at most once a second and process; what is None is read again."""
    known = current_app.extensions.setdefault(kind, {})
    until, found = known.get(key, (0.0, None))
    if time.monotonic() > until:
        found = read()
        if len(known) > _MOST_KEPT:  # host names come from outside
            known.clear()
        if found is not None:
            known[key] = (time.monotonic() + _FRESH_SECONDS, found)
    return found


def intake() -> KeptIntake | None:
    """The intake whose private link this browser keeps; None without one, or where it is not valid any more."""
    if clinic() is None:
        return None
    if "intake" not in g:
        link = INTAKE.kept()
        g.intake = intakes.of_link(edge.session(), link, now=now()) if link else None
    return g.intake


def person() -> SignedIn | None:
    """Who is signed in in this browser; their roles are those that hold at this clinic at this moment."""
    if "person" not in g:
        token, moment = str(session.get(SIGN_IN, "")), now()
        known = clinic() is not None and token
        g.person = people.of_sign_in(edge.session(), token, now=moment, host=host()) if known else None
        is_here = request.endpoint not in POLLS
        if g.person is not None and is_here and g.person.seen_at <= moment - people.SEEN_EVERY:
            edge.afterwards(lambda opened: people.seen(opened, token, now=moment))
    return g.person


def keeps_sign_in() -> bool:
    """Whether this browser has signed in and not out again, as far as it says itself: for what it is shown alone."""
    return bool(session.get(SIGN_IN))


def require_role(roles: tuple[str, ...], *, owing: bool = False) -> None:
    """Let only people through who have one of the roles. Raises NotSignedIn, or answers 403.

    Raises Owes for who has to set up a second factor first, unless this opens also to them (``owing``).
    """
    found = _somebody()
    if found.roles.isdisjoint(roles):
        abort(403)
    if found.owes and not owing:
        raise Owes


def require_fresh() -> None:
    """Let only through who has shown within ten minutes that it is they. Raises NotSignedIn or NotFresh."""
    if not own_sign_ins.is_fresh(_somebody(), now=now()):
        raise NotFresh


def _somebody() -> SignedIn:
    found = person()
    if found is None:
        raise NotSignedIn
    return found


def seen_as() -> tuple[str, ...]:
    """What the frame of a page depends on: the clinic, the language, and as whom the demo is looked at."""
    return str(g.clinic.id), language(), str(session.get(PERSONA, ""))


def own_link() -> str:
    """The address of the private link that this browser keeps."""
    return url_for("intake.linked", link=INTAKE.kept(), _external=True)


def keep_link(response: Response, link: str) -> Response:
    """Let this browser keep a private link for a day."""
    return INTAKE.keep(response, link)


def forget_link(response: Response) -> Response:
    """Let this browser know nothing of an intake any more."""
    INTAKE.forget(response)
    return response


def is_looked_at() -> bool:
    """Whether this page is asked for to be looked at, as far as a browser says: by a GET, not ahead, not in part."""
    ahead = " ".join(request.headers.get(name, "").lower() for name in _AHEAD)
    if request.method != "GET" or any(word in ahead for word in ("prefetch", "prerender", "preview")):
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def host() -> str:
    """The name that was called, without its port."""
    called = request.host
    return called.rsplit(":", 1)[0].lower() if not called.endswith("]") else called
