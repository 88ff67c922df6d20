"""Scores and goals that a client shares by name, on both engines: while the newest is, and no trace of others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, sent
from web.db.tables import MeasureRow
from web.services import goals, measures
from web.services.check_ins import AGGREGATE, NAMED

DAY = timedelta(days=1)


def said(session: Session, client_id: UUID, each: int, days: float, shown_to: str) -> UUID:
    """A PHQ-9 and a GAD-7 of which every answer is the same; the key of one of the two."""
    answers = {"phq-9": dict.fromkeys(map(str, range(1, 9)), each), "gad-7": dict.fromkeys(map(str, range(1, 8)), each)}
    measures.save(session, client_id, answers, shown_to=shown_to, now=NOW + days * DAY)  # type: ignore[arg-type]
    return max(measures.of_client(session, client_id), key=lambda one: one.said_at).id


def scores(session: Session, client_id: UUID) -> list[float]:
    return [one.score for one in measures.shared(session, client_id) if one.code == "gad-7"]


def test_nobody_sees_scores_unless_the_client_says_so(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    assert measures.shared(at_harbour, client_id) == ()
    measures.save(at_harbour, client_id, {"gad-7": dict.fromkeys(map(str, range(1, 8)), 1.0)}, now=NOW)
    assert measures.shared(at_harbour, client_id) == ()


@pytest.mark.P3
def test_the_newest_decides_and_what_was_hidden_once_stays_so(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    said(at_harbour, client_id, 3, 0, NAMED)
    second = said(at_harbour, client_id, 2, 10, AGGREGATE)
    assert scores(at_harbour, client_id) == []
    third = said(at_harbour, client_id, 1, 20, NAMED)
    assert scores(at_harbour, client_id) == [21, 7]
    measures.show_to(at_harbour, client_id, third, AGGREGATE)
    assert scores(at_harbour, client_id) == []
    measures.show_to(at_harbour, client_id, third, NAMED)
    measures.show_to(at_harbour, client_id, second, NAMED)
    assert scores(at_harbour, client_id) == [21, 14, 7]
    assert {one.shown_to for one in measures.of_client(at_harbour, client_id)} == {NAMED}  # both of each check


@pytest.mark.P3
def test_a_change_is_told_from_the_first_that_is_shared(at_harbour: Session) -> None:
    """Else "about the same as the first time" would tell of one that nobody may see."""
    client_id = client_of(sent(at_harbour))
    said(at_harbour, client_id, 3, 0, AGGREGATE)
    said(at_harbour, client_id, 1, 10, NAMED)
    said(at_harbour, client_id, 2, 20, NAMED)
    first, second = [one for one in measures.shared(at_harbour, client_id) if one.code == "gad-7"]
    assert first.change is None and second.change is not None and second.change.difference == 7


def test_scores_of_others_decide_nothing_and_are_not_shown(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    said(at_harbour, client_id, 1, 0, NAMED)
    brought = MeasureRow(
        client_id=client_id, instrument="gad-7", version="2006", moment="imported", answers={}, score=3,
        said_at=NOW + 30 * DAY,
    )  # fmt: skip
    at_harbour.add(brought)
    at_harbour.flush()
    assert scores(at_harbour, client_id) == [7]
    with pytest.raises(LookupError):
        measures.show_to(at_harbour, client_id, brought.id, NAMED)


def test_only_the_client_chooses_and_only_what_there_is_to_choose(at_harbour: Session) -> None:
    mine, other = client_of(sent(at_harbour)), client_of(sent(at_harbour))
    key = said(at_harbour, mine, 1, 0, AGGREGATE)
    goal = goals.add(at_harbour, mine, "Sleep", now=NOW)
    with pytest.raises(LookupError):
        measures.show_to(at_harbour, other, key, NAMED)
    with pytest.raises(LookupError):
        goals.show_to(at_harbour, other, goal, NAMED)
    with pytest.raises(InvalidInput):
        measures.show_to(at_harbour, mine, key, "all")
    with pytest.raises(InvalidInput):
        goals.show_to(at_harbour, mine, goal, "all")
    with pytest.raises(InvalidInput):
        measures.save(at_harbour, mine, {}, shown_to="all", now=NOW)
    assert measures.shared(at_harbour, mine) == () == goals.shared(at_harbour, mine)


def test_a_goal_is_shared_by_itself_until_it_is_taken_back_or_set_aside(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    first, _second = (goals.add(at_harbour, client_id, words, now=NOW) for words in ("Sleep", "Friends"))
    goals.rate(at_harbour, client_id, {first: 4}, now=NOW)
    assert goals.shared(at_harbour, client_id) == ()
    goals.show_to(at_harbour, client_id, first, NAMED)
    assert [(one.words, one.ratings[0].score) for one in goals.shared(at_harbour, client_id)] == [("Sleep", 4)]
    goals.end(at_harbour, client_id, first, now=NOW)
    assert goals.shared(at_harbour, client_id) == ()
    goals.take_up(at_harbour, client_id, first)
    goals.show_to(at_harbour, client_id, first, AGGREGATE)
    assert goals.shared(at_harbour, client_id) == ()
