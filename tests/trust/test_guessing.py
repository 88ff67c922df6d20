"""S6: guessing is slow by account, by address and in all, ends after a hundred tries in a row, and is no weapon.

The clock of the limits is a test's own, so that days of guessing take seconds, and the passwords of its people are
hashed cheaply: what is counted here are tries.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.people.authenticator import asked, enter_by, give_passkey
from tests.web.people.conftest import House, make
from tests.web.people.factors import app_code, give_app, post, second
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, Hired, address, enter, hire, signed_in, token_of
from web import browsers, counts
from web.db import engine
from web.db.tables import AccountRow
from web.services import passwords, people

WRONG = "not the password at all"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
_clocks = count()


@dataclass
class Clock:
    """What the limits take for the time."""

    seconds: float = field(default_factory=lambda: 1.9e9 + 30 * DAY * next(_clocks))

    def time(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(counts, "time", made)
    monkeypatch.setattr("limits.strategies.time", made)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr("web.people.datastore.AccountDatastore.put", lambda self, model: model)  # a better hash
    logging.disable(logging.CRITICAL)
    yield made
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return make(f"sqlite:///{tmp_path_factory.mktemp('guessing') / 'rapport.sqlite'}")


def knock(client: FlaskClient, email: str, password: str, where: dict[str, str]) -> int:
    typed = {"csrf_token": token_of(client), "email": email, "password": password}
    return client.post("/sign-in", data=typed, environ_base=where).status_code


def guesses_let_through(house: House, clock: Clock, victim: Hired, n_addresses: int) -> int:
    """How many passwords of one account are compared when so many addresses try in turn, over days."""
    n_compared, n_bursts = 0, 8
    for _burst in range(n_bursts):
        client = house.app.test_client()
        for _ in range(n_addresses // n_bursts):
            n_compared += knock(client, victim.email, WRONG, address()) == 401
        clock.seconds += DAY / 3
    return n_compared


def failed(house: House, person: Hired) -> int:
    from sqlalchemy import select

    from web.db import engine
    from web.db.tables import AccountRow

    with engine.sessions(house.url)() as session:
        return session.scalars(select(AccountRow.n_failed).where(AccountRow.person_id == person.id)).one()


@pytest.mark.S6
def test_a_thousand_addresses_guess_fifty_times_and_the_owner_comes_in(
    house: House, clock: Clock, tried: Callable[[int], None]
) -> None:
    victim = hire(house.url, "coordinator")
    owner = house.app.test_client()
    assert enter(owner, victim.email).status_code == 303
    device = give_passkey(signed_in(house.app, house.url, hire(house.url, "coordinator")))
    tries = guesses_let_through(house, clock, victim, 1_000)
    assert people.MOST_FAILED < tries <= 100
    stranger = house.app.test_client()
    clock.seconds += DAY
    assert knock(stranger, victim.email, PASSWORD, address()) == 401  # also the right one: too many tries failed
    assert knock(owner, victim.email, WRONG, address()) == 401
    assert knock(owner, victim.email, PASSWORD, address()) == 303  # their own browser is another path
    assert failed(house, victim) == 0
    assert knock(house.app.test_client(), victim.email, PASSWORD, address()) == 303
    assert enter_by(stranger, device.sign(asked(stranger))).status_code == 303  # and a passkey, of whoever has one
    tried(1_000 + 6)


@pytest.mark.S6
def test_after_too_many_tries_mail_leads_in(house: House, clock: Clock, tried: Callable[[int], None]) -> None:
    victim = hire(house.url, "coordinator")
    guesses_let_through(house, clock, victim, 100)
    clock.seconds += DAY
    assert knock(house.app.test_client(), victim.email, PASSWORD, address()) == 401
    written(house.url)
    client = house.app.test_client()
    post(client, "/sign-in/forgotten", email=victim.email)
    client.get(link_for(house.url, victim.email))
    assert post(client, "/sign-in/reset", password="kelp and sand and stones").status_code == 303
    assert knock(house.app.test_client(), victim.email, "kelp and sand and stones", address()) == 303
    tried(4)


@pytest.mark.S6
def test_a_known_browser_guesses_no_longer_than_others(
    house: House, clock: Clock, tried: Callable[[int], None]
) -> None:
    """Whoever has the owner's browser in hand is counted apart, and stopped as well."""
    victim, thief = hire(house.url, "coordinator"), house.app.test_client()
    assert enter(thief, victim.email).status_code == 303
    answers: Counter[int] = Counter()
    for _ in range(7):
        answers.update(knock(thief, victim.email, WRONG, address()) for _ in range(12))
        clock.seconds += 6 * MINUTE
    assert answers[401] == 70 and answers[429] == 14
    assert knock(thief, victim.email, PASSWORD, address()) == 401
    assert knock(house.app.test_client(), victim.email, PASSWORD, address()) == 303  # others' count stands apart
    tried(86)


