"""Second factors for tests: an app whose codes are computed, recovery codes, and a browser's way through the door."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from tests.web.staff import PASSWORD, Hired, address, enter, token_of
from web.db import engine
from web.services import clinics, second_factors

SECRET = bytes(range(20))


def app_code(secret: bytes = SECRET, *, steps: int = 0, at: datetime | None = None) -> str:
    """What an app shows now, or some steps of thirty seconds later."""
    moment = int((at or datetime.now(UTC)).timestamp()) + 30 * steps
    return str(TOTP(key=secret, format="raw").generate(moment).token)


def give_app(url: str, person: Hired, *, slug: str | None = None, secret: bytes = SECRET) -> list[str]:
    """Let somebody have an app whose last used code is an old one, and recovery codes, which are returned."""
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        old = datetime.fromtimestamp(0, UTC)
        assert second_factors.set_up_app(session, person.id, secret, app_code(secret, at=old), now=old)
        codes = second_factors.new_codes(session, person.id, now=datetime.now(UTC))
        session.commit()
    return codes


def half_way(client: FlaskClient, person: Hired, password: str = PASSWORD, **more: str) -> FlaskClient:
    """A browser in which the password was right."""
    answer = enter(client, person.email, password, **more)
    assert (answer.status_code, answer.location) == (303, "/sign-in/second")
    return client


def second(client: FlaskClient, code: str) -> TestResponse:
    """Type the second factor."""
    return post(client, "/sign-in/second", code=code)


def post(client: FlaskClient, path: str, **typed: object) -> TestResponse:
    """Send a form, from an address of its own."""
    return client.post(path, data={"csrf_token": token_of(client), **typed}, environ_base=address())


def secret_on(page: str) -> bytes:
    """The secret of the app that a page offers to set up, as it is typed in by hand."""
    import base64

    found = re.search(r'<code class="code">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    return base64.b32decode(found[1].replace(" ", ""))


def secret_in(address_of_app: str) -> str:
    """The secret in an otpauth address."""
    return parse_qs(urlsplit(address_of_app).query)["secret"][0]


def codes_on(page: str) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([a-z2-7-]+)</code></li>", page)
