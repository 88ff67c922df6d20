"""Weights on a clinic's past: who its past clients are, what a document says, and what lists drawn by chance say."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from matcher import DEFAULT_WEIGHTS, AtPlace
from matcher.evaluation import off_policy
from tests.web.conftest import NOW, Clinic, keep_directory
from tests.web.services.test_lists import sent
from web.db import engine
from web.db.queries import attended
from web.db.queries import clinics as clinic_rows
from web.db.tables import (
    ClientRow,
    DyadRow,
    RatingRow,
    SessionRow,
    ShownListRow,
    ShownMatchRow,
    TherapistRow,
)
from web.services import backtests, clinics, lists, models, past_intakes, past_lists

LATER = NOW + timedelta(days=30)
AS_NOW = dict(DEFAULT_WEIGHTS.values)


@pytest.fixture
def sessions(clinic: Clinic, tmp_path: Path) -> sessionmaker[Session]:
    """A copy of the shared clinic."""
    path = tmp_path / "own.sqlite"
    with sqlite3.connect(clinic.database_url.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    return engine.sessions(f"sqlite:///{path}")


@pytest.fixture
def on_each_engine(harbour: str) -> sessionmaker[Session]:
    return engine.sessions(harbour)


def write(sessions: sessionmaker[Session], act: Callable[[Session], Any]) -> Any:
    with sessions() as session:
        clinics.find(engine.writing(session), None)
        done = act(session)
        session.commit()
    return done


def read(sessions: sessionmaker[Session], look: Callable[[Session, clinics.Clinic], Any]) -> Any:
    with sessions() as session:
        return look(session, clinics.find(session, None))


VERSIONS = count(1_000)  # a directory is kept for its version, and these clinics are copies of one


def changed(session: Session) -> None:
    clinic_rows.by_id(session, clinics.find(session, None).id).directory_version = next(VERSIONS)
    session.flush()


def material(sessions: sessionmaker[Session]) -> past_intakes.Material:
    return read(sessions, lambda session, clinic: past_intakes.material(session, clinic.id, now=NOW))  # type: ignore[no-any-return]


def run(sessions: sessionmaker[Session], relative: dict[str, float] = AS_NOW, now: datetime = NOW) -> dict[str, Any]:
    clinic = read(sessions, lambda _, clinic: clinic)
    choose = partial(backtests.of_numbers, relative=relative, bounds=None, now=now)
    return backtests.run(sessions, clinic, choose, now=now)


def test_a_past_client_is_whom_they_began_with_and_how_that_went_early_on(
    on_each_engine: sessionmaker[Session],
) -> None:
    sessions = on_each_engine

    def act(session: Session) -> str:
        """One client has a second therapist, rated later, and ratings of a session that is not early."""
        alone = select(DyadRow.client_id).group_by(DyadRow.client_id).having(func.count() == 1).limit(1)
        dyad = session.scalars(select(DyadRow).where(DyadRow.client_id.in_(alone))).one()
        session.execute(delete(RatingRow).where(RatingRow.session_id.in_(
            select(SessionRow.id).where(SessionRow.dyad_id == dyad.id))))  # fmt: skip
        session.execute(delete(SessionRow).where(SessionRow.dyad_id == dyad.id))
        rate(session, dyad, {1: 0.25, 3: 0.75, 4: 1.0})
        other = session.scalars(select(TherapistRow.id).where(TherapistRow.id != dyad.therapist_id).limit(1)).one()
        later = DyadRow(client_id=dyad.client_id, therapist_id=other, created_at=LATER)
        session.add(later)
        session.flush()
        rate(session, later, {1: 0.0}, at=LATER)
        return session.scalars(select(TherapistRow.external_id).where(TherapistRow.id == dyad.therapist_id)).one()

    began_with = write(sessions, act)
    found = material(sessions)
    first = found.intakes[0].id  # whose pair was made last
    with sessions() as session:
        clinics.find(session, None)
        assert first == str(session.scalars(select(DyadRow.client_id).where(DyadRow.created_at == LATER)).one())
    assert (found.attended[0], found.outcome[0]) == (began_with, 0.5)
    assert len(found.intakes) == len({one.id for one in found.intakes}) == found.n_known


def rate(session: Session, dyad: DyadRow, scores: dict[int, float], at: datetime = NOW) -> None:
    for number, score in scores.items():
        row = SessionRow(dyad_id=dyad.id, number=number)
        session.add(row)
        session.flush()
        session.add(RatingRow(session_id=row.id, score=score, rated_at=at, created_at=at))
    session.flush()


def test_the_newest_are_looked_at_and_as_many_as_the_directory_leaves_room_for(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    n_therapists = len(material(sessions).directory)
    monkeypatch.setattr(past_intakes, "MOST_PAIRS", 30 * n_therapists)
    found = material(sessions)
    assert len(found.intakes) == 30 < found.n_known
    assert run(sessions)["replay"]["n_clients"] == 30


def test_blocks_do_not_matter(sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(sessions, {"access": 1})
    monkeypatch.setattr(past_intakes, "AT_ONCE", 7)
    again = run(sessions, {"access": 1})
    for one, other in zip(found["replay"]["figures"], again["replay"]["figures"], strict=True):
        assert other["value"] == pytest.approx(one["value"], abs=1e-9)


def test_the_weights_that_serve_differ_from_themselves_in_nothing(sessions: sessionmaker[Session]) -> None:
    found = run(sessions)
    assert {figure["verdict"] for figure in found["replay"]["figures"]} == {"no_detectable_difference"}
    assert all(figure["difference"]["value"] == 0 for figure in found["replay"]["figures"])
    assert found["serving"] is None and found["judged"] == {"name": "numbers", "revision": None}


def test_who_only_looks_at_access_makes_people_wait_less(sessions: sessionmaker[Session]) -> None:
    def act(session: Session) -> None:
        """Every other therapist has no opening for a month."""
        for k, row in enumerate(session.scalars(select(TherapistRow).order_by(TherapistRow.external_id))):
            row.profile = {**row.profile, "available_from": "2026-04-02" if k % 2 else "2026-03-02"}
        changed(session)

    write(sessions, act)
    figures = {figure["code"]: figure for figure in run(sessions, {"access": 1})["replay"]["figures"]}
    assert figures["waiting"]["verdict"] == "better"
    assert figures["waiting"]["difference"]["upper"] < 0
    assert figures["waiting"]["value"] == pytest.approx(
        figures["waiting"]["serving"] + figures["waiting"]["difference"]["value"]
    )


def test_no_cell_of_fewer_than_five_is_in_the_document(sessions: sessionmaker[Session]) -> None:
    document = run(sessions, {"access": 1})
    cells = document["replay"]["by_group"]
    assert any(cell["n_clients"] is None and cell["value"] is None for cell in cells)
    assert all(cell["n_clients"] is None or cell["n_clients"] >= 5 for cell in cells)
    json.dumps(document, allow_nan=False)


def test_too_few_clients_are_refused_and_not_counted(sessions: sessionmaker[Session]) -> None:
    def act(session: Session) -> None:
        kept = session.scalars(select(DyadRow.id).order_by(DyadRow.id).limit(3)).all()
        session.execute(delete(DyadRow).where(DyadRow.id.not_in(kept)))

    write(sessions, act)
    found = run(sessions)
    assert backtests.is_too_little(found)
    assert (found["replay"]["n_clients"], found["n_known"], found["replay"]["figures"]) == (0, 0, [])


@pytest.mark.parametrize(
    "emptied", [lambda s: s.execute(delete(ClientRow)), lambda s: s.execute(update(TherapistRow).values(capacity=0))]
)
def test_without_clients_or_without_room_there_is_nothing_to_replay(
    sessions: sessionmaker[Session], emptied: Callable[[Session], Any]
) -> None:
    def act(session: Session) -> None:
        emptied(session)
        changed(session)
        session.expire_all()
        keep_directory(session)

    write(sessions, act)
    assert backtests.is_too_little(run(sessions))


def test_without_a_model_nothing_is_expected_of_any_alliance(sessions: sessionmaker[Session]) -> None:
    from web.db.tables import ModelRow

    write(sessions, lambda session: session.execute(update(ModelRow).values(serving=False)))
    found = run(sessions, {"access": 1})
    assert found["model"] is None and found["replay"]["notes"] == ["confounded"]
    assert not {figure["code"] for figure in found["replay"]["figures"]} & {"expected_first", "expected_shown"}


N_LISTS = 24
CONCERNS = ("anxiety", "grief", "burnout", "trauma", "low_mood", "family")


def show_lists(session: Session, n: int = N_LISTS, wanted: dict[str, int] | None = None) -> None:
    """So many clients see a list, and each begins with somebody of it a week later."""
    clinic = clinics.find(session, None)
    for k in range(n):
        kept = sent(session, {"concerns": [CONCERNS[k % 6]], "languages": ["en"], "hope": k % 11})
        lists.make(session, clinic, kept, now=NOW + timedelta(hours=k), wanted=wanted)
        head = session.scalars(select(ShownListRow).order_by(ShownListRow.made_at.desc()).limit(1)).one()
        match = session.scalars(
            select(ShownMatchRow).where(ShownMatchRow.list_id == head.id, ShownMatchRow.place == 1 + k % 3)
        ).one()
        dyad = DyadRow(client_id=kept.client_id, therapist_id=match.therapist_id, created_at=NOW + timedelta(days=7))
        session.add(dyad)
        session.flush()
        rate(session, dyad, {1: k % 4 / 4, 2: 1.0, 5: 0.0})


def test_lists_of_the_weights_that_made_them_weigh_one_each(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chance that is computed again is the one that was kept: then every weight is 1 and nothing is lifted."""
    write(sessions, lambda session: show_lists(session, wanted={"access": 2}))
    found = run(sessions, now=LATER)["lists"]
    assert (found["verdict"], found["reason"], found["params"]["clients"]) == ("refused", "little_overlap", N_LISTS)
    assert found["params"]["mean_weight"] == pytest.approx(1, abs=1e-9)
    assert found["params"]["effective"] == pytest.approx(N_LISTS)
    monkeypatch.setattr(off_policy, "LEAST_EFFECTIVE", 10)
    answered = run(sessions, now=LATER)["lists"]
    assert (answered["verdict"], answered["reason"]) == ("no_detectable_difference", "answered")
    assert answered["lift"]["value"] == pytest.approx(0, abs=1e-9)
    with sessions() as session:
        judged = past_lists.Judged(DEFAULT_WEIGHTS, {})
        assert past_lists.judge(sessions, clinics.find(session, None), judged).value.by == "dr"
        clinics.find(session, None)
        alliances = [row.alliance for row in attended.shown(session, past_intakes.EARLY, 100)]
    assert sorted({round(one, 6) for one in alliances}) == [0.5, 0.625, 0.75, 0.875]  # the fifth session is not early


