"""Files come in all or nothing, the same file twice changes nothing, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.builders import a_therapist, an_intake
from tests.web.conftest import NOW, files
from web.db import engine
from web.db.queries import clinics as clinic_rows
from web.db.tables import AuditEventRow, IntakeVersionRow, RatingRow, SessionRow, TherapistRow
from web.exchange.writing import write_clients, write_therapists
from web.services import clinics, importing, models
from web.services.clinics import Clinic
from web.services.rating_rows import Changes

SLUG = "harbour"


@pytest.fixture
def empty(database: str) -> str:
    with engine.sessions(database)() as session:
        engine.writing(session)
        clinics.create(session, SLUG, "Harbour Practice", now=NOW)
        session.commit()
    return database


@contextmanager
def opened(url: str) -> Iterator[tuple[Session, Clinic]]:
    with engine.sessions(url)() as session:
        engine.writing(session)
        yield session, clinics.find(session, SLUG)
        session.commit()


def bring(url: str, kind: str, source: Any, **more: Any) -> importing.Imported:
    with opened(url) as (session, clinic):
        found = importing.import_file(session, clinic, kind, source, now=NOW, **more)
        if not found.stored:
            session.rollback()
        return found


def count(url: str, row: Any) -> int:
    with opened(url) as (session, _):
        return session.scalar(select(func.count(row.id))) or 0


def test_the_second_import_changes_nothing(empty: str, tmp_path: Path) -> None:
    paths = files(tmp_path)
    first = {kind: bring(empty, kind, path).changes for kind, path in paths.items()}
    assert (first["therapists"], first["clients"]) == (Changes(new=40), Changes(new=150))
    assert first["ratings"].new == count(empty, RatingRow) > 900
    again = {kind: bring(empty, kind, path).changes for kind, path in paths.items()}
    assert again == {kind: Changes(unchanged=changes.new) for kind, changes in first.items()}
    assert count(empty, AuditEventRow) == 4  # the clinic, and three imports
    with opened(empty) as (session, clinic):
        assert clinic_rows.by_id(session, clinic.id).directory_version == 1


def test_what_was_stored_is_what_the_file_held(empty: str, tmp_path: Path) -> None:
    from web.exchange.reading import read_clients, read_ratings, read_therapists

    paths = files(tmp_path)
    for kind, path in paths.items():
        bring(empty, kind, path)
    with opened(empty) as (session, _):
        found = models.material(session)
    assert found.therapists == read_therapists(paths["therapists"]).entities
    assert found.intakes == read_clients(paths["clients"]).entities
    key = lambda rating: (rating.client_id, rating.therapist_id, rating.session)  # noqa: E731
    assert found.ratings == sorted(read_ratings(paths["ratings"]).entities, key=key)


def test_one_problem_and_nothing_is_stored(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_therapists(path, [a_therapist(f"t{k}") for k in range(5)])
    path.write_text(path.read_text().replace("psychologist", "psychologst", 1))
    found = bring(empty, "therapists", path)
    assert [(p.row, p.column) for p in found.reading.problems] == [(2, "profession")]
    assert not found.stored and found.changes == Changes()
    assert count(empty, TherapistRow) == 0


def test_a_dry_run_says_what_would_change_and_changes_nothing(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_therapists(path, [a_therapist("t1"), a_therapist("t2")])
    found = bring(empty, "therapists", path, dry_run=True)
    assert (found.changes, found.stored) == (Changes(new=2), False)
    assert count(empty, TherapistRow) == 0 and count(empty, AuditEventRow) == 1


def test_a_changed_therapist_is_changed_and_nobody_else(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_therapists(path, [a_therapist("t1"), a_therapist("t2", capacity=3)])
    bring(empty, "therapists", path)
    write_therapists(path, [a_therapist("t2", capacity=0), a_therapist("t3")])
    assert bring(empty, "therapists", path).changes == Changes(new=1, changed=1)
    with opened(empty) as (session, clinic):
        assert {t.id: t.capacity for t in models.material(session).therapists} == {"t1": 1, "t2": 0, "t3": 1}
        assert clinic_rows.by_id(session, clinic.id).directory_version == 2


def test_a_changed_intake_is_a_version_beside_the_old_one(empty: str, tmp_path: Path) -> None:
    path, first = tmp_path / "c.csv", an_intake(id="c1", hope=3)
    write_clients(path, [first])
    bring(empty, "clients", path)
    write_clients(path, [replace(first, hope=7)])
    assert bring(empty, "clients", path).changes == Changes(changed=1)
    with opened(empty) as (session, _):
        assert [intake.hope for intake in models.material(session).intakes] == [7]
        kept = session.scalars(select(IntakeVersionRow).order_by(IntakeVersionRow.version)).all()
        assert [(row.version, row.answers["hope"]) for row in kept] == [(1, 3), (2, 7)]


def test_a_changed_rating_is_changed_where_it_stands(empty: str, tmp_path: Path) -> None:
    write_therapists(tmp_path / "t.csv", [a_therapist("t1")])
    write_clients(tmp_path / "c.csv", [an_intake(id="c1")])
    bring(empty, "therapists", tmp_path / "t.csv")
    bring(empty, "clients", tmp_path / "c.csv")
    head = "client_id,therapist_id,session,score,rated_at\n"
    bring(empty, "ratings", (head + "c1,t1,1,0.5,2026-01-01\nc1,t1,3,0.75,\n").encode())
    changed = bring(empty, "ratings", (head + "c1,t1,1,0.5,2026-01-01\nc1,t1,3,0.8,2026-02-01\nc1,t1,4,1,\n").encode())
    assert changed.changes == Changes(new=1, changed=1, unchanged=1)
    with opened(empty) as (session, _):
        assert [(r.session, r.score) for r in models.material(session).ratings] == [(1, 0.5), (3, 0.8), (4, 1.0)]
    assert count(empty, SessionRow) == 3


def test_a_rating_of_somebody_unknown_is_a_problem(empty: str) -> None:
    found = bring(empty, "ratings", b"client_id,therapist_id,session,score\nnobody,t1,1,0.5\n")
    assert {problem.column for problem in found.reading.problems} == {"client_id", "therapist_id"}
    assert not found.stored


def test_a_failure_half_way_leaves_nothing(empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = files(tmp_path)
    for kind in ("therapists", "clients"):
        bring(empty, kind, paths[kind])

    def full(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("web.services.rating_rows.ratings.by_session", full)
    with pytest.raises(OSError, match="disk full"):
        bring(empty, "ratings", paths["ratings"])
    assert count(empty, RatingRow) == count(empty, SessionRow) == 0
