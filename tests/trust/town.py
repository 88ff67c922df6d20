"""Three clinics in one database, in which every text that a person wrote is a word that stands nowhere else.

Each has two administrators, two coordinators, two leads, four therapists, twelve clients, and people who were
suspended, invited or removed. ``things`` names, by the parameter that would name them, what there is of each kind.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.trust.town_people import Person, staff_of
from tests.web.conftest import settings_for
from web import create_app, folders, limits, visits
from web.cookies import INTAKE
from web.db import engine, schema
from web.db.queries import waiting
from web.db.tables import (
    AlertRow,
    CheckInRow,
    DyadRow,
    FlagRow,
    HandoverRow,
    RequestChoiceRow,
    SessionRow,
    SignInRow,
    TherapistRow,
)  # fmt: skip
from web.exchange.reading import read_therapists
from web.exchange.writing import write_therapists
from web.services import (
    acknowledging,
    appointments,
    casework,
    check_ins,
    clinics,
    emergencies,
    goals,
    handovers,
    importing,
    intakes,
    lists,
    people,
    placing,
    proposals,
    requests,
    tokens,
)  # fmt: skip
from web.services.casework import By
from web.services.check_ins import Said
from web.services.clinics import Clinic
from web.services.intakes import CONTACT
from web.services.placing import Wanted
from web.services.proposal_settings import Settings

SLUGS = ("north", "south", "west")
N_THERAPISTS, N_CLIENTS = 4, 12
SAID = {"concerns": ["anxiety", "sleep"], "languages": ["en"], "hope": 6, "urgency": "within_six_weeks"}
NOT_TOLD = frozenset({"audit_events", "audit_heads", "sign_ins"})  # what a refused request may leave behind


LIMITS = ("SIGN_IN", "ALL_SIGN_INS", "SECOND_FACTOR", "RESETS")


@dataclass
class House:
    """One clinic: its people by role or status, its words, and its things by (parameter, owner)."""

    slug: str
    clinic: Clinic
    staff: dict[str, Person] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"{self.slug}.example"

    def word(self) -> str:
        """A word that stands nowhere else."""
        self.canaries.append(f"zq{self.slug}{len(self.canaries):03d}x")
        return self.canaries[-1]

    def is_thing(self, name: str, owner: str, value: object) -> None:
        """Note the key of something of an owner, the first one that there is."""
        self.things.setdefault(name, {}).setdefault(owner, value)


class At(FlaskClient):
    """A browser that calls one host."""

    base = "http://localhost"

    def open(self, *args: Any, **more: Any) -> Any:
        """A request to the host."""
        more.setdefault("base_url", self.base)
        return super().open(*args, **more)


@dataclass
class Town:
    """The database, its application, and the three clinics."""

    url: str
    app: Flask
    houses: dict[str, House]
    watch: sqlite3.Connection | None = None
    known: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def session(self, house: House) -> Iterator[Session]:
        """A session in a clinic, committed at the end."""
        with engine.sessions(self.url)() as opened:
            clinics.enter(engine.writing(opened), house.clinic)
            yield opened
            opened.commit()

    def browser(self, house: House, person: Person | None = None, link: str | None = None) -> At:
        """A browser at a clinic's address: of somebody signed in, of a private link, or of nobody."""
        client = At(self.app, self.app.response_class)
        client.base = f"http://{house.host}"
        if person is not None:
            with self.session(house) as opened:
                token = people.sign_in(opened, person.id, now=datetime.now(UTC))
            with client.session_transaction(base_url=client.base) as kept:
                kept[visits.SIGN_IN] = token
                kept["csrf_token"] = "0" * 40
        if link is not None:
            client.set_cookie(INTAKE.name, link, domain=house.host)
        return client

    def state(self) -> str:
        """A hash of every row of every table, but for those that a refusal may add to."""
        if self.watch is None:
            self.watch = sqlite3.connect(self.url.removeprefix("sqlite:///"))
        (version,) = self.watch.execute("PRAGMA data_version").fetchone()
        if self.known.get("version") != version:
            digest = hashlib.sha256()
            names = self.watch.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            for name in [row[0] for row in names if row[0] not in NOT_TOLD]:
                for row in self.watch.execute(f"SELECT * FROM {name} ORDER BY 1"):
                    digest.update(repr(row).encode())
            self.known |= {"version": version, "hash": digest.hexdigest()}
        return str(self.known["hash"])

    def is_as(self, before: str) -> tuple[str, bool]:
        """(the state now, whether it is the one before)."""
        now = self.state()
        return now, now == before


