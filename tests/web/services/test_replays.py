"""A hundred past lists, made again to the byte whatever has changed since; and why one cannot be made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.web.conftest import NOW, let_serve
from tests.web.services.test_lists import sent
from web.db.queries import clinics as clinic_rows
from web.db.queries import directory
from web.db.tables import ClientRow, ModelRow, ShownListRow, ShownMatchRow, TherapistRow
from web.exchange.writing import write_therapists
from web.services import clinics, importing, intakes, lists, models, profiles, replays
from web.services.shown import STRICT

CONCERNS = ("anxiety", "grief", "burnout", "trauma", "low_mood", "family", "sleep", "work", "anger", "panic")
WANTED: tuple[dict[str, int], ...] = ({}, {"access": 2}, {"alliance": -2}, {"preference_fit": 2})
N_LISTS = 100


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def asked(k: int) -> dict[str, Any]:
    said = {"concerns": [CONCERNS[k % 10]], "languages": ["en"], "hope": k % 11, "urgency": "within_six_weeks"}
    return said | ({"at_risk": True} if k % 17 == 0 else {}) | ({"max_fee_cents": 9_000} if k % 3 == 0 else {})


def make(session: Session, k: int) -> None:
    clinic = clinics.find(session, None)
    lists.make(session, clinic, sent(session, asked(k)), now=NOW + timedelta(days=k), wanted=WANTED[k % 4])


def change(session: Session, k: int, folder: Path) -> None:
    """What happens between two lists: somebody fills up, somebody new comes, other weights, another model."""
    clinic = clinics.find(session, None)
    if k == 20:
        therapists = profiles.everybody(session)[::5]
        write_therapists(folder / "some.csv", [_fuller(one) for one in therapists])
        assert importing.import_file(session, clinic, "therapists", folder / "some.csv", now=NOW).stored
    if k == 40:
        let_serve(session, "w1", {"alliance": 0.5, "access": 0.3, "concern_expertise": 0.2},
                  bounds={"access": (0.5, 2.0)}, now=NOW + timedelta(days=40))  # fmt: skip
    if k == 60:
        session.execute(update(ModelRow).values(serving=False))
    if k == 80:
        session.execute(update(ModelRow).values(serving=True))
        let_serve(session, None, now=NOW + timedelta(days=80))


def _fuller(therapist: Any) -> Any:
    return replace(therapist, capacity=max(therapist.capacity - 1, 0), name=f"{therapist.name} II")


def engine_of(session: Session) -> str:
    return session.get_bind().dialect.name


def every_list(session: Session) -> list[UUID]:
    return list(session.scalars(select(ShownListRow.id).order_by(ShownListRow.made_at)))


def test_a_hundred_past_lists_are_made_again_to_the_byte(
    session: Session, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    n_lists = N_LISTS if engine_of(session) == "sqlite" else N_LISTS // 4  # what differs is the store, not the list
    for k in range(0, N_LISTS, N_LISTS // n_lists):
        change(session, k, tmp_path)
        make(session, k)
    clinic = clinics.find(session, None)
    session.execute(update(TherapistRow).values(capacity=0, name="Nobody"))
    session.expire_all()
    found = {list_id: replays.replay(session, clinic, list_id) for list_id in every_list(session)}
    assert len(found) == n_lists
    assert {one.verdict for one in found.values()} == {replays.SAME}
    assert all(one.record == one.again and len(one.record) > 1_000 for one in found.values())
    heads = session.scalars(select(ShownListRow)).all()
    assert len({head.directory_version for head in heads}) == 2 and len({head.weights_version for head in heads}) == 2
    assert {head.model_version is None for head in heads} == {True, False}
    propensities = session.scalars(select(ShownMatchRow.propensity)).all()
    assert 0 < min(propensities) < 0.5 and max(propensities) == 1.0
    tried(n_lists)


def test_who_has_ever_said_that_they_are_in_danger_gets_the_strict_order(session: Session) -> None:
    """Yes and then no: the answers say nothing of it any more, the flag does."""
    clinic, kept = clinics.find(session, None), sent(session, asked(1))
    intakes.raise_flag(session, kept, "safety", now=NOW)
    lists.make(session, clinic, replace(kept, flags=frozenset({"safety"})), now=NOW)
    (list_id,) = every_list(session)
    head = session.scalars(select(ShownListRow)).one()
    assert head.seed == STRICT and "near_ties" not in head.notes
    assert set(session.scalars(select(ShownMatchRow.propensity))) == {1.0}
    assert replays.replay(session, clinic, list_id).verdict == replays.SAME


def test_a_list_without_a_readable_model_says_so_and_is_made_again(session: Session) -> None:
    session.execute(update(ModelRow).values(file=b"broken"))
    models._loaded.clear()
    make(session, 1)
    (list_id,) = every_list(session)
    assert session.scalars(select(ShownListRow)).one().notes == ["model_unreadable"]
    session.execute(update(ModelRow).values(serving=False))
    session.expire_all()
    assert replays.replay(session, clinics.find(session, None), list_id).verdict == replays.SAME


def test_a_list_that_was_tampered_with_is_found_out(session: Session) -> None:
    make(session, 1)
    (list_id,) = every_list(session)
    session.execute(update(ShownMatchRow).where(ShownMatchRow.place == 3).values(score=0.999))
    session.expire_all()
    found = replays.replay(session, clinics.find(session, None), list_id)
    assert (
        found.verdict == replays.DIFFERENT and b'"score":0.999' in found.record and b'"score":0.999' not in found.again
    )


@pytest.mark.parametrize(
    ("happened", "verdict"),
    [
        (lambda s: s.execute(delete(ClientRow).where(ClientRow.external_id.like("web-%"))), replays.ERASED),
        (lambda s: s.execute(update(ShownListRow).values(directory_version=None)), replays.NOT_RECORDED),
        (lambda s: s.execute(update(ShownListRow).values(release="0")), replays.OTHER_RULES),
        (lambda s: s.execute(update(ShownListRow).values(weights_version="w9")), replays.NO_WEIGHTS),
        (lambda s: s.execute(update(ModelRow).values(file=b"broken")), replays.NO_MODEL),
        (lambda s: s.execute(update(ShownListRow).values(model_version="0123")), replays.NO_MODEL),
    ],
)
def test_why_a_list_cannot_be_made_again(session: Session, happened: Callable[[Session], Any], verdict: str) -> None:
    make(session, 1)
    (list_id,) = every_list(session)
    happened(session)
    session.expire_all()
    models._loaded.clear()
    found = replays.replay(session, clinics.find(session, None), list_id)
    assert (found.verdict, found.again) == (verdict, b"")


def test_a_list_that_never_was_answers_as_one_that_was_erased(session: Session) -> None:
    assert replays.replay(session, clinics.find(session, None), uuid4()).verdict == replays.ERASED


def test_a_directory_comes_back_as_it_was_at_each_version(session: Session, tmp_path: Path) -> None:
    before = [tuple(row) for row in directory.profiles(session)]
    clinic, at = clinics.find(session, None), _version(session)
    write_therapists(tmp_path / "one.csv", [_fuller(profiles.everybody(session)[0])])
    importing.import_file(session, clinic, "therapists", tmp_path / "one.csv", now=NOW)
    assert _version(session) == at + 1
    assert [tuple(row) for row in directory.profiles_at(session, at)] == before
    now = [tuple(row) for row in directory.profiles_at(session, at + 1)]
    assert now == [tuple(row) for row in directory.profiles(session)] != before
    ids = [before[0][0], before[3][0]]
    assert [tuple(row) for row in directory.profiles_at(session, at, ids)] == [before[0], before[3]]


def _version(session: Session) -> int:
    return clinic_rows.by_id(session, clinics.find(session, None).id).directory_version
