"""From the first answer to the list: what arrives, what a second time does, and how one comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.web.conftest import settings_for
from tests.web.desk import Desk
from tests.web.intake import walking
from tests.web.staff import token_of
from web import create_app
from web.cookies import INTAKE
from web.db import engine, schema
from web.db.queries import intakes as rows
from web.db.tables import (
    ClientRow,
    ConsentRow,
    FlagRow,
    IntakeRow,
    IntakeVersionRow,
    ShownListRow,
    ShownMatchRow,
    SignInRow,
)
from web.services import clinics, intakes


def versions(desk: Desk, client_id: object) -> list[dict[str, object]]:
    with desk.session() as session:
        found = select(IntakeVersionRow.answers).where(IntakeVersionRow.client_id == client_id)
        return list(session.scalars(found.order_by(IntakeVersionRow.version)))


def counts(desk: Desk) -> dict[str, int]:
    tables = (ClientRow, ConsentRow, FlagRow, IntakeRow, IntakeVersionRow, ShownListRow, ShownMatchRow, SignInRow)
    with desk.session() as session:
        return {
            table.__tablename__: session.scalar(
                select(func.count(table.id)), execution_options={"across_clinics": True}
            )
            or 0
            for table in tables
        }


def test_what_was_said_arrives_and_a_second_time_changes_nothing(desk: Desk) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    before = counts(desk)
    walking.send(client)
    walking.send(client)
    after = counts(desk)
    more = {name: after[name] - before[name] for name in after}
    assert (more["clients"], more["intake_versions"], more["consents"], more["shown_lists"]) == (1, 1, 1, 1)
    kept = walking.kept_by(desk, client)
    assert versions(desk, kept.client_id) == [walking.DOCUMENT]
    assert kept.said(intakes.CONTACT) == {"name": "Ada", "email": "ada@there.example"}
    with desk.session() as session:
        consent = session.scalar(select(ConsentRow).where(ConsentRow.client_id == kept.client_id))
        assert consent is not None and consent.version == "2026-11" and consent.kind == "intake"


def test_a_change_after_sending_is_a_new_version_of_the_same_client(desk: Desk) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    walking.send(client)
    first = walking.kept_by(desk, client)
    answer = walking.post(client, "/intake/style?checked", {"lead": "3", "feeling": "", "time": "", "challenge": ""})
    assert answer.location == "/intake/check"
    assert "You changed your answers" in client.get("/matches/").text
    assert walking.post(client, "/matches/order", {"preference_fit": "2"}).status_code == 303
    walking.send(client)
    assert "In your own order" in client.get("/matches/").text  # a new list, and what matters most still does
    assert walking.kept_by(desk, client).client_id == first.client_id
    said = versions(desk, first.client_id)
    assert [version["style"] for version in said] == [walking.DOCUMENT["style"], {"lead": 3}]


def test_a_distance_asks_for_the_place_from_which_it_counts(desk: Desk) -> None:
    client = walking.begun(desk)
    answer = walking.post(client, "/intake/practicalities", walking.SAID["practicalities"] | {"place": ""})
    assert answer.status_code == 422 and "where you would set out from" in answer.text
    assert walking.errors_lead_to_fields(answer.text) == 1 and not walking.kept_by(desk, client).said("practicalities")


def test_the_first_page_goes_on_with_what_is_under_way_and_begins_again_only_when_asked(desk: Desk) -> None:
    client = walking.begun(desk)
    page = client.get("/").text
    assert "Go on where you were" in page and "Keep it first" in page and "Start – about" not in page
    walking.answer_all(client)
    walking.send(client)
    assert "See your list" in client.get("/").text


def test_without_a_concern_or_consent_nothing_is_sent_and_what_was_typed_stays(desk: Desk) -> None:
    client = walking.begun(desk)
    before = counts(desk)
    answer = walking.post(client, "/intake/check", walking.CONTACT)
    assert (
        answer.status_code == 422 and "Say what brings you here" in answer.text and "ada@there.example" in answer.text
    )
    walking.post(client, "/intake/concerns", walking.SAID["concerns"])
    answer = walking.post(client, "/intake/check", {**walking.CONTACT, "consent": ""})
    assert answer.status_code == 422 and "Please say that you agree" in answer.text
    for field, wrong in (("email", "ada"), ("phone", "no number"), ("name", "a\x00b"), ("name", "x" * 10_000)):
        answer = walking.post(client, "/intake/check", {**walking.CONTACT, field: wrong})
        assert answer.status_code == 422 and walking.errors_lead_to_fields(answer.text) == 1, (field, wrong)
    assert counts(desk) == before


def test_two_tabs_at_two_steps_lose_nothing_and_the_order_does_not_matter(desk: Desk) -> None:
    client = walking.begun(desk)
    for name in reversed(list(walking.SAID)):
        assert client.get(f"/intake/{name}").status_code == 200
        assert walking.post(client, f"/intake/{name}", walking.SAID[name]).status_code == 303
    assert walking.kept_by(desk, client).document() == walking.DOCUMENT


def test_every_step_shows_again_what_was_said_and_saying_it_again_changes_nothing(desk: Desk) -> None:
    client = walking.begun(desk)
    walking.answer_all(client)
    before = walking.kept_by(desk, client)
    for name in walking.SAID:
        page = client.get(f"/intake/{name}").text
        for value in ("I lie awake.", "70.50", "Talk about her"):
            if value in str(walking.SAID[name]).replace("70,50", "70.50"):
                assert value in page, (name, value)
    walking.answer_all(client)
    after = walking.kept_by(desk, client)
    assert (after.answers, after.changed_at) == (before.answers, before.changed_at)


@pytest.mark.S23
def test_the_link_is_looked_at_without_effect_and_opened_by_its_owner(
    desk: Desk, tried: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    client = walking.begun(desk)
    walking.post(client, "/intake/concerns", walking.SAID["concerns"])
    link = walking.link_of(client)
    assert len(link) == 22  # 128 bits, six a character
    assert link in client.get("/intake/link").text
    before = counts(desk)
    elsewhere = desk.app.test_client()
    for method in ("GET", "HEAD", "GET"):
        answer = elsewhere.open(f"/intake/link/{link}", method=method)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert elsewhere.get_cookie(INTAKE.name) is None
    assert counts(desk) == before
    answer = elsewhere.post(f"/intake/link/{link}", data={"csrf_token": token_of(elsewhere)})
    assert answer.location == "/intake/safety" and walking.link_of(elsewhere) == link
    assert "I lie awake." in elsewhere.get("/intake/concerns").text
    pasted = desk.app.test_client()
    answer = walking.post(pasted, "/intake/carry-on", {"link": f"  http://localhost/intake/link/{link} "})
    assert answer.status_code == 303 and walking.link_of(pasted) == link
    assert walking.post(pasted, "/intake/leave", {}).status_code == 303
    assert pasted.get_cookie(INTAKE.name) is None and pasted.get("/intake/concerns").status_code == 403
    said = "".join(capsys.readouterr())
    assert "/intake/link/<link>" in said and link not in said and "I lie awake" not in said
    held = b"".join(path.read_bytes() for path in Path(desk.url.removeprefix("sqlite:///")).parent.glob("desk.sqlite*"))
    assert link.encode() not in held and intakes._hash(link) in held
    tried(12)


@pytest.mark.S19
def test_forged_expired_and_foreign_links_open_nothing(desk: Desk, tried: Callable[[int], None]) -> None:
    client = walking.begun(desk)
    link = walking.link_of(client)
    forged = [
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        link[:-1],
        link + "A",
        "A" * 22,
        "../" * 5,
        "%00",
        "é" * 22,
    ]
    for wrong in forged:
        nobody = desk.app.test_client()
        assert nobody.get(f"/intake/link/{wrong}").status_code == 404, wrong
        nobody.post(f"/intake/link/{wrong}", data={"csrf_token": token_of(nobody)})
        assert nobody.get_cookie(INTAKE.name) is None
        nobody.set_cookie(INTAKE.name, wrong.encode("ascii", "replace").decode())
        assert nobody.get("/intake/concerns").status_code == 403
        typed = {"concern_text": "All that I have just typed here"}
        answer = walking.post(nobody, "/intake/concerns", typed)
        assert answer.status_code == 403 and typed["concern_text"] in answer.text
    with desk.session() as session:
        row = rows.by_hash(session, intakes._hash(link))
        assert row is not None
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    assert client.get(f"/intake/link/{link}").status_code == 410
    assert walking.post(client, f"/intake/link/{link}", {}).status_code == 410
    assert client.get("/intake/concerns").status_code == 403
    assert walking.post(client, "/intake/carry-on", {"link": link}).status_code == 422
    tried(len(forged) * 4 + 4)


def test_a_link_of_another_clinic_opens_nothing_here(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'two.sqlite'}"
    schema.upgrade(url)
    for slug in ("north", "south"):
        with engine.sessions(url)() as session:
            clinics.create(engine.writing(session), slug, slug, now=datetime.now(UTC), host=f"{slug}.example")
            session.commit()
    client = create_app(settings_for(url)).test_client()
    assert client.post("/intake/begin", base_url="http://north.example").status_code == 303
    cookie = client.get_cookie(INTAKE.name, "north.example")
    assert cookie is not None
    path = f"/intake/link/{cookie.value}"
    asked = {host: client.get(path, base_url=f"http://{host}").status_code
             for host in ("north.example", "north.example:8000", "south.example", "elsewhere.example")}  # fmt: skip
    assert asked == {"north.example": 200, "north.example:8000": 200, "south.example": 404, "elsewhere.example": 404}
