"""A1: however often it is sent, a session has one check-in and one rating, and every sender gets a clear answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.web.conftest import settings_for
from tests.web.desk import Desk
from tests.web.hours import Hour, an_hour
from web import create_app, edge
from web.db.tables import CheckInRow, RatingRow
from web.services import check_ins

Tried = Callable[[int], None]
pytestmark = pytest.mark.A1
FOUR = {"bond": "9", "goals": "8", "way": "9", "overall": "10", "shown_to": "aggregate"}
AGAIN, OTHER = 303, 409
POSTS = 50


@pytest.fixture
def desk(harbour: str) -> Desk:
    return Desk(harbour, create_app(settings_for(harbour)), {})


@pytest.fixture
def hour(desk: Desk) -> Hour:
    return an_hour(desk)


def browser(desk: Desk, token: str) -> FlaskClient:
    client = desk.app.test_client()
    client.get(f"/check-ins/link/{token}")
    return client


def post(client: FlaskClient, token: str, comment: str) -> tuple[int, str]:
    answer = client.post("/check-ins/now", data={"token": token, **FOUR, "comment": comment})
    return answer.status_code, answer.text


def another(desk: Desk, hour: Hour, *, shown_by: str | None = None) -> str:
    """One more link to the same hour."""
    with desk.session() as session:
        until = hour.now + timedelta(days=7)
        return check_ins.link_for(session, hour.clinic, hour.session_id, now=hour.now, until=until, shown_by=shown_by)


def kept(desk: Desk, hour: Hour) -> tuple[list[str], int]:
    """(the words of each check-in of the session, how many ratings it has)."""
    with desk.session() as session:
        said = session.scalars(select(CheckInRow.comment).where(CheckInRow.session_id == hour.session_id)).all()
        n = session.scalar(select(func.count(RatingRow.id)).where(RatingRow.session_id == hour.session_id))
        return list(said), n or 0


def test_a_double_click_is_thanked_twice_and_kept_once(desk: Desk, hour: Hour, tried: Tried) -> None:
    client = browser(desk, hour.token)
    with ThreadPoolExecutor(2) as pool:
        statuses = [status for status, _ in pool.map(lambda _: post(client, hour.token, "Words."), range(2))]
    assert statuses == [AGAIN, AGAIN] and kept(desk, hour) == (["Words."], 1)
    tried(2)


def test_of_fifty_at_once_one_is_kept_and_the_others_are_told_so(desk: Desk, hour: Hour, tried: Tried) -> None:
    """By two links, so that nothing but the hour itself is there to queue for."""
    tokens, clients = (hour.token, another(desk, hour)), [browser(desk, hour.token) for _ in range(10)]

    def send(k: int) -> tuple[int, str]:
        return post(clients[k % len(clients)], tokens[k % 2], f"These are words {k}.")

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(send, range(POSTS)))
    assert Counter(status for status, _ in answers) == {AGAIN: 1, OTHER: POSTS - 1}
    first = next(k for k, (status, _) in enumerate(answers) if status == AGAIN)
    assert kept(desk, hour) == ([f"These are words {first}."], 1)
    for k, (status, text) in enumerate(answers):
        assert status == AGAIN or (f"These are words {k}." in text and 'name="correct"' in text)
    tried(POSTS)


@pytest.mark.parametrize("cookies", [True, False])
def test_again_after_no_answer_came(
    desk: Desk, hour: Hour, cookies: bool, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was kept and the answer was lost, or the database was away before it was kept."""
    client = browser(desk, hour.token) if cookies else desk.app.test_client(use_cookies=False)
    with monkeypatch.context() as patched:
        patched.setattr(edge, "session", lambda: (_ for _ in ()).throw(OSError("away")))
        patched.setattr("web.tour.routes._is_demo", lambda: False)
        status, text = post(client, hour.token, "Words.")
    assert status == 503 and "Words." in text and kept(desk, hour) == ([], 0)
    for _lost in range(3):
        status, text = post(client, hour.token, "Words.")
        assert status == (AGAIN if cookies else 200) and (cookies or "It is kept." in text)
        assert kept(desk, hour) == (["Words."], 1)
    tried(4)


def test_two_tabs_and_two_links_change_nothing_of_what_was_said_first(desk: Desk, hour: Hour, tried: Tried) -> None:
    other, shown = another(desk, hour), another(desk, hour, shown_by="a")
    client = browser(desk, hour.token)
    assert post(client, hour.token, "The first tab.")[0] == AGAIN
    for token, comment, expected in (
        (hour.token, "The second tab.", OTHER),
        (other, "The first tab.", AGAIN),
        (other, "The second tab.", OTHER),
        (shown, "The first tab.", AGAIN),
        (shown, "The second tab.", 200),  # it is used, and shows nobody what was said
    ):
        status, text = post(client, token, comment)
        assert status == expected and (expected != 200 or ("You have said how it was" in text))
        assert kept(desk, hour) == (["The first tab."], 1)
    tried(6)


def test_by_a_link_and_on_the_tablet_at_once(desk: Desk, hour: Hour, tried: Tried) -> None:
    """Ten each, each with other words: one of the twenty is kept, and the others are told that it was said."""
    clients = [browser(desk, hour.token) for _ in range(10)]
    start = Barrier(2 * len(clients), timeout=60)

    def on_the_tablet(k: int) -> str:
        said = check_ins.Said(9, 8, 9, 10, comment=f"Tablet {k}.")
        start.wait()
        with desk.session() as session:
            return check_ins.say_of(session, hour.clinic, hour.session_id, said, hour.now)

    def by_the_link(k: int) -> int:
        start.wait()
        return post(clients[k], hour.token, f"Link {k}.")[0]

    with ThreadPoolExecutor(2 * len(clients)) as pool:
        works = [pool.submit(work, k) for k in range(len(clients)) for work in (on_the_tablet, by_the_link)]
        found = Counter(work.result() for work in works)
    n_kept = found["said"] + found[AGAIN]
    assert (n_kept, found["used"] + found[OTHER]) == (1, 2 * len(clients) - 1)
    words, n_ratings = kept(desk, hour)
    assert (len(words), n_ratings) == (1, 1) and words[0].startswith("Tablet" if found["said"] else "Link")
    tried(2 * len(clients))


@pytest.mark.parametrize("table", [CheckInRow, RatingRow])
def test_the_database_itself_keeps_no_second_one(
    desk: Desk, hour: Hour, table: type[CheckInRow | RatingRow], tried: Tried
) -> None:
    post(browser(desk, hour.token), hour.token, "Words.")
    four = {"bond": 1, "goals": 1, "way": 1, "overall": 1, "helped": [], "hindered": [], "said_at": hour.now}
    values = four if table is CheckInRow else {"score": 0.1, "created_at": hour.now}
    with pytest.raises(IntegrityError), desk.session() as session:
        session.add(table(session_id=hour.session_id, **values))
        session.flush()
    assert kept(desk, hour) == (["Words."], 1)
    tried(1)
