"""The cookie that holds the link of a well-being check for an hour, for the page of that check alone."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

COOKIE, SECONDS = "well_being", 3600
HERE = "/well-being/now"
LONGEST = 64  # a longer one is no link of ours


def keep(response: Response, token: str) -> Response:
    """Let this browser hold a link."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        COOKIE, token[:LONGEST], max_age=SECONDS, path=HERE, httponly=True, samesite="Lax", secure=secure
    )
    return response


def kept() -> str:
    """The link that this browser holds, or ""."""
    return request.cookies.get(COOKIE, "")
