"""What a lead's browser sends, read from the page that it was shown."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.desk import Desk, token_of

HOME = "/weights/"
INPUT = re.compile(r'<input class="govuk-input[^"]*" id="(\w+)" name="\w+" value="([^"]*)"')
SELECT = re.compile(r'<select class="govuk-select" id="([\w-]+)"[^>]*>(.*?)</select>', re.S)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')


def fields(page: str) -> dict[str, str]:
    """Every field of the tuning form as the page shows it."""
    found = dict(INPUT.findall(page))
    found |= {name: chosen[1] for name, body in SELECT.findall(page) if (chosen := CHOSEN.search(body))}
    revision = re.search(r'name="revision" value="(\d*)"', page)
    return found | {"revision": revision[1] if revision else ""}


def send(client: FlaskClient, path: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
    """Post with the token of this browser's forms."""
    return client.post(path, data={"csrf_token": token_of(client), **(data or {})}, headers=headers)


def draft(client: FlaskClient, **numbers: str) -> dict[str, str]:
    """Save a draft with these numbers; the fields of the page that comes after."""
    said = fields(client.get(HOME).text)
    answer = send(client, "/weights/draft", said | numbers)
    assert answer.status_code == 303, answer.text[:2000]
    return fields(client.get(HOME).text)


def published(desk: Desk, note: str = "A first try", **numbers: str) -> FlaskClient:
    """A lead's browser in which a draft with these numbers was published."""
    client = desk.browser("clinic_lead")
    said = draft(client, **numbers)
    answer = send(client, "/weights/publish", {"revision": said["revision"], "note": note, "when": "now"})
    assert answer.status_code == 303, answer.text[:3000]
    return client
