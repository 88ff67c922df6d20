"""``rapport audit``: the chain checked, its end kept, the trail written out."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.web.commands.running import Rapport, done, rapport_on, refused
from web.db import engine
from web.exchange import audit_files
from web.jobs import anchoring
from web.services import audit, clinics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def rapport(database: str) -> Rapport:
    run = rapport_on(database)
    for slug in ("north", "south"):
        done(run("clinic", "create", slug, "--name", slug.title()))
    with engine.sessions(database)() as session:
        clinics.find(engine.writing(session), "north")
        for n in range(5):
            audit.record(session, "act.done", now=NOW + timedelta(days=n), subject="=1+1", actor="-x", n=n)
        session.commit()
    return run


def tamper(url: str, sql: str) -> None:
    with engine.engine(url).execution_options(rapport_writes=True).begin() as connection:
        names = (("no_update", ""), ("no_delete", "")) if connection.dialect.name == "sqlite" else (
            ("no_change", " ON audit_events"),
        )  # fmt: skip
        for name, on in names:
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_events_{name}{on}"))
        connection.execute(text(sql))


def test_a_trail_that_holds_and_one_that_was_changed(rapport: Rapport, database: str, tmp_path: Path) -> None:
    said = done(rapport("audit", "verify"))
    assert "north: All 6 entries hold" in said and "south: All 1 entries hold" in said
    ends = tmp_path / "ends.jsonl"
    done(rapport("audit", "anchor", "--to", ends))
    assert ends.stat().st_mode & 0o077 == 0
    assert done(rapport("audit", "verify", "--anchor", ends)) == said
    printed = [json.loads(line)["sequence"] for line in done(rapport("audit", "anchor")).splitlines()]
    assert printed == [6, 1]
    tamper(database, "UPDATE audit_events SET actor = 'y' WHERE sequence = 3")
    found = rapport("audit", "verify", "--clinic", "north")
    assert found.exit_code == 1 and "Entry 3 does not bear the seal" in found.output
    assert rapport("audit", "verify", "--clinic", "south").exit_code == 0


def test_what_is_cut_off_at_the_end_is_missed_with_the_end_that_was_kept(
    rapport: Rapport, database: str, tmp_path: Path
) -> None:
    ends = tmp_path / "ends.jsonl"
    done(rapport("audit", "anchor", "--to", ends, "--clinic", "north"))
    tamper(database, "DELETE FROM audit_events WHERE sequence >= 5")
    assert "ends before entry 5" in rapport("audit", "verify", "--clinic", "north").output
    tamper(database, "DELETE FROM audit_heads")
    assert done(rapport("audit", "verify", "--clinic", "north")).startswith("north: All 4")
    found = rapport("audit", "verify", "--anchor", ends)
    assert found.exit_code == 1 and "north: The trail ends before entry 5" in found.output
    ends.write_text('{"clinic": "gone", "sequence": 3, "mac": "00", "at": "2026-03-02T12:00:00+00:00"}\n')
    found = rapport("audit", "verify", "--anchor", ends)
    assert found.exit_code == 1 and "gone: this clinic is gone" in found.output
    ends.write_text("not a line of ours\n")
    assert "row 1" in refused(rapport("audit", "verify", "--anchor", ends))


def test_the_trail_is_written_out_as_it_is_looked_for(rapport: Rapport) -> None:
    lines = [json.loads(line) for line in done(rapport("audit", "export", "--clinic", "north")).splitlines()]
    assert [line["sequence"] for line in lines] == [6, 5, 4, 3, 2, 1]
    narrow = ("--since", "2026-03-03", "--until", "2026-03-05T12:00:00", "--action", "act", "--actor", "-x")
    lines = [json.loads(line) for line in done(rapport("audit", "export", "--clinic", "north", *narrow)).splitlines()]
    assert [line["details"]["n"] for line in lines] == [2, 1]
    table = done(rapport("audit", "export", "--clinic", "north", "--csv", "--subject", "=1+1"))
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {(row["subject"], row["actor"]) for row in rows} == {("'=1+1", "'-x")} and len(rows) == 5
    said = done(rapport("audit", "export", "--clinic", "north", "--action", "audit."))
    assert [json.loads(line)["details"]["n"] for line in said.splitlines()] == [5, 2, 6]


def test_the_worker_keeps_the_end_of_every_clinic_once_a_day(rapport: Rapport, database: str, tmp_path: Path) -> None:
    path, sessions = tmp_path / "ends.jsonl", engine.sessions(database)
    assert anchoring.keep_due(sessions, path, now=NOW) == 2
    assert anchoring.keep_due(sessions, path, now=NOW + timedelta(hours=23)) == 0
    assert anchoring.keep_due(sessions, path, now=NOW + timedelta(hours=24)) == 2
    assert [one.sequence for one in audit_files.read_anchors(path)] == [6, 1, 6, 1]
    path.write_text(path.read_text() + "\n\n")
    assert len(audit_files.read_anchors(path)) == 4  # empty lines are none
    path.write_text('half a line"}\n' + path.read_text() + "\n")
    assert audit_files.last_kept(path)["north"] == NOW + timedelta(hours=24)
    assert anchoring.keep_due(sessions, tmp_path / "no" / "folder", now=NOW) == 0