def test_what_is_expected_of_a_place_is_learned_from_other_clients() -> None:
    """Rewards on the line 1 + 2 Φ come out exactly, whoever is left out; without a model nothing is expected."""
    standings = (0.1, 0.3, 0.4, 0.6, 0.8, 0.9)
    decisions = [
        past_lists._Decision(f"c{k}", 1 + 2 * standing, 0.5, AtPlace(0.5, standing, 0.7), AtPlace(0.5, standing, 0.2))
        for k, standing in enumerate(standings)
    ]
    found = past_lists._expected(decisions)
    assert found is not None
    taken, judged, logged = found.rows(6)
    assert taken == pytest.approx([1 + 2 * standing for standing in standings])
    assert judged == pytest.approx([2.4] * 6) and logged == pytest.approx([1.4] * 6)
    unknown = replace(decisions[0], made=AtPlace(1.0, math.nan, math.nan))
    assert past_lists._expected([unknown, *decisions[1:]]) is None
    assert past_lists._expected(decisions[:4]) is None


def test_weights_under_which_nobody_would_have_stood_there_are_refused(sessions: sessionmaker[Session]) -> None:
    write(sessions, show_lists)
    found = run(sessions, {"experience": 1}, now=LATER)["lists"]
    assert found["verdict"] == "refused" and found["lift"] is None
    assert found["params"]["mean_weight"] < 0.9 and math.isfinite(found["params"]["effective"])


