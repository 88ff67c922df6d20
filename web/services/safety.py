"""Answers of questionnaires that have to reach a person: the flag that they raise, and whether it stands.

The flag stands on the client's intake, which is where coordinators look first; a client without one gets an intake for
it. It is raised anew by every such answer that comes after somebody has looked, however long ago that was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.measures import PHQ_9 as PHQ
from web.db.queries import intakes as rows
from web.db.tables import FlagRow
from web.services import intakes
from web.services.intakes import PHQ_9, QUESTIONNAIRE, KeptIntake

SAFETY = "safety"
TOLD, SEEN, EARLIER, NOT_TOLD = "told", "seen", "earlier", "not_told"
FRESH = timedelta(days=1)  # so long a flag that somebody has taken on speaks of the answer that was just given


def source_of(code: str) -> str:
    """For what a flag stands that an answer of this questionnaire raises."""
    return PHQ_9 if code == PHQ.code else QUESTIONNAIRE


def alarm(session: Session, client_id: UUID | None, kept: KeptIntake | None, source: str, *, now: datetime) -> None:
    """Let a person look after a client at once; ``kept`` is the intake that their browser keeps, where it does.

    Raises LookupError where nobody knows who the client is.
    """
    kept = kept or _intake_of(session, client_id, now)
    intakes.raise_flag(session, kept, SAFETY, source=source, now=now)


def state(session: Session, intake_id: UUID, *, now: datetime) -> str:
    """How what somebody has just answered in a questionnaire stands, as ``standing`` says it.

    A flag for another question says nothing of it: then it is only ``earlier``.
    """
    row = rows.flag(session, intake_id, SAFETY)
    is_of_these = row is not None and bool({PHQ_9, QUESTIONNAIRE} & set(row.sources))
    return _standing(row, now) if row is None or is_of_these else EARLIER


def standing(session: Session, intake_id: UUID, *, now: datetime) -> str:
    """How the safety flag of an intake stands, whatever it stands for.

    ``told``: it waits on top of the queue, where nobody may have looked yet. ``seen``: somebody has taken it on, of an
    answer of today. ``earlier``: that was long ago, and tells nobody of today's answer. ``not_told``: there is none.
    """
    return _standing(rows.flag(session, intake_id, SAFETY), now)


def _standing(row: FlagRow | None, now: datetime) -> str:
    if row is None:
        return NOT_TOLD
    if row.seen_at is None:
        return TOLD
    return SEEN if row.raised_at > now - FRESH else EARLIER


def _intake_of(session: Session, client_id: UUID | None, now: datetime) -> KeptIntake:
    if client_id is None:
        raise LookupError("nobody knows whose answers these are")
    row = rows.of_client(session, client_id)
    if row is None:
        made = intakes.of_link(session, intakes.begin(session, now=now), now=now)
        if made is None:
            raise LookupError("an intake that was begun is not there")
        intakes.belongs_to(session, made, client_id, now=now)
        return made
    found = intakes.of_id(session, row.id)
    if found is None:
        raise LookupError("an intake that was sent is not there")
    return found
