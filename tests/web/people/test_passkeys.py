"""Passkeys: made, used alone and as a second factor, named and removed; and what answers of a device are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.web.people.authenticator import Authenticator, asked, decoded, encoded, enter_by, give_passkey
from tests.web.people.conftest import House, events
from tests.web.people.factors import codes_on, half_way, post
from tests.web.staff import hire, signed_in
from web import visits
from web.db import engine
from web.db.tables import ChallengeRow, PasskeyRow


def test_a_passkey_lets_in_alone_and_as_a_second_factor(house_on_each: House) -> None:
    house = house_on_each
    person = hire(house.url, "coordinator")
    there, client = signed_in(house.app, house.url, person), signed_in(house.app, house.url, person)
    device = Authenticator()
    options = asked(client, "/your-sign-in/passkeys/ask")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert person.email in str(options) and decoded(options["user"]["id"]) == person.id.bytes
    answer = post(client, "/your-sign-in/passkeys", answer=device.make(options), name="  my key\n")
    assert len(codes_on(answer.text)) == 10
    assert client.get("/queue/").status_code == 200 and there.get("/queue/").status_code == 303
    assert "my key" in client.get("/your-sign-in/").text
    alone = house.app.test_client()
    options = asked(alone)
    assert "allowCredentials" not in options or not options["allowCredentials"]  # nobody learns who has a passkey
    assert enter_by(alone, device.sign(options)).location == "/home"
    assert alone.get("/queue/").status_code == 200
    both = half_way(house.app.test_client(), person, next="/queue/")
    assert enter_by(both, device.sign(asked(both))).location == "/queue/"
    assert ("person.passkey_added", str(person.id), {}) in events(house)


def test_what_is_wrong_about_an_answer_is_refused(house: House) -> None:
    person, other = hire(house.url, "coordinator"), hire(house.url, "coordinator")
    device = give_passkey(signed_in(house.app, house.url, person))
    stranger = give_passkey(signed_in(house.app, house.url, other), Authenticator())
    client = house.app.test_client()

    def answers() -> list[str]:
        wrong_page = Authenticator(origin="https://rapp0rt.example", key=device.key, credential=device.credential)
        wrong_host = Authenticator(host="rapp0rt.example", key=device.key, credential=device.credential)
        unverified = Authenticator(verifies=False, key=device.key, credential=device.credential, count=50)
        other_key = Authenticator(credential=device.credential, count=50)
        unknown = Authenticator()
        old = Authenticator(key=device.key, credential=device.credential, count=-1)
        made_up = {"challenge": encoded(bytes(32))}
        return [
            *(one.sign(asked(client)) for one in (wrong_page, wrong_host, unverified, other_key, unknown)),
            device.sign(made_up), device.sign(asked(client), signature=b"\x30\x00"),
            device.sign(asked(client), authenticatorData=b""), old.sign(asked(client)),
            "", "{}", "[]", "null", "x" * 30_000, '{"response":{"clientDataJSON":"%%%"}}', '{"response":7}',
        ]  # fmt: skip

    assert enter_by(client, device.sign(asked(client))).status_code == 303  # the counter stands at one now
    client = house.app.test_client()
    assert [enter_by(client, answer).status_code for answer in answers()] == [401] * 16
    assert enter_by(client, device.sign(asked(client))).status_code == 303
    assert enter_by(house.app.test_client(), stranger.sign(asked(house.app.test_client()))).status_code == 303


def test_what_no_device_has_answered_makes_no_passkey(house: House) -> None:
    person = hire(house.url, "coordinator")
    client = signed_in(house.app, house.url, person)
    elsewhere = Authenticator(origin="https://rapp0rt.example")
    options = asked(client, "/your-sign-in/passkeys/ask")
    for answer in ("", "{}", elsewhere.make(options), elsewhere.sign(options)):
        page = post(client, "/your-sign-in/passkeys", answer=answer, name="mine")
        assert page.status_code == 422 and "That did not work" in page.text
    with engine.sessions(house.url)() as session:
        assert not session.scalars(select(PasskeyRow).where(PasskeyRow.person_id == person.id)).all()


def test_a_challenge_is_answered_once_soon_here_and_for_its_purpose(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = hire(house.url, "coordinator")
    inside = signed_in(house.app, house.url, person)
    device = give_passkey(inside)
    client, start = house.app.test_client(), datetime.now(UTC)
    answer = device.sign(asked(client))
    assert enter_by(client, answer).status_code == 303
    assert enter_by(house.app.test_client(), answer).status_code == 401
    proves = device.sign(asked(inside))  # asked of somebody who is in: shows once more who they are, lets nobody in
    assert enter_by(house.app.test_client(), proves).status_code == 401
    late = device.sign(asked(house.app.test_client()))
    for minutes in (-24 * 60, 5.1, 24 * 60):
        monkeypatch.setattr(visits, "now", lambda minutes=minutes: start + timedelta(minutes=minutes))
        assert enter_by(house.app.test_client(), late).status_code == 401
    monkeypatch.undo()
    asked(house.app.test_client())
    with engine.sessions(house.url)() as session:
        assert all(row.expires_at > start for row in session.scalars(select(ChallengeRow)))


def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(house_on_each: House) -> None:
    house = house_on_each
    person, other = hire(house.url, "coordinator"), hire(house.url, "coordinator")
    client = signed_in(house.app, house.url, person)
    device = give_passkey(client)
    with engine.sessions(house.url)() as session:
        [row] = session.scalars(select(PasskeyRow).where(PasskeyRow.person_id == person.id))
    path, stranger = f"/your-sign-in/passkeys/{row.id}", signed_in(house.app, house.url, other)
    for what in ("name", "remove"):
        assert post(stranger, f"{path}/{what}", name="mine").status_code == 404
    assert post(client, f"{path}/name", name="<b>desk</b>").status_code == 303
    assert "&lt;b&gt;desk" in client.get("/your-sign-in/").text
    assert post(client, f"{path}/remove").status_code == 303
    assert client.get("/queue/").status_code == 200
    assert enter_by(house.app.test_client(), device.sign(asked(house.app.test_client()))).status_code == 401


def test_a_passkey_shows_once_more_who_is_here(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person, start = hire(house.url, "administrator"), datetime.now(UTC)
    client = signed_in(house.app, house.url, person)
    device = give_passkey(client)
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(minutes=20))
    assert post(client, "/people/invite", email="a@north.example").location.startswith("/sign-in/again?next=/people/")
    wrong = Authenticator(credential=device.credential, count=9).sign(asked(client))
    assert post(client, "/sign-in/again", answer=wrong, next="/people/").status_code == 401
    right = device.sign(asked(client))
    assert post(client, "/sign-in/again", answer=right, next="/people/").location == "/people/"
    assert post(client, "/people/invite", email="a@north.example").status_code == 422
