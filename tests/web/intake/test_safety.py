"""A yes to the safety question is written down before anything else, or the page says that it was not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.web.conftest import settings_for
from tests.web.desk import Desk
from tests.web.intake import walking
from web import create_app
from web.db.tables import FlagRow


def flags(desk: Desk, intake_id: object) -> list[FlagRow]:
    with desk.session() as session:
        return list(session.scalars(select(FlagRow).where(FlagRow.intake_id == intake_id)))


def test_a_yes_raises_one_flag_however_often_it_is_said(desk: Desk) -> None:
    client = walking.begun(desk)
    for _ in range(3):
        answer = client.post("/intake/safety", data={"at_risk": "yes"})
        assert (answer.status_code, answer.location) == (303, "/intake/safety/told")
    kept = walking.kept_by(desk, client)
    found = flags(desk, kept.id)
    assert [(flag.kind, flag.seen_at) for flag in found] == [("safety", None)]
    assert kept.said("safety") == {"at_risk": True}
    page = client.get("/intake/safety/told").text
    assert "Your answer stands at the top of the list" in page and 'href="tel:112"' in page
    answer = walking.post(client, "/intake/safety/told", {"name": "Ada", "phone": "030 123"})
    assert answer.status_code == 303
    assert walking.kept_by(desk, client).said("contact") == {"name": "Ada", "phone": "030 123"}
    assert "The practice can reach you at 030 123" in client.get("/intake/safety/told?thanks=1").text
    for wrong in ("no", "", "  "):
        answer = walking.post(client, "/intake/safety/told", {"name": "Ada", "phone": wrong})
        assert answer.status_code == 422 and "can reach you" not in answer.text


def test_a_flag_that_somebody_has_seen_is_raised_again_by_another_yes(desk: Desk) -> None:
    client = walking.begun(desk)
    client.post("/intake/safety", data={"at_risk": "yes"})
    key = walking.kept_by(desk, client).id
    coordinator = desk.browser("coordinator")
    flag = flags(desk, key)[0]
    walking.post(coordinator, f"/queue/flags/{flag.id}/seen", {})
    assert flags(desk, key)[0].seen_at is not None
    client.post("/intake/safety", data={"at_risk": "yes"})
    assert flags(desk, key)[0].seen_at is None


def test_a_yes_needs_no_token_and_no_blocks_nobody(desk: Desk) -> None:
    for said in ("no", ""):
        client = walking.begun(desk)
        answer = client.post("/intake/safety", data={"at_risk": said})
        assert (answer.status_code, answer.location) == (303, "/intake/practicalities")
        assert flags(desk, walking.kept_by(desk, client).id) == []


def test_a_yes_without_a_link_shows_whom_to_call_and_says_that_nobody_was_told(desk: Desk) -> None:
    answer = desk.app.test_client().post("/intake/safety", data={"at_risk": "yes"})
    assert answer.status_code == 503
    assert "We could not tell the practice" in answer.text and 'href="tel:112"' in answer.text


@pytest.mark.parametrize("fails_at", ["opening", "commit"])
def test_without_the_database_the_page_says_that_nobody_was_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fails_at: str, tried: Callable[[int], None]
) -> None:
    client = walking.begun(desk)
    key = walking.kept_by(desk, client).id
    whole = desk.app.extensions["rapport_sessions"]

    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("a statement", {}, Exception("gone"))

    def broken() -> object:
        if fails_at == "opening":
            gone()
        opened = whole()
        monkeypatch.setattr(opened, "commit", gone)
        return opened

    monkeypatch.setitem(desk.app.extensions, "rapport_sessions", broken)
    answer = client.post("/intake/safety", data={"at_risk": "yes"})
    assert answer.status_code == 503
    assert "We could not tell the practice" in answer.text and 'href="tel:112"' in answer.text
    assert client.get("/help-now").status_code == 200
    monkeypatch.undo()
    assert flags(desk, key) == []
    tried(1)


def test_a_number_left_after_somebody_has_looked_stands_before_them_again(desk: Desk) -> None:
    client = walking.begun(desk)
    client.post("/intake/safety", data={"at_risk": "yes"})
    key = walking.kept_by(desk, client).id
    coordinator = desk.browser("coordinator")
    walking.post(coordinator, f"/queue/flags/{flags(desk, key)[0].id}/seen", {})
    seen = client.get("/intake/safety/told").text
    assert "has seen your answer" in seen and "stands at the top" not in seen
    assert walking.post(client, "/intake/safety/told", {"name": "", "phone": "030 777123"}).status_code == 303
    assert flags(desk, key)[0].seen_at is None
    assert "Your answer stands at the top" in client.get("/intake/safety/told").text
    assert "030 777123" in coordinator.get("/queue/").text


def test_no_limit_stands_before_a_yes(desk: Desk) -> None:
    app = create_app(settings_for(desk.url, address_limit="5 per minute"))
    client = app.test_client()
    client.post("/intake/begin")
    assert [client.get("/intake/").status_code for _ in range(6)][-1] == 429
    for _ in range(20):
        assert client.post("/intake/safety", data={"at_risk": "yes"}).location == "/intake/safety/told"
    assert "Your answer stands at the top" in client.get("/intake/safety/told").text
