"""Who is here: which clinic a host name calls, and the private link that a browser keeps and forgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.web.conftest import settings_for
from web import create_app, folders, visits
from web.cookies import INTAKE
from web.db import engine, schema
from web.services import clinics

KEY = "0123456789abcdef0123456789abcdef"


def made(folder: Path, *hosts: str | None, **settings: object) -> tuple[str, Flask]:
    """A database with a clinic for each host name, and its application."""
    url = f"sqlite:///{folder / 'clinics.sqlite'}"
    schema.upgrade(url)
    for k, host in enumerate(hosts):
        with engine.sessions(url)() as session:
            clinics.create(engine.writing(session), f"c{k}", f"Clinic {k}", now=datetime.now(UTC), host=host)
            session.commit()
    return url, create_app(settings_for(url, **settings))


@pytest.mark.S2
def test_a_host_name_calls_its_clinic_and_no_other(tmp_path: Path, tried: Callable[[int], None]) -> None:
    _, app = made(tmp_path, "north.example", "south.example", None)
    asked = {
        "north.example": "c0", "NORTH.example": "c0", "north.example:8443": "c0", "south.example": "c1",
        "example": None, "north.example.evil.example": None, "evil-north.example": None, "localhost": None,
        "[::1]:80": None, "127.0.0.1": None, "north.example.": None,
    }  # fmt: skip
    for host, slug in asked.items():
        for _ in range(2):  # the second time it is known
            with app.test_request_context("/", base_url=f"http://{host}"):
                found = visits.clinic()
                assert (found and found.slug) == slug, host
    client = app.test_client()
    assert client.post("/intake/begin", base_url="http://elsewhere.example").status_code == 404
    forwarded = {"X-Forwarded-Host": "north.example", "Forwarded": "host=north.example"}
    assert client.post("/intake/begin", base_url="http://elsewhere.example", headers=forwarded).status_code == 404
    assert client.get("/help-now", base_url="http://elsewhere.example").status_code == 200
    client.set_cookie(INTAKE.name, "A" * 22, domain="elsewhere.example")
    told = client.post("/intake/safety", data={"at_risk": "yes"}, base_url="http://elsewhere.example")
    assert told.status_code == 503 and "We could not tell the practice" in told.text
    tried(2 * len(asked) + 4)


@pytest.mark.S23
def test_the_link_of_one_clinic_opens_nothing_at_another_even_as_a_cookie(
    tmp_path: Path, tried: Callable[[int], None]
) -> None:
    _, app = made(tmp_path, "north.example", "south.example")
    north = app.test_client()
    north.post("/intake/begin", base_url="http://north.example")
    cookie = north.get_cookie(INTAKE.name, "north.example")
    assert cookie is not None
    south, here = app.test_client(), "http://south.example"
    south.set_cookie(INTAKE.name, cookie.value, domain="south.example")
    paths = ("/intake/", "/intake/concerns", "/intake/check", "/intake/link", "/intake/safety", "/matches/")
    assert [south.get(path, base_url=here).status_code for path in paths] == [403] * len(paths)
    answer = south.post("/intake/safety", data={"at_risk": "yes"}, base_url=here)
    assert answer.status_code == 503 and "We could not tell the practice" in answer.text
    assert north.get("/intake/concerns", base_url="http://north.example").status_code == 200
    tried(len(paths) + 1)


def test_where_no_clinic_is_the_first_page_knows_nothing_of_a_browsers_intake(tmp_path: Path) -> None:
    _, app = made(tmp_path, "north.example", "south.example")
    client, north = app.test_client(), "http://north.example"
    client.post("/intake/begin", base_url=north)
    cookie = client.get_cookie(INTAKE.name, "north.example")
    assert cookie is not None and "Go on where you were" in client.get("/", base_url=north).text
    client.set_cookie(INTAKE.name, cookie.value, domain="elsewhere.example")
    page = client.get("/", base_url="http://elsewhere.example")
    assert page.status_code == 200 and "See how it works" in page.text
    assert "Go on where you were" not in page.text and "Start – about" not in page.text


def test_a_clinic_that_is_alone_answers_to_every_name_until_there_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, app = made(tmp_path, None)

    def called(host: str) -> str | None:
        with app.test_request_context("/", base_url=f"http://{host}"):
            found = visits.clinic()
            return found and found.slug

    moment = [100.0]
    monkeypatch.setattr(visits.time, "monotonic", lambda: moment[0])
    assert called("anything.example") == called("127.0.0.1") == "c0"
    with engine.sessions(url)() as session:
        clinics.create(engine.writing(session), "c1", "Clinic 1", now=datetime.now(UTC), host="south.example")
        session.commit()
    moment[0] += 1.5  # what was known is looked up again after a second
    assert (called("anything.example"), called("south.example")) == (None, "c1")


def test_names_from_outside_do_not_fill_the_memory(tmp_path: Path) -> None:
    _, app = made(tmp_path, None)
    for k in range(300):
        with app.test_request_context("/", base_url=f"http://h{k}.example"):
            assert visits.clinic() is not None
    assert len(app.extensions[visits._CLINICS]) <= 101


@pytest.mark.S23
@pytest.mark.parametrize("environment", ["test", "production"])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_lasts_a_day(
    tmp_path: Path, environment: str, tried: Callable[[int], None]
) -> None:
    more = {"secret_key": KEY, "trusted_hosts": ("localhost",)} if environment == "production" else {}
    _, app = made(tmp_path, None, environment=environment, **more)
    client = app.test_client()
    (said,) = client.post("/intake/begin", base_url="https://localhost").headers.getlist("Set-Cookie")
    name, *parts = said.split("; ")
    begins = "__Host-intake=" if environment == "production" else "intake="
    assert name.startswith(begins) and len(name) == len(begins) + 22
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} <= set(parts)
    assert ("Secure" in parts) == (environment == "production") and not any(p.startswith("Domain") for p in parts)
    tried(1)


@pytest.mark.S23
def test_a_cookie_that_is_no_link_is_nobody(tmp_path: Path, tried: Callable[[int], None]) -> None:
    _, app = made(tmp_path, None)
    cookies = ("", "x", "A" * 22, "A" * 10_000, "../../etc", "%00", "'; DROP TABLE intakes;--", "{{7*7}}", "<script>")
    for value in cookies:
        headers = {"Cookie": f"intake={value}"}
        for path in ("/intake/", "/intake/concerns", "/matches/"):
            answer = app.test_client().get(path, headers=headers)
            assert answer.status_code == 403 and "<script>" not in answer.text.split("<main")[1], (value, path)
    tried(3 * len(cookies))


def test_no_page_that_asks_by_itself_keeps_anybody_signed_in() -> None:
    found = {
        name
        for file in folders.templates().rglob("*.html")
        for line in file.read_text().splitlines()
        if re.search(r'hx-trigger="[^"]*every', line)
        for name in re.findall(r"hx-get=\"\{\{ url_for\('([\w.]+)'", line)
    }
    assert len(found) > 4 and found <= visits.POLLS, found - visits.POLLS
