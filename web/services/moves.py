"""What a departure means for a client: that their therapist will be away, or that somebody else has taken them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from web.db.queries import departures, requests, waiting
from web.db.tables import PlacementRow
from web.services.placing import DEPARTURE


@dataclass(frozen=True, slots=True)
class Away:
    """The therapist of a place will be away from a day on, until another one where that is known."""

    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Moved:
    """With whom a client had their place before; ``session_at`` is the session that they had planned there."""

    therapist: str
    session_at: datetime | None


def away(session: Session, place: PlacementRow) -> Away | None:
    """Whether, and when, the therapist of a place will be away."""
    row = departures.open_of(session, [place.therapist_id]).get(place.therapist_id)
    return None if row is None else Away(row.begins_on, row.ends_on)


def moved(session: Session, place: PlacementRow) -> Moved | None:
    """Whom a client had before they were handed on to this place; None where they were not."""
    before = waiting.ended_last(session, place.client_id) if place.origin == DEPARTURE else None
    if before is None or before.ended_because != DEPARTURE or before.ended_at is None:
        return None
    first = before.first_session_at
    lost = first if first is not None and first > before.ended_at else None
    return Moved(requests.therapist(session, before.therapist_id).name, lost)
