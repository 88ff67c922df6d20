"""The jobs page: what runs, waits and failed, what may be asked for again, and who may look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, token_of
from web.db.tables import ClinicRow, JobRow, OutboxRow

NOW = datetime.now(UTC)


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    found = desk_of(clinic, tmp_path)
    with found.session() as session:
        session.execute(delete(JobRow))
    return found


def job(desk: Desk, kind: str = "fit", **more: object) -> UUID:
    values = {"kind": kind, "key": kind, "arguments": {"kept": 1}, "state": "waiting", "due_at": NOW, "created_at": NOW}
    with desk.session() as session:
        row = JobRow(**(values | {"asked_by": "clock"} | more))
        session.add(row)
        session.flush()
        return row.id


def message(desk: Desk, key: str, **more: object) -> None:
    values = {"kind": "booked", "key": key, "recipient": "ada@there.example", "params": {}, "due_at": NOW}
    with desk.session() as session:
        session.add(OutboxRow(**(values | {"created_at": NOW} | more)))


def test_the_lead_and_the_administrator_look_and_nobody_else(desk: Desk) -> None:
    assert [desk.browser(role).get("/jobs/").status_code for role in desk.staff] == [403, 403, 200, 200]
    assert [desk.browser(role).get("/jobs/now").status_code for role in ("coordinator", "therapist")] == [403, 403]


def test_nothing_runs_and_no_worker_was_ever_here(desk: Desk) -> None:
    page = desk.browser("administrator").get("/jobs/").text
    assert "No worker was ever here" in page and "Nothing runs or waits" in page


def test_each_state_in_words(desk: Desk) -> None:
    job(
        desk, "fit", state="running", progress=60, stage="trying", leased_until=datetime.now(UTC) + timedelta(minutes=1)
    )
    job(desk, "scarcity")
    job(desk, "backtest", state="failed", result={"reason": "no_draft", "ended_at": NOW.isoformat()})
    job(desk, "learn_weights", state="done", result={"ended_at": NOW.isoformat()})
    page = desk.browser("clinic_lead").get("/jobs/").text
    for words in (
        "A worker is at work", "Trying the new model on later sessions", 'value="60"', "Waits for its turn.",
        "The draft was set aside or published before it could be tried.", "nobody: it was time", "Done lately",
    ):  # fmt: skip
        assert words in page
    assert "Do it again" not in page and "kept" not in page


def test_a_lease_that_is_over_is_shown_as_stuck(desk: Desk) -> None:
    job(desk, state="running", progress=5, stage="estimating", leased_until=datetime.now(UTC) - timedelta(minutes=9))
    page = desk.browser("clinic_lead").get("/jobs/").text
    assert "Stuck: its worker has stopped" in page and "No worker seems to run" in page
    assert "It was last heard of 10 minutes ago" in page  # a lease is renewed a minute before it ends


def test_a_worker_that_has_nothing_to_do_is_heard_of(desk: Desk) -> None:
    with desk.session() as session:
        session.execute(update(ClinicRow).values(tended_at=datetime.now(UTC) - timedelta(seconds=70)))
    assert "A worker is at work" in desk.browser("clinic_lead").get("/jobs/").text
    with desk.session() as session:
        session.execute(update(ClinicRow).values(tended_at=datetime.now(UTC) - timedelta(minutes=4)))
    assert "No worker seems to run" in desk.browser("clinic_lead").get("/jobs/").text


def test_a_failed_job_is_asked_for_again_once_with_what_it_was_asked_for(desk: Desk) -> None:
    key = job(desk, state="failed", attempts=3, result={"reason": "gave_up", "ended_at": NOW.isoformat()})
    lead = desk.browser("clinic_lead")
    assert "Do it again" in lead.get("/jobs/").text
    assert lead.get(f"/jobs/{key}/again").status_code == 405
    assert lead.post(f"/jobs/{key}/again").status_code == 400  # without a token of this browser
    token = {"csrf_token": token_of(lead)}
    ends = [lead.post(f"/jobs/{key}/again", data=token).headers["Location"] for _ in range(2)]
    assert ends == ["/jobs/?done=again", "/jobs/?done=unchanged"]
    with desk.session() as session:
        (row,) = session.scalars(select(JobRow))
        assert (row.state, row.attempts, row.result, row.arguments) == ("waiting", 0, None, {"kept": 1})
        assert row.asked_by == str(desk.staff["clinic_lead"].id)


@pytest.mark.parametrize(("kind", "reason"), [("backtest", "no_draft"), ("propose", "error"), ("unheard_of", "error")])
def test_what_cannot_be_done_again_is_not(desk: Desk, kind: str, reason: str) -> None:
    key = job(desk, kind, state="failed", result={"reason": reason, "ended_at": NOW.isoformat()})
    lead = desk.browser("clinic_lead")
    assert "Do it again" not in lead.get("/jobs/").text
    assert (
        lead.post(f"/jobs/{key}/again", data={"csrf_token": token_of(lead)}).headers["Location"].endswith("unchanged")
    )


def test_a_job_of_nobody_is_not_found(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    assert lead.post(f"/jobs/{UUID(int=7)}/again", data={"csrf_token": token_of(lead)}).status_code == 404


def test_messages_are_counted_and_nobody_is_named(desk: Desk) -> None:
    for k in range(3):
        message(desk, f"sent {k}", state="sent", recipient="", sent_at=NOW)
    message(desk, "old", state="sent", recipient="", created_at=NOW - timedelta(days=8))
    message(desk, "waits")
    message(desk, "failed", state="failed", attempts=4)
    message(desk, "forgotten", state="failed", recipient="")
    admin = desk.browser("administrator")
    page = admin.get("/jobs/").text
    assert "ada@" not in page and "SMTP_URL" in page
    for value, words in (("1", "message waits"), ("3", "were sent"), ("2", "were not sent")):
        assert f'<span class="value">{value}</span> <span class="words">{words}</span>' in page
    assert (
        admin.post("/jobs/messages/again", data={"csrf_token": token_of(admin)}).headers["Location"].endswith("sending")
    )
    with desk.session() as session:
        states = dict(session.execute(select(OutboxRow.key, OutboxRow.state)).tuples().all())
        assert (states["failed"], states["forgotten"]) == ("waiting", "failed")
    assert "Try failed ones again" not in admin.get("/jobs/").text


def test_the_page_asks_again_and_gets_only_what_is_new(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    script = {"HX-Request": "true"}
    assert lead.get("/jobs/now").status_code == 303
    first = lead.get("/jobs/now", headers=script)
    assert first.status_code == 200 and "<h1" not in first.text
    seen = first.text.partition("seen=")[2].partition('"')[0]
    assert lead.get(f"/jobs/now?seen={seen}", headers=script).status_code == 204
    job(desk)
    assert "Waits for a worker." in lead.get(f"/jobs/now?seen={seen}", headers=script).text
