"""The administrator's page: everybody of this clinic, and nobody of another."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.web.people.conftest import House
from tests.web.staff import change, hire, signed_in
from web.db import engine
from web.services import clinics


def test_everybody_stands_there_with_roles_and_open_sign_ins(house_on_each: House) -> None:
    house = house_on_each
    admin = hire(house.url, "administrator", name="Ada Quill")
    client = signed_in(house.app, house.url, admin)
    alone = client.get("/people/").text
    assert "Nobody else works here yet" in alone
    other = hire(house.url, "therapist", "coordinator", name="Tomás Óg <i>")
    signed_in(house.app, house.url, other)
    change(house.url, other, "suspended")
    page = client.get("/people/").text
    assert "Nobody else works here yet" not in page
    assert "Tomás Óg &lt;i&gt;" in page and other.email in page
    assert "Coordinator, suspended" in page and "Therapist, suspended" in page
    assert page.count("<td>1</td>") == 1  # who has no role left is signed out as well


def test_nobody_of_another_clinic_stands_there(house_on_each: House) -> None:
    house = house_on_each
    with engine.sessions(house.url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=datetime.now(UTC))
        session.commit()
    _name_host(house.url, "north", "north.example")
    _name_host(house.url, "south", "south.example")
    hire(house.url, "administrator", slug="south", name="Canary Southwell")
    admin = hire(house.url, "administrator", slug="north", name="Ada Quill")
    client = signed_in(house.app, house.url, admin, slug="north")
    with client.session_transaction(base_url="http://localhost") as kept:
        token = dict(kept)
    for host, status in (("north.example", 200), ("south.example", 403)):
        with client.session_transaction(base_url=f"http://{host}") as kept:
            kept.update(token)
        answer = client.get("/people/", base_url=f"http://{host}")
        assert answer.status_code == status
        assert "Canary" not in answer.text
    assert client.get("/sign-in", base_url="http://nowhere.example").status_code == 404


def _name_host(url: str, slug: str, host: str) -> None:
    from web.db.queries import clinics as queries

    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), slug)
        queries.by_slug(session, slug).host = host
        session.commit()
