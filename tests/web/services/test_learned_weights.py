"""What a clinic's ratings propose: learned beside the requests, kept with its job, a draft and never imposed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.web.conftest import Clinic, let_serve
from tests.web.desk import Desk, desk_of
from web.db import engine
from web.db.tables import AuditEventRow, JobRow, ModelRow, RatingRow, WeightsDraftRow
from web.jobs.kinds import KINDS
from web.jobs.worker import Worker
from web.services import clinics, learned_weights, models, weights
from web.services.models import Material
from web.services.weight_troubles import DraftConflict, WeightsTrouble

QUICK = {"ceiling": "gaussian", "blocks": []}
NOTE = "Learned from our ratings."
_learned: list[dict[str, Any]] = []
_told: list[tuple[int, str]] = []


def learned(clinic: Clinic) -> dict[str, Any]:
    """What the ratings of the shared clinic say, learned once a process with plain models."""
    if not _learned:
        sessions = engine.sessions(clinic.database_url)
        with sessions() as session:
            found = clinics.find(session, None)
        _learned.append(
            learned_weights.run(
                sessions, found, now=datetime(2026, 3, 2, tzinfo=UTC), specification=QUICK,
                report=lambda percent, stage: _told.append((percent, stage)),
            )
        )  # fmt: skip
    return _learned[0]


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def keep(desk: Desk, document: Mapping[str, Any], **values: Any) -> None:
    """As the row of a job that has ended with this."""
    now = datetime.now(UTC)
    given = {"state": "done", "due_at": now, "created_at": now, "asked_by": str(desk.staff["clinic_lead"].id)}
    with desk.session() as session:
        session.execute(delete(JobRow))
        row = {"kind": learned_weights.KIND, "key": learned_weights.KIND, "arguments": {}}
        session.add(JobRow(**row | given | {"result": {**document, "ended_at": now.isoformat()}} | values))


def standing(desk: Desk) -> learned_weights.Standing:
    with desk.session() as session:
        return learned_weights.standing_of(session, now=datetime.now(UTC))


def begin(desk: Desk, revision: int | None = None) -> weights.Draft:
    who = desk.staff["clinic_lead"].id
    with desk.session() as session:
        clinic = clinics.find(session, None)
        return learned_weights.begin_draft(session, clinic, NOTE, revision, actor=who, now=datetime.now(UTC))


def test_the_document_names_its_grounds_and_holds_json_values(clinic: Clinic) -> None:
    found = learned(clinic)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    with engine.sessions(clinic.database_url)() as session:
        clinics.find(session, None)
        serving = session.scalars(select(ModelRow.version).where(ModelRow.serving)).one()
    assert (found["model_version"], found["weights_version"], found["learned_on"]) == (serving, None, "2026-03-02")
    assert found["ratings"]["taught_by"] == "ratings" and found["choices"] is None
    assert found["ratings"]["too_little"] is None
    assert {one["factor"]: one["stays"] for one in found["ratings"]["factors"]}["access"] == "not_in_ratings"


def test_each_part_is_told_before_it_is_done(clinic: Clinic) -> None:
    learned(clinic)
    parts = [f"part {number}" for number in range(1, 6)]
    assert [stage for _percent, stage in _told] == ["reading", *parts, "weighing"]
    assert [percent for percent, _stage in _told] == sorted({percent for percent, _stage in _told})
    assert _told == list(zip(learned_weights.STAGES.values(), learned_weights.STAGES, strict=True))


def test_no_count_of_people_below_five_is_told(clinic: Clinic) -> None:
    """Neither for whom a factor tells therapists apart, nor for whom it does not."""
    found = learned(clinic)["ratings"]
    assert found["n_clients"] >= 40
    for one in found["factors"]:
        n = one["n_clients"]
        assert n is None or 5 <= n <= found["n_clients"] - 5, one
    assert any(one["nearly_all"] for one in found["factors"])


@pytest.mark.parametrize(("n", "told"), [(100, None), (99, None), (96, None), (95, 95), (5, 5), (None, None)])
def test_counts_next_to_all_are_told_as_nearly_all(n: int | None, told: int | None) -> None:
    given = {"n_clients": 100, "factors": [{"n_clients": n}]}
    (one,) = learned_weights._told(given)["factors"]
    assert one == {"n_clients": told, "nearly_all": n is not None and n > 95}


def test_nothing_is_open_while_it_learns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection may write meanwhile, and what it writes is there."""
    sessions = engine.sessions(desk.url)
    open_now = []

    def count(*given: Any, **more: Any) -> dict[str, Any]:
        open_now.append(engine_of.checkedout())
        return {}

    with sessions() as session:
        clinic, engine_of = clinics.find(session, None), session.get_bind().pool  # type: ignore[union-attr]
    monkeypatch.setattr(learned_weights, "learn", count)
    learned_weights.run(sessions, clinic, now=datetime.now(UTC))
    assert open_now == [0]


