"""What is done when something went wrong: tokens are ended, and whoever is signed in has to come in anew."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.conftest import settings_for
from tests.web.staff import hire, signed_in
from web import create_app
from web.db import engine
from web.services import tokens


@pytest.fixture
def rapport(database: str) -> Rapport:
    run = rapport_on(database)
    for slug, host in (("north", "localhost"), ("south", "south.example")):
        done(run("clinic", "create", slug, "--name", slug.title(), "--host", host))
    return run


def is_valid(url: str, token: str) -> bool:
    with engine.sessions(url)() as session:
        return tokens.verify(session, token, now=datetime.now(UTC)) is not None


def test_tokens_are_listed_by_id_and_ended_one_by_one_or_all(rapport: Rapport, database: str) -> None:
    assert "rapport token issue" in done(rapport("token", "list", "--clinic", "north"))
    first, second = (done(rapport("token", "issue", "--clinic", "north")).splitlines()[-1] for _ in range(2))
    listed = as_json(rapport("token", "list", "--clinic", "north", "--json"))
    assert len(listed) == 2 and first not in str(listed) and listed[0]["scopes"] == ["matches"]
    assert "2 tokens" not in done(rapport("token", "revoke", listed[1]["id"], "--clinic", "north"))
    assert not is_valid(database, first) and is_valid(database, second)
    assert "revoked" in done(rapport("token", "list", "--clinic", "north"))
    assert "no token of this clinic" in refused(rapport("token", "revoke", listed[0]["id"], "--clinic", "south"))
    assert is_valid(database, second)
    assert "1 token " in done(rapport("token", "revoke", "--every", "--clinic", "north"))
    assert not is_valid(database, second)
    assert rapport("token", "revoke", "--clinic", "north").exit_code == 2


def test_one_person_or_everybody_is_signed_out_on_the_next_request(rapport: Rapport, database: str) -> None:
    app = create_app(settings_for(database))
    ada, ben = (hire(database, "coordinator", slug="north") for _ in range(2))
    eve = hire(database, "coordinator", slug="south")
    browsers = [signed_in(app, database, one, slug="north") for one in (ada, ben)]
    signed_in(app, database, eve, slug="south")

    def inside() -> list[int]:
        elsewhere = as_json(rapport("people", "list", "--clinic", "south", "--json"))
        return [browser.get("/queue/").status_code for browser in browsers] + [elsewhere[0]["sign_ins"]]

    assert inside() == [200, 200, 1]
    assert "1 person" in done(rapport("people", "sign-out", ada.email.upper(), "--clinic", "north"))
    assert inside() == [303, 200, 1]
    assert "rapport people list" in refused(rapport("people", "sign-out", eve.email, "--clinic", "north"))
    assert inside() == [303, 200, 1]
    assert "2 people" in done(rapport("people", "sign-out", "--everybody", "--clinic", "north"))
    assert inside() == [303, 303, 1]
    assert rapport("people", "sign-out", "--clinic", "north").exit_code == 2
