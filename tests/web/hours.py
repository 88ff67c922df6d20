"""An hour that somebody had at a desk of one's own, with every link that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.web.desk import Desk
from tests.web.waiting_room import therapist
from web.db.tables import AppointmentRow, DyadRow, SessionRow
from web.db.tables.base import new_key
from web.services import check_ins, clinics, intakes, links
from web.services.clinics import Clinic

SAID = {"concerns": {"concerns": ["anxiety"]}, "safety": {"at_risk": False}}


@dataclass(frozen=True)
class Hour:
    """The hour, the client's private link, the check-in's link, and the one that ends mail."""

    clinic: Clinic
    client_id: UUID
    session_id: UUID
    own: str
    token: str
    stop: str
    now: datetime


def an_hour(desk: Desk, with_whom: str = "t01", *, ago: timedelta = timedelta(hours=1)) -> Hour:
    now = datetime.now(UTC)
    with desk.session() as session:
        clinic = clinics.find(session, None)
        link = intakes.begin(session, now=now)
        kept = intakes.of_link(session, link, now=now)
        assert kept is not None
        for step, said in SAID.items():
            kept = intakes.save(session, kept, step, said, now=now)
        kept = intakes.send(session, kept, consent="1", now=now)
        assert kept.client_id is not None
        their = therapist(session, with_whom).id
        dyad = DyadRow(id=new_key(), client_id=kept.client_id, therapist_id=their, created_at=now)
        session.add(dyad)
        session.flush()
        held = SessionRow(id=new_key(), dyad_id=dyad.id, number=1)
        session.add(held)
        session.flush()
        session.add(AppointmentRow(client_id=kept.client_id, therapist_id=their, session_id=held.id, state="held",
                                   begins_at=now - ago, made_at=now, made_by="a test", ended_at=now))  # fmt: skip
        session.flush()
        token = check_ins.link_for(session, clinic, held.id, now=now, until=now + timedelta(days=7))
        stop = links.make(session, links.REMINDERS, kept.client_id, now=now, until=now + timedelta(days=7))
    return Hour(clinic, kept.client_id, held.id, link, token, stop, now)
