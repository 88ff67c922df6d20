"""Clients who came in with a file of ratings and meet with a therapist: they are of the caseload, without a place here.

When the therapist leaves, those who met with them lately are given the place that they have in truth, so that they are
handed on with everybody else. No free place is taken for it: what a file says is free counts them as there already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import clinics, departures
from web.db.tables import CaseRow, PlacementRow
from web.services import cases
from web.services.clinics import Clinic
from web.services.placing import DEPARTURE, GIVEN

RECENT = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Met:
    """Clients of a file whose work with a therapist is not said to be over.

    ``lately`` maps those whose last session is known to lie within ``RECENT`` to that session; ``n_undated`` and
    ``n_long_ago`` count those of whom no day is known, or one before.
    """

    lately: dict[UUID, datetime]
    n_undated: int
    n_long_ago: int


def met(session: Session, therapist_id: UUID, *, now: datetime) -> Met:
    """Who of a file meets with a therapist; who has met somebody else since is that one's client."""
    last = {row.client_id: row.last for row in departures.open_dyads(session, therapist_id)}
    elsewhere = departures.last_elsewhere(session, list(last), therapist_id)
    here = {
        key: moment
        for key, moment in last.items()
        if key not in elsewhere or (moment is not None and moment >= elsewhere[key])
    }
    dated = {key: moment for key, moment in here.items() if moment is not None}
    lately = {key: moment for key, moment in dated.items() if now - moment <= RECENT}
    return Met(lately, len(here) - len(dated), len(dated) - len(lately))


def take_along(session: Session, clinic: Clinic, therapist_id: UUID, *, actor: str, now: datetime) -> int:
    """Let those who have met with a therapist lately have the place with them that they have in truth; how many."""
    clinics.lock(session, clinic.id)
    found = met(session, therapist_id, now=now).lately
    for client_id, last in sorted(found.items()):
        began = min(last, now)
        session.add(CaseRow(client_id=client_id, state=cases.PLACED, waiting_since=began, changed_at=now))
        place = PlacementRow(client_id=client_id, therapist_id=therapist_id, made_at=began, made_by=actor)
        place.state, place.origin = GIVEN, DEPARTURE
        session.add(place)
        session.flush()
        cases.note(session, client_id, "counted_in", now=now, actor=actor)
    return len(found)
