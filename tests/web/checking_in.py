"""Clients who have had a session, for whoever tests what they say about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, sent, the_clinic, therapist
from web.db.tables import AppointmentRow
from web.services import appointments, check_ins, placing
from web.services.check_ins import Said
from web.services.intakes import KeptIntake
from web.services.placing import Wanted

FIRST = NOW + timedelta(days=3)
OVER = FIRST + timedelta(minutes=appointments.MINUTES)
GOOD = Said(9, 8, 9, 10, ("heard", "warm"), (), "It went well.")
HARD = Said(3, 2, 4, 3, (), ("rigid",), "", "named")


@dataclass(frozen=True)
class Attended:
    """Somebody who has been at a session, which the clock took as held."""

    kept: KeptIntake
    client_id: UUID
    therapist_id: UUID
    appointment_id: UUID
    session_id: UUID


def placed(session: Session, with_whom: str = "t01", name: str = "") -> KeptIntake:
    kept = sent(session, name=name)
    wanted = Wanted(client_of(kept), therapist(session, with_whom).id)
    placing.place(session, the_clinic(session), [wanted], actor="a", now=NOW)
    return kept


def planned(session: Session, kept: KeptIntake, with_whom: str = "t01") -> AppointmentRow:
    key = therapist(session, with_whom).id
    return appointments.plan(session, the_clinic(session), client_of(kept), key, FIRST, actor="a", now=NOW)


def attended(session: Session, with_whom: str = "t01", name: str = "") -> Attended:
    kept = placed(session, with_whom, name)
    row = planned(session, kept, with_whom)
    appointments.hold(session, the_clinic(session), now=OVER)
    assert row.session_id is not None
    return Attended(kept, client_of(kept), row.therapist_id, row.id, row.session_id)


def link_to(session: Session, who: Attended, *, shown_by: str | None = None, days: int = 7) -> str:
    until = OVER + timedelta(days=days)
    return check_ins.link_for(session, the_clinic(session), who.session_id, now=OVER, until=until, shown_by=shown_by)
