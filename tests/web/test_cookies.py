"""Every cookie that we set: out of reach of scripts and of other hosts, with an end; and none is set elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from tests.web.test_visits import made
from web import cookies
from web.cookies import Cookie
from web.services import kiosks

ROOT = Path(cookies.__file__).parent
ALL = [kept for kept in vars(cookies).values() if isinstance(kept, Cookie)]
KEY = "k" * 64


@pytest.mark.S5
@pytest.mark.parametrize("cookie", ALL, ids=lambda cookie: cookie.name)
def test_where_answers_are_encrypted_each_is_bound_to_its_host(
    tmp_path: Path, cookie: Cookie, tried: Callable[[int], None]
) -> None:
    _, app = made(tmp_path, None, environment="production", secret_key=KEY, trusted_hosts=("localhost",))
    for sets in (lambda: cookie.keep(Response(), "x" * 1_000), lambda: forgotten(cookie)):
        with app.test_request_context(base_url="https://localhost"):
            name, *parts = sets().headers["Set-Cookie"].split("; ")
        assert name.startswith(f"__Host-{cookie.name}=") and len(name) < 600
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts)
        assert not any(part.startswith("Domain") for part in parts) and any("Max-Age=" in part for part in parts)
    with app.test_request_context(headers={"Cookie": f"{cookie.name}=planted"}):
        assert cookie.kept() == ""  # what a neighbouring name may set is not ours
    with app.test_request_context(headers={"Cookie": f"__Host-{cookie.name}=own"}):
        assert cookie.kept() == "own"
    tried(4)


def forgotten(cookie: Cookie) -> Response:
    response = Response()
    cookie.forget(response)
    return response


def test_a_tablet_holds_its_cookie_for_as_long_as_it_is_one() -> None:
    assert cookies.KIOSK.seconds == kiosks.LASTS.total_seconds()


def test_no_cookie_is_set_anywhere_else() -> None:
    others = [file for file in ROOT.rglob("*.py") if "set_cookie(" in file.read_text() and file.name != "cookies.py"]
    assert len(ALL) >= 7 and not others, others
