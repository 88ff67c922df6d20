"""The list of an intake: equal on both engines, by the directory, model and weights as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.builders import a_therapist, an_intake
from tests.databases import new_database
from tests.web.conftest import NOW, fitted_to, let_serve, load
from web import answers
from web.db import engine, schema
from web.db.tables import ModelRow
from web.exchange.writing import write_therapists
from web.services import clinics, importing, matching, models

TODAY = date(2026, 3, 2)
ASKED = an_intake(id="new", concerns=("anxiety", "sleep"), languages=("en",), hope=6)


@pytest.fixture
def loaded(harbour: str) -> str:
    return harbour


def ask(url: str, **more: Any) -> matching.Matched:
    with engine.sessions(url)() as session:
        clinic = clinics.find(session, None)
        return matching.for_intake(session, clinic.id, ASKED, today=TODAY, **more)


@pytest.fixture
def writing(loaded: str) -> Iterator[Any]:
    with engine.sessions(loaded)() as session:
        engine.writing(session)
        clinics.find(session, None)
        yield session


def test_both_engines_give_the_same_list_to_the_bit(tmp_path: Path, postgresql: str) -> None:
    with new_database(postgresql) as other:
        first, second = (_document(url, tmp_path) for url in (f"sqlite:///{tmp_path}/x.sqlite", other))
    assert len(first) > 10_000
    assert first == second


def _document(url: str, folder: Path) -> str:
    schema.upgrade(url)
    with engine.sessions(url)() as session:
        engine.writing(session)
        load(session, folder)
        session.commit()
    answer = ask(url)
    return answers.match_list(answer.matches, answer.therapists, answer.scale).model_dump_json()


def test_a_change_of_the_directory_is_seen_at_once(loaded: str, tmp_path: Path) -> None:
    before = ask(loaded)
    write_therapists(tmp_path / "one.csv", [a_therapist("t00", name="Brand New", languages=("en",))])
    with engine.sessions(loaded)() as session:
        engine.writing(session)
        clinic = clinics.find(session, None)
        importing.import_file(session, clinic, "therapists", tmp_path / "one.csv", now=NOW)
        session.commit()
    after = ask(loaded)
    offered = {match.therapist_id for match in after.matches.matches}
    assert offered == {match.therapist_id for match in before.matches.matches} | {"t00"} == set(after.therapists)


def test_the_published_weights_make_the_order(loaded: str, writing: Any) -> None:
    assert ask(loaded).matches.weights_version == "default-1"
    let_serve(writing, "access-only", {"access": 1.0})
    writing.commit()
    answer = ask(loaded).matches
    assert answer.weights_version == "access-only"
    assert all(c.points == 0 for match in answer.matches for c in match.contributions if c.factor != "access")


def test_a_damaged_model_is_no_error_but_a_list_by_the_rules(loaded: str, writing: Any) -> None:
    assert ask(loaded).matches.notes == ()
    file = bytearray(writing.scalar(select(ModelRow.file)))
    file[len(file) // 2] ^= 1
    writing.execute(update(ModelRow).values(file=bytes(file)))
    writing.commit()
    models._loaded.clear()
    answer = ask(loaded).matches
    assert answer.notes == ("model_unreadable",) and answer.model_version is None
    assert len(answer.matches) > 5


def test_a_model_under_another_ones_name_does_not_serve(loaded: str, writing: Any) -> None:
    writing.execute(update(ModelRow).values(version="0123456789ab"))
    writing.commit()
    assert ask(loaded).matches.notes == ("model_unreadable",)


def test_fitting_the_same_ratings_again_changes_nothing(loaded: str, writing: Any) -> None:
    clinic = clinics.find(writing, None)
    version = ask(loaded).matches.model_version
    again = models.publish(writing, clinic, fitted_to(models.material(writing), clinic), now=NOW)
    assert (again.version, again.is_new) == (version, False)
    assert len(writing.scalars(select(ModelRow.version)).all()) == 1


def test_too_few_ratings_are_refused_with_the_next_step(database: str) -> None:
    with engine.sessions(database)() as session:
        engine.writing(session)
        clinic = clinics.create(session, "new", "New", now=NOW)
        with pytest.raises(ValueError, match="rapport import ratings"):
            models.estimate(models.material(session), clinic)
