"""What administrators read of the trail: looked for, checked, and taken as a file."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import ANY
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others
from tests.web.staff import token_of
from web.audit import presenters
from web.db import engine
from web.db.tables import AuditEventRow
from web.exchange import audit_files
from web.services import audit, audit_trail, clinics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_of(clinic, tmp_path_factory.mktemp("trail"))
    with made.session() as session:
        for n in range(60):
            by = str(made.staff["coordinator"].id)
            audit.record(session, "case.note", now=NOW + timedelta(days=n), subject=f"=key-{n % 3}", actor=by, n=n)
        audit.record(session, "odd.thing_done", now=NOW, actor="somebody odd", subject="x" * 40)
    return made


def numbers(page: str) -> list[int]:
    return [
        int(found) for found in re.findall(r'<th role="rowheader"[^>]*class="number"[^>]*>.*?</span>(\d+)</th>', page)
    ]


def test_the_trail_is_for_administrators(desk: Desk) -> None:
    assert refused_to_others(desk, "/audit/", "administrator") == 4
    client = desk.browser("coordinator")
    for path in ("/audit/check", "/audit/export"):
        assert client.post(path, data={"csrf_token": token_of(client)}).status_code == 403


def test_the_newest_entries_come_first_fifty_a_page(desk: Desk) -> None:
    client = desk.browser("administrator")
    page = client.get("/audit/").text
    first = numbers(page)
    assert len(first) == 50 and first == sorted(first, reverse=True)
    older = re.search(r'href="(/audit/\?before=\d+)"', page)
    assert older is not None and older[1].endswith(f"={first[-1]}")
    assert numbers(client.get(older[1]).text)[0] == first[-1] - 1
    assert "Sam coordinator" in page and "A note was added to a case" in page
    assert "Odd: thing done" in page and "xxxxxxxx…" in page


@pytest.mark.parametrize(
    ("asked", "n"),
    [
        ("action=case.", 60), ("action=case.note&subject==key-1", 20), ("since=2026-03-03&until=2026-03-04", 2),
        ("actor=somebody odd", 1), ("until=1999-01-01", 0), ("subject=nobody", 0),
    ],
)  # fmt: skip
def test_entries_are_looked_for(desk: Desk, asked: str, n: int) -> None:
    page = desk.browser("administrator").get(f"/audit/?{asked}").text
    assert f"{n} {'entry' if n == 1 else 'entries'}" in page
    assert ("Nothing of that kind was done" in page) == (n == 0)


@pytest.mark.parametrize(
    "asked",
    [
        "before=x", "before=" + "9" * 30, "since=soon", "action=<b>", "actor=%00", "subject=" + "x" * 200,
        "until=9999-12-31", "since=0001-01-01",
    ],
)  # fmt: skip
def test_what_is_none_of_ours_asks_for_nothing(desk: Desk, asked: str) -> None:
    page = desk.browser("administrator").get(f"/audit/?{asked}").text
    assert len(numbers(page)) == 50 and "Take the filters off" not in page


def test_the_ends_of_the_calendar_are_looked_for_by_whatever_clocks(desk: Desk) -> None:
    """A day ends as it does by the clinic's clocks, which may be after the last moment that there is."""
    for zone in (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")):
        for name in ("since", "until"):
            for day in ("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"):
                wanted = presenters.wanted(presenters.read({name: day}), zone)
                with desk.session() as session:
                    assert audit_trail.page(session, wanted, before=None, most=1) in ([], [ANY])


def test_the_file_holds_what_is_looked_for_and_no_formula(desk: Desk) -> None:
    client = desk.browser("administrator")
    answer = client.post("/audit/export", data={"csrf_token": token_of(client), "subject": "=key-1"})
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 20 and {row["subject"] for row in rows} == {"'=key-1"}
    with desk.session() as session:
        done = session.scalars(select(AuditEventRow).where(AuditEventRow.action == "audit.exported")).all()
        assert done[-1].details == {"n": 20} and done[-1].actor == str(desk.staff["administrator"].id)


def test_a_check_says_what_it_found_also_when_that_is_bad(desk: Desk) -> None:
    client = desk.browser("administrator")
    assert "Nobody has checked it here yet" in client.get("/audit/").text
    check = {"csrf_token": token_of(client)}
    assert client.post("/audit/check", data=check).status_code == 303
    page = client.get("/audit/").text
    assert re.search(r"All \d+ entries hold", page) and "Checked on" in page
    with engine.engine(desk.url).execution_options(rapport_writes=True).begin() as connection:
        connection.execute(text("DROP TRIGGER audit_events_no_update"))
        connection.execute(text("UPDATE audit_events SET subject = 'y' WHERE sequence = 5"))
    client.post("/audit/check", data=check)
    page = client.get("/audit/").text
    assert "Entry 5 does not bear the seal" in page and "broken" in page


def test_a_check_knows_the_ends_that_are_kept_elsewhere(clinic: Clinic, tmp_path: Path) -> None:
    """What was cut off together with the head is missed on the page too."""
    desk, path = desk_of(clinic, tmp_path), tmp_path / "ends"
    client = desk.browser("administrator")
    with desk.session() as session:
        clinic = clinics.find(session, None)
        end = audit_trail.head(session, clinic, now=datetime.now(UTC))
    audit_files.append_anchors(path, [replace(end, sequence=end.sequence + 7), replace(end, clinic="another")])
    desk.app.config["AUDIT_ANCHOR"] = path
    client.post("/audit/check", data={"csrf_token": token_of(client)})
    page = client.get("/audit/").text
    assert "broken" in page and not re.search(r"All \d+ entries hold", page)
    audit_files.append_anchors(tmp_path / "own", [end, replace(end, clinic="another", sequence=end.sequence + 9)])
    desk.app.config["AUDIT_ANCHOR"] = tmp_path / "own"
    client.post("/audit/check", data={"csrf_token": token_of(client)})
    assert re.search(r"All \d+ entries hold", client.get("/audit/").text)
