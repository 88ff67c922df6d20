"""What the people of the clinic do before the sweeps begin, by the forms of its pages, so that more pages are full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.trust.hostile import pages
from tests.trust.hostile.clinic import Caller, bare
from web.db import engine
from web.db.tables import CheckInRow
from web.jobs.worker import Worker

SOON, LATER = ((datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (14, 70))
# who, the page on which the form stands, the route that it is sent to, what is changed in it
STEPS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("comes Maja", "/goals/", "goals.add", {"words": "Sleep through the night"}),
    ("coordinator", "/queue/", "queue.see", {}),
    ("coordinator", "/proposals/", "proposals.begin", {}),
    ("coordinator", "/departures/>", "departures.announce", {"kind": "leave", "begins_on": SOON, "ends_on": LATER}),
    ("coordinator", "/kiosk/hours", "kiosk.show", {}),
    ("clinic_lead", "/weights/", "weights.save", {"access": "24"}),
    ("clinic_lead", "/weights/", "weights.learn", {}),
    ("clinic_lead", "/insights/model", "insights.fit", {}),
    ("clinic_lead", "/insights/rare-places", "insights.forecast", {}),
)


def live(url: str, app: Flask, everybody: Mapping[str, Caller]) -> list[str]:
    """Do each of the steps; the routes whose form was not there."""
    missed = [
        endpoint for who, page, endpoint, changes in STEPS if not _do(app, everybody[who], page, endpoint, changes)
    ]
    Worker(engine.sessions(url)).once()
    return missed


def _do(app: Flask, caller: Caller, address: str, endpoint: str, changes: Mapping[str, str]) -> bool:
    browser = app.test_client()
    for name, value in caller.cookies.items():
        browser.set_cookie(name, value)
    if address.endswith(">"):
        address = _deeper(browser, address[:-1])
    adapter = app.url_map.bind("localhost")
    for form in pages.read(address, browser.get(address).text).forms:
        path = urlsplit(form.action).path
        if form.method == "POST" and pages.endpoint_of(adapter, path, "POST") == endpoint:
            return browser.post(path, data=dict(form.fields) | dict(changes)).status_code < 400
    return False


def _deeper(browser: FlaskClient, address: str) -> str:
    """The first page that lies below another."""
    links = pages.read(address, browser.get(address).text).links
    return next((link for link in links if link.startswith(address) and link != address), address)


def share(url: str) -> None:
    """Let every comment be shared by name, so that the pages that show one show many."""
    opened = bare(url)
    with opened.begin() as connection:
        connection.execute(
            update(CheckInRow.__table__).where(CheckInRow.__table__.c.comment.is_not(None)).values(shown_to="named")
        )
    opened.dispose()
