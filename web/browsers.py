"""Browsers in which somebody has signed in before, by a signed cookie that opens nothing.

Whoever guesses passwords uses up the tries of an account. The tries of a browser that its owner has used before are
counted apart, so that guessing never keeps the owner out (OWASP, "Slow down online guessing attacks with device
cookies").
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web.cookies import BROWSER
from web.services.people import normal_email


def keep(response: Response, email: str) -> Response:
    """Let this browser be known as one of the owner of an address."""
    return BROWSER.keep(response, str(_serializer().dumps([of(email), secrets.token_hex(8)])))


def tries_of(email: str) -> str:
    """Whose tries an attempt counts among: this browser's, where it is known for the address, else the account's."""
    return tries_of_account(of(email))


def tries_of_account(account: str) -> str:
    """The same for an address under its key."""
    browser = _known(account)
    return f"browser {browser}" if browser else f"account {account}"


def is_known(email: str) -> bool:
    """Whether the owner of an address has signed in with this browser before."""
    return bool(_known(of(email)))


def _known(account: str) -> str:
    try:
        owner, browser = _serializer().loads(BROWSER.kept(), max_age=BROWSER.seconds)
    except (BadData, ValueError):
        return ""
    return str(browser) if hmac.compare_digest(str(owner), account) else ""


def of(email: str) -> str:
    """An address under a key, so that neither a cookie nor the memory of a worker holds one."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, normal_email(email).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="browser")
