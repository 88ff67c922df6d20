"""What a browser keeps beside the session: no script reads it, no other host sets it, and each says how long it lasts.

Where only encrypted answers are given, the names begin with ``__Host-``: a browser takes such a cookie from this very
host alone, so that a neighbouring name can plant none (RFC 6265bis, 4.1.3.2). It is sent to every page then.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from werkzeug.wrappers import Response

LONGEST = 512  # letters; nothing that we keep is longer
HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie by its ``name``, which lasts for so many ``seconds``."""

    name: str
    seconds: int

    def keep(self, response: Response, value: str) -> Response:
        """Let this browser hold a value; the answer that says so."""
        secure = _is_secure()
        response.set_cookie(
            self._full_name(), value[:LONGEST], max_age=self.seconds, httponly=True, samesite="Lax", secure=secure
        )
        return response

    def forget(self, response: Response) -> None:
        """Let this browser hold it no more."""
        response.delete_cookie(self._full_name(), httponly=True, samesite="Lax", secure=_is_secure())

    def kept(self) -> str:
        """The value that this browser holds, or ""."""
        return request.cookies.get(self._full_name(), "")

    def _full_name(self) -> str:
        return f"__Host-{self.name}" if _is_secure() else self.name


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


INTAKE = Cookie("intake", DAY)
BROWSER = Cookie("browser", 180 * DAY)
KIOSK = Cookie("kiosk", 12 * HOUR)
# links of mails, each for the page that it leads to
CHECK_IN = Cookie("check_in", HOUR)
WELL_BEING = Cookie("well_being", HOUR)
INVITED = Cookie("invited", HOUR)
RESET = Cookie("reset", HOUR)
