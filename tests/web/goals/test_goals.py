"""Goals in the browser: written down in one's own words, rated, set aside, taken up; what came nearer by itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest

from tests.web.desk import Desk
from tests.web.seekers import Seeker, seeker
from tests.web.staff import token_of
from web.goals import presenters
from web.services import goals
from web.services.goals import Goal, Rated

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def ada(desk: Desk) -> Seeker:
    return seeker(desk)


def ids(page: str) -> list[str]:
    return re.findall(r'action="/goals/([0-9a-f-]{36})/end"', page)


def add(ada: Seeker, *words: str) -> int:
    data = {"csrf_token": token_of(ada.browser), "words": list(words)}
    return ada.browser.post("/goals/", data=data).status_code


def test_up_to_three_goals_in_ones_own_words(ada: Seeker) -> None:
    assert ada.page("/goals/").count("<textarea") == 3
    assert add(ada, "Sleep <again>", "See friends", "") == 303
    page = ada.page("/goals/")
    assert "Sleep &lt;again&gt;" in page and len(ids(page)) == 2 and page.count("<textarea") == 1
    assert add(ada, "Third") == 303 and ada.page("/goals/").count("<textarea") == 0
    assert add(ada, "Third") == 303
    assert add(ada, "Fourth") == 422 and len(ids(ada.page("/goals/"))) == 3


@pytest.mark.parametrize("words", ["", "   ", "x" * 301])
def test_what_is_no_goal_is_asked_for_again(ada: Seeker, words: str) -> None:
    assert add(ada, words) == 422
    assert ids(ada.page("/goals/")) == []


def test_goals_of_which_one_is_too_long_are_all_shown_again(ada: Seeker) -> None:
    data = {"csrf_token": token_of(ada.browser), "words": ["Fine", "x" * 301]}
    answer = ada.browser.post("/goals/", data=data)
    assert answer.status_code == 422 and ">Fine</textarea>" in answer.text and "x" * 301 in answer.text
    assert ids(ada.page("/goals/")) == []


def test_the_goals_of_the_intake_are_offered_to_begin_with(desk: Desk) -> None:
    page = seeker(desk, goals=["Call my sister"]).page("/goals/")
    assert ">Call my sister</textarea>" in page


def test_they_are_rated_and_what_is_left_open_stays(desk: Desk, ada: Seeker) -> None:
    add(ada, "One", "Two")
    first, second = ids(ada.page("/goals/"))
    assert ada.post("/goals/ratings", **{first: "3", second: ""}).location == "/goals/?kept"
    page = ada.page("/goals/?kept")
    assert "3 of 10" in page and "Kept. Look in again" in page
    for wrong in ({first: "11"}, {first: "x"}, {"nothing": "3"}, {"0" * 32: "3"}):
        assert ada.post("/goals/ratings", **wrong).status_code == 422
    with desk.session() as session:
        client_id = ada.kept(session).client_id
        assert client_id is not None
        found = goals.of_client(session, client_id)
    assert [[said.score for said in goal.ratings] for goal in found] == [[3], []]


def test_a_goal_is_set_aside_and_taken_up_again(ada: Seeker) -> None:
    add(ada, "One")
    (goal,) = ids(ada.page("/goals/"))
    assert ada.post(f"/goals/{goal}/end").location == "/goals/"
    page = ada.page("/goals/")
    assert ids(page) == [] and f"/goals/{goal}/take-up" in page
    ada.post(f"/goals/{goal}/take-up")
    assert ids(ada.page("/goals/")) == [goal]


def test_nobody_reaches_the_goals_of_another(desk: Desk, ada: Seeker) -> None:
    add(ada, "Mine alone")
    (goal,) = ids(ada.page("/goals/"))
    other = seeker(desk)
    assert other.post(f"/goals/{goal}/end").status_code == 404
    assert other.post(f"/goals/{goal}/take-up").status_code == 404
    assert other.post("/goals/ratings", **{goal: "5"}).status_code == 422
    assert "Mine alone" not in other.page("/goals/") and ids(ada.page("/goals/")) == [goal]
    assert desk.app.test_client().get("/goals/").status_code == 403


def test_nothing_changes_by_looking_or_without_a_page_of_ours(ada: Seeker) -> None:
    assert ada.browser.post("/goals/", data={"words": "One"}).status_code == 400
    assert ids(ada.page("/goals/")) == []


def test_before_the_answers_are_sent_there_are_no_goals(desk: Desk) -> None:
    link, _ = desk.intake({"concerns": {"concerns": ["grief"]}})
    assert "Your answers come first" in desk.with_link(link).get("/goals/").text


def rated(*said: tuple[int, str]) -> Goal:
    ratings = tuple(Rated(score, moment, NOW + k * timedelta(days=7)) for k, (score, moment) in enumerate(said))
    return Goal(UUID(int=1), "Sleep", NOW, None, ratings)


@pytest.mark.parametrize(
    ("said", "so_far", "own"),
    [
        ((), "", False),
        (((3, "booking"),), "3 of 10", False),
        (((3, "booking"), (5, "before_first")), "From 3 to 5 of 10: nearer than when you began", True),
        (((3, "booking"), (5, "course")), "From 3 to 5 of 10: nearer than when you began", False),
        (((3, "booking"), (3, "before_first")), "3 of 10, as when you began", False),
        (((5, "booking"), (2, "before_first")), "further away just now", False),
    ],
)
def test_what_came_nearer_before_the_first_session_is_told_as_their_own_doing(
    said: tuple[tuple[int, str], ...], so_far: str, own: bool
) -> None:
    (shown,) = presenters.page([rated(*said)], (), UTC).opened
    assert so_far in shown.so_far and bool(shown.own_doing) is own
    assert not own or shown.own_doing == "Before your first session you came nearer to “Sleep”, by 2 steps of ten."


def test_it_stands_on_the_page_warmly(desk: Desk, ada: Seeker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "of_client", lambda *args: (rated((2, "booking"), (6, "before_first")),))
    page = unescape(ada.page("/goals/"))
    assert "by 4 steps of ten" in page and "it is your own doing" in page


def test_who_may_see_a_goal_is_chosen_for_each_and_begins_with_nobody(desk: Desk, ada: Seeker) -> None:
    add(ada, "Sleep", "Friends")
    first, second = ids(ada.page("/goals/"))
    assert ada.page("/goals/").count("nobody sees it with your name.") == 2
    assert ada.post(f"/goals/{first}/shown-to", shown_to="named").location == "/goals/?changed#who"
    page = ada.page("/goals/?changed")
    assert page.count("your therapist sees it.") == page.count("nobody sees it with your name.") == 1
    assert "holds from now on" in page
    for wrong in ("", "all", "x" * 5_000):
        assert ada.post(f"/goals/{second}/shown-to", shown_to=wrong).status_code == 404
    assert seeker(desk, name="Bo").post(f"/goals/{second}/shown-to", shown_to="named").status_code == 404
    ada.post(f"/goals/{first}/shown-to", shown_to="aggregate")
    assert ada.page("/goals/").count("nobody sees it with your name.") == 2
