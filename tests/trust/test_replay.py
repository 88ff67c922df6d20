"""S19: what opens something once opens it once; not used, late, taken back, of another kind, changed, nor with a clock
that jumped. And S17: after the door, only our own pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.web.people.authenticator import Authenticator, asked, enter_by, give_passkey
from tests.web.people.conftest import House, make
from tests.web.people.factors import app_code, give_app, half_way, post, second
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, Hired, enter, hire, signed_in
from web import visits
from web.db import engine
from web.services import clinics, staff_links

NEW = "kelp and sand and stones"
SHIFTS = (timedelta(hours=-24), timedelta(hours=24), timedelta(days=8))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    made = make(f"sqlite:///{tmp_path_factory.mktemp('replay') / 'rapport.sqlite'}")
    hire(made.url, "administrator")
    return made


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch, shift: timedelta) -> Iterator[None]:
    """The server's clock, moved."""
    with monkeypatch.context() as patched:
        patched.setattr(visits, "now", lambda: datetime.now(UTC) + shift)
        yield


class Reset:
    """The way to a new password."""

    def __init__(self, house: House) -> None:
        self.house, self.person = house, hire(house.url, "coordinator")
        written(house.url)
        post(house.app.test_client(), "/sign-in/forgotten", email=self.person.email)
        self.right = link_for(house.url, self.person.email)

    def use(self, link: str, password: str = NEW) -> bool:
        client = self.house.app.test_client()
        client.get(link)
        return post(client, "/sign-in/reset", password=password).status_code == 303

    def take_back(self) -> None:
        end_links(self.house, staff_links.RESET, self.person)


class Invitation:
    """An invitation to work at the clinic."""

    def __init__(self, house: House) -> None:
        self.house, self.email = house, f"invited-{datetime.now(UTC).timestamp()}@north.example"
        self.by = signed_in(house.app, house.url, hire(house.url, "administrator"))
        written(house.url)
        self.page = post(self.by, "/people/invite", email=self.email, roles=["coordinator"]).location.split("?")[0]
        self.right = link_for(house.url, self.email)

    def use(self, link: str, password: str = NEW) -> bool:
        client = self.house.app.test_client()
        client.get(link)
        answer = post(client, "/join", name="Noor Hale", password=password)
        return answer.status_code == 303 and client.get("/queue/").status_code == 200

    def take_back(self) -> None:
        assert post(self.by, f"{self.page}/invitation/take-back").status_code == 303


class Code:
    """The second factor of somebody whose password is known."""

    def __init__(self, house: House) -> None:
        self.house, self.person = house, hire(house.url, "coordinator")
        self.secret = secrets.token_bytes(20)
        self.codes = give_app(house.url, self.person, secret=self.secret)
        self.right = self.find()

    def find(self) -> str:
        return app_code(self.secret)

    def use(self, code: str) -> bool:
        client = self.house.app.test_client()
        answer = enter(client, self.person.email)
        return answer.location == "/sign-in/second" and second(client, code).status_code == 303

    def take_back(self) -> None:
        by = signed_in(self.house.app, self.house.url, hire(self.house.url, "administrator"))
        assert post(by, f"/people/{self.person.id}/second-factor").status_code == 303
        give_app(self.house.url, self.person)


class Recovery(Code):
    """A recovery code in its place. The clock takes none of it away."""

    def find(self) -> str:
        return self.codes[0]


class Passkey:
    """What a device has signed."""

    def __init__(self, house: House) -> None:
        self.house, self.person = house, hire(house.url, "coordinator")
        self.owner = signed_in(house.app, house.url, self.person)
        self.device = give_passkey(self.owner)
        self.right = self.device.sign(asked(house.app.test_client()))

    def use(self, answer: str) -> bool:
        return enter_by(self.house.app.test_client(), answer).status_code == 303

    def take_back(self) -> None:
        page = self.owner.get("/your-sign-in/").text
        path = page.split("/your-sign-in/passkeys/")[-2].split("/")[0]
        assert post(self.owner, f"/your-sign-in/passkeys/{path}/remove").status_code == 303


KINDS = (Reset, Invitation, Code, Recovery, Passkey)


def end_links(house: House, kind: str, person: Hired) -> None:
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), None)
        staff_links.end(session, kind, person.id, now=datetime.now(UTC))
        session.commit()


def changed(token: str) -> list[str]:
    """A token with a letter less, more, another one, and other cases."""
    other = "A" if token[-3] != "A" else "B"
    return [token[:-1], token + "A", token[:-3] + other + token[-2:], token.swapcase() if "/" in token else token[::-1]]


