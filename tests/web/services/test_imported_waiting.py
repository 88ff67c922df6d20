"""A clinic brings its paper list: a clients file with the day since which somebody waits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.waiting_room import the_clinic
from web.db.queries import intakes as rows
from web.db.queries import waiting
from web.db.tables import ClientRow
from web.services import cases, dossiers, importing, openings, queue, waiting_list
from web.services.importing import Imported
from web.services.waiting_list import Filters

FILE = """client_id,concerns,at_risk,waiting_since
p1,grief|sleep,,2026-01-12
p2,anxiety,yes,2026-02-01
p3,panic,,
"""


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def brought(session: Session, folder: Path, text: str = FILE, *, now: datetime = NOW) -> Imported:
    (folder / "clients.csv").write_text(text)
    return importing.import_file(session, the_clinic(session), "clients", folder / "clients.csv", now=now)


def client(session: Session, external_id: str) -> ClientRow:
    return session.scalars(select(ClientRow).where(ClientRow.external_id == external_id)).one()


def test_who_has_a_day_waits_since_then_and_the_pages_know_them(session: Session, tmp_path: Path) -> None:
    assert brought(session, tmp_path).changes.new == 3
    found = waiting_list.page(session, the_clinic(session), Filters(), now=NOW)
    assert [(line.waiting_since, line.is_risk) for line in found.lines] == [
        (datetime(2026, 2, 1, tzinfo=UTC), True), (datetime(2026, 1, 12, tzinfo=UTC), False),
    ]  # fmt: skip
    assert found.lines[1].concerns == ("grief", "sleep")
    assert waiting.case(session, client(session, "p3").id) is None
    dossier = dossiers.of_intake(session, the_clinic(session), found.lines[1].intake_id, most=5, now=NOW)
    assert dossier is not None and dossier.state == "waiting" and dossier.offers is not None
    assert dossier.offers.stored is None and dossier.offers.first_free is None
    dossiers.bring_up_to_date(session, the_clinic(session), found.lines[1].intake_id, actor="a", now=NOW)
    dossier = dossiers.of_intake(session, the_clinic(session), found.lines[1].intake_id, most=5, now=NOW)
    assert dossier is not None and dossier.offers is not None and dossier.offers.first_free is not None
    opening = openings.of_therapist(session, the_clinic(session), dossier.offers.first_free, "near", now=NOW)
    assert opening is not None and opening.n_waiting == 2
    assert len(queue.waiting(session, now=NOW).flagged) == 1


def test_the_same_file_again_changes_nothing_and_a_case_stays_as_it_is(session: Session, tmp_path: Path) -> None:
    brought(session, tmp_path)
    key = client(session, "p1").id
    cases.close(session, key, "no_answer", actor="a", now=NOW)
    again = brought(session, tmp_path).changes
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    case = waiting.case(session, key)
    assert case is not None and case.state == "closed"
    later = brought(session, tmp_path, FILE.replace("p3,panic,,", "p3,panic,,2026-02-28")).changes
    assert (later.new, later.changed, later.unchanged) == (0, 1, 2)
    assert waiting.case(session, client(session, "p3").id) is not None
    assert rows.of_client(session, client(session, "p3").id) is not None


def test_a_day_that_cannot_be_stores_nothing(session: Session, tmp_path: Path) -> None:
    for wrong in ("2026-03-05", "soon", "2026-02-30"):
        found = brought(session, tmp_path, FILE.replace("2026-01-12", wrong))
        assert not found.stored and [one.column for one in found.reading.problems] == ["waiting_since"]
    assert not waiting_list.page(session, the_clinic(session), Filters(), now=NOW).lines
    assert session.scalars(select(ClientRow).where(ClientRow.external_id == "p1")).first() is None