def test_too_few_ratings_are_an_answer_with_a_reason(desk: Desk) -> None:
    with desk.session() as session:
        clinic, found = clinics.find(session, None), models.material(session)
    few = replace(found, ratings=found.ratings[:20])
    for given in (few, replace(few, ratings=[]), Material([], [], [])):
        document = learned_weights.learn(given, clinic, weights.release().weights, specification=QUICK)
        assert document["ratings"]["too_little"] == document["curve"]["too_little"] == "too_few_clients"
        assert json.loads(json.dumps(document, allow_nan=False)) == document
    keep(desk, document | {"model_version": None, "weights_version": None})
    with pytest.raises(WeightsTrouble) as trouble:
        begin(desk)
    assert trouble.value.code == "nothing_learned"


def test_asking_twice_is_asking_once_and_a_worker_keeps_what_was_learned(
    desk: Desk, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, now = desk.staff["clinic_lead"].id, datetime.now(UTC)
    with desk.session() as session:
        assert learned_weights.ask(session, now=now, person_id=who)
        assert not learned_weights.ask(session, now=now, person_id=who)
        asked = session.scalars(select(AuditEventRow).where(AuditEventRow.action == "weights.learning_asked")).all()
        assert [event.actor for event in asked] == [str(who)]
    assert not standing(desk).can_ask and standing(desk).document is None
    document = {name: learned(clinic)[name] for name in ("ratings", "choices", "curve", "span")}
    monkeypatch.setattr(learned_weights, "learn", lambda *given, **more: document)
    assert Worker(engine.sessions(desk.url), KINDS).once()
    found = standing(desk)
    assert found.can_ask and found.document is not None and found.asked_by == "Sam clinic_lead"
    assert found.document["ratings"] == document["ratings"] and found.document["model_version"]
    assert not found.new_model and not found.new_weights


def test_without_ratings_nothing_can_be_asked(desk: Desk) -> None:
    with desk.session() as session:
        session.execute(delete(RatingRow))
        assert not learned_weights.ask(session, now=datetime.now(UTC), person_id=desk.staff["clinic_lead"].id)
        assert session.scalars(select(JobRow)).all() == []


def test_what_serves_since_is_noticed(desk: Desk, clinic: Clinic) -> None:
    keep(desk, learned(clinic))
    assert (standing(desk).new_model, standing(desk).new_weights) == (False, False)
    keep(desk, learned(clinic) | {"model_version": "an earlier one"})
    assert (standing(desk).new_model, standing(desk).new_weights) == (True, False)
    with desk.session() as session:
        let_serve(session, "w1", {"alliance": 0.5, "access": 0.5}, now=datetime.now(UTC) - timedelta(minutes=1))
    assert (standing(desk).new_model, standing(desk).new_weights) == (True, True)


def test_a_draft_holds_what_was_learned_and_nothing_serves(desk: Desk, clinic: Clinic) -> None:
    keep(desk, learned(clinic))
    draft = begin(desk)
    wanted = learned(clinic)["ratings"]["weights"]["values"]
    assert draft.note == NOTE and draft.bounds == weights.release().bounds
    assert draft.relative == {code: pytest.approx(100 * share, abs=0.05) for code, share in wanted.items()}
    with desk.session() as session:
        assert weights.serving(session, now=datetime.now(UTC)).version is None


def test_a_draft_under_way_is_replaced_only_by_who_has_seen_it(desk: Desk, clinic: Clinic) -> None:
    keep(desk, learned(clinic))
    with desk.session() as session:
        theirs = {"alliance": 50.0, "access": 50.0}
        session.add(
            WeightsDraftRow(weights=theirs, note="Theirs", edited_by="Kim", edited_at=datetime.now(UTC), revision=7)
        )
    for seen in (None, 6):
        with pytest.raises(DraftConflict):
            begin(desk, seen)
    assert begin(desk, 7).note == NOTE