def accepted(house: House, monkeypatch: pytest.MonkeyPatch, kind: type) -> tuple[list[str], int]:
    """(the replays that opened something, how many were tried) of one kind."""
    found, n = [], 0

    def note(name: str, opened: bool) -> None:
        nonlocal n
        n += 1
        if opened:
            found.append(f"{kind.__name__}: {name}")

    fresh = kind(house)
    for wrong in (*changed(fresh.right), "", "A" * 22, *(other(house).right for other in KINDS if other is not kind)):
        note(f"changed or of another kind: {wrong[:30]!r}", fresh.use(wrong))
    note("of another account", kind is not Passkey and kind(house).use(kind(house).right) and kind in (Code, Recovery))
    if kind is not Recovery:  # which has no end of its own
        for shift in SHIFTS[::2] if kind is Invitation else SHIFTS:  # which is good for a week
            late = kind(house)
            with clock(monkeypatch, shift):
                note(f"with a clock moved by {shift}", late.use(late.right))
    back = kind(house)
    back.take_back()
    note("taken back", back.use(back.right))
    once = kind(house)
    assert once.use(once.right), f"{kind.__name__} opens nothing at all"
    for _ in range(3):
        note("used twice", once.use(once.right))
    with clock(monkeypatch, timedelta(hours=-24)):
        note("used twice, with a clock put back", once.use(once.right))
    return found, n


@pytest.mark.S19
def test_nothing_opens_twice_late_or_elsewhere(
    house: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    for kind in KINDS:
        found, n = accepted(house, monkeypatch, kind)
        assert found == []
        tried(n)


@pytest.mark.S19
@pytest.mark.parametrize(
    ("hole", "kind"),
    [
        ("web.db.queries.sign_ins.take_link", Reset),
        ("web.db.queries.sign_ins.take_step", Code),
        ("web.db.queries.sign_ins.take_code", Recovery),
    ],
)
def test_a_planted_hole_is_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, hole: str, kind: type, tried: Callable[[int], None]
) -> None:
    """What should be used up is not."""
    once = kind(house)
    assert once.use(once.right)
    monkeypatch.setattr(hole, lambda *args, **more: True)
    if kind is Reset:
        monkeypatch.setattr("web.services.staff_links.end", lambda *args, **more: None)
        once = kind(house)
        assert once.use(once.right)
    assert once.use(once.right) and "used twice" in " ".join(accepted(house, monkeypatch, kind)[0])
    tried(1)


# what somebody may put behind next=, and where it must not lead
ELSEWHERE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "https://evil.example",
    "http:evil.example", "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "/%2f/evil.example", "/%2fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "%2f%2fevil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example",
    "/%09/evil.example",
    "/%0d%0aLocation:%20https://evil.example", "//evil.example@localhost", "//localhost@evil.example",
    "https://localhost@evil.example", "//localhost:80@evil.example", "//еvil.example", "//xn--vil-9cd.example",
    "//evil%E3%80%82example", "//[::1]", "//0x7f000001", "//evil.example/../queue/", "/..//evil.example", "/../queue/",
    "?next=//evil.example", "#//evil.example", "evil.example", "@evil.example", ".evil.example",
    "/\u202e//evil.example",
    "\u2028//evil.example", "/" + "a" * 1_000, "/sign-out", "/sign-in", "/sign-in?next=//evil.example", "",
    "/home/../sign-out", "/home/%2e%2e/sign-out", "/home/..",
)  # fmt: skip


@pytest.mark.S17
def test_after_the_door_come_our_own_pages_alone(house: House, tried: Callable[[int], None]) -> None:
    """By password, by second factor, by passkey, and when showing once more who is here."""
    person, keyed = hire(house.url, "coordinator"), hire(house.url, "coordinator")
    device = give_passkey(signed_in(house.app, house.url, keyed))
    inside = signed_in(house.app, house.url, person)
    for wanted in ELSEWHERE:
        client = house.app.test_client()
        landed = [
            enter_by_next(client, device, wanted),
            inside.get("/sign-in", query_string={"next": wanted}).location,
            form_next(inside.get("/sign-in/again", query_string={"next": wanted}).text),
        ]
        assert landed == ["/home"] * 3, wanted
    for wanted in ELSEWHERE[::6]:  # each costs a password
        assert enter(house.app.test_client(), person.email, next=wanted).location == "/home", wanted
        both = half_way(house.app.test_client(), keyed, next=wanted)
        assert enter_by(both, device.sign(asked(both))).location == "/home", wanted
    assert enter(house.app.test_client(), person.email, PASSWORD, next="/queue/?over=y").location == "/queue/?over=y"
    tried(3 * len(ELSEWHERE) + 2 * len(ELSEWHERE[::6]) + 1)


def enter_by_next(client: FlaskClient, device: Authenticator, wanted: str) -> str | None:
    return post(client, "/sign-in/passkey", answer=device.sign(asked(client)), next=wanted).location


def form_next(page: str) -> str:
    return page.split('name="next" value="')[-1].split('"')[0]