def test_lists_of_which_it_is_not_kept_what_they_were_made_of_are_left_out(
    on_each_engine: sessionmaker[Session],
) -> None:
    sessions = on_each_engine
    write(sessions, show_lists)

    def act(session: Session) -> None:
        some = select(ShownListRow.id).order_by(ShownListRow.made_at).limit(6)
        session.execute(update(ShownListRow).where(ShownListRow.id.in_(some)).values(directory_version=None))
        last = select(ShownListRow.id).order_by(ShownListRow.made_at.desc()).limit(1)
        session.execute(update(ShownListRow).where(ShownListRow.id.in_(last)).values(release="0"))

    write(sessions, act)
    found = run(sessions, now=LATER)["lists"]
    assert (found["params"]["clients"], found["reason"], found["n_left_out"]) == (17, "too_few_clients", 7)


def test_a_list_that_was_made_after_they_began_decided_nothing(sessions: sessionmaker[Session]) -> None:
    write(sessions, lambda session: show_lists(session, 6))
    write(sessions, lambda session: session.execute(update(ShownListRow).values(made_at=LATER)))
    assert run(sessions, now=LATER)["lists"]["params"]["decisions"] == 0


def test_the_demo_has_no_such_lists_and_says_so(sessions: sessionmaker[Session]) -> None:
    found = run(sessions)["lists"]
    assert (found["verdict"], found["reason"], found["params"]["decisions"]) == ("refused", "too_few_clients", 0)


def test_a_model_that_is_not_kept_leaves_its_lists_out(sessions: sessionmaker[Session]) -> None:
    write(sessions, lambda session: show_lists(session, 6))
    write(sessions, lambda session: session.execute(update(ShownListRow).values(model_version="0123")))
    models._loaded.clear()
    clinic = read(sessions, lambda _, clinic: clinic)
    judged = past_lists.Judged(DEFAULT_WEIGHTS, {})
    assert past_lists.judge(sessions, clinic, judged) == past_lists.Lists(past_lists.NOTHING, 6)
