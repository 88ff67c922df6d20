"""The cookie that holds a check-in's link for an hour, for the page of that check-in alone."""

from __future__ import annotations

from flask import current_app
from werkzeug.wrappers import Response

COOKIE, SECONDS = "check_in", 3600
HERE = "/check-ins/now"
LONGEST = 64  # a longer one is no link of ours


def keep(response: Response, token: str) -> Response:
    """Let this browser hold a link."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        COOKIE, token[:LONGEST], max_age=SECONDS, path=HERE, httponly=True, samesite="Lax", secure=secure
    )
    return response
