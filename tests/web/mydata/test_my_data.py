"""My data: seen, taken along whole, and erased after it was said twice; by the private link and by nobody else."""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid, select

from tests.trust.test_at_rest import Canaries, say_everything
from tests.web.desk import Desk
from tests.web.seekers import Seeker, seeker
from tests.web.staff import token_of
from web.cookies import INTAKE
from web.db import mapping
from web.db.queries import intakes as rows_of
from web.db.queries import reach
from web.db.tables import Base, ClientRow, IntakeRow
from web.db.tables.base import Moment
from web.exchange.documents import intake_from_json
from web.exchange.sheet.protection import restore
from web.services import intakes, my_data


@pytest.fixture
def ada(desk: Desk) -> Seeker:
    return seeker(desk)


def everything(one: Seeker) -> dict[str, Any]:
    answer = one.browser.get("/my-data/everything.json")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    return json.loads(answer.data)


def talker(desk: Desk, with_whom: str = "t01") -> tuple[Seeker, Canaries]:
    """Somebody who has said something everywhere, in a browser that has their link."""
    canary = Canaries()
    with desk.session() as session:
        client_id = say_everything(session, canary, with_whom)
        row = session.scalars(select(IntakeRow).where(IntakeRow.client_id == client_id)).one()
        link = secrets.token_urlsafe(16)
        row.link_hash = intakes._hash(link)
        row.expires_at = datetime(2999, 1, 1, tzinfo=UTC)
    return Seeker(desk, desk.with_link(link), link), canary


def test_the_page_says_what_is_known_and_where_to_read_it(ada: Seeker) -> None:
    page = ada.page("/my-data/")
    for words in ("Harbour Practice", "Lists of therapists that we made for you", 'href="/matches/"',
                  "What you agreed to", "everything.json", "/my-data/erase"):  # fmt: skip
        assert words in page, words
    assert 'href="/my-data/"' in ada.page("/request/")


@pytest.mark.parametrize("path", ["/my-data/", "/my-data/everything.json", "/my-data/everything.zip", "/my-data/erase"])
def test_nobody_sees_anything_without_the_link(desk: Desk, path: str) -> None:
    for client in (desk.app.test_client(), desk.browser("administrator"), desk.with_link("B" * 22)):
        assert client.get(path).status_code == 403


@pytest.mark.P6
def test_every_column_that_leads_to_a_client_is_taken_along_or_kept_back_with_a_reason(
    desk: Desk, tried: Callable[[int], None]
) -> None:
    """A new column is in the export by itself; one that is kept back has a reason, and no reason is stale."""
    one, canary = talker(desk)
    document, n_columns, used = everything(one), 0, set()
    text = json.dumps(document, ensure_ascii=False)
    assert {place for place, word in canary.said.items() if word not in text} == {"outbox.recipient", "outbox.params"}
    for step in reach.steps():
        table = step.kind.__tablename__
        for name in reach.columns(step.kind):
            n_columns += 1
            reasons = {f"{table}.{name}", f"{table}.*", f"*.{name}"} & my_data.KEPT_BACK.keys()
            used |= reasons
            told = document["rows"].get(table, [{}])[0]
            assert not told or (name in told) != bool(reasons), f"{table}.{name}"
    assert used == set(my_data.KEPT_BACK)
    assert {"intakes", "check_ins", "goals", "measures", "case_events", "shown_matches"} <= set(document["rows"])
    tried(n_columns)


@pytest.mark.P6
def test_what_was_taken_along_is_what_was_there(desk: Desk, tried: Callable[[int], None]) -> None:
    """Read back, each row equals the row in the database; the intake equals what the matcher has of them."""
    one, _ = talker(desk)
    document, n_cells = everything(one), 0
    with desk.session() as session:
        kept = one.kept(session)
        client = reach.by_key(session, kept.client_id)
        assert client is not None
        for kind, rows in reach.rows(session, client.id):
            told = {UUID(row["id"]): row for row in document["rows"].get(kind.__tablename__, ())}
            for row in rows if my_data.columns_told(kind) else ():
                for name in my_data.columns_told(kind):
                    assert _read(kind, name, told[row.id][name]) == getattr(row, name), (kind, name)
                    n_cells += 1
        known = mapping.intake_of(client.external_id, rows_of.current_version(session, client.id).answers)
        assert intake_from_json(document["intake"]) == known
    assert [one["score"] for one in document["ratings"]] == [row["score"] for row in document["rows"]["ratings"]]
    tried(n_cells)


def _read(kind: type[Any], name: str, value: Any) -> Any:
    column = kind.__table__.columns.get(name)
    if value is None or column is None:
        return value
    if isinstance(column.type, Uuid):
        return UUID(value)
    return datetime.fromisoformat(value) if isinstance(column.type, Moment) else value


@pytest.mark.S11
def test_no_cell_of_the_tables_runs_as_a_formula(desk: Desk, tried: Callable[[int], None]) -> None:
    one, _ = talker(desk, "t02")
    starts = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '"=1"')
    for start in starts:
        with desk.session() as session:
            for table in ("goals", "handovers"):
                kind = next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table)
                session.scalars(select(kind).where(kind.client_id == one.kept(session).client_id)).first().words = start
        packed = zipfile.ZipFile(io.BytesIO(one.browser.get("/my-data/everything.zip").data))
        for table in ("goals", "handovers"):
            [row] = csv.DictReader(io.StringIO(packed.read(f"{table}.csv").decode(), newline=""))
            assert row["words"][0] not in "=+-@\t\r" and restore(row["words"]) == start, row["words"]
    assert json.loads(packed.read("everything.json"))["clinic"] == "Harbour Practice"
    tried(len(starts) * 2)


@pytest.mark.P7
def test_everything_is_erased_after_it_was_said_twice(ada: Seeker, desk: Desk, tried: Callable[[int], None]) -> None:
    with desk.session() as session:
        client_id = ada.kept(session).client_id
    assert "cannot be undone" in ada.page("/my-data/erase")
    refused = ada.post("/my-data/erase")
    assert refused.status_code == 422 and "nothing was erased" in refused.text
    assert ada.browser.post("/my-data/erase", data={"sure": "yes"}).status_code == 400  # no token of ours
    with desk.session() as session:
        assert reach.by_key(session, client_id) is not None
    done = ada.post("/my-data/erase", sure="yes")
    assert done.status_code == 303 and f"{INTAKE.name}=;" in done.headers["Set-Cookie"]
    assert "We know nothing of you any more" in ada.browser.get(done.location).text
    assert desk.with_link(ada.link).get("/my-data/").status_code == 403
    assert desk.with_link(ada.link).get("/request/").status_code == 403
    with desk.session() as session:
        assert reach.by_key(session, client_id) is None
        assert session.scalars(select(ClientRow.id).where(ClientRow.id == client_id)).all() == []
    tried(6)


def test_who_has_not_sent_anything_yet_can_have_it_erased_too(desk: Desk) -> None:
    link, key = desk.intake({"concerns": {"concerns": ["grief"], "concern_text": "My words"}}, flag="safety")
    one = Seeker(desk, desk.with_link(link), link)
    assert "My words" in json.dumps(everything(one))
    assert "private link opens nothing" in one.page("/my-data/erase")
    data = {"csrf_token": token_of(one.browser), "sure": "yes"}
    assert one.browser.post("/my-data/erase", data=data).status_code == 303
    with desk.session() as session:
        assert reach.by_key(session, key) is None
        assert session.scalars(select(IntakeRow.id).where(IntakeRow.id == key)).all() == []
