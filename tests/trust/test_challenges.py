"""A passkey's challenge is answered for what it was asked, by whom, where, in time, and once; nothing else is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.people.authenticator import Authenticator
from web.db import engine, schema
from web.services import clinics, passkeys, people
from web.services.passkeys import ENTER, LIVES, PROVE

WORDS = "harbour lights in late autumn"
HOSTS = ("north.example", "south.example")
Device = tuple[Authenticator, UUID]
Devices = dict[tuple[str, str], Device]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('challenges') / 'rapport.sqlite'}"
    schema.upgrade(made)
    with engine.sessions(made)() as session:
        clinics.create(engine.writing(session), "north", "North", now=NOW)
        session.commit()
    return made


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    """Nothing of a test stays."""
    with engine.sessions(url)() as opened:
        clinics.find(engine.writing(opened), None)
        yield opened
        opened.rollback()


@pytest.fixture
def devices(session: Session) -> Devices:
    """Two people with a passkey for each of two hosts."""
    found: Devices = {}
    for name in ("ada", "ben"):
        person = people.create(session, f"{name}@north.example", name, "coordinator", password=WORDS, now=NOW)
        for host in HOSTS:
            device, origin = Authenticator(origin=f"https://{host}", host=host), f"https://{host}"
            options = json.loads(passkeys.ask_for_new(session, person, host, now=NOW))
            assert passkeys.add(session, person, device.make(options), "", host=host, origin=origin, now=NOW)
            found[name, host] = device, person
    return found


def test_a_challenge_is_answered_for_its_purpose_its_person_and_its_host_alone(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    """Whoever answers holds a passkey that is good where they answer: only the challenge is another's."""
    asked = [(ENTER, "", host) for host in HOSTS] + [(PROVE, who, host) for who in ("ada", "ben") for host in HOSTS]
    n = 0
    for (purpose, who, host), (answers, by, there) in product(asked, asked):
        device, person = devices[by or "ada", there]
        owner = devices[who, host][1] if who else None
        options = json.loads(passkeys.ask(session, purpose, host, person_id=owner, now=NOW))
        found = passkeys.answered(
            session, answers, device.sign(options), host=there, origin=f"https://{there}",
            person_id=person if by else None, now=NOW,
        )  # fmt: skip
        assert found == (person if (purpose, who, host) == (answers, by, there) else None), (purpose, who, answers, by)
        n += 1
    tried(n)


def test_a_passkey_of_somebody_else_proves_nobody(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    """It was asked of Ada, in her browser, and Ben's device has signed it."""
    host = HOSTS[0]
    (ben, _), (_, ada) = devices["ben", host], devices["ada", host]
    options = json.loads(passkeys.ask(session, PROVE, host, person_id=ada, now=NOW))
    said = {"host": host, "origin": f"https://{host}", "person_id": ada, "now": NOW}
    assert passkeys.answered(session, PROVE, ben.sign(options), **said) is None
    tried(1)


@pytest.mark.parametrize(
    ("after", "is_good"),
    [
        (timedelta(microseconds=-1), False), (timedelta(), True), (LIVES - timedelta(microseconds=1), True),
        (LIVES, False), (timedelta(days=1), False),
    ],
)  # fmt: skip
def test_a_challenge_is_over_after_five_minutes_and_not_there_before_it_was_asked(
    session: Session, devices: Devices, after: timedelta, is_good: bool, tried: Callable[[int], None]
) -> None:
    host = HOSTS[0]
    device, ada = devices["ada", host]
    answer = device.sign(json.loads(passkeys.ask(session, ENTER, host, now=NOW)))
    found = passkeys.answered(session, ENTER, answer, host=host, origin=f"https://{host}", now=NOW + after)
    assert found == (ada if is_good else None)
    tried(1)


def test_a_challenge_that_was_answered_in_the_wrong_place_is_used_up(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    host = HOSTS[0]
    device, ada = devices["ada", host]
    options = json.loads(passkeys.ask(session, ENTER, host, now=NOW))
    said = {"host": host, "origin": f"https://{host}", "now": NOW}
    assert passkeys.answered(session, PROVE, device.sign(options), person_id=ada, **said) is None
    assert passkeys.answered(session, ENTER, device.sign(options), **said) is None
    tried(2)


def test_a_new_passkey_is_made_by_whom_and_where_it_was_asked(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    """What was asked of Ada adds nothing to Ben; nor at another host; nor does what was asked to let somebody in."""
    host, other = HOSTS
    ada, ben = devices["ada", host][1], devices["ben", host][1]
    asked = (
        (passkeys.ask_for_new(session, ada, host, now=NOW), ben, host),
        (passkeys.ask_for_new(session, ada, host, now=NOW), ada, other),
        (passkeys.ask(session, PROVE, host, person_id=ada, now=NOW), ada, host),
    )
    for options, whose, where in asked:
        answer = Authenticator(origin=f"https://{where}", host=where).make(json.loads(options))
        assert not passkeys.add(session, whose, answer, "", host=where, origin=f"https://{where}", now=NOW)
    tried(len(asked))


def test_a_name_that_a_passkey_has_already_is_given_to_no_other_at_any_host(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    """A device chooses the name itself: a second key under it would stand for two people, and was a fault of ours."""
    first, _ = devices["ada", HOSTS[0]]
    for (who, host), (_, person) in devices.items():
        copy = Authenticator(origin=f"https://{host}", host=host, credential=first.credential)
        options = json.loads(passkeys.ask_for_new(session, person, host, now=NOW))
        answer = copy.make(options)
        assert not passkeys.add(session, person, answer, "", host=host, origin=f"https://{host}", now=NOW), who
        assert len(passkeys.every(session, person)) == len(HOSTS)
    tried(len(devices))


def test_a_passkey_of_one_host_opens_nothing_at_another(
    session: Session, devices: Devices, tried: Callable[[int], None]
) -> None:
    """Also where a device signs for a host to which its key does not belong."""
    for (who, host), (device, _) in devices.items():
        other = next(name for name in HOSTS if name != host)
        liar = Authenticator(f"https://{other}", other, key=device.key, credential=device.credential, count=5)
        answer = liar.sign(json.loads(passkeys.ask(session, ENTER, other, now=NOW)))
        found = passkeys.answered(session, ENTER, answer, host=other, origin=f"https://{other}", now=NOW)
        assert found is None, who
    tried(len(devices))
