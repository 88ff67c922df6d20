"""Well-being and goals on the page of a course: what is shared by name, and otherwise always the same words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.web.conftest import Clinic
from tests.web.courses.test_courses import begun
from tests.web.desk import Desk, desk_of
from web.services import goals, measures
from web.services.check_ins import AGGREGATE, NAMED

GOAL = "canary-goal-in-their-own-words"
HIGH = {"gad-7": dict.fromkeys(map(str, range(1, 8)), 3.0)}
LOW = {"gad-7": dict.fromkeys(map(str, range(1, 8)), 1.0)}
TRACES = ("GAD-7", "21 of 21", "severe", "7 of 21", "clearly better", GOAL, "4 of 10", "Goals in their own words")
NOTHING = "that nothing stands here says nothing about whether there are any"


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def told(desk: Desk, client_id: UUID) -> tuple[UUID, UUID]:
    """(score, goal) of a client who was badly off and is better now."""
    now = datetime.now(UTC)
    with desk.session() as session:
        measures.save(session, client_id, HIGH, shown_to=NAMED, now=now - timedelta(days=20))
        measures.save(session, client_id, LOW, shown_to=NAMED, now=now - timedelta(days=2))
        goal = goals.add(session, client_id, GOAL, now=now)
        goals.rate(session, client_id, {goal: 4}, now=now)
        goals.show_to(session, client_id, goal, NAMED)
        return measures.of_client(session, client_id)[-1].id, goal


def choose(desk: Desk, client_id: UUID, score: UUID, goal: UUID, to: str) -> None:
    with desk.session() as session:
        measures.show_to(session, client_id, score, to)
        goals.show_to(session, client_id, goal, to)


def card(page: str) -> str:
    found = re.search(r"<h2>Well-being and goals</h2>(.*?)</section>", page, re.S)
    assert found is not None
    return found[1]


@pytest.mark.P3
def test_what_is_shared_stands_there_and_on_the_next_page_nothing(desk: Desk, tried: Callable[[int], None]) -> None:
    place, client_id = begun(desk, "aggregate")
    browser, path = desk.browser("therapist"), f"/courses/{place}"
    empty = card(browser.get(path).text)
    assert NOTHING in empty
    score, goal = told(desk, client_id)
    for to in (NAMED, AGGREGATE, NAMED, AGGREGATE):
        choose(desk, client_id, score, goal, to)
        page = browser.get(path).text
        if to == NAMED:
            assert all(trace in page for trace in TRACES) and NOTHING not in page
            assert "Feeling nervous" not in page and "Nearly every day" not in page  # never an answer
        else:
            assert card(page) == empty and not any(trace in page for trace in TRACES)
        tried(1)


@pytest.mark.P3
def test_other_therapists_and_other_pages_show_nothing_of_it(desk: Desk) -> None:
    place, client_id = begun(desk, "named", with_whom="t02")
    told(desk, client_id)
    browser = desk.browser("therapist")
    assert browser.get(f"/courses/{place}").status_code == 404
    mine, own = begun(desk, "named")
    told(desk, own)
    for path in ("/courses/", "/development/", "/caseload/", f"/caseload/clients/{mine}"):
        assert not any(trace in browser.get(path).text for trace in (GOAL, "GAD-7"))
