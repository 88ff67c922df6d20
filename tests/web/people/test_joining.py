"""Invitations: sent, opened by programs, accepted once, taken back; and what each of them opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.web.people.conftest import House, events
from tests.web.people.factors import app_code, codes_on, give_app, half_way, post, second, secret_on
from tests.web.people.mailbox import link_for, written
from tests.web.staff import PASSWORD, Hired, enter, hire, signed_in
from web import visits
from web.db import engine
from web.services import clinics, invitations, people

WORDS = "kelp and sand and stones"


def invited(house: House, email: str, *roles: str, by: FlaskClient | None = None) -> str:
    """The link that somebody gets who is invited."""
    by = by or signed_in(house.app, house.url, hire(house.url, "administrator"))
    answer = post(by, "/people/invite", email=email, roles=list(roles))
    assert answer.status_code == 303 and answer.location.endswith("?done=invited"), answer.text
    return link_for(house.url, email)


def accept(client: FlaskClient, link: str, **typed: str) -> int:
    assert client.get(link).location == "/join"
    return post(client, "/join", **{"name": "Noor Hale", "password": WORDS, **typed}).status_code


def status_of(house: House, email: str) -> dict[str, str]:
    with engine.sessions(house.url)() as session:
        clinics.find(session, "north")
        found = people.everybody(session, now=datetime.now(UTC))
    return dict(next(member.roles for member in found if member.email == email))


def test_an_invitation_is_accepted_with_a_password_of_ones_own(house_on_each: House) -> None:
    house, client = house_on_each, house_on_each.app.test_client()
    link = invited(house, "noor@north.example", "coordinator", "therapist")
    assert status_of(house, "noor@north.example") == {"coordinator": "invited", "therapist": "invited"}
    for _ in range(3):  # a mail program that looks ahead uses nothing up
        assert house.app.test_client().get(link).status_code == 303
        assert client.get(link).location == "/join" and "noor@north.example" in client.get("/join").text
    assert status_of(house, "noor@north.example") == {"coordinator": "invited", "therapist": "invited"}
    assert accept(client, link, password="too short") == 422
    assert accept(client, link, name=" ") == 422
    assert accept(client, link) == 303
    assert client.get("/home").location == "/queue/" and client.get("/queue/").status_code == 200
    assert status_of(house, "noor@north.example") == {"coordinator": "active", "therapist": "active"}
    assert accept(house.app.test_client(), link, password="another one that is long") == 410
    assert enter(house.app.test_client(), "noor@north.example", WORDS).status_code == 303
    done = [action for action, _, _ in events(house)]
    assert done.count("person.invited") == 2 and done.count("person.joined") == 1


def test_a_link_that_is_accepted_in_another_window_meanwhile_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no fault of the form to tell: whoever sent it twice would look for one in the code or the password."""
    client, link = house.app.test_client(), invited(house, "uma@north.example", "coordinator")
    client.get(link)
    monkeypatch.setattr(invitations.staff_links, "use", lambda *_args, **_more: False)
    answer = post(client, "/join", name="Uma", password=WORDS)
    assert answer.status_code == 410 and "opens nothing any more" in answer.text and "code" not in answer.text
    assert status_of(house, "uma@north.example") == {"coordinator": "invited"}


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("kelp9San", "at least 15 characters"),
        ("k" * 16, "among the first that are tried"),
        (WORDS * 9, "at most 200 characters"),
    ],
)
def test_a_password_that_will_not_do_is_told_why_and_never_shown(house: House, password: str, words: str) -> None:
    client, link = house.app.test_client(), invited(house, f"p{len(password)}@north.example", "coordinator")
    client.get(link)
    answer = post(client, "/join", name="Noor Hale", password=password)
    assert answer.status_code == 422 and words in answer.text and password not in answer.text


def test_with_an_app_eight_characters_are_enough(house: House) -> None:
    client, link = house.app.test_client(), invited(house, "ola@north.example", "coordinator")
    assert client.get(link).location == "/join"
    secret = secret_on(client.get("/join").text)
    assert accept(client, link, password="kelp9San") == 422
    assert accept(client, link, password="kelp9San", code="000000") == 422
    answer = post(client, "/join", name="Ola", password="kelp9San", code=app_code(secret))
    assert answer.status_code == 200 and len(codes_on(answer.text)) == 10
    assert client.get("/queue/").status_code == 200
    again = half_way(house.app.test_client(), Hired(None, "ola@north.example"), "kelp9San")
    assert second(again, app_code(secret)).status_code == 401  # it was used to set it up
    assert second(again, app_code(secret, steps=1)).status_code == 303


def test_whoever_works_elsewhere_already_accepts_with_their_own_sign_in(house_on_each: House) -> None:
    house = house_on_each
    with engine.sessions(house.url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=datetime.now(UTC), host="south.example")
        session.commit()
    name_host(house, "north.example")
    known = hire(house.url, "therapist", slug="south", name="Mo Reed")
    at = {"base_url": "http://north.example"}
    with engine.sessions(house.url)() as session:
        from web.services import invitations

        clinic = clinics.find(engine.writing(session), "north")
        person_id = invitations.invite(session, clinic, known.email, ["coordinator"], actor="x", now=datetime.now(UTC))
        session.commit()
    assert person_id == known.id
    give_app(house.url, known, slug="south")
    admin = house.app.test_client()
    chief = hire(house.url, "administrator", slug="north")
    assert send(admin, "/sign-in", at, email=chief.email, password=PASSWORD).status_code == 303
    for path in ("/people/", f"/people/{known.id}"):  # who invites learns neither their name nor takes anything away
        page = admin.get(path, **at).text
        assert known.email in page and "Mo Reed" not in page and "authenticator" not in page
    assert send(admin, f"/people/{known.id}/second-factor", at).status_code == 404
    link, client = link_for(house.url, known.email, slug="north"), house.app.test_client()
    client.get(link, **at)
    page = client.get("/join", **at).text
    assert "You have a sign-in already" in page and 'name="password"' not in page
    assert send(client, "/join", at, name="Eve", password=WORDS).status_code == 403
    answer = send(client, "/sign-in", at, email=known.email, password=PASSWORD, next="/join")
    assert answer.location == "/sign-in/second"
    assert send(client, "/sign-in/second", at, code=app_code()).location == "/join"
    assert send(client, "/join", at).location == "/home"
    assert send(admin, f"/people/{known.id}/second-factor", at).status_code == 409  # it guards the other clinic too
    assert "Mo Reed" in admin.get("/people/", **at).text
    assert client.get("/queue/", **at).status_code == 200 and "Mo Reed" in client.get("/queue/", **at).text


