"""The section that says what the clinic's own ratings propose: its states, its words, its drawing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from tests.web.staff import hire, signed_in
from tests.web.weights.typing import HOME, draft, fields, send
from web.db.queries import versions
from web.db.tables import JobRow, RatingRow, WeightsDraftRow
from web.services.learned_weights import KIND
from web.weights import learned as told
from web.weights.years import years

PART = "/weights/learned"
HTMX = {"HX-Request": "true"}
SHOWN = [True, True, False, True]
CURVE: dict[str, Any] = {
    "factor": "experience",
    "at": [0.0, 10.0, 20.0, 25.0, 30.0, 40.0],
    "effect": [-0.02, 0.0, 0.01, None, 0.02, 0.03],
    "lower95": [-0.04, -0.01, -0.01, None, -0.01, -0.04],
    "upper95": [0.0, 0.01, 0.03, None, 0.05, 0.10],
    "edges": [0.0, 10.0, 21.0, 29.0, 40.0],
    "shown": SHOWN,
    "differs": False,
    "too_little": None,
}


def factor(code: str, relative: float, ends: tuple[float, float] | None, serves: float, **more: Any) -> dict[str, Any]:
    low, high = ends or (None, None)
    given = {"verdict": "no_detectable_difference", "direction": "adds", "n_clients": 321, "stays": None}
    return {"factor": code, "relative": relative, "lower95": low, "upper95": high, "serves": serves, "default": serves,
            "nearly_all": False, **given, **more}  # fmt: skip


STAYS: dict[str, Any] = {"verdict": "stays", "direction": "not_said"}
DOCUMENT: dict[str, Any] = {
    "weights_version": None, "model_version": "abc", "learned_on": "2026-03-02", "choices": None,
    "curve": CURVE, "span": 1.0,
    "ratings": {
        "taught_by": "ratings", "too_little": None, "n_clients": 881, "n_observations": 1042, "prior_sd": 0.25,
        "detectable": True,
        "weights": {"version": "learned", "values": {"alliance": 0.58, "preference_fit": 0.16, "access": 0.26}},
        "factors": [
            factor("preference_fit", 0.26, (0.04, 0.48), 0.5, verdict="less"),
            factor("expectancy", 0.0, (-0.5, 0.25), 0.17, direction="may_add_nothing", n_clients=None),
            factor("credibility", 0.2, (0.0, 0.5), 0.2, n_clients=None, nearly_all=True),
            factor("access", 0.3, None, 0.3, stays="not_in_ratings", **STAYS),
            factor("continuity", 0.075, None, 0.075, stays="same_for_all", **STAYS),
        ],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def made(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk_of(clinic, tmp_path_factory.mktemp("learned"))


@pytest.fixture
def desk(made: Desk) -> Desk:
    """Nobody has asked, and there is no draft."""
    with made.session() as session:
        session.execute(delete(JobRow))
        session.execute(delete(WeightsDraftRow))
    return made


def job(desk: Desk, **values: Any) -> None:
    now = datetime.now(UTC)
    given = {"kind": KIND, "key": KIND, "arguments": {}, "due_at": now, "created_at": now, "asked_by": "nobody"}
    with desk.session() as session:
        session.execute(delete(JobRow))
        session.add(JobRow(**given | values))


def serving(desk: Desk) -> str | None:
    with desk.session() as session:
        return versions.serving_model(session)


def done(desk: Desk, document: Mapping[str, Any] = DOCUMENT, **more: Any) -> None:
    """It has ended with this, beside the model that serves."""
    beside = {"model_version": serving(desk), "ended_at": datetime.now(UTC).isoformat()}
    job(desk, state="done", result={**document, **beside, **more})


def section(desk: Desk) -> str:
    page = desk.browser("clinic_lead").get(HOME)
    assert page.status_code == 200 and "style=" not in page.text
    return page.text[page.text.index('id="learned"') :]


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    at: Any = document
    *names, last = path.split(".")
    for name in names:
        at = at[name]
    at[last] = value
    return document


LONG = datetime.now(UTC) + timedelta(hours=1)
STATES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "waiting": ({}, "Waiting|Learning from your ratings", False),
    "neglected": ({"due_at": datetime.now(UTC) - timedelta(seconds=90)}, "rapport worker", False),
    "running": ({"state": "running", "progress": 39, "stage": "part 3", "leased_until": LONG}, "others: 3 of 5", False),
    "failed": ({"state": "failed", "result": {"reason": "gave_up"}}, "stopped three times", True),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_told_and_asked_for_where_it_may(desk: Desk, state: str) -> None:
    values, words, can_ask = STATES[state]
    job(desk, **values)
    page = section(desk)
    assert f'data-state="{state}"' in page and re.search(words, page)
    assert ("Learn from our ratings" in page) is can_ask
    assert ('hx-trigger="every 2s"' in page) is not can_ask


def test_never_asked_it_offers_to_learn_and_asking_twice_is_asking_once(desk: Desk) -> None:
    assert 'data-state="never"' in section(desk) and ">Learn from our ratings<" in section(desk)
    lead = desk.browser("clinic_lead")
    for _ in range(2):
        assert send(lead, PART).location == "/weights/#learned"
    with desk.session() as session:
        assert [(row.kind, row.state) for row in session.scalars(select(JobRow))] == [(KIND, "waiting")]


def test_others_may_not(desk: Desk) -> None:
    coordinator = desk.browser("coordinator")
    assert coordinator.get(PART).status_code == 403
    assert {send(coordinator, path).status_code for path in (PART, PART + "/draft")} == {403}


def test_a_page_that_waits_is_told_only_what_is_new(desk: Desk) -> None:
    job(desk, state="running", progress=3, stage="part 1", leased_until=LONG)
    lead = desk.browser("clinic_lead")
    part = lead.get(PART, headers=HTMX)
    assert part.status_code == 200 and "<html" not in part.text and "seen=running-3-part1" in part.text
    assert lead.get(PART + "?seen=running-3-part1", headers=HTMX).status_code == 204
    done(desk)
    part = lead.get(PART + "?seen=running-3-part1", headers=HTMX)
    assert "Start a draft from these" in part.text and "every 2s" not in part.text
    assert lead.get(PART).location == "/weights/#learned"


def test_what_was_learned_is_told_factor_by_factor(desk: Desk) -> None:
    done(desk)
    page = section(desk)
    for words in (
        "Learned from your clients&#39; ratings", "not what appeals", "What clients choose is not kept yet",
        "1 factor differs detectably", "It is worth less here than your weights say. It adds something",
        '<td class="number">50</td><td class="number">26</td><td class="figure">4 to 48</td>', ">321 clients</td>",
        '−50 to 25</td><td class="figure">fewer than 5 clients</td>', ">nearly all of 881 clients</td>",
        "Behind it: 321 clients.",
        "<b>Easy to reach</b> (30). It stays as it is. Ratings cannot teach it", "<b>Known from before</b> (8)",
        "There is no detectable difference along this line", "Goldberg", "(2016)", "slightly declined",
    ):  # fmt: skip
        assert words in page, words
    assert page.count('class="chart weight"') == 3 and page.count(">differs<") == 1
    assert "Another model" not in page and "Other weights" not in page


def test_too_little_data_is_said_and_proposes_nothing(desk: Desk) -> None:
    nothing = {
        "too_little": "too_few_clients",
        "n_clients": None,
        "n_observations": None,
        "factors": [],
        "weights": None,
    }
    done(desk, changed("ratings", DOCUMENT["ratings"] | nothing))
    page = section(desk)
    assert 'data-state="too_little"' in page and "too few clients to learn from yet" in page
    assert "Start a draft" not in page and "Learn from our ratings again" in page
    answer = send(desk.browser("clinic_lead"), PART + "/draft", {"revision": ""})
    assert answer.status_code == 409 and "Your data propose no weights" in answer.text


def test_without_ratings_there_is_nothing_to_ask_for(clinic: Clinic, tmp_path: Path) -> None:
    bare = desk_of(clinic, tmp_path)
    with bare.session() as session:
        session.execute(delete(RatingRow))
    page = section(bare)
    assert 'data-state="too_few"' in page and "Learn from our ratings" not in page
    assert send(bare.browser("clinic_lead"), PART).status_code == 303
    with bare.session() as session:
        assert session.scalars(select(JobRow)).all() == []


def test_what_serves_since_then_is_said(desk: Desk) -> None:
    done(desk, model_version="an older one")
    assert "Another model serves by now" in section(desk)
    done(desk, weights_version="w7")
    assert "Other weights serve by now" in section(desk)


def test_a_draft_is_begun_and_says_where_it_comes_from(desk: Desk) -> None:
    done(desk)
    lead = desk.browser("clinic_lead")
    assert send(lead, PART + "/draft").location == "/weights/?done=learned"
    said = fields(lead.get(HOME).text)
    assert (said["alliance"], said["preference_fit"], said["access"], said["experience"]) == ("58", "16", "26", "0")
    assert "The draft that is under way was begun from these" in section(desk)
    page = lead.get("/weights/publish").text
    assert "Learned from our clients&#39; ratings on 2026-03-02, with the model" in page
    assert "beside the weights that Rapport brings" in page


def test_a_draft_under_way_is_never_replaced_unasked(desk: Desk) -> None:
    done(desk)
    other = signed_in(desk.app, desk.url, hire(desk.url, "clinic_lead", name="Kim Oakes"))
    mine = desk.browser("clinic_lead")
    assert "Start a draft from these" in section(desk)
    seen = draft(other, access="31")
    answer = send(mine, PART + "/draft", {"revision": ""})  # the page was older than Kim's draft
    assert answer.status_code == 409 and "Kim Oakes has changed the draft" in answer.text
    assert fields(mine.get(HOME).text)["access"] == "31"
    page = section(desk)
    assert "Put these in place of the draft" in page and "last changed by Kim Oakes" in page
    assert "Start a draft from these" not in page
    assert send(mine, PART + "/draft", {"revision": seen["revision"]}).status_code == 303
    assert fields(mine.get(HOME).text)["access"] == "26"


def test_dots_stand_where_they_should() -> None:
    """From −.5 to .5 the line is 220 long: 0 stands in its middle, .25 at three quarters of it."""
    dots = told._dots([one for one in DOCUMENT["ratings"]["factors"] if one["stays"] is None])
    assert dots[1] == told.Dot(at=120.0, low=10.0, high=175.0, serves=157.4, zero=120.0)
    assert dots[2].high == 230.0 and {dot.zero for dot in dots} == {120.0}


def test_the_curve_has_gaps_where_too_few_stand_behind_it() -> None:
    found = years(CURVE, 1.0)
    assert len(found.runs) == 2
    assert found.gaps == ((335.4, 123.2),)  # 21 to 29 of 40 years on a line of 616 from 12
    assert found.zero == 95.0 and found.reach == "10.0"
    assert found.runs[0].line.split()[0] == "12.0,111.2"  # 2 of 10 points below the middle of 81 each way
    assert found.ticks == ((12.0, "0"), (166.0, "10"), (320.0, "20"), (474.0, "30"), (628.0, "40"))
    assert ("25", "too few to tell", "") in found.rows and ("0", "−2.0", "−4.0 to 0.0") in found.rows


def test_a_curve_on_another_scale_is_told_in_hundredths_of_it() -> None:
    assert ("0", "−0.5", "−1.0 to 0.0") in years(CURVE, 4.0).rows


def test_no_curve_says_why() -> None:
    few = CURVE | {"too_little": "too_few_therapists", "at": [], "effect": [], "edges": [], "shown": []}
    found = years(few, 1.0)
    assert found.runs == () and "too few therapists" in found.words
