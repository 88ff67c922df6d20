"""The cookie that holds a link of a mail for an hour, for the one page that the link is for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.wrappers import Response

SECONDS = 3600
LONGEST = 64  # a longer one is no link of ours


@dataclass(frozen=True, slots=True)
class LinkCookie:
    """A cookie by its ``name``, which goes to the page at ``path`` and to no other."""

    name: str
    path: str

    def keep(self, response: Response, token: str) -> Response:
        """Let this browser hold a link."""
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(
            self.name, token[:LONGEST], max_age=SECONDS, path=self.path, httponly=True, samesite="Lax", secure=secure
        )
        return response

    def forget(self, response: Response) -> None:
        """Let this browser hold it no more."""
        response.delete_cookie(self.name, path=self.path, httponly=True, samesite="Lax")

    def kept(self) -> str:
        """The link that this browser holds, or ""."""
        return request.cookies.get(self.name, "")


CHECK_IN = LinkCookie("check_in", "/check-ins/now")
WELL_BEING = LinkCookie("well_being", "/well-being/now")
INVITED = LinkCookie("invited", "/join")
RESET = LinkCookie("reset", "/sign-in/reset")
