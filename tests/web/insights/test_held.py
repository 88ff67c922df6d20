"""Ratings that wait for a clinic lead: told on the page of the model, decided there, by nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, update

from tests.web.conftest import Clinic
from tests.web.desk import desk_of, token_of
from web.db.tables import DyadRow, TherapistRow

PATH = "/insights/model"


def test_a_lead_sees_what_waits_and_decides(clinic: Clinic, tmp_path: Path) -> None:
    desk = desk_of(clinic, tmp_path)
    with desk.session() as session:
        row = session.scalars(select(DyadRow).order_by(DyadRow.id)).first()
        assert row is not None
        dyad, of = row.id, row.therapist_id
        name = session.scalar(select(TherapistRow.name).where(TherapistRow.id == of))
    lead = desk.browser("clinic_lead")
    assert "Waiting for you to look at" not in lead.get(PATH).text
    for wanted, left, judged in (("count", None, True), ("leave", "flood", True)):
        with desk.session() as session:
            session.execute(update(DyadRow).where(DyadRow.id == dyad).values(held_because="flood", judged_at=None))
        page = lead.get(PATH).text
        assert "Waiting for you to look at" in page and str(name) in page and "within two days" in page
        address = f"{PATH}/held/{of}/flood/{wanted}"
        assert address in page
        refused = desk.browser("coordinator")
        assert refused.post(address, data={"csrf_token": token_of(refused)}).status_code in (302, 303, 403, 404)
        with desk.session() as session:
            assert session.scalar(select(DyadRow.judged_at).where(DyadRow.id == dyad)) is None
        answer = lead.post(address, data={"csrf_token": token_of(lead)})
        assert answer.status_code == 303 and answer.location.endswith("/insights/model#held")
        with desk.session() as session:
            found = session.scalars(select(DyadRow).where(DyadRow.id == dyad)).one()
            assert (found.held_because, found.judged_at is not None) == (left, judged)
            assert found.judged_at is not None and found.judged_at <= datetime.now(UTC)
    assert lead.post(f"{PATH}/held/{of}/whim/count", data={"csrf_token": token_of(lead)}).status_code == 404