def test_a_link_is_over_when_it_is_old_taken_back_or_replaced(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = signed_in(house.app, house.url, hire(house.url, "administrator"))
    first = invited(house, "pia@north.example", "coordinator", by=admin)
    person = next(line for line in admin.get("/people/").text.split("<tr") if "pia@north.example" in line)
    page = person.split('href="')[1].split('"')[0]
    assert post(admin, f"{page}/invitation").status_code == 303
    newer = link_for(house.url, "pia@north.example")
    assert accept(house.app.test_client(), first) == 410
    start = datetime.now(UTC)
    monkeypatch.setattr(visits, "now", lambda: start + timedelta(days=7, minutes=1))
    assert accept(house.app.test_client(), newer) == 410
    monkeypatch.undo()
    assert post(admin, f"{page}/invitation/take-back").status_code == 303
    assert accept(house.app.test_client(), newer) == 410
    assert status_of(house, "pia@north.example") == {"coordinator": "removed"}
    assert post(admin, f"{page}/invitation").status_code == 404


def test_mail_to_staff_names_the_clinic_and_nothing_else(house: House) -> None:
    admin = signed_in(house.app, house.url, hire(house.url, "administrator", name="Ada Canary"))
    post(admin, "/people/invite", email="canary-7@north.example", roles=["therapist"])
    post(house.app.test_client(), "/sign-in/forgotten", email="canary-7@north.example")
    [(to, letter)] = written(house.url)  # the other is for nobody who works here yet
    assert to == "canary-7@north.example" and letter.subject == "An invitation"
    assert "North" in letter.text and "anary" not in letter.text and "herapist" not in letter.text


def test_who_works_here_is_not_invited_and_bad_input_is_said(house: House) -> None:
    admin = signed_in(house.app, house.url, hire(house.url, "administrator"))
    colleague = hire(house.url, "therapist")
    for email, roles, words in (
        (colleague.email, ["coordinator"], "They work here already"),
        ("nobody", ["coordinator"], "name@example.org"),
        ("new@north.example", [], "at least one role"),
        ("new@north.example", ["owner"], "at least one role"),
    ):
        answer = post(admin, "/people/invite", email=email, roles=roles)
        assert answer.status_code == 422 and words in answer.text


def send(client: FlaskClient, path: str, at: dict[str, str], **typed: str):
    """A form at a host of its own."""
    from itsdangerous import URLSafeTimedSerializer

    with client.session_transaction(**at) as kept:
        secret = kept.setdefault("csrf_token", "0" * 40)
    token = str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(secret))
    return client.post(path, data={"csrf_token": token, **typed}, **at)


def name_host(house: House, host: str) -> None:
    from web.db.queries import clinics as queries

    with engine.sessions(house.url)() as session:
        clinics.find(engine.writing(session), "north")
        queries.by_slug(session, "north").host = host
        session.commit()


def test_an_invitation_that_is_taken_back_tells_nothing_and_makes_nobody_a_member(house_on_each: House) -> None:
    house = house_on_each
    with engine.sessions(house.url)() as session:
        clinics.create(engine.writing(session), "south", "South", now=datetime.now(UTC), host="south.example")
        session.commit()
    name_host(house, "north.example")
    known = hire(house.url, "therapist", slug="south", name="Mo Reed")
    at = {"base_url": "http://north.example"}
    with engine.sessions(house.url)() as session:
        from web.services import invitations

        clinic = clinics.find(engine.writing(session), "north")
        person_id = invitations.invite(session, clinic, known.email, ["coordinator"], actor="x", now=datetime.now(UTC))
        session.commit()
    assert person_id == known.id
    give_app(house.url, known, slug="south")
    admin = house.app.test_client()
    chief = hire(house.url, "administrator", slug="north")
    assert send(admin, "/sign-in", at, email=chief.email, password=PASSWORD).status_code == 303
    for path in ("/people/", f"/people/{known.id}"):  # who invites learns neither their name nor takes anything away
        page = admin.get(path, **at).text
        assert known.email in page and "Mo Reed" not in page and "authenticator" not in page
    assert send(admin, f"/people/{known.id}/second-factor", at).status_code == 404
    assert "Mo Reed" not in admin.get("/audit/", **at).text
    assert send(admin, f"/people/{known.id}/invitation/take-back", at).status_code == 303
    for path in ("/people/", f"/people/{known.id}", "/audit/"):  # nor by taking the invitation back
        page = admin.get(path, **at).text
        assert "Mo Reed" not in page and "authenticator" not in page, path
    assert send(admin, f"/people/{known.id}/roles/coordinator", at, status="active").status_code == 409
