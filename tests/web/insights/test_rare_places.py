"""Rare places: tried on the clinic's own years by a worker, switched by a lead, served only while they help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from matcher.evaluation.intervals import Interval
from matcher.scarcity.figures import Difference
from matcher.scarcity.serving import ScarcityTrial
from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.waiting_room import sent
from web.db import engine
from web.db.tables import CaseRow, ClinicRow, ForecastRow, JobRow
from web.jobs.tending import tend
from web.jobs.worker import Worker
from web.services import clinics, scarcity

PATH = "/insights/rare-places"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def made(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(clinic, tmp_path_factory.mktemp("rare"))


@pytest.fixture
def desk(made: Desk) -> Desk:
    with made.session() as session:
        for table in (JobRow, ForecastRow, CaseRow):
            session.execute(delete(table))
        session.execute(update(ClinicRow).values(scarcity_prices=False))
    return made


def forecast(desk: Desk, *, serves: bool = True, reason: str = "gains", days_ago: int = 0) -> None:
    """One that was made, and lets its prices serve or not."""
    gain = Difference("alliance", 0.82, 0.79, Interval(0.03, 0.004, 0.022, 0.038))
    wait = Difference("wait_days", 9.0, 8.0, Interval(1.0, 0.9, -0.8, 2.8))
    verdict = ScarcityTrial(serves, reason, 120, 40, 0.9, 20, (gain, wait)).document()
    made_at = datetime.now(UTC) - timedelta(days=days_ago)
    with desk.session() as session:
        row = ForecastRow(prices={"t01": 0.04, "t02": 0.0}, verdict=verdict, made_at=made_at, made_by="a test")
        session.add(row)


def text(desk: Desk, **more: Any) -> str:
    answer = desk.browser("clinic_lead").get(PATH, **more)
    assert answer.status_code == 200 and "style=" not in answer.text
    return answer.text


def post(desk: Desk, path: str) -> None:
    client = desk.browser("clinic_lead")
    token = token_of(client)
    assert client.post(PATH + path, data={"csrf_token": token}).location == PATH


def serving(desk: Desk) -> list[bool]:
    with desk.session() as session:
        return list(session.scalars(select(ForecastRow.serving).order_by(ForecastRow.made_at)))


def test_before_anything_was_tried_it_says_so(desk: Desk) -> None:
    page = text(desk)
    assert "Every list begins with whoever fits best" in page and "Twenty years of your own clients" in page
    refused_to_others(desk, PATH, "clinic_lead")


def test_switching_on_lets_a_forecast_serve_that_helps_and_off_lets_none(desk: Desk) -> None:
    forecast(desk)
    post(desk, "/on")
    assert serving(desk) == [True]
    page = text(desk)
    assert "Rare places are kept for those whom hardly anybody else fits." in page
    assert "79.0 %" in page and "82.0 %" in page and "no detectable difference" in page
    post(desk, "/off")
    assert serving(desk) == [False] and "Switch it off" not in text(desk)


@pytest.mark.parametrize("reason", ["no_gain", "worst_off_lose", "too_few_intakes"])
def test_a_forecast_that_does_not_help_does_not_serve(desk: Desk, reason: str) -> None:
    forecast(desk, serves=False, reason=reason)
    post(desk, "/on")
    assert serving(desk) == [False] and "does not serve" in text(desk)


def test_a_forecast_is_asked_for_once_and_a_worker_works_it_out(desk: Desk) -> None:
    """Nobody came in the last weeks: then nothing can be foreseen, and nothing serves."""
    post(desk, "/on")  # which asks for it
    post(desk, "/forecast")
    assert "Waiting for its turn" in text(desk)
    seen = desk.browser("clinic_lead").get(f"{PATH}/forecast?seen=waiting-0-none", headers=HTMX)
    assert seen.status_code == 204
    assert Worker(engine.sessions(desk.url)).once()
    assert not Worker(engine.sessions(desk.url)).once()
    assert "Nobody has sent an intake in the last twelve weeks." in text(desk)
    assert serving(desk) == [False]


def test_the_clock_asks_every_week_where_it_is_switched_on(desk: Desk) -> None:
    now, sessions = datetime.now(UTC), engine.sessions(desk.url)
    assert tend(sessions, now=now) == 0
    forecast(desk, days_ago=8)
    with desk.session() as session:
        session.execute(update(ClinicRow).values(scarcity_prices=True))
    assert [tend(sessions, now=now), tend(sessions, now=now)] == [1, 0]


def test_who_came_of_late_makes_a_year_that_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real trial on the clinic's clients and therapists, over two years instead of twenty."""
    now, real = datetime.now(UTC), scarcity.scarcity_trial
    monkeypatch.setattr(scarcity, "scarcity_trial", lambda *given, **named: real(*given, **named, n_years=2))
    with desk.session() as session:
        for k in range(3):
            sent(session, now=now - timedelta(weeks=k))
        clinic = clinics.find(session, None)
        session.execute(update(ClinicRow).values(scarcity_prices=True))
    stages: list[str] = []
    told = scarcity.run(engine.sessions(desk.url), clinic, now=now, report=lambda percent, stage: stages.append(stage))
    assert stages == list(scarcity.STAGES) and told["reason"] in ("gains", "no_gain", "worst_off_lose")
    with desk.session() as session:
        row = session.scalars(select(ForecastRow)).one()
        assert row.verdict["n_clients"] > 80 and row.serving == row.verdict["serves"]
        assert set(row.prices) == {f"t{k:02}" for k in range(1, len(row.prices) + 1)}
        assert min(row.prices.values()) >= 0
    assert "What a year gains and costs" in text(desk)
