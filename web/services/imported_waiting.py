"""Clients who wait by a file: they come onto the waiting list with the day from which they have waited.

A case is looked after by way of its intake, so they have one, with the answers of the file, whose link nobody holds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Intake
from web.db import mapping
from web.db.queries import intakes, waiting
from web.db.tables import CaseRow
from web.services import cases
from web.services import intakes as intake_service

ACTOR = "import"


def put_on_list(session: Session, client_id: UUID, intake: Intake, since: date, *, now: datetime) -> bool:
    """Let a client wait since a day; whether that is new. Whoever has a case already keeps it as it is."""
    if waiting.case(session, client_id) is not None:
        return False
    if intakes.of_client(session, client_id) is None:
        _begin(session, client_id, intake, now=now)
    began = min(datetime.combine(since, time.min, UTC), now)
    session.add(CaseRow(client_id=client_id, state=cases.WAITING, waiting_since=began, changed_at=now))
    session.flush()
    cases.note(session, client_id, "opened", now=now, actor=ACTOR)
    return True


def _begin(session: Session, client_id: UUID, intake: Intake, *, now: datetime) -> None:
    kept = intake_service.of_link(session, intake_service.begin(session, now=now), now=now)
    assert kept is not None
    for step, said in intake_service.by_step(mapping.answers_of(intake)).items():
        kept = intake_service.save(session, kept, step, said, now=now)
    intake_service.belongs_to(session, kept, client_id, now=now)
    if intake.at_risk:
        intake_service.raise_flag(session, kept, "safety", source=intake_service.SAFETY_QUESTION, now=now)
