"""Goals on both engines: three at a time, in one's own words, rated, ended and taken up again; what changed before."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.services.test_measures import given_a_place, has_met
from tests.web.waiting_room import client_of, sent
from web.services import goals

DAY = timedelta(days=1)


@pytest.fixture
def client_id(at_harbour: Session) -> UUID:
    return client_of(sent(at_harbour))


def scores(session: Session, client_id: UUID) -> list[list[tuple[int, str]]]:
    return [[(said.score, said.moment) for said in goal.ratings] for goal in goals.of_client(session, client_id)]


def test_what_changed_between_booking_and_the_first_session_is_told_apart(at_harbour: Session, client_id: UUID) -> None:
    goal = goals.add(at_harbour, client_id, "Sleep through the night", now=NOW)
    goals.rate(at_harbour, client_id, {goal: 2}, now=NOW)
    (found,) = goals.of_client(at_harbour, client_id)
    assert (found.change, found.before_therapy) == (None, None)
    given_a_place(at_harbour, client_id)
    goals.rate(at_harbour, client_id, {goal: 5}, now=NOW + 2 * DAY)
    has_met(at_harbour, client_id, 1)
    goals.rate(at_harbour, client_id, {goal: 9}, now=NOW + 8 * DAY)
    (found,) = goals.of_client(at_harbour, client_id)
    assert scores(at_harbour, client_id) == [[(2, "booking"), (5, "before_first"), (9, "course")]]
    assert (found.change, found.before_therapy) == (7, 3)


def test_rated_again_within_a_day_it_replaces(at_harbour: Session, client_id: UUID) -> None:
    goal = goals.add(at_harbour, client_id, "See friends", now=NOW)
    for hours, score in ((0, 2), (5, 4), (40, 6)):
        goals.rate(at_harbour, client_id, {goal: score}, now=NOW + timedelta(hours=hours))
    assert scores(at_harbour, client_id) == [[(4, "booking"), (6, "booking")]]


def test_three_at_a_time_and_the_same_words_are_the_same_goal(at_harbour: Session, client_id: UUID) -> None:
    made = [goals.add(at_harbour, client_id, words, now=NOW) for words in ("One", "Two ", "  Three")]
    assert goals.add(at_harbour, client_id, "two", now=NOW) == made[1]
    with pytest.raises(InvalidInput) as refused:
        goals.add(at_harbour, client_id, "Four", now=NOW)
    assert refused.value.field == "goals"
    goals.end(at_harbour, client_id, made[0], now=NOW + DAY)
    goals.end(at_harbour, client_id, made[0], now=NOW + 2 * DAY)
    fourth = goals.add(at_harbour, client_id, "Four", now=NOW)
    with pytest.raises(InvalidInput):
        goals.take_up(at_harbour, client_id, made[0])
    goals.end(at_harbour, client_id, fourth, now=NOW)
    for _ in range(2):  # the second time it is one already, and no fourth
        goals.take_up(at_harbour, client_id, made[0])
    opened = [goal.words for goal in goals.of_client(at_harbour, client_id) if goal.ended_at is None]
    assert sorted(opened) == ["One", "Three", "Two"]


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 301])
def test_what_is_no_goal_is_refused(at_harbour: Session, client_id: UUID, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        goals.add(at_harbour, client_id, words, now=NOW)
    assert refused.value.field == "words" and goals.of_client(at_harbour, client_id) == ()


@pytest.mark.parametrize("score", [-1, 11, 2.5, True])
def test_a_rating_lies_between_0_and_10(at_harbour: Session, client_id: UUID, score: int) -> None:
    goal = goals.add(at_harbour, client_id, "One", now=NOW)
    with pytest.raises(InvalidInput):
        goals.rate(at_harbour, client_id, {goal: score}, now=NOW)


def test_nobody_touches_the_goal_of_another(at_harbour: Session, client_id: UUID) -> None:
    other = client_of(sent(at_harbour))
    goal = goals.add(at_harbour, client_id, "Mine", now=NOW)
    with pytest.raises(LookupError):
        goals.rate(at_harbour, other, {goal: 5}, now=NOW)
    with pytest.raises(LookupError):
        goals.end(at_harbour, other, goal, now=NOW)
    with pytest.raises(LookupError):
        goals.take_up(at_harbour, other, goal)
    goals.end(at_harbour, client_id, goal, now=NOW)
    with pytest.raises(LookupError):
        goals.rate(at_harbour, client_id, {goal: 5}, now=NOW)


def test_the_goals_of_the_intake_are_what_one_may_begin_with(at_harbour: Session) -> None:
    kept = sent(at_harbour, goals=["Sleep again", "Call my sister"])
    assert goals.suggested(kept) == ("Sleep again", "Call my sister")
