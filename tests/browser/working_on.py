"""Clients of a demo who come for weeks and say how it was, by services where pages would take hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from playwright.sync_api import Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.browser import asking, walking
from tests.browser.therapist_walks import spoken
from tests.web.conftest import keep_directory
from web.db.queries import directory, shared_courses
from web.db.tables import AlertRow, CheckInRow, DyadRow, SessionRow
from web.services import appointments, check_ins, clinics, intakes, placing

WEEK = timedelta(days=7)
Four = tuple[int, int, int, int]


@dataclass(frozen=True)
class Comes:
    """Somebody in therapy: their private link, and the link to the check-in of their last hour, which is open."""

    link: str
    check_in: str


def comes(
    address: str, name: str, marks: Sequence[Four], *, with_whom: str = asking.MAREN, shown_to: str = "aggregate",
    until: timedelta = timedelta(hours=2),
) -> Comes:  # fmt: skip
    """Somebody who came once a week and said this of each hour but the last, which was ``until`` ago."""
    now, link = datetime.now(UTC), asking.sent(address, name=name)
    last = now - until
    begin = last - len(marks) * WEEK
    with asking.clinic_of(address) as session:
        kept = intakes.of_link(session, link, now=now)
        assert kept is not None and kept.client_id is not None
        clinic, therapist = clinics.find(session, None), directory.some(session, [with_whom])[0]
        therapist.capacity += 1
        keep_directory(session)
        placing.place(session, clinic, [placing.Wanted(kept.client_id, therapist.id)], actor="a test", now=begin)
        for k, four in enumerate((*marks, None)):
            at = begin + k * WEEK
            held = _hour(session, clinic, kept.client_id, therapist.id, at)
            if four is not None:
                said = check_ins.Said(*four, shown_to=shown_to)
                assert check_ins.say_of(session, clinic, held.id, said, at + timedelta(hours=1)) == check_ins.SAID
        return Comes(link, check_ins.link_for(session, clinic, held.id, now=now, until=now + WEEK))


def _hour(session: Session, clinic: clinics.Clinic, client: UUID, therapist: UUID, at: datetime) -> SessionRow:
    appointments.plan(session, clinic, client, therapist, at, actor="a test", now=at - timedelta(days=1))
    appointments.hold(session, clinic, now=at + timedelta(hours=1))
    held: SessionRow = shared_courses.sessions(session, client, therapist)[-1][0]
    return held


def not_taken_up(page: Page, address: str) -> None:
    """As the coordinator, where a therapist has left a note, and what was shared with them, for eight days."""
    for name, is_settled in (("Ulla", False), ("Vero", True)):
        link, then = spoken(address, name, "It was a hard hour."), datetime.now(UTC) - timedelta(days=8)
        with asking.clinic_of(address) as session:
            kept = intakes.of_link(session, link, now=datetime.now(UTC))
            assert kept is not None
            of_them = select(SessionRow.id).join(DyadRow, DyadRow.id == SessionRow.dyad_id)
            of_them = of_them.where(DyadRow.client_id == kept.client_id)
            dyads = select(DyadRow.id).where(DyadRow.client_id == kept.client_id)
            session.execute(update(CheckInRow).where(CheckInRow.session_id.in_(of_them)).values(said_at=then))
            settled = {"settled_at": then, "outcome": "talked"} if is_settled else {}
            session.execute(update(AlertRow).where(AlertRow.dyad_id.in_(dyads)).values(raised_at=then, **settled))
    at_risk(page, address)


def at_risk(page: Page, address: str) -> None:
    """As the coordinator, on the list of those who may be lost from sight."""
    walking.be(page, address, "coordinator")
    page.goto(address + "/queue/at-risk")
