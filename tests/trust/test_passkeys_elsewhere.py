"""Whose only passkey belongs to another host does not come in by a password alone: it would lead round the passkey."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.web.people.authenticator import Authenticator
from tests.web.people.conftest import House, make
from tests.web.people.factors import half_way, second
from tests.web.staff import hire, signed_in
from web.db import engine
from web.services import clinics, passkeys, people, second_factors
from web.services.sign_in_policy import (
    AGAIN,
    APP,
    EVERYBODY,
    LEADS,
    NOBODY,
    OWES_FACTOR,
    OWES_PASSKEY,
    PASSKEY,
    RECOVERY,
    WHOLE,
    Has,
    SignInPolicy,
    standing,
)

ELSEWHERE = "south.example"
NOTHING, APP_ALONE = Has(False, 0, 0), Has(True, 0, 0)
HERE, THERE = Has(False, 1, 1), Has(False, 1, 0)


@pytest.fixture
def house(database: str) -> House:
    return make(database)


@pytest.mark.parametrize(
    ("asks", "only", "role", "second", "has", "stands"),
    [
        # a password alone is enough for whoever has nothing else, where nothing else is asked
        (NOBODY, False, "administrator", "", NOTHING, WHOLE),
        (NOBODY, False, "therapist", "", APP_ALONE, AGAIN),
        (NOBODY, False, "therapist", "", HERE, AGAIN),
        (NOBODY, False, "therapist", "", THERE, AGAIN),
        (NOBODY, True, "therapist", "", THERE, AGAIN),
        (EVERYBODY, False, "therapist", "", THERE, AGAIN),
        (EVERYBODY, True, "therapist", "", THERE, AGAIN),
        (NOBODY, False, "therapist", RECOVERY, THERE, WHOLE),
        # who leads: administrators and clinic leads, nobody else
        (LEADS, False, "administrator", "", NOTHING, OWES_FACTOR),
        (LEADS, False, "clinic_lead", "", NOTHING, OWES_FACTOR),
        (LEADS, False, "coordinator", "", NOTHING, WHOLE),
        (LEADS, False, "therapist", "", NOTHING, WHOLE),
        # passkeys alone: one of this host is owed, and then shown
        (EVERYBODY, True, "therapist", APP, APP_ALONE, OWES_PASSKEY),
        (EVERYBODY, True, "therapist", RECOVERY, THERE, OWES_PASSKEY),
        (EVERYBODY, True, "therapist", APP, Has(True, 1, 1), AGAIN),
        (EVERYBODY, True, "therapist", PASSKEY, HERE, WHOLE),
        (EVERYBODY, True, "therapist", RECOVERY, HERE, WHOLE),
    ],
)
def test_what_a_sign_in_is_worth(
    asks: str, only: bool, role: str, second: str, has: Has, stands: str, tried: Callable[[int], None]
) -> None:
    assert standing(SignInPolicy(asks, passkeys_only=only), frozenset({role}), second, has) == stands
    tried(1)


def test_a_password_alone_opens_nothing_to_whose_only_passkey_is_of_another_host(
    house: House, tried: Callable[[int], None]
) -> None:
    """At the door, and in a browser that was in by the password before; a recovery code leads in."""
    person, now = hire(house.url, "coordinator"), datetime.now(UTC)
    before = signed_in(house.app, house.url, person)
    assert before.get("/queue/").status_code == 200
    device, origin = Authenticator(origin=f"https://{ELSEWHERE}", host=ELSEWHERE), f"https://{ELSEWHERE}"
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), None)
        options = json.loads(passkeys.ask_for_new(session, person.id, ELSEWHERE, now=now))
        assert passkeys.add(session, person.id, device.make(options), "", host=ELSEWHERE, origin=origin, now=now)
        codes = second_factors.new_codes(session, person.id, now=now)
        token = people.sign_in(session, person.id, now=now)
        assert people.of_sign_in(session, token, now=now, host="localhost") is None
        assert people.of_sign_in(session, token, now=now, host=ELSEWHERE) is None
        session.commit()
    assert before.get("/queue/").location.startswith("/sign-in")
    door = half_way(house.app.test_client(), person)  # asserts that the second half is asked for
    assert door.get("/queue/").status_code == 303
    assert second(door, codes[0]).status_code == 303 and door.get("/queue/").status_code == 200
    tried(5)
