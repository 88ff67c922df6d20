"""A clinic's model is tried before it serves; what came of it stands in its row, and a refused one does not serve."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher import ClinicModel
from matcher.entities import Rating
from tests.web.conftest import NOW, load
from web.db import engine
from web.db.queries import versions
from web.db.tables import AuditEventRow, ModelRow
from web.services import clinics, models
from web.services.clinics import Clinic
from web.services.models import Fitted, Material, Tried

_estimated: dict[tuple[Rating, ...], ClinicModel] = {}


def estimated(found: Material, clinic: Clinic) -> ClinicModel:
    """The model of a clinic's ratings, fitted once a test process: on either engine they are the same."""
    ratings = tuple(found.ratings)
    if ratings not in _estimated:
        _estimated[ratings] = models.estimate(found, clinic)
    return _estimated[ratings]


@pytest.fixture
def session(database: str, tmp_path: Path) -> Iterator[Session]:
    """A clinic whose model was published without a trial, long before its later ratings."""
    with engine.sessions(database)() as opened:
        load(engine.writing(opened), tmp_path, fitted=estimated)
        yield opened


def spoilt(found: Material) -> Material:
    """The same ratings, the earlier three quarters turned round: what is learned from them is worth nothing."""
    cut = sorted(rating.rated_at for rating in found.ratings if rating.rated_at)[len(found.ratings) * 3 // 4]
    ratings = [
        replace(rating, score=round(1 - rating.score, 6)) if rating.rated_at and rating.rated_at < cut else rating
        for rating in found.ratings
    ]
    return replace(found, ratings=ratings)


_tried: dict[tuple[Any, ...], Tried | None] = {}


def fitted(session: Session, found: Material, *, now=NOW) -> tuple[Fitted, Tried | None]:
    """Estimated and tried once for both engines, published on each."""
    clinic = clinics.find(session, None)
    model = estimated(found, clinic)
    told = (model.version, found.serving, found.champion and found.champion.fitted_at)
    if told not in _tried:
        _tried[told] = models.try_out(found, clinic, model)
    return models.publish(session, clinic, model, now=now, tried=_tried[told]), _tried[told]


def served_without_a_trial(session: Session) -> str:
    version = versions.serving_model(session)
    assert version is not None
    return version


def age(session: Session, days: int) -> None:
    """Let the model that serves be older than the later ratings, or newer."""
    session.execute(update(ModelRow).values(fitted_at=NOW - timedelta(days=days)))
    session.expire_all()


def test_the_same_model_again_is_not_tried(session: Session) -> None:
    before = served_without_a_trial(session)
    clinic, material = clinics.find(session, None), models.material(session)
    model = models.estimate(material, clinic)
    tried = models.try_out(material, clinic, model)
    found = models.publish(session, clinic, model, now=NOW, tried=tried)
    assert (tried, found.version, found.is_new, found.serves) == (None, before, False, True)


def test_whether_anything_changed_over_time_is_asked_and_said(session: Session) -> None:
    found, _ = fitted(session, models.material(session))
    said = found.summary["report"]["drift"]
    assert said["because"] and found.summary["specification"]["drift"] == "auto"


def test_a_model_of_more_ratings_is_tried_and_serves(session: Session) -> None:
    material = models.material(session)
    found, tried = fitted(session, replace(material, ratings=material.ratings[:-1]))
    assert tried is not None and tried.trial.verdict.judged
    assert found.is_new and found.serves and served_without_a_trial(session) == found.version
    row = versions.model(session, found.version)
    assert row is not None and row.summary["trial"] == json.loads(json.dumps(tried.trial.document()))
    assert row.summary["trial"]["report"]["splits"][0]["rows"][0]["name"] == "model"


def test_a_refused_model_is_kept_and_does_not_serve(session: Session) -> None:
    """The model that serves was fitted before the ratings were spoilt and before the later ones came."""
    age(session, 3650)
    before = served_without_a_trial(session)
    found, tried = fitted(session, spoilt(models.material(session)))
    assert tried is not None and tried.trial.verdict.champion == "as_served" and not tried.trial.verdict.serves
    assert (found.serves, found.serving, served_without_a_trial(session)) == (False, before, before)
    row = versions.model(session, found.version)
    assert row is not None and not row.serving and row.summary["trial"]["verdict"]["serves"] is False
    actions = session.scalars(select(AuditEventRow.action).where(AuditEventRow.subject == found.version)).all()
    assert actions == ["model.refused"]


def test_a_refused_model_that_is_fitted_again_is_tried_again(session: Session) -> None:
    age(session, 3650)
    material = spoilt(models.material(session))
    first, _ = fitted(session, material)
    again, tried = fitted(session, material)
    assert tried is not None and again == first
    assert len(session.scalars(select(ModelRow.version)).all()) == 2


def test_the_model_that_serves_may_be_of_the_same_kind(session: Session) -> None:
    """Fitted today, it knows the later ratings: its kind on the same past is the new model's."""
    age(session, 0)
    material = models.material(session)
    _, tried = fitted(session, replace(material, ratings=material.ratings[:-1]))
    assert tried is not None and tried.trial.verdict.champion == "same_method"


def test_a_damaged_model_is_known_by_what_is_told_of_it(session: Session) -> None:
    age(session, 0)
    session.execute(update(ModelRow).values(file=b"nothing"))
    champion = models.material(session).champion
    assert champion is not None and champion.model is None
    assert champion.specification is not None and champion.specification["method"] == "reml"


def test_a_verdict_about_another_model_does_not_count(session: Session) -> None:
    clinic, material = clinics.find(session, None), models.material(session)
    model = estimated(replace(material, ratings=material.ratings[:-1]), clinic)
    tried = models.try_out(material, clinic, model)
    other = ClinicModel.fit(material.intakes, material.therapists, material.ratings[:-2], scale=clinic.scale)
    models.publish(session, clinic, other, now=NOW)
    with pytest.raises(models.Overtaken, match="fit again"):
        models.publish(session, clinic, model, now=NOW, tried=tried)
    assert served_without_a_trial(session) == other.version


def test_how_far_a_model_moves_expectations_and_when_its_ratings_were_given_is_told(session: Session) -> None:
    clinic, material = clinics.find(session, None), models.material(session)
    model = estimated(replace(material, ratings=material.ratings[:-1]), clinic)
    found = models.about(material, model)
    moments = [rating.rated_at for rating in material.ratings if rating.rated_at]
    assert found["span"] == {"first": min(moments).isoformat(), "last": max(moments).isoformat()}
    assert found["before"] == material.serving and found["shift"]["n_therapists"] == len(material.therapists)
    assert 0 < found["shift"]["mean"] <= found["shift"]["most"] < clinic.scale.top
    published = models.publish(session, clinic, model, now=NOW, about=found)
    assert published.summary["shift"] == found["shift"]
    assert models.about(replace(material, champion=None), model)["shift"] is None


def test_an_earlier_model_serves_again_and_it_is_written_down_by_whom(session: Session) -> None:
    clinic, material = clinics.find(session, None), models.material(session)
    first = served_without_a_trial(session)
    second = estimated(replace(material, ratings=material.ratings[:-1]), clinic)
    models.publish(session, clinic, second, now=NOW)
    assert models.serve_again(session, clinic, first, now=NOW, actor="somebody")
    assert models.serve_again(session, clinic, first, now=NOW, actor="somebody")
    assert served_without_a_trial(session) == first
    found = select(AuditEventRow.actor, AuditEventRow.subject).where(AuditEventRow.action == "model.rolled_back")
    assert [tuple(row) for row in session.execute(found)] == [("somebody", first)]


@pytest.mark.parametrize("what", ["unknown", "refused", "damaged"])
def test_a_model_that_may_not_serve_does_not_serve_again(session: Session, what: str) -> None:
    clinic, material = clinics.find(session, None), models.material(session)
    first = served_without_a_trial(session)
    other = estimated(replace(material, ratings=material.ratings[:-1]), clinic)
    models.publish(session, clinic, other, now=NOW)
    row = versions.model(session, first)
    assert row is not None
    if what == "refused":
        row.summary = {**row.summary, "trial": {"verdict": {"serves": False}}}
    if what == "damaged":
        session.execute(update(ModelRow).where(ModelRow.version == first).values(file=b"nothing"))
    session.flush()
    asked = "0" * 12 if what == "unknown" else first
    assert models.serve_again(session, clinic, asked, now=NOW, actor="somebody") is False
    assert served_without_a_trial(session) == other.version


def test_fitting_again_mends_the_file_of_the_model_that_serves(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic, before = clinics.find(session, None), served_without_a_trial(session)
    model = estimated(models.material(session), clinic)
    session.execute(update(ModelRow).values(file=b"nothing"))
    session.expire_all()
    models._loaded.clear()
    assert models.serving(session, clinic.id) is None
    again = models.publish(session, clinic, model, now=NOW)
    assert (again.version, again.is_new) == (before, False)
    assert models.serving(session, clinic.id) is None  # it is not read at every request
    monkeypatch.setattr(models, "UNREADABLE_SECONDS", -1.0)
    found = models.serving(session, clinic.id)
    assert found is not None and found.version == before
