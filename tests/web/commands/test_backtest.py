"""``rapport backtest``: the draft or other weights beside those that serve, and why it refuses."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from tests.web.commands.running import Rapport, as_json, done, rapport_on, refused
from tests.web.conftest import NOW, Clinic
from web.db import engine
from web.db.tables import AuditEventRow, DyadRow, JobRow, WeightsDraftRow
from web.services import audit, clinics, weight_drafts


@pytest.fixture
def url(clinic: Clinic, tmp_path: Path) -> str:
    path = tmp_path / "own.sqlite"
    with sqlite3.connect(clinic.database_url.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    return f"sqlite:///{path}"


@pytest.fixture
def rapport(url: str) -> Rapport:
    return rapport_on(url)


def test_the_draft_is_tried_by_default(rapport: Rapport, url: str) -> None:
    assert "There is no draft" in refused(rapport("backtest"))
    with engine.sessions(url)() as session:
        found = clinics.find(engine.writing(session), None)
        weight_drafts.save_draft(session, found, {"access": 1}, {}, "", None, actor=audit.COMMAND, now=NOW)
        session.commit()
    said = done(rapport("backtest", "--clinic", "harbour"))
    assert "the draft, beside the release’s own weights, on 147 of 147 past clients" in said
    assert "Past clients saw another list" in said and "cannot be said from these lists" in said
    found = as_json(rapport("backtest", "--json"))
    assert found["judged"] == {"name": "draft", "revision": 1}
    with engine.sessions(url)() as session:
        clinics.find(session, None)
        counts = [session.scalar(select(func.count(row.id))) for row in (JobRow, WeightsDraftRow, AuditEventRow)]
        assert counts[:2] == [0, 1]  # it stores nothing


def test_other_weights_can_be_named(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text(json.dumps({"weights": {"alliance": 3, "access": 1}}))
    assert as_json(rapport("backtest", "--preset", "soonest", "--json"))["judged"]["name"] == "soonest"
    assert as_json(rapport("backtest", "--weights", tmp_path / "weights.json", "--json"))["judged"]["name"] == "numbers"
    same = done(rapport("backtest", "--version", "release"))
    assert same.startswith("No detectable difference in any of these figures.")


def test_refusals_are_sentences(rapport: Rapport, tmp_path: Path) -> None:
    assert "balanced, wishes_first, soonest" in refused(rapport("backtest", "--preset", "fast"))
    assert "There are no weights w9" in refused(rapport("backtest", "--version", "w9"))
    (tmp_path / "weights.json").write_text('{"weights": {"aliance": 1}}')
    assert "did you mean 'alliance'" in refused(rapport("backtest", "--weights", tmp_path / "weights.json"))
    assert rapport("backtest", "--preset", "soonest", "--version", "w1").exit_code == 2


def test_too_few_past_clients_are_refused_with_the_reason(rapport: Rapport, url: str) -> None:
    with engine.sessions(url)() as session:
        clinics.find(engine.writing(session), None)
        session.execute(delete(DyadRow))
        session.commit()
    assert "20 are needed" in refused(rapport("backtest", "--preset", "soonest"))