def build(folder: Path) -> Town:
    """The town, made by the use cases themselves."""
    url = f"sqlite:///{folder / 'town.sqlite'}"
    schema.upgrade(url)
    houses = {slug: _house(url, slug, folder) for slug in SLUGS}
    return Town(url, served(url), houses)


def served(url: str) -> Flask:
    """The application, in which a sweep is no flood."""
    with patch.multiple(limits, **dict.fromkeys(LIMITS, "100000 per minute")):
        return create_app(settings_for(url))


def _house(url: str, slug: str, folder: Path) -> House:
    now = datetime.now(UTC)
    with engine.sessions(url)() as opened:
        made = clinics.create(engine.writing(opened), slug, slug.title(), now=now, host=f"{slug}.example")
        house = House(slug, made)
        _therapists(opened, house, folder, now)
        staff_of(opened, house, now)
        _signed_in(opened, house, now)
        _clients(opened, house, now)
        house.tokens = {s: tokens.issue(opened, now=now, scopes=(s,)) for s in tokens.SCOPES}
        house.token = tokens.issue(opened, now=now, scopes=tokens.SCOPES)
        opened.commit()
    return house


def _signed_in(session: Session, house: House, now: datetime) -> None:
    """Somebody's key, and a browser of somebody else's."""
    house.is_thing("person_id", "clinic", house.staff["coordinator"].id)
    people.sign_in(session, house.staff["therapist1"].id, now=now)
    found = select(SignInRow.id).where(SignInRow.person_id == house.staff["therapist1"].id)
    house.is_thing("sign_in_id", "clinic", session.scalars(found).one())


def _therapists(session: Session, house: House, folder: Path, now: datetime) -> None:
    seed = read_therapists(folders.seed_data() / "therapists.csv").entities[:N_THERAPISTS]
    named = [
        replace(one, id=f"{house.slug}-t{k}", name=house.word(), statement=house.word(), capacity=6)
        for k, one in enumerate(seed)
    ]
    write_therapists(folder / f"{house.slug}.csv", named)
    found = importing.import_file(session, house.clinic, "therapists", folder / f"{house.slug}.csv", now=now)
    assert found.stored, found.reading.problems[:3]


def _clients(session: Session, house: House, now: datetime) -> None:
    """Twelve: one in danger, some who wait, one held, one asked, and two courses with each of two therapists."""
    coordinator = str(house.staff["coordinator"].id)
    keys = {row.external_id: row for row in session.scalars(select(TherapistRow))}
    rows = [keys[f"{house.slug}-t{k}"] for k in range(N_THERAPISTS)]
    for n in range(N_CLIENTS):
        owner = f"client{n}"
        kept = _told(session, house, now, is_sent=n > 0)
        house.is_thing("intake_id", owner, kept.id)
        if n == 0:
            intakes.raise_flag(session, kept, "safety", source=intakes.SAFETY_QUESTION, now=now)
            flag = session.scalars(select(FlagRow).where(FlagRow.intake_id == kept.id)).one()
            house.is_thing("flag_id", owner, flag.id)
            continue
        client = kept.client_id
        assert client is not None
        house.is_thing("client_id", owner, client)
        casework.say(session, client, house.word(), actor=coordinator, now=now)
        if n == 1:
            _hold(session, house, client, coordinator, now)
        if n in (2, 3):
            shown = requests.with_places(session, kept, now=now)
            wanted = rows[n % 2].external_id
            requests.ask(session, house.clinic, kept, [wanted if wanted in shown else shown[0]], now=now)
        if n >= 8:
            _course(session, house, owner, client, rows[n % 2], n % 2, now)
    _choices(session, house)
    key = proposals.begin(session, Settings(), actor=coordinator, now=now)
    house.is_thing("proposal_id", "clinic", key)
    whom, why = str(house.things["client_id"]["client9"]), f"It cannot wait: {house.word()}."
    opened = emergencies.begin(session, house.staff["coordinator"].id, "coordinator", whom, why, now=now)
    house.is_thing("access_id", "clinic", opened)
    for k, row in enumerate(rows):
        house.is_thing("therapist_key", f"therapist{k}", row.id)


