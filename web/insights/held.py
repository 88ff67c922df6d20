"""Ratings that wait for a clinic lead, in words: whose, why, how many, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import UUID

from matcher import Moved
from web.cards import day_words, moment_words
from web.services.holding import Held
from web.wording.held import say_count, say_movement, say_reason
from web.wording.language import _


@dataclass(frozen=True, slots=True)
class Row:
    """One decision: ``why`` it is held, ``count`` of clients and ratings."""

    therapist_id: UUID
    therapist: str
    because: str
    why: str
    count: str
    last: str


def shown(found: Sequence[Held], zone: tzinfo) -> tuple[Row, ...]:
    """What waits, by therapist."""
    return tuple(
        Row(
            one.therapist_id,
            one.therapist,
            one.because,
            say_reason(one.because),
            say_count(one.n_clients, one.n_ratings),
            _("The last on %(moment)s.", moment=moment_words(one.last, zone)) if one.last else "",
        )
        for one in found
    )


def movement(found: Moved | None) -> str:
    """That what new clients say has moved, and when that was seen; empty where it has not."""
    if found is None:
        return ""
    week = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=found.day)
    return say_movement(found.way, day_words(week.date()))
