"""What another site sends in a person's name is kept out: by the origin that browsers name, and by a token in forms."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_wtf.csrf import CSRFProtect

_protect = CSRFProtect()


def install(app: Flask) -> None:
    """Tokens for forms. Who checks them is each route's policy, so the library's own check of every request is off."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    _protect.init_app(app)


def refuse(kind: str) -> None:
    """Refuse a request that changes something and comes from elsewhere. ``kind`` is a policy's ``forged``."""
    if not from_here():
        abort(403)
    if kind == "page":
        _protect.protect()


def from_here() -> bool:
    """Whether the browser says that the request comes from a page of ours, or from nobody's (typed, or no browser).

    ``Sec-Fetch-Site`` says it outright. Browsers without it name the origin, but ``null`` where a page sends no
    referrer, as ours do; what is left then are the cookies, which no other site's form brings along (SameSite).
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin", "null")
    try:
        return origin == "null" or urlsplit(origin).netloc == request.host
    except ValueError:  # what is no address at all
        return False
