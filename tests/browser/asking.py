"""Clients of the demo who have asked for somebody, in each state to which a request can come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests.browser.serving import database_of
from tests.web.conftest import keep_directory
from web.db import engine
from web.db.queries import directory, waiting
from web.db.queries import requests as rows
from web.services import clinics, demo_people, intakes, lists, placing, requests
from web.services.intakes import CONTACT, KeptIntake

MAREN = "t01"
SPARE = 3  # so many places she has whenever somebody new looks for one
SAID = {
    "concerns": ["anxiety", "work"],
    "concern_text": "I read each mail ten times.",
    "languages": ["en"],
    "hope": 6,
    "urgency": "within_six_weeks",
    "style": {"lead": 2, "challenge": -1},
}


@contextmanager
def clinic_of(address: str) -> Iterator[Session]:
    with engine.sessions(database_of(address))() as session:
        clinics.find(engine.writing(session), None)
        yield session
        session.commit()


def come_back(page: Page, address: str, link: str) -> None:
    """By a private link, to the page on which a request stands."""
    page.goto(f"{address}/intake/link/{link}")
    page.get_by_role("button", name="Carry on").click()
    page.wait_for_url(lambda url: "/intake/link/" not in url)
    page.goto(address + "/request/")


def sent(address: str, *, name: str = "Ada") -> str:
    """The private link of somebody who has a list; how they can be reached is told where they have a name."""
    now = datetime.now(UTC)
    with clinic_of(address) as session:
        row = directory.some(session, [MAREN])[0]
        if row.capacity < SPARE:
            row.capacity = SPARE
            keep_directory(session)
        link = intakes.begin(session, now=now)
        contact = {CONTACT: {"name": name, "email": f"{name.lower()}@tolmaren.example"}} if name else {}
        for step, said in {**intakes.by_step(SAID), **contact}.items():
            intakes.save(session, _kept(session, link), step, said, now=now)
        kept = intakes.send(session, _kept(session, link), consent="1", now=now)
        lists.make(session, clinics.find(session, None), kept, now=now)
    return link


def asked(address: str, *, name: str = "Ada", second: bool = True) -> str:
    """Somebody who has asked for Maren Oduya."""
    link, now = sent(address, name=name), datetime.now(UTC)
    with clinic_of(address) as session:
        kept = _kept(session, link)
        others = [id_ for id_ in requests.with_places(session, kept, now=datetime.now(UTC)) if id_ != MAREN]
        requests.ask(session, clinics.find(session, None), kept, [MAREN, *others[: int(second)]], now=now)
    return link


def accepted(address: str, *, days: int | None = None, name: str = "Ada") -> str:
    """Somebody to whom she has said yes; the first session is in so many days."""
    link, now = asked(address, name=name), datetime.now(UTC)
    with clinic_of(address) as session:
        first = now.replace(hour=16, minute=15, second=0, microsecond=0) + timedelta(days=days) if days else None
        me, choice = _maren(session), _choice(session, link)
        requests.accept(session, clinics.find(session, None), me, choice, first=first, now=now)
    return link


def declined(address: str, *, second: bool = False) -> str:
    """Somebody to whom she has said no; a second choice, where there is one, is asked now."""
    link, now = asked(address, second=second), datetime.now(UTC)
    with clinic_of(address) as session:
        me, choice = _maren(session), _choice(session, link)
        requests.decline(session, clinics.find(session, None), me, choice, "no_time", now=now)
    return link


def withdrawn(address: str) -> str:
    """Somebody who has taken a request back."""
    link = asked(address)
    with clinic_of(address) as session:
        requests.withdraw(session, clinics.find(session, None), _kept(session, link), now=datetime.now(UTC))
    return link


def placed(address: str) -> str:
    """Somebody for whom a coordinator found a place."""
    link, now = sent(address), datetime.now(UTC)
    with clinic_of(address) as session:
        wanted = [placing.Wanted(_client(session, link), directory.some(session, [MAREN])[0].id)]
        placing.place(session, clinics.find(session, None), wanted, actor="a coordinator", now=now)
    return link


@contextmanager
def last_place_of(address: str, link: str) -> Iterator[str]:
    """A therapist on this list whose last place has just been taken; it is free again afterwards."""
    with clinic_of(address) as session:
        id_ = next(
            id_ for id_ in requests.with_places(session, _kept(session, link), now=datetime.now(UTC)) if id_ != MAREN
        )
        row = directory.some(session, [id_])[0]
        before, row.capacity = row.capacity, 0
    yield id_
    with clinic_of(address) as session:
        directory.some(session, [id_])[0].capacity = before


def key_of_choice(address: str, link: str) -> UUID:
    """The key of somebody's first choice."""
    with clinic_of(address) as session:
        return _choice(session, link)


def _choice(session: Session, link: str) -> UUID:
    made = rows.latest(session, _client(session, link))
    assert made is not None
    return rows.choices(session, made.id)[0].id


def key_of_place(address: str, link: str) -> UUID:
    """The key of the place that is open for somebody."""
    with clinic_of(address) as session:
        client_id = _client(session, link)
        return waiting.placements(session, [client_id])[client_id].id


def _client(session: Session, link: str) -> UUID:
    found = _kept(session, link).client_id
    assert found is not None
    return found


def _maren(session: Session) -> UUID:
    found = demo_people.person_id(session, "therapist")
    assert found is not None
    return found


def _kept(session: Session, link: str) -> KeptIntake:
    found = intakes.of_link(session, link, now=datetime.now(UTC))
    assert found is not None
    return found