@pytest.mark.S6
def test_a_flood_keeps_out_nobody_with_a_browser_of_their_own(
    house: House, clock: Clock, tried: Callable[[int], None]
) -> None:
    person, owner = hire(house.url, "coordinator"), house.app.test_client()
    assert enter(owner, person.email).status_code == 303
    client = house.app.test_client()
    flood = Counter(
        client.post("/sign-in", data={"email": f"{n}@x.example"}, environ_base=address()).status_code
        for n in range(1_001)
    )
    assert flood[429] >= 1
    assert knock(house.app.test_client(), person.email, PASSWORD, address()) == 429
    assert knock(owner, person.email, PASSWORD, address()) == 303
    tried(1_003)


def second_tries(house: House, clock: Clock, person: Hired) -> list[int]:
    """How many codes are looked at each time that somebody who knows the password comes to guess eight, for a day."""
    found = []
    for wait in (0.0, 5 * MINUTE + 1, 5 * MINUTE + 1, 5 * MINUTE + 1, 5 * MINUTE + 1, HOUR, HOUR, HOUR, HOUR):
        clock.seconds += wait
        client = house.app.test_client()
        enter(client, person.email)
        found.append(sum(second(client, f"{n:06}").status_code == 401 for n in range(8)))
    return found


@pytest.mark.S6
def test_codes_are_guessed_five_in_five_minutes_twenty_an_hour_fifty_a_day(
    house: House, clock: Clock, tried: Callable[[int], None]
) -> None:
    person = hire(house.url, "coordinator")
    codes = give_app(house.url, person)
    owner = house.app.test_client()
    enter(owner, person.email)
    assert second(owner, codes[0]).status_code == 303
    found = second_tries(house, clock, person)
    assert found[:5] == [4, 5, 5, 5, 0]  # with that of the owner twenty an hour
    assert 1 + sum(found) <= 50
    enter(owner, person.email)  # guessing does not use up the tries of the owner's own browser
    assert second(owner, app_code()).status_code == 303
    tried(8 * len(found) + 2)


@pytest.mark.S6
def test_who_is_in_guesses_the_password_no_faster(house: House, clock: Clock, tried: Callable[[int], None]) -> None:
    person = hire(house.url, "administrator")
    thief = signed_in(house.app, house.url, person)
    answers = [post(thief, "/sign-in/again", password=WRONG).status_code for _ in range(4)]
    answers += [post(thief, "/your-sign-in/password", old=WRONG, new="kelp and sand and stones").status_code
                for _ in range(4)]  # fmt: skip
    assert answers == [401] * 4 + [422] + [429] * 3
    with engine.sessions(house.url)() as session:
        engine.writing(session)
        account = session.scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one()
        assert account.n_failed_known == 5  # each counts, wherever it was tried
        account.n_failed_known = people.MOST_FAILED
        session.commit()
    clock.seconds += DAY
    assert post(thief, "/sign-in/again", password=PASSWORD).status_code == 401
    assert post(thief, "/your-sign-in/password", old=PASSWORD, new="kelp and sand and stones").status_code == 422
    tried(10)


@pytest.mark.S6
def test_resets_are_asked_for_five_times_a_day(house: House, clock: Clock, tried: Callable[[int], None]) -> None:
    person, other = hire(house.url, "coordinator"), hire(house.url, "coordinator")
    written(house.url)
    client = house.app.test_client()
    answers = [post(client, "/sign-in/forgotten", email=person.email).status_code for _ in range(8)]
    assert answers == [200] * 5 + [429] * 3
    assert len(written(house.url)) == 5
    assert post(client, "/sign-in/forgotten", email=other.email).status_code == 200
    assert enter(house.app.test_client(), person.email).status_code == 303
    clock.seconds += DAY
    assert post(client, "/sign-in/forgotten", email=person.email).status_code == 200
    tried(11)


@pytest.mark.S6
def test_links_are_not_guessed(
    house: House, clock: Clock, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    by = signed_in(house.app, house.url, hire(house.url, "administrator"))
    post(by, "/people/invite", email="guess@north.example", roles=["coordinator"])
    link_for(house.url, "guess@north.example")
    n, statuses = trials(60, 5_000), Counter()
    for _ in range(n):
        client = house.app.test_client()
        for start, page in (("/join/", "/join"), ("/sign-in/reset/", "/sign-in/reset")):
            client.get(start + secrets.token_urlsafe(16), environ_base=address())
            statuses[client.get(page, environ_base=address()).status_code] += 1
    assert statuses == {404: 2 * n}
    here, client = address(), house.app.test_client()
    tries = [
        client.post("/join", data={"csrf_token": token_of(client)}, environ_base=here).status_code for _ in range(12)
    ]
    assert tries == [410] * 10 + [429] * 2
    tried(2 * n + 12)


@pytest.mark.S6
@pytest.mark.parametrize("hole", ["nobody counts tries in a row", "codes are not limited"])
def test_a_planted_hole_is_seen(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch, hole: str, tried: Callable[[int], None]
) -> None:
    victim = hire(house.url, "coordinator")
    if hole == "codes are not limited":
        give_app(house.url, victim)
        monkeypatch.setattr(browsers, "tries_of_account", lambda account: secrets.token_hex(8))
        assert max(second_tries(house, clock, victim)) == 8
    else:
        monkeypatch.setattr(people, "MOST_FAILED", 10**6)
        guesses_let_through(house, clock, victim, 100)
        clock.seconds += DAY
        assert knock(house.app.test_client(), victim.email, PASSWORD, address()) == 303
    tried(1)
