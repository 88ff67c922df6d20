"""Up to three goals of a client in their own words, how near each is, and what changed before therapy began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import goals, measures
from web.db.tables import GoalRatingRow, GoalRow
from web.services import moments
from web.services.check_ins import AGGREGATE, NAMED, SHOWN_TO
from web.services.intakes import KeptIntake

MOST, LONGEST = 3, 300
LEAST_NEAR, NEAREST = 0, 10


@dataclass(frozen=True, slots=True)
class Rated:
    """How near a goal was found to be, from 0 to 10, and when in the client's care."""

    score: int
    moment: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal, with every rating of it, the oldest first."""

    id: UUID
    words: str
    made_at: datetime
    ended_at: datetime | None
    ratings: tuple[Rated, ...]
    shown_to: str = AGGREGATE

    @property
    def change(self) -> int | None:
        """The last rating − the first one; None before there are two."""
        return self.ratings[-1].score - self.ratings[0].score if len(self.ratings) > 1 else None

    @property
    def before_therapy(self) -> int | None:
        """What changed between booking and the first session: the last rating before it − the first at booking.

        None where one of the two is not there.
        """
        booked = [rated.score for rated in self.ratings if rated.moment == moments.BOOKING]
        then = [rated.score for rated in self.ratings if rated.moment == moments.BEFORE_FIRST]
        return then[-1] - booked[0] if booked and then else None


def of_client(session: Session, client_id: UUID) -> tuple[Goal, ...]:
    """All goals of a client, also those that are ended, the oldest first."""
    rows = goals.of_client(session, client_id)
    said: dict[UUID, list[Rated]] = {row.id: [] for row in rows}
    for rating in goals.ratings(session, said) if said else ():
        said[rating.goal_id].append(Rated(rating.score, rating.moment, rating.rated_at))
    return tuple(Goal(row.id, row.words, row.made_at, row.ended_at, tuple(said[row.id]), row.shown_to) for row in rows)


def shared(session: Session, client_id: UUID) -> tuple[Goal, ...]:
    """The goals that a client has now and lets their therapist see, the oldest first."""
    return tuple(one for one in of_client(session, client_id) if one.ended_at is None and one.shown_to == NAMED)


def suggested(kept: KeptIntake) -> tuple[str, ...]:
    """The goals that somebody named in their intake, to begin with."""
    return tuple(str(words)[:LONGEST] for words in kept.said("expectations").get("goals", ()))[:MOST]


def add(session: Session, client_id: UUID, words: str, *, now: datetime) -> UUID:
    """A new goal; the same words again are the same goal.

    Raises InvalidInput: ``words`` for what is no goal, ``goals`` where three are open.
    """
    words = " ".join(words.split())
    if not words:
        raise InvalidInput("words", words, "write down what you would like to be different")
    if len(words) > LONGEST:
        raise InvalidInput("words", words, f"write at most {LONGEST} letters")
    measures.locked_client(session, client_id)
    opened = [row for row in goals.of_client(session, client_id) if row.ended_at is None]
    again = next((row for row in opened if row.words.casefold() == words.casefold()), None)
    if again is not None:
        return again.id
    _refuse_fourth(opened)
    row = GoalRow(client_id=client_id, words=words, made_at=now)
    session.add(row)
    session.flush()
    return row.id


def rate(session: Session, client_id: UUID, scores: Mapping[UUID, int], *, now: datetime) -> int:
    """Say how near goals are; said again within a day, it replaces what was said. How many were rated.

    Raises InvalidInput for a rating outside of 0 … 10, LookupError for a goal that is not this client's, or is ended.
    """
    measures.locked_client(session, client_id)
    opened = {row.id for row in goals.of_client(session, client_id) if row.ended_at is None}
    moment = moments.of(session, client_id)
    for goal_id, score in scores.items():
        if goal_id not in opened:
            raise LookupError("there is no such goal")
        if isinstance(score, bool) or not isinstance(score, int) or not LEAST_NEAR <= score <= NEAREST:
            raise InvalidInput("score", score, f"expected a whole number from {LEAST_NEAR} to {NEAREST}")
        row = goals.rating_since(session, goal_id, moment, now - moments.CORRECTABLE)
        if row is None:
            row = GoalRatingRow(goal_id=goal_id, moment=moment)
            session.add(row)
        row.score, row.rated_at = score, now
    session.flush()
    return len(scores)


def end(session: Session, client_id: UUID, goal_id: UUID, *, now: datetime) -> None:
    """Let a goal be one no more; its ratings stay. Raises LookupError for a goal that is not this client's."""
    row = _own(session, client_id, goal_id)
    row.ended_at = row.ended_at or now
    session.flush()


def take_up(session: Session, client_id: UUID, goal_id: UUID) -> None:
    """Let a goal that was ended be one again. Raises LookupError, InvalidInput where three others are open."""
    row = _own(session, client_id, goal_id)
    if row.ended_at is not None:
        _refuse_fourth([one for one in goals.of_client(session, client_id) if one.ended_at is None])
        row.ended_at = None
        session.flush()


def show_to(session: Session, client_id: UUID, goal_id: UUID, shown_to: str) -> None:
    """Let a client decide who may see a goal and how near it is; it holds from the next page on.

    Raises InvalidInput for no such choice, LookupError for a goal that is not this client's.
    """
    if shown_to not in SHOWN_TO:
        raise InvalidInput("shown_to", shown_to, f"expected one of {', '.join(SHOWN_TO)}")
    _own(session, client_id, goal_id).shown_to = shown_to
    session.flush()


def _own(session: Session, client_id: UUID, goal_id: UUID) -> GoalRow:
    measures.locked_client(session, client_id)
    row = next((row for row in goals.of_client(session, client_id) if row.id == goal_id), None)
    if row is None:
        raise LookupError("there is no such goal")
    return row


def _refuse_fourth(opened: Sequence[GoalRow]) -> None:
    if len(opened) >= MOST:
        raise InvalidInput("goals", len(opened), f"{MOST} goals at a time; end one of them first")
