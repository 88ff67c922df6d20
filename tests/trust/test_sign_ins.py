"""S5: a sign-in ends when it shall, wherever its cookie was copied to, and nothing known before lets anybody in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import settings_for
from tests.web.people.conftest import House, make
from tests.web.people.factors import app_code, give_app, half_way, post, second, secret_on
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, Hired, address, change, enter, hire, signed_in
from web import create_app, visits
from web.db import engine
from web.db.tables import AccountRow, SignInRow
from web.services import clinics, people

START = datetime.now(UTC)
WAYS = ("", "totp", "passkey", "recovery")
NEW = "kelp and sand and stones"
Ends = Callable[[House, Hired, FlaskClient], None]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    made = make(f"sqlite:///{tmp_path_factory.mktemp('sign-ins') / 'rapport.sqlite'}")
    for _ in range(2):
        hire(made.url, "administrator")
    return made


def administrator(house: House) -> FlaskClient:
    return signed_in(house.app, house.url, hire(house.url, "administrator"))


def out(house: House, person: Hired, client: FlaskClient) -> None:
    assert post(client, "/sign-out").status_code == 303


def other_password(house: House, person: Hired, client: FlaskClient) -> None:
    assert post(client, "/your-sign-in/password", old=PASSWORD, new=NEW).status_code == 303


def forgotten(house: House, person: Hired, client: FlaskClient) -> None:
    stranger = house.app.test_client()
    written(house.url)
    post(stranger, "/sign-in/forgotten", email=person.email)
    stranger.get(link_for(house.url, person.email))
    assert post(stranger, "/sign-in/reset", password=NEW).status_code == 303


def role(status: str) -> Ends:
    def move(house: House, person: Hired, client: FlaskClient) -> None:
        path = f"/people/{person.id}/roles/coordinator"
        assert post(administrator(house), path, status=status).status_code == 303

    return move


def by_command(house: House, person: Hired, client: FlaskClient) -> None:
    change(house.url, person, "suspended")


def app_set_up(house: House, person: Hired, client: FlaskClient) -> None:
    secret = secret_on(client.get("/your-sign-in/app").text)
    assert post(client, "/your-sign-in/app", code=app_code(secret)).status_code in (200, 303)


def app_removed(house: House, person: Hired, client: FlaskClient) -> None:
    if "/your-sign-in/app/remove" in client.get("/your-sign-in/").text:
        assert post(client, "/your-sign-in/app/remove").status_code == 303
    else:
        assert post(client, "/your-sign-in/elsewhere").status_code == 303


def factor_reset(house: House, person: Hired, client: FlaskClient) -> None:
    give_app(house.url, person)
    assert post(administrator(house), f"/people/{person.id}/second-factor").status_code == 303


def ended_elsewhere(house: House, person: Hired, client: FlaskClient) -> None:
    [path] = re.findall(r'action="(/your-sign-in/elsewhere/[0-9a-f-]{36})"', client.get("/your-sign-in/").text)
    assert post(client, path).status_code == 303


def closed(house: House, person: Hired, client: FlaskClient) -> None:
    with engine.sessions(house.url)() as session:
        engine.writing(session)
        session.scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one().active = False
        session.commit()


def all_ended(house: House, person: Hired, client: FlaskClient) -> None:
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), None)
        people.end_all(session, person.id, now=datetime.now(UTC))
        session.commit()


# what happens → how, and whether the browser in which it happens stays signed in itself
EVENTS: Mapping[str, tuple[Ends, bool]] = {
    "signed out": (out, False),
    "password changed": (other_password, True),
    "password reset by mail": (forgotten, False),
    "suspended": (role("suspended"), False),
    "removed": (role("removed"), False),
    "suspended by command": (by_command, False),
    "app set up": (app_set_up, True),
    "app removed": (app_removed, True),
    "second factor reset": (factor_reset, False),
    "ended from elsewhere": (ended_elsewhere, True),
    "account closed": (closed, False),
    "all ended": (all_ended, False),
}


def survivors(
    house: House, events: Mapping[str, tuple[Ends, bool]] = EVENTS, ways: tuple[str, ...] = WAYS
) -> list[str]:
    """The cases in which a copied cookie opens a page after it should not, or the owner's own browser is put out."""
    found = []
    for name, (happens, stays) in events.items():
        for way in ways:
            person = hire(house.url, "coordinator")
            if way:
                give_app(house.url, person)
            here = signed_in(house.app, house.url, person, second=way)
            other = here if name == "signed out" else signed_in(house.app, house.url, person, second=way)
            copy = house.app.test_client()
            copy.set_cookie("session", other.get_cookie("session").value)
            assert copy.get("/queue/").status_code == here.get("/queue/").status_code == 200
            happens(house, person, here)
            if copy.get("/queue/").status_code not in (303, 403):
                found.append(f"{name}, {way or 'password'}: the copy is still in")
            if (here.get("/queue/").status_code == 200) is not stays:
                found.append(f"{name}, {way or 'password'}: this browser is {'out' if stays else 'in'}")
    return found


