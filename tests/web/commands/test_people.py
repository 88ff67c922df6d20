"""``rapport people``: from an empty clinic to somebody who signs in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.conftest import settings_for
from tests.web.people.factors import give_app
from tests.web.staff import enter, hire, token_of
from web import create_app
from web.db import engine
from web.db.tables import TherapistRow
from web.services import clinics

ADA = ("ada@north.example", "--name", "Ada Quill")
PASSWORD = "harbour lights in late autumn"


@pytest.fixture
def rapport(database: str) -> Rapport:
    run = rapport_on(database)
    done(run("clinic", "create", "north", "--name", "North"))
    return run


def newcomer(rapport: Rapport, *rest: str) -> str:
    """Ada, with a role at once and the password that she said."""
    return done(rapport("people", "invite", *ADA, *rest, "--password-stdin", stdin=PASSWORD + "\n"))


def test_the_first_administrator_comes_in_with_the_password_of_their_own(rapport: Rapport, database: str) -> None:
    assert "rapport people invite" in done(rapport("people", "list"))
    assert "--password-stdin" in refused(rapport("people", "invite", *ADA, "--role", "administrator"))
    assert as_json(rapport("people", "list", "--json")) == []
    assert PASSWORD not in newcomer(rapport, "--role", "administrator", "--clinic", "north")
    client = create_app(settings_for(database)).test_client()
    assert enter(client, ADA[0], PASSWORD).status_code == 303
    assert client.get("/people/").status_code == 200
    done(rapport("people", "suspend", "ADA@north.example", "--clinic", "north"))
    assert client.get("/people/").location == "/sign-in?next=/people/"
    again = done(rapport("people", "invite", *ADA, "--role", "administrator"))
    assert "before" in again
    assert client.get("/people/").status_code == 303  # what stood open before does not open again by itself
    assert enter(client, ADA[0], PASSWORD).status_code == 303 and client.get("/people/").status_code == 200


def test_a_weak_password_changes_nothing_and_is_not_repeated(rapport: Rapport) -> None:
    said = refused(rapport("people", "invite", *ADA, "--role", "coordinator", "--password-stdin", stdin="sesam\n"))
    assert "15 characters" in said and "sesam" not in said
    assert as_json(rapport("people", "list", "--json")) == []


def test_the_list_says_who_may_do_what(rapport: Rapport) -> None:
    for role in ("coordinator", "clinic_lead"):
        newcomer(rapport, "--role", role)
    assert done(rapport("people", "suspend", ADA[0], "--role", "clinic_lead")) == "Suspended 1 role at North.\n"
    assert as_json(rapport("people", "list", "--json")) == [
        {
            "email": "ada@north.example",
            "name": "Ada Quill",
            "roles": {"clinic_lead": "suspended", "coordinator": "active"},
            "sign_ins": 0,
        }
    ]
    assert done(rapport("people", "list")) == (
        "ada@north.example  Ada Quill: clinic_lead (suspended), coordinator (active)\n"
    )


def test_a_therapist_is_linked_to_the_directory(rapport: Rapport, database: str) -> None:
    now = datetime.now(UTC)
    with engine.sessions(database)() as session:
        clinics.find(engine.writing(session), "north")
        row = TherapistRow(external_id="t1", name="A Q", capacity=1, profile={}, created_at=now, changed_at=now)
        session.add(row)
        session.commit()
    run = ("people", "invite", *ADA, "--role", "therapist", "--therapist")
    assert "no such therapist" in refused(rapport(*run, "t2", "--password-stdin", stdin=PASSWORD + "\n"))
    assert as_json(rapport("people", "list", "--json")) == []
    newcomer(rapport, "--role", "therapist", "--therapist", "t1")
    with engine.sessions(database)() as session:
        clinics.find(session, "north")
        assert session.get(TherapistRow, row.id).person_id is not None


def test_refusals_are_sentences(rapport: Rapport) -> None:
    assert "name@example.org" in refused(rapport("people", "invite", "ada", "--role", "therapist"))
    assert "nobody with this address" in refused(rapport("people", "suspend", "nobody@north.example"))
    assert "no clinic named" in refused(rapport("people", "list", "--clinic", "south"))
    assert rapport("people", "invite", *ADA, "--role", "owner").exit_code == 2


def test_an_invitation_is_sent_or_handed_over_as_a_link(rapport: Rapport, database: str) -> None:
    assert "within seven days" in done(rapport("people", "invite", ADA[0], "--role", "administrator"))
    assert as_json(rapport("people", "list", "--json"))[0]["roles"] == {"administrator": "invited"}
    shown = done(rapport("people", "invite", ADA[0], "--role", "administrator", "--link"))
    link = shown.splitlines()[-1]
    client = create_app(settings_for(database)).test_client()
    assert client.get(link).location == "/join"
    typed = {"csrf_token": token_of(client), "name": "Ada Quill", "password": "kelp and sand and stones"}
    assert client.post("/join", data=typed).location == "/home"
    assert client.get("/people/").status_code == 200
    assert "works here already" in refused(rapport("people", "invite", ADA[0], "--role", "coordinator"))


def test_a_lost_second_factor_is_taken_by_command(rapport: Rapport, database: str) -> None:
    person = hire(database, "coordinator")
    give_app(database, person)
    app = create_app(settings_for(database))
    assert enter(app.test_client(), person.email).location == "/sign-in/second"
    assert "told by mail" in done(rapport("people", "second-factor", person.email))
    assert enter(app.test_client(), person.email).location == "/home"
    assert "nobody has this address" in refused(rapport("people", "second-factor", "x@north.example"))
