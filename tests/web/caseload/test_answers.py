"""A therapist answers: what is told before, what after, and that nobody sees the requests and clients of others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.conftest import Clinic, keep_directory
from tests.web.desk import Desk, desk_of
from tests.web.seekers import Seeker, seeker
from tests.web.staff import hire, signed_in, token_of
from web.db.queries import directory
from web.db.tables import OutboxRow, RequestChoiceRow
from web.services import clinics, people, requests

OWN_WORDS = "The door, always the door."
HIDDEN = ("Ada", "ada@there.example", OWN_WORDS, "Sleep again")


@pytest.fixture(scope="module")
def desk(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_of(clinic, tmp_path_factory.mktemp("answers"))
    with made.session() as session:
        directory.some(session, ["t01"])[0].capacity = 20
        keep_directory(session)
    return made


@pytest.fixture
def maren(desk: Desk) -> FlaskClient:
    return desk.browser("therapist")


@pytest.fixture
def ada(desk: Desk) -> Seeker:
    """Somebody who has asked for Maren Oduya, and for somebody else in case she cannot."""
    wishes = {"modality": {"options": ["act"], "strength": "matters"}}
    made = seeker(desk, concern_text=OWN_WORDS, goals=["Sleep again"], wishes=wishes)
    second = next(id_ for id_ in made.shown() if id_ != "t01")
    assert made.post("/request/ask", first="t01", second=second).status_code == 303
    return made


def post(client: FlaskClient, path: str, **typed: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **typed})


def asked_at(ada: Seeker) -> str:
    return f"/caseload/requests/{ada.choices()[0]}"


def coming(days: int = 7) -> dict[str, str]:
    return {"day": (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d"), "time": "18:30"}


def another(desk: Desk, id_: str) -> FlaskClient:
    """Another therapist of the clinic."""
    hired = hire(desk.url, "therapist", name="Another")
    with desk.session() as session:
        people.link_therapist(session, hired.id, id_, now=datetime.now(UTC))
    return signed_in(desk.app, desk.url, hired)


def test_before_the_answer_all_is_told_that_helps_to_decide_and_nothing_else(maren: FlaskClient, ada: Seeker) -> None:
    home = maren.get("/caseload/").text
    assert asked_at(ada) in home and "3 days left" in home
    page = maren.get(asked_at(ada)).text
    assert "Anxiety" in page and "Within six weeks" in page and "Please answer by" in page
    assert "Acceptance and commitment" in page and "What they read about you on their list" in page
    assert re.search(r'<span class="chip">(Strong|Good|Possible) fit</span>', page)
    for words in HIDDEN:
        assert words not in page and words not in home, words


def test_a_yes_opens_the_whole_intake_and_a_day_can_be_noted_moved_and_taken_away(
    desk: Desk, maren: FlaskClient, ada: Seeker
) -> None:
    done = post(maren, asked_at(ada) + "/accept", day="", time="")
    here = f"/caseload/clients/{ada.place()}"
    assert (done.status_code, done.location) == (303, f"{here}?done=accepted")
    page = maren.get(done.location).text
    assert all(words in page for words in HIDDEN) and "You have said yes" in page
    assert here in maren.get("/caseload/").text and "No day agreed yet" in maren.get("/caseload/").text
    assert maren.get(here + "/first-session.ics").status_code == 404
    assert post(maren, here + "/session", **coming()).location == f"{here}?done=booked"
    file = maren.get(here + "/first-session.ics").text
    assert f"DTSTART:{coming()['day'].replace('-', '')}T183000Z" in file and "Ada" not in file
    assert post(maren, here + "/session", **coming(9)).location == f"{here}?done=booked"
    assert f'value="{coming(9)["day"]}"' in maren.get(here).text
    assert post(maren, here + "/session", day="", time="").location == f"{here}?done=unbooked"
    with desk.session() as session:
        sent = session.execute(select(OutboxRow.kind, OutboxRow.recipient)).all()
        kinds = [kind for kind, recipient in sent if recipient == "ada@there.example"]
    assert kinds.count("booked") == 3 and "request_accepted" in kinds


def test_a_yes_may_bring_the_first_day(maren: FlaskClient, ada: Seeker) -> None:
    assert post(maren, asked_at(ada) + "/accept", **coming()).status_code == 303
    assert 'data-kind="booked"' in ada.page() and "18:30" in ada.page()


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ({"day": "2026-02-30", "time": "10:00"}, "a day such as"),
        ({"day": "tomorrow", "time": "10:00"}, "a day such as"),
        ({"day": "9" * 400, "time": "10:00"}, "a day such as"),
        ({"time": "25:00"} | {"day": "2026-12-24"}, "a time of day such as"),
        ({"day": "2026-12-24", "time": ""}, "choose the time as well"),
        ({"day": "", "time": "10:00"}, "choose the day as well"),
        ({"day": "2020-01-01", "time": "10:00"}, "has not passed"),
        ({"day": "9999-12-31", "time": "23:59"}, "within the next year"),
    ],
)
def test_a_day_that_cannot_be_is_asked_for_again(
    maren: FlaskClient, typed: dict[str, str], mend: str, shared: Seeker
) -> None:
    again = post(maren, asked_at(shared) + "/accept", **typed)
    assert again.status_code == 422 and mend in again.text
    assert shared.states() == ("open", ["asked"])


@pytest.fixture(scope="module")
def shared(desk: Desk) -> Seeker:
    """Somebody who has asked, whom no test answers."""
    made = seeker(desk)
    assert made.post("/request/ask", first="t01", second="").status_code == 303
    return made


def test_an_old_page_and_a_no_without_a_reason_change_nothing(maren: FlaskClient, shared: Seeker) -> None:
    old = maren.post(asked_at(shared) + "/accept", data=coming())
    assert old.status_code == 422 and "open for a long time" in old.text and coming()["day"] in old.text
    for reason in ({}, {"reason": ""}, {"reason": "spite"}):
        again = post(maren, asked_at(shared) + "/decline", **reason)
        assert again.status_code == 422 and "Please choose a reason." in again.text
    assert shared.states() == ("open", ["asked"])


def test_a_no_asks_the_second_choice_and_keeps_the_reason_for_the_practice(
    desk: Desk, maren: FlaskClient, ada: Seeker
) -> None:
    done = post(maren, asked_at(ada) + "/decline", reason="know_each_other")
    assert (done.status_code, done.location) == (303, "/caseload/?done=declined")
    assert ada.states() == ("open", ["declined", "asked"])
    assert "know" not in ada.page().split("<main", 1)[1].split("<footer", 1)[0]
    (choice, _second) = ada.choices()
    with desk.session() as session:
        row = session.scalars(select(RequestChoiceRow).where(RequestChoiceRow.id == choice)).one()
        assert row.reason == "know_each_other"


@pytest.mark.parametrize("over", ["accepted", "declined", "withdrawn", "lapsed"])
def test_what_has_ended_meanwhile_is_told_in_words(desk: Desk, maren: FlaskClient, ada: Seeker, over: str) -> None:
    here = asked_at(ada)
    if over == "accepted":
        post(maren, here + "/accept")
    elif over == "declined":
        post(maren, here + "/decline", reason="other")
    elif over == "withdrawn":
        ada.post("/request/withdraw")
    else:
        with desk.session() as session:
            requests.lapse(session, clinics.find(session, None), now=datetime.now(UTC) + timedelta(days=4))
    before = ada.states()
    words = "was answered already" if over in ("accepted", "declined") else "has ended meanwhile"
    for answer in (maren.get(here), post(maren, here + "/accept"), post(maren, here + "/decline", reason="away")):
        assert answer.status_code == 409 and words in answer.text
    assert ada.states() == before


def test_a_place_that_was_given_back_can_be_booked_no_more(maren: FlaskClient, ada: Seeker) -> None:
    post(maren, asked_at(ada) + "/accept")
    here = f"/caseload/clients/{ada.place()}"
    ada.post("/request/withdraw")
    for answer in (maren.get(here), post(maren, here + "/session", **coming())):
        assert answer.status_code == 409 and "has ended meanwhile" in answer.text
    assert ada.states()[0] == "withdrawn"


def test_nobody_sees_or_answers_what_is_another_therapists(desk: Desk, maren: FlaskClient, ada: Seeker) -> None:
    post(maren, asked_at(ada) + "/accept")
    bo = seeker(desk, name="Bo")
    second = next(id_ for id_ in bo.shown() if id_ != "t01")
    assert bo.post("/request/ask", first="t01", second=second).status_code == 303
    stranger = another(desk, second)
    asked, client = asked_at(bo), f"/caseload/clients/{ada.place()}"
    home = stranger.get("/caseload/").text
    assert asked not in home and client not in home
    refused = [stranger.get(path).status_code for path in (asked, client, client + "/first-session.ics")]
    refused += [post(stranger, asked + "/accept").status_code, post(stranger, client + "/session").status_code]
    refused += [post(stranger, asked + "/decline", reason="other").status_code]
    refused.append(
        stranger.get(f"/caseload/requests/{bo.choices()[1]}").status_code
    )  # who is not asked yet learns nothing
    refused.append(maren.get(f"/caseload/requests/{UUID(int=7)}").status_code)
    assert set(refused) == {404} and bo.states()[0] == "open"


def test_a_yes_to_the_safety_question_is_told_before_the_answer(desk: Desk, maren: FlaskClient) -> None:
    runa = seeker(desk, at_risk=True)
    runa.post("/request/ask", first="t01", second="")
    page = maren.get(asked_at(runa)).text
    assert "A safety flag stands" in page and "looks after that, whatever you answer" in page


def test_without_a_request_the_page_says_so(clinic: Clinic, tmp_path: Path) -> None:
    page = desk_of(clinic, tmp_path).browser("therapist").get("/caseload/").text
    assert "Nobody asks for you just now" in page and "As clients see you" in page