@pytest.mark.S5
def test_whatever_shall_end_a_sign_in_ends_it_on_the_next_request(house: House, tried: Callable[[int], None]) -> None:
    assert survivors(house) == []
    tried(2 * len(EVENTS) * len(WAYS))


@pytest.mark.S5
@pytest.mark.parametrize("hole", ["others stay", "roles stay"])
def test_a_planted_hole_is_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, hole: str, tried: Callable[[int], None]
) -> None:
    if hole == "others stay":
        monkeypatch.setattr("web.db.queries.sign_ins.end_others", lambda *args, **more: 0)
        found = survivors(house, {"password changed": EVENTS["password changed"]}, ("",))
    else:
        monkeypatch.setattr("web.services.people.ACTIVE", "suspended")
        monkeypatch.setattr("web.services.memberships.ACTIVE", "active")
        found = survivors(house, {"suspended by command": (lambda *args: None, False)}, ())
        person = hire(house.url, "coordinator", status="suspended")
        opened = signed_in(house.app, house.url, person).get("/queue/").status_code
        found += ["a suspended role opens"] if opened == 200 else []
    assert len(found) == 1
    tried(1)


@pytest.mark.S5
def test_time_ends_it_as_the_clinic_says(
    house: House, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """Idle and absolute, at the bounds of what a clinic may ask for; and a clock that jumps lets nobody in again."""
    by, cases = administrator(house), 0
    for idle, hours in ((5, 1), (30, 12), (60, 24)):
        monkeypatch.undo()
        rules = {"second_factor": "none", "idle_minutes": idle, "most_hours": hours}
        assert post(by, "/people/sign-in", **rules).status_code == 303
        start = datetime.now(UTC)
        person = hire(house.url, "coordinator")
        for minutes, status in (
            (idle - 0.1, 200), (idle, 303), (idle + 0.1, 303), (24 * 60 + idle, 303),
        ):  # fmt: skip
            client = signed_in(house.app, house.url, person, now=start)
            assert status_at(monkeypatch, client, start + timedelta(minutes=minutes)) == status, (idle, minutes)
            cases += 1
        busy = signed_in(house.app, house.url, person, now=start)
        step, moment = timedelta(minutes=idle * 0.9), start
        while moment + step < start + timedelta(hours=hours):
            moment += step
            assert status_at(monkeypatch, busy, moment) == 200
        for late in (timedelta(0), timedelta(minutes=1)):
            assert status_at(monkeypatch, busy, start + timedelta(hours=hours) + late) == 303
            cases += 1
    monkeypatch.undo()
    assert post(by, "/people/sign-in", second_factor="none", idle_minutes=30, most_hours=12).status_code == 303
    tried(cases)


def status_at(monkeypatch: pytest.MonkeyPatch, client: FlaskClient, moment: datetime) -> int:
    monkeypatch.setattr(visits, "now", lambda: moment)
    answer = client.get("/queue/")
    answer.close()  # the mark of its last use is written then
    return answer.status_code


@pytest.mark.S5
def test_nothing_known_before_lets_anybody_in(house: House, tried: Callable[[int], None]) -> None:
    """Fixation: by a session that was planted, by a first half, and by its token in the place of a whole one."""
    person = hire(house.url, "coordinator")
    give_app(house.url, person)
    client = house.app.test_client()
    with client.session_transaction() as kept:
        kept.update({visits.SIGN_IN: "A" * 22, visits.HALF_WAY: "B" * 22, "csrf_token": "1" * 40, "planted": "x"})
    planted = client.get_cookie("session").value
    half_way(client, person)
    half = client.get_cookie("session").value
    with client.session_transaction() as kept:
        assert "planted" not in kept and kept.get("csrf_token") != "1" * 40
        half_token = kept[visits.HALF_WAY]
    assert second(client, app_code()).status_code == 303
    cases = 0
    for cookie in (planted, half):
        copy = house.app.test_client()
        copy.set_cookie("session", cookie)
        assert copy.get("/queue/").status_code == 303 and copy.get("/sign-in/second").location == "/sign-in"
        assert second(copy, app_code(steps=1)).location == "/sign-in"
        cases += 3
    forged = house.app.test_client()
    with forged.session_transaction() as kept:
        kept[visits.SIGN_IN] = half_token
    assert forged.get("/queue/").status_code == 303
    with client.session_transaction() as kept:
        assert visits.HALF_WAY not in kept and kept[visits.SIGN_IN] not in (half_token, "A" * 22)
    tried(cases + 3)


@pytest.mark.S5
def test_a_first_half_is_never_a_sign_in_whatever_becomes_of_the_second(
    house: House, tried: Callable[[int], None]
) -> None:
    """Its token stands where a whole one would: of who has an app, has lost it since, and never had one."""
    cases = 0
    for with_app, loses in ((True, False), (True, True), (False, False)):
        person = hire(house.url, "coordinator")
        if with_app:
            give_app(house.url, person)
        with engine.sessions(house.url)() as session:
            clinics.find(engine.writing(session), None)
            token = people.begin_sign_in(session, person.id, now=datetime.now(UTC))
            if loses:
                session.scalars(select(AccountRow).where(AccountRow.person_id == person.id)).one().totp = ""
            session.commit()
        forged = house.app.test_client()
        with forged.session_transaction() as kept:
            kept[visits.SIGN_IN] = token
        assert forged.get("/queue/").status_code == 303, (with_app, loses)
        cases += 1
    tried(cases)


@pytest.mark.S5
def test_ids_are_of_128_bits_and_cookies_bear_their_flags(house: House, tried: Callable[[int], None]) -> None:
    person = hire(house.url, "coordinator")
    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), None)
        made = {people.sign_in(session, person.id, now=START) for _ in range(50)}
        session.flush()
        hashes = set(session.scalars(select(SignInRow.token_hash).where(SignInRow.person_id == person.id)))
        session.rollback()
    assert len(made) == len(hashes) == 50 and all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in made)
    assert not any(token.encode() in hashed for token in made for hashed in hashes)
    app = create_app(settings_for(house.url, environment="production", secret_key="k" * 64))
    client = app.test_client()
    base = {"base_url": "https://localhost"}
    client.get("/sign-in", **base)
    with client.session_transaction(**base) as kept:
        kept["csrf_token"] = "0" * 40
    typed = {"csrf_token": token_of_https(client), "email": person.email, "password": PASSWORD}
    answer = client.post("/sign-in", data=typed, environ_base=address(), **base)
    cookies = answer.headers.getlist("Set-Cookie")
    [session_cookie] = [cookie for cookie in cookies if cookie.startswith("__Host-session=")]
    assert "Domain" not in session_cookie and "Path=/;" in session_cookie + ";" and "Expires" not in session_cookie
    for cookie in cookies:
        assert all(flag in cookie for flag in ("__Host-", "Secure", "HttpOnly", "SameSite=Lax")), cookie
    assert [
        c for c in enter(house.app.test_client(), person.email).headers.getlist("Set-Cookie") if "Secure" in c
    ] == []
    tried(50 + 4 * len(cookies))


def token_of_https(client: FlaskClient) -> str:
    from itsdangerous import URLSafeTimedSerializer

    with client.session_transaction(base_url="https://localhost") as kept:
        secret = kept["csrf_token"]
    return str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(secret))
