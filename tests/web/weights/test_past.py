"""The draft on past data, on the page: each of its states, by pressing its button and letting a worker do the work."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others
from tests.web.weights.typing import HOME, draft, fields, send
from web.db import engine
from web.db.tables import AuditEventRow, DyadRow, JobRow
from web.jobs.worker import Worker

PAST = "/weights/past"


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def section(client: FlaskClient) -> str:
    """The part of the page, as it is in HTML."""
    found = re.search(r'<section class="card section" id="past".*?</section>', client.get(HOME).text, re.S)
    assert found is not None
    return found[0]


def state(client: FlaskClient) -> str:
    found = re.search(r'data-state="(\w+)"', section(client))
    assert found is not None
    return found[1]


def work(desk: Desk) -> None:
    assert Worker(engine.sessions(desk.url)).once()


def change(desk: Desk, **values: object) -> None:
    with desk.session() as session:
        session.execute(update(JobRow).values(**values))


def test_from_the_button_to_the_plain_verdict_and_on_to_another_draft(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    assert state(lead) == "no_draft" and "<button" not in section(lead)
    draft(lead, access="90", alliance="5")
    assert state(lead) == "never" and "Look at past data" in section(lead)

    for _ in range(2):  # asking twice is asking once
        answer = send(lead, PAST)
        assert answer.status_code == 303 and answer.location.endswith("/weights/#past")
    with desk.session() as session:
        asked = select(func.count(AuditEventRow.id)).where(AuditEventRow.action == "weights.tried")
        assert (session.scalar(select(func.count(JobRow.id))), session.scalar(asked)) == (1, 1)
    assert state(lead) == "waiting" and "<button" not in section(lead)
    assert "Waiting for its turn" in section(lead) and 'hx-trigger="every 2s"' in section(lead)

    work(desk)
    assert state(lead) == "done"
    said = section(lead)
    assert re.search(r'<p class="verdict"><strong>[^<]*(Better|Worse|More|Less|No detectable difference)', said)
    for words in ("19 times in 20 between", "it was no matter of chance whom they attended", "Days to wait",
                  "Whether clients would do better cannot be said from these lists.", "too few to tell",
                  "All 147 past clients", "Asked for by Sam clinic_lead"):  # fmt: skip
        assert words in said, words
    assert "every 2s" not in said

    draft(lead, access="80", alliance="5")
    assert state(lead) == "older" and 'class="verdict"' in section(lead)
    send(lead, "/weights/draft/discard", {"revision": fields(lead.get(HOME).text)["revision"]})
    assert state(lead) == "older" and "a draft that is not there any more" in section(lead)
    assert "<button" not in section(lead)


def test_a_draft_that_says_what_serves_makes_no_detectable_difference(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    serving = fields(lead.get(HOME).text)
    draft(lead, access=serving["access"] + ".0001")
    send(lead, PAST)
    work(desk)
    assert "No detectable difference in any of these figures." in section(lead)


def test_a_script_is_given_the_section_alone_and_only_where_it_has_changed(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    draft(lead, access="90")
    begun = send(lead, PAST, **{"HX-Request": "true"})
    assert begun.status_code == 200 and begun.text.count('id="past"') == 1 and "<html" not in begun.text
    seen = re.search(r"seen=([\w-]+)", begun.text)
    assert seen is not None
    script = {"HX-Request": "true"}
    assert lead.get(f"{PAST}?seen={seen[1]}", headers=script).status_code == 204
    change(desk, state="running", stage="replaying", progress=30, leased_until=datetime.now(UTC) + timedelta(hours=1))
    running = lead.get(f"{PAST}?seen={seen[1]}", headers=script)
    assert (
        running.status_code == 200 and "Making their lists once more" in running.text and 'value="30"' in running.text
    )
    assert lead.get(PAST).location.endswith("/weights/#past")


def test_what_nobody_works_on_what_failed_and_a_draft_that_went_meanwhile(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    said = draft(lead, access="90")
    send(lead, PAST)
    change(desk, due_at=datetime.now(UTC) - timedelta(minutes=5))
    assert state(lead) == "neglected" and "rapport worker" in section(lead)
    send(lead, "/weights/draft/discard", {"revision": said["revision"]})
    work(desk)
    draft(lead, access="70")
    assert state(lead) == "failed" and "The draft was set aside or published" in section(lead)
    change(desk, result={"reason": "error", "error": "KeyError", "ended_at": datetime.now(UTC).isoformat()})
    assert "Something went wrong" in section(lead) and "Look again" in section(lead)


def test_with_too_few_past_clients_it_is_not_offered_and_they_are_not_counted(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    draft(lead, access="90")
    with desk.session() as session:
        kept = session.scalars(select(DyadRow.id).order_by(DyadRow.id).limit(3)).all()
        session.execute(delete(DyadRow).where(DyadRow.id.not_in(kept)))
    assert state(lead) == "too_little"
    assert "fewer than 5 clients, and 20 are needed" in section(lead) and "<button" not in section(lead)
    send(lead, PAST)
    with desk.session() as session:
        assert session.scalar(select(func.count(JobRow.id))) == 0


def test_it_is_for_the_lead(desk: Desk) -> None:
    assert refused_to_others(desk, PAST, "clinic_lead") == 4


def test_a_preview_leaves_it_alone(desk: Desk) -> None:
    lead = desk.browser("clinic_lead")
    said = fields(lead.get(HOME).text)
    answer = send(lead, "/weights/preview", said | {"access": "90"}, **{"HX-Request": "true"})
    assert 'id="past"' not in answer.text