def _told(session: Session, house: House, now: datetime, *, is_sent: bool) -> Any:
    link = intakes.begin(session, now=now)
    house.links.append(link)
    kept = intakes.of_link(session, link, now=now)
    assert kept is not None
    said = SAID | {"concern_text": house.word(), "goals": [house.word()]}
    contact = {"name": house.word(), "email": f"{house.word()}@there.example", "phone": "00 0000"}
    for step, answers in (intakes.by_step(said) | {CONTACT: contact}).items():
        kept = intakes.save(session, kept, step, answers, now=now)
    if is_sent:
        kept = intakes.send(session, kept, consent="1", now=now)
        lists.make(session, house.clinic, kept, now=now)
    return kept


def _hold(session: Session, house: House, client: UUID, actor: str, now: datetime) -> None:
    first, row = casework.first_free(session, client, now=now), waiting.case(session, client)
    assert first is not None and row is not None
    casework.hold(session, house.clinic, client, casework.Choice(first), By(actor, now, row.revision))


def _course(
    session: Session, house: House, owner: str, client: UUID, their: TherapistRow, k: int, now: datetime
) -> None:
    """A place, an hour a week ago with what was said about it, one to come, a goal, a score, a note, an alert."""
    person, clinic, begun = house.staff[f"therapist{k}"].id, house.clinic, now - timedelta(days=20)
    placing.place(session, clinic, [Wanted(client, their.id)], actor="a test", now=begun)
    place = waiting.placements(session, [client])[client]
    house.is_thing("placement_id", f"therapist{k}", place.id)
    house.is_thing("client_id", f"therapist{k}", client)
    at = now - timedelta(days=7)
    appointments.plan(session, clinic, client, their.id, at, actor="a test", now=begun)
    appointments.hold(session, clinic, now=at + timedelta(hours=2))
    to_come = appointments.plan(session, clinic, client, their.id, now + timedelta(days=3), actor="a test", now=now)
    dyad = session.scalars(select(DyadRow).where(DyadRow.client_id == client)).one()
    held = session.scalars(select(SessionRow).where(SessionRow.dyad_id == dyad.id)).one()
    said = Said(5, 4, 5, 4, ("heard",), ("rigid",), house.word(), "named")
    check_ins.say_of(session, clinic, held.id, said, now - timedelta(days=6))
    check_in = session.scalars(select(CheckInRow).where(CheckInRow.session_id == held.id)).one()
    acknowledging.reply(session, clinic, person, place.id, check_in.id, house.word(), now=now)
    goal = goals.add(session, client, house.word(), now=now)
    goals.show_to(session, client, goal, "named")
    handovers.write(session, person, client, house.word(), now=now)
    alert = AlertRow(dyad_id=dyad.id, kind="drop", session_number=1, figures={}, raised_at=now)
    session.add(alert)
    session.flush()
    for name, key in (
        ("session_id", held.id), ("appointment_id", to_come.id), ("check_in_id", check_in.id), ("goal_id", goal),
        ("alert_id", alert.id),
    ):  # fmt: skip
        for whose in (f"therapist{k}", owner):
            house.is_thing(name, whose, key)


def _choices(session: Session, house: House) -> None:
    by_key = {row.id: row.external_id for row in session.scalars(select(TherapistRow))}
    for choice in session.scalars(select(RequestChoiceRow)):
        house.is_thing("choice_id", f"therapist{by_key[choice.therapist_id][-1]}", choice.id)
    for note in session.scalars(select(HandoverRow)):
        house.is_thing("note_id", f"therapist{by_key[note.therapist_id][-1]}", note.id)
