"""How often one may ask: so often an address, before anything is looked up; so often a token, once it is known.

The counts live in each worker's memory: with n workers a caller may get up to n times as much through.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import Flask, g, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web import access, browsers, counts, visits
from web.settings import Settings

SIGN_IN, ALL_SIGN_INS = "10 per 5 minutes", "1000 per 5 minutes"
SECOND_FACTOR = "5 per 5 minutes;20 per hour;50 per day"
RESETS = "5 per day"
# where somebody tries to come in, or to be let in; and where who is (half way) in shows that it is they
AT_THE_DOOR = frozenset({"people.sign_in", "people.passkey", "people.forgotten", "people.reset", "people.join"})
PROVING = frozenset({"people.second", "people.again", "people.change_password"})
# nothing stands before help
HELP = ("intake.safety", "intake.answer_safety", "intake.told", "intake.reach_me", "wellbeing.answer", "wellbeing.told",
        "wellbeing.answer_linked")  # fmt: skip
UNLIMITED = frozenset({"static", "health.alive", "health.ready", *HELP})


def install(app: Flask, settings: Settings) -> None:
    """The address first (tries to sign in also by account, and in all), then the declared policy, then its token."""
    _limiter(app, get_remote_address, settings.address_limit, exempt=lambda: request.endpoint in UNLIMITED)
    # each door has its own count, and a browser that its owner has used before is none of a crowd behind one address
    _limiter(app, lambda: f"{request.endpoint} {get_remote_address()}", SIGN_IN,
             exempt=lambda: _is_not(AT_THE_DOOR)() or browsers.is_known(_email()))  # fmt: skip
    _limiter(app, lambda: browsers.tries_of(_email()), SIGN_IN, exempt=lambda: _signs_not_in() or not _email())
    # a flood keeps out nobody who comes with a browser of their own
    _limiter(app, lambda: "everybody", ALL_SIGN_INS, exempt=lambda: _signs_not_in() or browsers.is_known(_email()))
    _limiter(app, _proving, SECOND_FACTOR, exempt=lambda: _is_not(PROVING)() or not _proving())
    _limiter(app, lambda: browsers.of(_email()), RESETS, exempt=lambda: _is_not({"people.forgotten"})() or not _email())
    access.install(app)
    _limiter(app, _token, settings.api_limit, exempt=lambda: "caller" not in g, headers=True)


def _limiter(
    app: Flask, key: Callable[[], str], limit: str, *, exempt: Callable[[], bool], headers: bool = False
) -> None:
    # A filter is asked before the limiter looks for what would apply, an exemption of the limit only after it
    Limiter(
        key,
        app=app,
        default_limits=[limit],
        headers_enabled=headers,
        storage_uri=f"{counts.SCHEME}://",
        request_identifier=lambda: "all",
    ).request_filter(exempt)


def _signs_not_in() -> bool:
    return request.endpoint != "people.sign_in" or request.method != "POST"


def _is_not(endpoints: Collection[str]) -> Callable[[], bool]:
    return lambda: request.endpoint not in endpoints or request.method != "POST"


def _proving() -> str:
    """Whose second factor, or password, is tried: said by the signed cookie of the session."""
    account = str(session.get(visits.ACCOUNT, ""))
    return browsers.tries_of_account(account) if account else str(session.get(visits.SIGN_IN, ""))


def _email() -> str:
    return request.form.get("email", "").strip()


def _token() -> str:
    return f"token {g.caller.token_id}"
