"""The card of the models: its states, what may be done from it, and that it tells no small count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, refused_to_others, token_of
from tests.web.insights.told import summary, trial
from web.db.queries import versions
from web.db.tables import JobRow, ModelRow, RatingRow
from web.services import tokens

PATH = "/insights/model"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def made(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(clinic, tmp_path_factory.mktemp("card"))


@pytest.fixture
def desk(made: Desk) -> Desk:
    """The model that serves has a trial; nobody has asked for another."""
    with made.session() as session:
        session.execute(delete(JobRow))
        session.execute(delete(ModelRow).where(~ModelRow.serving))
        session.execute(update(ModelRow).values(summary=summary(), fitted_at=datetime(2026, 3, 2, tzinfo=UTC)))
    return made


def text(desk: Desk, **more: Any) -> str:
    answer = desk.browser("clinic_lead").get(PATH, **more)
    assert answer.status_code == 200
    assert "style=" not in answer.text
    return answer.text


def job(desk: Desk, **values: Any) -> None:
    now = datetime.now(UTC)
    given = {"kind": "fit", "key": "fit", "arguments": {}, "due_at": now, "created_at": now, "asked_by": "nobody"}
    with desk.session() as session:
        session.execute(delete(JobRow))
        session.add(JobRow(**given | values))


def ended(**said: Any) -> dict[str, Any]:
    return {"state": "done", "result": {"ended_at": datetime.now(UTC).isoformat(), "seconds": 41, **said}}


def test_the_card_tells_what_was_learned_and_how_it_does(desk: Desk) -> None:
    page = text(desk)
    for words in (
        "1,200</span> <span class=\"words\">sessions rated", "under 5</span> <span class=\"words\">clients who saw two",
        "2 January, 2024", "The two together", "It predicts clearly better than every plain mean.",
        "the model that serves", "Three points more hope", "Nothing clearly counts.", "moved by 2.0 points of 100",
        "so unlike all others that they count for less: fewer than five.", "The dyads are bounded.",
        "<h3>Does it change over time?</h3>\n    <p>Nothing suggests",
    ):  # fmt: skip
        assert words in page, words
    assert "of_another_release" not in page


def test_the_card_is_for_the_lead(desk: Desk) -> None:
    assert refused_to_others(desk, PATH, "clinic_lead") == 4
    for path in ("/fit", "/0123456789ab/serve"):
        coordinator = desk.browser("coordinator")
        answer = coordinator.post(PATH + path, data={"csrf_token": token_of(coordinator)})
        assert answer.status_code == 403


STATES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "waiting": ({}, "A new model is being made", False),
    "neglected": ({"due_at": datetime.now(UTC) - timedelta(seconds=90)}, "rapport worker", False),
    "running": ({"state": "running", "progress": 60, "stage": "trying",
                 "leased_until": datetime.now(UTC) + timedelta(hours=1)}, 'value="60"', False),
    "serves": (ended(serves=True, is_new=True, verdict="not_worse"), "The new model serves", True),
    "same": (ended(serves=True, is_new=False), "Nothing new to learn", True),
    "kept": (ended(serves=False, verdict="worse_than_champion", serving="x"), "clearly worse than the model", True),
    "failed": ({"state": "failed", "result": {"reason": "overtaken"}}, "Another model began to serve", True),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_a_fit_is_told_and_asked_for_where_it_may(desk: Desk, state: str) -> None:
    values, words, can_ask = STATES[state]
    job(desk, **values)
    page = text(desk)
    assert f'data-state="{state}"' in page and words in page
    assert (">Fit now<" in page) is can_ask
    assert ('hx-trigger="every 2s"' in page) is not can_ask


def test_a_page_that_waits_is_told_only_what_is_new(desk: Desk) -> None:
    job(desk, state="running", progress=5, stage="estimating", leased_until=datetime.now(UTC) + timedelta(hours=1))
    lead = desk.browser("clinic_lead")
    part = lead.get(PATH + "/fit", headers=HTMX)
    assert part.status_code == 200 and "<html" not in part.text and "seen=running-5-estimating" in part.text
    assert lead.get(PATH + "/fit?seen=running-5-estimating", headers=HTMX).status_code == 204
    job(desk, **ended(serves=True, is_new=True, verdict="not_worse"))
    part = lead.get(PATH + "/fit?seen=running-5-estimating", headers=HTMX)
    assert "The new model serves" in part.text and "every 2s" not in part.text
    assert lead.get(PATH + "/fit").location.endswith("/insights/model#fit-now")


def test_without_ratings_there_is_nothing_to_ask_for(desk: Desk, tmp_path: Path, clinic: Clinic) -> None:
    bare = desk_of(clinic, tmp_path)
    with bare.session() as session:
        session.execute(delete(RatingRow))
        session.execute(delete(ModelRow))
    page = text(bare)
    assert "No model yet" in page and 'data-state="too_few"' in page and ">Fit now<" not in page
    lead = bare.browser("clinic_lead")
    assert lead.post(PATH + "/fit", data={"csrf_token": token_of(lead)}).status_code == 303
    with bare.session() as session:
        assert session.scalars(select(JobRow)).all() == []


def test_a_model_that_cannot_be_read_is_told_and_lists_go_on(desk: Desk, clinic: Clinic, tmp_path: Path) -> None:
    bare = desk_of(clinic, tmp_path)
    with bare.session() as session:
        session.execute(update(ModelRow).values(file=b"nothing", version="0" * 12))
    assert "Lists go on by the rules alone" in text(bare) and "Cannot be read" not in text(desk)


def test_an_earlier_model_can_serve_again_and_a_refused_one_cannot(desk: Desk) -> None:
    with desk.session() as session:
        now = session.scalars(select(ModelRow)).one()
        kept = session.scalar(select(ModelRow.file).where(ModelRow.id == now.id))
        real = now.version
        refused = summary(trial=trial(serves=False, reason="worse_than_baseline"))
        now.serving = False
        session.flush()
        later = now.fitted_at + timedelta(days=1)
        session.add(ModelRow(version="b" * 12, file=b"", summary=summary(), serving=True, fitted_at=later))
        session.add(ModelRow(version="c" * 12, file=kept, summary=refused, fitted_at=later))
    lead, page = desk.browser("clinic_lead"), text(desk)
    assert f"/insights/model/{real}/serve" in page and f"/insights/model/{'c' * 12}/serve" not in page
    assert "It is clearly worse than a plain mean, so it does not serve." in page
    for version, serves in (("c" * 12, "b" * 12), ("0" * 12, "b" * 12), (real, real)):
        answer = lead.post(f"{PATH}/{version}/serve", data={"csrf_token": token_of(lead)})
        assert answer.status_code == 303 and ("unchanged" in answer.location) is (serves != version)
        with desk.session() as session:
            assert versions.serving_model(session) == serves
    assert "Nothing was changed" in desk.browser("clinic_lead").get(PATH + "?unchanged=").text


def test_the_card_as_json_tells_no_small_count(desk: Desk) -> None:
    with desk.session() as session:
        token = tokens.issue(session, now=datetime.now(UTC), scopes=("model:read",))
        other = tokens.issue(session, now=datetime.now(UTC), scopes=("matches",))
    ask = desk.app.test_client().get
    answer = ask("/api/v1/model", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    found = answer.json["serving"]
    assert (found["data"]["n_ratings"], found["data"]["n_clients_with_two_therapists"]) == (1200, None)
    assert (found["shares"][0]["part"], round(found["shares"][0]["share"], 6)) == ("client", 0.57)
    assert found["trial"]["in_middle_80"] == pytest.approx(0.9) and found["trial"]["errors"][1]["name"] == "champion"
    assert (found["verdict"]["reason"], found["shift"]["same_first"], found["readable"]) == ("not_worse", 0.8, True)
    assert answer.json["models"][0]["serves"] is True
    assert ask("/api/v1/model", headers={"Authorization": f"Bearer {other}"}).status_code == 403
    schema = ask("/api/v1/openapi.json").json["components"]["schemas"]["ModelOut"]
    assert set(answer.json) == set(schema["properties"])
