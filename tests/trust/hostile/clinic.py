"""A small clinic in which everything has happened, and requests to it that leave it as it was.

The demo's own furnishing on a handful of clients, so that every page has something to show. An application over it
keeps nothing: what a request would commit is flushed, and taken back when the request ends. Thousands of hostile
requests therefore meet the same rows, and none needs a database of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import Engine, create_engine, delete, event, insert, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.web.conftest import files, fitted_to, settings_for
from tests.web.staff import address
from web import create_app, folders, limits, visits
from web.cookies import INTAKE
from web.db import engine, schema
from web.db.tables import Base
from web.exchange.places import read_places
from web.services import (
    check_ins,
    clinics,
    demo,
    demo_people,
    demo_requests,
    importing,
    intakes,
    kiosks,
    links,
    models,
    people,
    places,
    tokens,
)

KEY = "k" * 32  # the same for every application over the clinic, so that a page of one is a page of the other
CLIENTS = (demo_people.CLIENT, "choose", demo_people.NO_MATCH, demo_people.IN_DANGER, demo_people.IN_THERAPY,
           "comes Maja", "comes Edvin", demo_requests.ASKS, demo_requests.BOOKED)  # fmt: skip
NOBODY, NEW, TABLET, PROGRAM = "nobody", "somebody new", "the tablet", "a program"
LIMITS = ("SIGN_IN", "ALL_SIGN_INS", "SECOND_FACTOR", "RESETS")
BY_LINK = "by the link of a mail"


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: what their browser or program sends along with everything."""

    name: str
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def furnish(url: str, folder: Path) -> None:
    """Fill an empty database with the clinic."""
    now = datetime.now(UTC)
    schema.upgrade(url, marked=demo.MARK)
    with engine.sessions(url)() as session:
        made = clinics.create(engine.writing(session), demo.SLUG, demo.NAME, now=now, is_demo=True)
        for kind, path in files(folder).items():
            assert importing.import_file(session, made, kind, path, now=now).stored
        places.replace(session, made, read_places(folders.seed_data() / "places.csv"))
        models.publish(session, made, fitted_to(models.material(session), made), now=now)
        session.commit()
    demo.furnish(url, made, now)


def callers(url: str, app: Flask) -> dict[str, Caller]:
    """One browser of each kind, and a program with every scope; kept in the clinic before the sweeps begin."""
    now, found = datetime.now(UTC), {}
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), None)
        for role in demo_people.STAFF:
            person = demo_people.person_id(session, role)
            assert person is not None
            token = people.sign_in(session, person, now=now)
            found[role] = Caller(role, {"session": _signed(app, {visits.SIGN_IN: token, "csrf_token": "0" * 40})})
        for client in CLIENTS:
            found[client] = Caller(client, _link(app, demo_people.link(client)))
        tablet = kiosks.begin(session, by="a test", now=now)
        found[BY_LINK] = Caller(BY_LINK, _mailed(session, now) | found[demo_people.IN_THERAPY].cookies)
        program = tokens.issue(session, now=now, scopes=tokens.SCOPES)
        session.commit()
    found[TABLET] = Caller(TABLET, {"kiosk": tablet})
    found[PROGRAM] = Caller(PROGRAM, headers={"Authorization": f"Bearer {program}"})
    found[NOBODY] = Caller(NOBODY, {"session": _signed(app, {"csrf_token": "0" * 40})})
    found[NEW] = Caller(NEW, _link(app, _begun(url)))
    return found


def _mailed(session: Session, now: datetime) -> dict[str, str]:
    """The cookies of a browser that was sent to a check-in, and to the questions about well-being."""
    kept, made = (
        intakes.of_link(session, demo_people.link(demo_people.IN_THERAPY), now=now),
        clinics.find(session, None),
    )
    assert kept is not None and kept.client_id is not None
    (held, *_) = (one for one in check_ins.of_client(session, made, kept.client_id, now) if one.is_open)
    until = now + timedelta(days=1)
    return {
        "check_in": check_ins.link_for(session, made, held.session_id, now=now, until=until),
        "well_being": links.make(session, links.WELL_BEING, kept.client_id, now=now, until=until),
    }


def _begun(url: str) -> str:
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), None)
        link = intakes.begin(session, now=datetime.now(UTC))
        session.commit()
    return link


def _link(app: Flask, link: str) -> dict[str, str]:
    return {INTAKE.name: link, "session": _signed(app, {"csrf_token": "0" * 40})}


def _signed(app: Flask, kept: Mapping[str, str]) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(dict(kept)))


@dataclass
class Kept:
    """Every statement that was sent to the database, with its values; and what was sealed for it, where one listens."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)


class DryClinic:
    """The clinic on one engine, served by an application that keeps nothing."""

    compiled: ClassVar[BytecodeCache | None] = None

    def __init__(self, url: str) -> None:
        self.url = url
        with patch.multiple(limits, **dict.fromkeys(LIMITS, "100000 per minute")):  # a sweep is no flood
            self.app = create_app(settings_for(url, secret_key=KEY))
        self.app.jinja_env.bytecode_cache = self.compiled
        maker = engine.sessions(url)

        def dry() -> Session:
            opened = maker()
            opened.commit = opened.flush  # type: ignore[method-assign]
            return opened

        self.app.extensions["rapport_sessions"] = dry

    def send(self, caller: Caller, method: str, path: str, **more: Any) -> TestResponse:
        """One request, from an address that nobody has used before."""
        client = self.app.test_client(use_cookies=False)
        cookies = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
        headers = {**caller.headers, **({"Cookie": cookies} if cookies else {}), **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, environ_base=address(), **more)

    @contextmanager
    def watched(self) -> Iterator[Kept]:
        """Whatever is sent to the database while the block runs."""
        kept, watched = Kept(), engine.engine(self.url)

        def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
            kept.statements.append((statement, values))

        event.listen(watched, "before_cursor_execute", note)
        try:
            yield kept
        finally:
            event.remove(watched, "before_cursor_execute", note)


def copy_rows(known: str, url: str) -> None:
    """The same rows under the same keys in a database of another kind."""
    source, target = bare(known), bare(url)
    schema.upgrade(url, marked=demo.MARK)
    with source.connect() as read, target.begin() as write:
        if target.dialect.name == "postgresql":
            write.execute(text("SET session_replication_role = replica"))  # rows may come before what they refer to
        for table in Base.metadata.sorted_tables:
            write.execute(delete(table))  # the migrations write down with which key it is sealed
            rows = [dict(row._mapping) for row in read.execute(select(table))]
            if rows:
                write.execute(insert(table), rows)
    source.dispose()
    target.dispose()


def bare(url: str) -> Engine:
    """An engine without the fence between clinics, for tests that fill whole tables."""
    return create_engine(url)


def written(said: Any) -> str:
    """A document as JSON that may hold what no parser of ours takes."""
    return json.dumps(said, ensure_ascii=True)
