"""S7: eight flows tell nobody who or what there is: not by status, length, headers, nor by the clock."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.people.authenticator import Authenticator, asked, enter_by, give_passkey
from tests.web.people.conftest import House, make
from tests.web.people.factors import post
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, address, change, enter, hire, signed_in
from web.counts import Counts
from web.db import engine
from web.services import clinics, people

MOST_T, MOST_GAP_SECONDS = 4.5, 0.002
FRESH = {"Date", "Set-Cookie", "Content-Length", "X-Request-Id"}  # the last is that of the text
# who invites is an administrator, and an account more or less is two rows more or less to write
TOLD_BY_THE_CLOCK = {"invitation"}


Ask = Callable[[], TestResponse]
Arm = Callable[[], Ask]  # makes ready, and gives what is then asked and timed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    made = make(f"sqlite:///{tmp_path_factory.mktemp('enumeration') / 'rapport.sqlite'}")
    with engine.sessions(made.url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=datetime.now(UTC), host="south.example")
        session.commit()
    with engine.sessions(made.url)() as session:
        from web.db.queries import clinics as rows

        clinics.find(engine.writing(session), "north")
        rows.by_slug(session, "north").host = "localhost"
        session.commit()
    return made


def flows(house: House) -> dict[str, dict[str, Arm]]:
    """The eight, each with its arms. An address is as long in one arm as in the other: the page shows it again."""
    url, new = house.url, house.app.test_client
    known = hire(url, "coordinator", slug="north").email
    suspended = hire(url, "coordinator", slug="north")
    change(url, suspended, "suspended", slug="north")
    elsewhere = hire(url, "coordinator", slug="south")
    nobody = known.replace("person", "nobody")
    admin = signed_in(house.app, url, hire(url, "administrator", slug="north"), slug="north")
    device = give_passkey(signed_in(house.app, url, hire(url, "coordinator", slug="north"), slug="north"))
    gone = used_reset(house)

    def at(path: str, client: FlaskClient | None = None) -> Arm:
        return lambda: lambda: (client or new()).get(path, environ_base=address())

    def held(link: str, page: str) -> Arm:
        def ready() -> Ask:
            client = new()
            client.get(link, environ_base=address())
            return lambda: client.get(page, environ_base=address())

        return ready

    def sign(one: Authenticator) -> Arm:
        def ready() -> Ask:
            client = new()
            answer = one.sign(asked(client))
            return lambda: enter_by(client, answer)

        return ready

    def door(email: str, password: str) -> Arm:
        return lambda: lambda: enter(new(), email, password)

    def ask(email: str) -> Arm:
        return lambda: lambda: post(new(), "/sign-in/forgotten", email=email)

    def invite(find: Callable[[], str]) -> Arm:
        def ready() -> Ask:
            email = find()
            return lambda: post(admin, "/people/invite", email=email, roles=["coordinator"])

        return ready

    return {
        "sign-in": {
            "nobody": door(nobody, "a" * 20), "wrong": door(known, "a" * 20),
            "suspended": door(suspended.email, PASSWORD), "of another clinic": door(elsewhere.email, PASSWORD),
        },
        "forgotten password": {
            "nobody": ask(nobody), "known": ask(known), "suspended": ask(suspended.email),
            "of another clinic": ask(elsewhere.email),
        },
        "invitation": {
            "nobody": invite(lambda: f"new-{uuid4().hex[:8]}@south.example"),
            "of another clinic": invite(lambda: another(house)),
        },
        "accepting": {
            "made up": held(f"/join/{'A' * 22}", "/join"),
            "of a new password": held(gone.replace("/sign-in/reset/", "/join/"), "/join"),
        },
        "new password": {
            "made up": held(f"/sign-in/reset/{'A' * 22}", "/sign-in/reset"), "used": held(gone, "/sign-in/reset"),
        },
        "passkey": {
            "unknown": sign(Authenticator()),
            "known, another key": sign(Authenticator(credential=device.credential, count=99)),
        },
        "private link": {"made up": at(f"/intake/link/{'A' * 22}"), "another": at(f"/intake/link/{'b' * 22}")},
        "somebody's page": {
            "of nobody": at(f"/people/{UUID(int=uuid4().int)}", admin),
            "of another clinic": at(f"/people/{elsewhere.id}", admin),
        },
    }  # fmt: skip


def used_reset(house: House) -> str:
    person = hire(house.url, "coordinator", slug="north")
    written(house.url, slug="north")
    client = house.app.test_client()
    post(client, "/sign-in/forgotten", email=person.email)
    link = link_for(house.url, person.email, slug="north")
    client.get(link)
    assert post(client, "/sign-in/reset", password="kelp and sand and stones").status_code == 303
    return link


def another(house: House) -> str:
    """Somebody new of the other clinic."""
    email = f"old-{uuid4().hex[:8]}@south.example"
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), "south")
        people.create(session, email, "Sam", "coordinator", password=None, now=datetime.now(UTC))
        session.commit()
    return email


def looks(answer: TestResponse) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """What an answer shows: status, text (so its length too) and headers, but for what is new in each."""
    text = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", answer.text)
    text = re.sub(r"[a-z]+-[0-9a-f]+@[a-z]+\.example|[0-9a-f]{8}-[0-9a-f-]{27}", "…", text)
    kept = [(n, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", v)) for n, v in answer.headers if n not in FRESH]
    cookies = sorted(cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
    return answer.status_code, text, (*sorted(kept), ("cookies", ",".join(cookies)))


def differences(house: House) -> list[str]:
    """The flows whose arms do not look alike."""
    found = []
    for name, arms in flows(house).items():
        seen = {arm: looks(ready()()) for arm, ready in arms.items()}
        first = next(iter(seen.values()))
        found += [f"{name}: {arm}" for arm, look in seen.items() if look != first]
    return found


@pytest.mark.S7
def test_eight_flows_look_the_same(house: House, tried: Callable[[int], None]) -> None:
    assert differences(house) == []
    tried(8)


@pytest.mark.S7
def test_a_planted_hole_is_seen(house: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]) -> None:
    """The door that says why, and a page that tells another clinic's people from nobody."""
    monkeypatch.setattr("web.services.people.of_email", lambda session, email: None if "nobody" in email else _raise())
    assert any(name.startswith("sign-in") for name in differences(house))
    tried(1)


