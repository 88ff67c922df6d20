"""A yes, however it is said and whatever fails: written down before the answer leaves, or told that it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.web.conftest import Clinic, settings_for
from tests.web.desk import Desk, desk_of
from tests.web.intake import walking
from tests.web.intake.looking import everything
from web import create_app, edge
from web.db import engine
from web.intake import safety

NOT_TOLD, TOLD = "We could not tell the practice", "Your answer stands at the top of the list"


@pytest.mark.S14
def test_a_yes_among_other_answers_is_a_yes(desk: Desk, tried: Callable[[int], None]) -> None:
    """Whatever else a browser sends along, and whatever was said before."""
    mixes = (
        ["yes"], ["yes", "yes"], ["no", "yes"], ["yes", "no"], ["", "yes"], ["maybe", "yes"], ["\x00", "yes"],
    )  # fmt: skip
    for mix in mixes:
        client = walking.begun(desk)
        walking.answer_all(client)
        answer = client.post("/intake/safety?checked", data={"at_risk": mix, "extra": "x" * 10_000})
        assert answer.location == "/intake/safety/told", mix
        assert TOLD in client.get(answer.location).text
        assert walking.kept_by(desk, client).document() == walking.DOCUMENT | {"at_risk": True}
    tried(len(mixes))


def test_the_flag_is_written_down_before_the_browser_is_sent_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = walking.begun(desk)
    before = len(everything(desk.url)["flags"])
    seen: list[int] = []
    real = safety.redirect

    def noted(*args: object) -> object:
        seen.append(len(everything(desk.url)["flags"]))
        return real(*args)

    monkeypatch.setattr(safety, "redirect", noted)
    assert client.post("/intake/safety", data={"at_risk": "yes"}).status_code == 303
    assert seen == [before + 1]


def test_what_is_no_yes_is_asked_again_and_an_empty_answer_goes_on(desk: Desk) -> None:
    client = walking.begun(desk)
    for said in ("YES", " yes", "yes ", "true", "1", "\u202eyes", "x" * 10_000):
        answer = client.post("/intake/safety", data={"at_risk": said})
        assert answer.status_code == 422 and walking.errors_lead_to_fields(answer.text) == 1, said
    assert client.post("/intake/safety", data={}).location == "/intake/practicalities"
    assert walking.kept_by(desk, client).flags == frozenset()


def test_who_has_not_said_yes_is_never_told_that_somebody_knows(desk: Desk) -> None:
    client = walking.begun(desk)
    for phone in ("", "none", "030 1234567"):
        answer = walking.post(client, "/intake/safety/told", {"phone": phone})
        assert TOLD not in answer.text
    assert TOLD not in client.get("/intake/safety/told").text


@contextmanager
def garbage(desk: Desk) -> Iterator[None]:
    """The file of the database is no database any more."""
    path = Path(desk.url.removeprefix("sqlite:///"))
    engine.engine(desk.url).dispose()
    for companion in path.parent.glob(f"{path.name}-*"):
        companion.unlink()
    whole = path.read_bytes()
    path.write_bytes(b"\xff" * len(whole))
    yield
    engine.engine(desk.url).dispose()
    for companion in path.parent.glob(f"{path.name}-*"):
        companion.unlink()
    path.write_bytes(whole)


@contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Every write is refused: the disk is full, or somebody holds the lock."""
    with engine.engine(desk.url).connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.commit()
    yield
    engine.engine(desk.url).dispose()


@contextmanager
def out_of_memory(desk: Desk) -> Iterator[None]:
    """No session can be made at all, for a reason that is not the database's."""

    def none() -> None:
        raise MemoryError

    whole = desk.app.extensions[edge._SESSIONS]
    desk.app.extensions[edge._SESSIONS] = none
    yield
    desk.app.extensions[edge._SESSIONS] = whole


@contextmanager
def gone(desk: Desk) -> Iterator[None]:
    """The server does not answer."""

    def none() -> None:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    whole = desk.app.extensions[edge._SESSIONS]
    desk.app.extensions[edge._SESSIONS] = none
    yield
    desk.app.extensions[edge._SESSIONS] = whole


@pytest.mark.parametrize("trouble", [garbage, out_of_memory, gone])
def test_the_strip_of_the_demo_stands_in_nobodys_way_to_help(
    clinic: Clinic, tmp_path: Path, trouble: Callable[[Desk], object]
) -> None:
    """It is on every page and asks whose clinic this is; where the database failed already, it asks nothing there."""
    desk = desk_of(clinic, tmp_path)
    desk = Desk(desk.url, create_app(settings_for(desk.url, environment="demo")), desk.staff)
    client = walking.begun(desk)
    with trouble(desk):  # type: ignore[attr-defined]
        answer = client.post("/intake/safety", data={"at_risk": "yes"})
        assert answer.status_code == 503 and NOT_TOLD in answer.text and 'href="tel:112"' in answer.text


@pytest.mark.parametrize("trouble", [garbage, locked, out_of_memory, gone])
def test_whatever_fails_the_page_says_whom_to_call_and_that_nobody_was_told(
    clinic: Clinic, tmp_path: Path, trouble: Callable[[Desk], object], capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_of(clinic, tmp_path)
    client, other = walking.begun(desk), desk.app.test_client()
    before = everything(desk.url)
    with trouble(desk):  # type: ignore[attr-defined]
        for browser in (client, other, client):
            answer = browser.post("/intake/safety", data={"at_risk": "yes"})
            assert answer.status_code == 503 and NOT_TOLD in answer.text and TOLD not in answer.text
            assert 'href="tel:112"' in answer.text and answer.headers["Cache-Control"] == "no-store"
            assert "<form" not in answer.text.split("<main", 1)[1]  # nothing is asked that could not be kept either
            assert browser.get("/help-now").status_code == 200
        assert client.get("/intake/concerns").status_code in {200, 500, 503}
    assert everything(desk.url) == before
    assert walking.link_of(client) not in "".join(capsys.readouterr())
    assert client.post("/intake/safety", data={"at_risk": "yes"}).status_code == 303
    assert len(everything(desk.url)["flags"]) == len(before["flags"]) + 1
