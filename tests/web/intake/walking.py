"""The intake walked by a client of Flask: what to say at each step, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_from_bytes

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.desk import Desk
from tests.web.staff import token_of
from web.cookies import INTAKE
from web.db.queries import intakes as rows
from web.services import intakes
from web.services.intakes import KeptIntake

Typed = Mapping[str, str | list[str]]
SAID: dict[str, dict[str, Any]] = {
    "concerns": {"first": "grief", "second": "sleep", "third": "", "concern_text": "I lie awake.\r\nEvery night."},
    "safety": {"at_risk": "no"},
    "practicalities": {
        "meet": "online", "region": "XR-N", "place": "saltmarket", "distance": "10",
        "times": ["mon_evening", "tue_evening"], "urgency": "within_six_weeks", "max_fee": "70,50", "insurance": "",
        "languages": ["en", "de"],
    },
    "about": {"age_band": "from_35", "gender": "woman", "background": "", "faith": "", "communities": ["carers"]},
    "wishes": {
        "gender_strength": "matters", "gender_options": ["woman", "non_binary"], "age_band_strength": "no_preference",
        "age_band_options": ["from_65"], "faith_strength": "no_preference",
    },
    "style": {"lead": "-2", "feeling": "0", "time": "", "challenge": "3"},
    "before": {"had_therapy": "yes", "helped": ["heard"], "hindered": ["rigid"], "former_therapist": ""},
    "expectations": {
        "hope": "6", "goal_1": "Sleep", "goal_2": "  ", "goal_3": "Talk about her", "time": "some", "money": "",
        "effort": "a_lot", "recommended_by": "friend", "recommended_therapist": "t03",
    },
}  # fmt: skip
# The same as an intake document, by hand
DOCUMENT: dict[str, Any] = {
    "concerns": ["grief", "sleep"],
    "concern_text": "I lie awake.\nEvery night.",
    "at_risk": False,
    "formats": ["online"],
    "region": "XR-N",
    "location": {"latitude": 57.312, "longitude": 2.094},
    "max_distance_km": 10.0,
    "times": ["mon_evening", "tue_evening"],
    "urgency": "within_six_weeks",
    "max_fee_cents": 7050,
    "languages": ["en", "de"],
    "age_band": "from_35",
    "gender": "woman",
    "communities": ["carers"],
    "wishes": {"gender": {"options": ["woman", "non_binary"], "strength": "matters"}},
    "style": {"lead": -2, "feeling": 0, "challenge": 3},
    "had_therapy": True,
    "helped": ["heard"],
    "hindered": ["rigid"],
    "hope": 6,
    "goals": ["Sleep", "Talk about her"],
    "investment": {"time": "some", "effort": "a_lot"},
    "recommended_by": "friend",
    "recommended_therapist_id": "t03",
}
CONTACT = {"name": "Ada", "email": "ada@there.example", "phone": "", "consent": "y"}


def begun(desk: Desk) -> FlaskClient:
    """A browser with a new intake."""
    client = desk.app.test_client()
    assert client.post("/intake/begin").status_code == 303
    return client


def post(client: FlaskClient, path: str, typed: Typed) -> TestResponse:
    """Send a form with its token."""
    return client.post(path, data={**typed, "csrf_token": token_of(client)})


def post_raw(client: FlaskClient, path: str, pairs: list[tuple[str, bytes]]) -> TestResponse:
    """Send fields as bytes, in their order, as often as they stand there."""
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs)
    body += f"&csrf_token={token_of(client)}"
    return client.post(path, data=body, content_type="application/x-www-form-urlencoded")


def pairs_of(typed: Typed) -> list[tuple[str, bytes]]:
    return [
        (name, value.encode())
        for name, values in typed.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def answer_all(client: FlaskClient) -> None:
    """Every step, each leading to the next."""
    following = [*list(SAID)[1:], "check"]
    for (name, typed), then in zip(SAID.items(), following, strict=True):
        answer = post(client, f"/intake/{name}", typed)
        assert (answer.status_code, answer.location) == (303, f"/intake/{then}"), name


def send(client: FlaskClient) -> None:
    answer = post(client, "/intake/check", CONTACT)
    assert (answer.status_code, answer.location) == (303, "/matches/"), answer.text


def link_of(client: FlaskClient) -> str:
    """The private link that this browser keeps."""
    cookie = client.get_cookie(INTAKE.name)
    assert cookie is not None
    return cookie.value


def kept_by(desk: Desk, client: FlaskClient) -> KeptIntake:
    """What the database holds of a browser's intake."""
    with desk.session() as session:
        row = rows.by_hash(session, intakes._hash(link_of(client)))
        assert row is not None
        return intakes._kept(row, frozenset())


def errors_lead_to_fields(page: str) -> int:
    """How many errors are told, each with a link to an id that the page has."""
    summary = re.search(r'class="govuk-error-summary__body".*?</ul>', page, re.S)
    assert summary, "no error is told"
    leads = re.findall(r'href="#([^"]+)"', summary[0])
    assert leads
    for id_ in leads:
        assert f'id="{id_}"' in page, id_
    return len(leads)