def _raise() -> None:
    raise LookupError("told")


def welch(left: list[float], right: list[float]) -> float:
    """Welch's t of two samples."""
    spread = statistics.variance(left) / len(left) + statistics.variance(right) / len(right)
    return (statistics.mean(left) - statistics.mean(right)) / max(spread, 1e-18) ** 0.5


@pytest.mark.S7
def test_the_clock_tells_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    """Two arms of each flow in turn, each sample beside its twin, so that a busy machine hits both alike.

    The slowest twentieth of each arm is left out: it is the machine's. Short runs look at a few samples, and at the
    gap alone where it is larger than a hash: what a busy machine does to twelve is no news.
    """
    monkeypatch.setattr(Counts, "incr", lambda self, key, expiry, amount=1: 1)  # no limit ends a series
    n = trials(12, 2_000)
    for name, arms in flows(house).items():
        if name in TOLD_BY_THE_CLOCK:
            continue
        one, other = list(arms.values())[:2]
        taken: tuple[list[float], list[float]] = ([], [])
        for k in range(n):
            for arm in (0, 1) if k % 2 else (1, 0):
                ask = (one, other)[arm]()
                begin = time.perf_counter()
                ask()
                taken[arm].append(time.perf_counter() - begin)
        kept = [sorted(samples)[: max(2, int(0.95 * n))] for samples in taken]
        gap = abs(statistics.median(taken[0]) - statistics.median(taken[1]))
        assert n < 100 or abs(welch(*kept)) < MOST_T, (name, gap)
        assert gap < (MOST_GAP_SECONDS if n > 100 else 0.03), (name, gap)
        tried(2 * n)
