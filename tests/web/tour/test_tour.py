"""The demo's tour: one click to be each of the five, and no way into a clinic that is real."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.web.conftest import Clinic, settings_for
from tests.web.desk import Desk, desk_of
from web import create_app, visits
from web.cookies import INTAKE
from web.db.queries import clinics
from web.services import clinics as clinic_service
from web.services import demo, demo_people, people

PERSONAS = {
    "client": "/matches/",
    "client_in_therapy": "/check-ins/",
    "therapist": "/caseload/",
    "coordinator": "/queue/",
    "clinic_lead": "/insights/",
}


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def as_demo(desk: Desk) -> Flask:
    """The clinic as the demo's own, with its people, and an application in demo mode."""
    with desk.session() as session:
        found = clinic_service.find(session, None)
        clinics.by_id(session, found.id).is_demo = True
        intakes = tuple(intake for _title, _story, intake in demo._told())
        demo_people.furnish(session, found, intakes, now=datetime.now(UTC))
    return create_app(settings_for(desk.url, environment="demo"))


def test_one_click_leads_to_each_of_the_five(desk: Desk) -> None:
    client = as_demo(desk).test_client()
    tour = client.get("/tour/")
    assert tour.status_code == 200 and "invented" in tour.text
    for persona, first in PERSONAS.items():
        done = client.post(f"/tour/as/{persona}")
        assert (done.status_code, done.location) == (303, first), persona
        page = client.get(first)
        assert page.status_code == 200, persona
        assert f'value="{persona}" aria-current="true"' in page.text
    assert client.post("/tour/as", data={"persona": "therapist"}).location == "/caseload/"


def test_changing_the_person_ends_the_former_one(desk: Desk) -> None:
    client = as_demo(desk).test_client()
    client.post("/tour/as/coordinator")
    with client.session_transaction() as kept:
        token = kept[visits.SIGN_IN]
    client.post("/tour/as/client")
    assert client.get("/queue/").status_code != 200 or "/sign-in" in client.get("/queue/").location
    assert client.get_cookie(INTAKE.name) is not None
    with desk.session() as session:
        assert people.of_sign_in(session, token, now=datetime.now(UTC)) is None
    client.post("/tour/as/clinic_lead")
    assert client.get_cookie(INTAKE.name) is None
    assert client.get("/check-ins/").status_code == 403


def test_a_real_clinic_has_no_tour(desk: Desk) -> None:
    """Both must say demo: the installation, and the clinic's own row."""
    in_demo_mode = create_app(settings_for(desk.url, environment="demo")).test_client()
    for client in (desk.app.test_client(), in_demo_mode):
        assert client.get("/tour/").status_code == 404
        for persona in (*PERSONAS, "administrator", "nobody"):
            assert client.post(f"/tour/as/{persona}").status_code == 404
        assert client.post("/tour/as", data={"persona": "coordinator"}).status_code == 404
        assert "/tour/" not in client.get("/").text
    as_demo(desk)
    assert desk.app.test_client().post("/tour/as/coordinator").status_code == 404


def test_nobody_becomes_somebody_by_a_link_or_from_elsewhere(desk: Desk) -> None:
    client = as_demo(desk).test_client()
    assert client.get("/tour/as/coordinator").status_code == 405
    assert client.post("/tour/as/coordinator", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/tour/as/administrator").status_code == client.post("/tour/as/%00").status_code == 404
    assert client.get("/queue/").status_code != 200
