"""What the demo's clients said of their well-being and their goals: as if over months, for a demo has no past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.measures import GAD_7, PHQ_9, score
from web.db.queries import goals, measures
from web.db.tables import GoalRatingRow, GoalRow, MeasureRow
from web.services import demo_people, demo_requests, intakes
from web.services.check_ins import AGGREGATE, NAMED
from web.services.moments import BEFORE_FIRST, BOOKING, COURSE


@dataclass(frozen=True, slots=True)
class Story:
    """Somebody's answers, a digit an item, and goals with ratings: (days ago, moment, …)."""

    filled: tuple[tuple[int, str, str, str], ...]
    goals: Mapping[str, tuple[tuple[int, str, int], ...]]


STORIES: Mapping[str, Story] = MappingProxyType(
    {
        demo_people.IN_THERAPY: Story(
            filled=(
                (120, BOOKING, "223221210", "3322112"),
                (110, BEFORE_FIRST, "222221110", "2222112"),
                (80, COURSE, "222121110", "2211111"),
                (45, COURSE, "111111100", "1111101"),
            ),
            goals={
                "Sleep through most nights": (
                    (120, BOOKING, 2), (110, BEFORE_FIRST, 4), (80, COURSE, 4), (45, COURSE, 6), (10, COURSE, 7),
                ),
                "Say no at work without a bad conscience": ((120, BOOKING, 3), (110, BEFORE_FIRST, 3), (45, COURSE, 5)),
            },
        ),
        demo_requests.BOOKED: Story(
            filled=((12, BOOKING, "121211100", "3222111"),),
            goals={
                "Leave work at six": ((12, BOOKING, 2), (1, BEFORE_FIRST, 5)),
                "Send a mail and forget it": ((12, BOOKING, 1), (1, BEFORE_FIRST, 2)),
            },
        ),
    }
)  # fmt: skip


def furnish(session: Session, *, now: datetime) -> None:
    """Let the demo's clients have said something; whoever has said something already keeps that."""
    for persona, story in STORIES.items():
        kept = intakes.of_link(session, demo_people.link(persona), now=now)
        client_id = kept.client_id if kept is not None else None
        if client_id is not None and not goals.of_client(session, client_id):
            _fill_in(session, client_id, story, now)
            _set_goals(session, client_id, story, now)


def _fill_in(session: Session, client_id: UUID, story: Story, now: datetime) -> None:
    if measures.latest(session, client_id) is not None:
        return
    for days, moment, phq, gad in story.filled:
        for instrument, digits in ((PHQ_9, phq), (GAD_7, gad)):
            answers: dict[str, float | None] = {str(k): float(digit) for k, digit in enumerate(digits, start=1)}
            found = score(instrument, answers)
            row = MeasureRow(
                client_id=client_id, instrument=instrument.code, version=instrument.version, moment=moment,
                answers=answers, score=found, said_at=now - timedelta(days=days), shown_to=NAMED,
            )  # fmt: skip
            session.add(row)
    session.flush()


def _set_goals(session: Session, client_id: UUID, story: Story, now: datetime) -> None:
    for k, (words, ratings) in enumerate(story.goals.items()):
        made_at, shown_to = now - timedelta(days=ratings[0][0]), AGGREGATE if k else NAMED
        goal = GoalRow(client_id=client_id, words=words, made_at=made_at, shown_to=shown_to)
        session.add(goal)
        session.flush()
        for days, moment, found in ratings:
            rated_at = now - timedelta(days=days)
            session.add(GoalRatingRow(goal_id=goal.id, moment=moment, score=found, rated_at=rated_at))
    session.flush()
