"""One case: assigned, held, overridden, given back and matched anew; a stale page undoes nobody's work."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of, token_of
from tests.web.waiting_room import client_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db.tables import AlertRow, DyadRow
from web.services import at_risk, cases, casework, contacting, openings, placing, waiting_list
from web.services.casework import By, Choice
from web.services.intakes import KeptIntake
from web.wording.casework import AT_RISK, CLOSED, CONTACTED, FLAGS, OVERRIDES, PRIORITIES, REMATCHES, STATES


@pytest.fixture
def desk(clinic: Clinic, tmp_path: Path) -> Desk:
    return desk_of(clinic, tmp_path)


def one(desk: Desk, *, days: int = 0, name: str = "Ada") -> tuple[KeptIntake, list[str]]:
    """Somebody on the waiting list, and whom their list offers."""
    with desk.session() as session:
        kept = sent(session, now=datetime.now(UTC) - timedelta(days=days), name=name)
        return kept, seen(session, kept)


def do(client: FlaskClient, kept: KeptIntake, what: str, revision: object, **typed: object) -> TestResponse:
    said = {"csrf_token": token_of(client), "revision": str(revision), **typed}
    return client.post(f"/queue/{kept.id}/{what}", data=said)


def revision(client: FlaskClient, kept: KeptIntake) -> str:
    """As the page of the case names it."""
    found = re.search(r'name="revision" value="(\d+)"', client.get(f"/queue/{kept.id}").text)
    assert found is not None
    return found[1]


def test_a_place_is_assigned_and_taken_back(desk: Desk) -> None:
    kept, ranked = one(desk)
    client = desk.browser("coordinator")
    at = revision(client, kept)
    for _time in range(2):  # sent twice is done once
        done = do(client, kept, "assign", at, therapist=ranked[0])
        assert (done.status_code, done.location) == (303, f"/queue/{kept.id}?done=assigned")
    page = client.get(done.location).text
    assert "They have a place now" in page and "Undo" in page and "Was given a place with" in page
    assert page.count("Was given a place with") == 1 and "Sam coordinator" in page
    with desk.session() as session:
        place = place_of(session, kept)
        assert place is not None
    assert do(client, kept, "give-back", revision(client, kept), place=place.id).status_code == 303
    assert "was given back" in client.get(f"/queue/{kept.id}").text


def test_of_two_coordinators_the_second_is_told_and_sees_the_next_who_is_free(desk: Desk) -> None:
    (kept, ranked), (other, others) = one(desk), one(desk, name="Bea")
    with desk.session() as session:
        with_places(session, ranked[0], 1)
    first, second = desk.browser("coordinator"), desk.browser("coordinator")
    at, stale = revision(second, other), revision(second, kept)
    assert do(first, kept, "assign", stale, therapist=ranked[0]).status_code == 303
    late = do(second, kept, "assign", stale, therapist=ranked[1], reason="urgent")
    assert late.status_code == 409 and "Somebody else changed this case" in late.text
    assert "Was given a place with" in late.text
    full = do(second, other, "assign", at, therapist=ranked[0])
    assert full.status_code == 409 and "The last place was taken meanwhile" in full.text
    best = re.search(r'<article class="offer first"[^>]*data-therapist="(\w+)"', full.text)
    assert best is not None and best[1] == next(key for key in others if key != ranked[0])
    assert do(second, other, "assign", revision(second, other), therapist=best[1]).status_code == 303


def test_an_override_asks_for_a_reason_and_keeps_what_was_typed(desk: Desk) -> None:
    kept, ranked = one(desk)
    client = desk.browser("coordinator")
    at = revision(client, kept)
    wrong = do(client, kept, "assign", at, therapist=ranked[3], words="She knows the <i>sea</i>.")
    assert wrong.status_code == 422
    assert "Say why it is somebody else" in wrong.text and "She knows the &lt;i&gt;sea&lt;/i&gt;." in wrong.text
    done = do(client, kept, "assign", at, do="hold", therapist=ranked[3], reason="expertise", words="She knows it.")
    assert done.status_code == 303
    page = client.get(f"/queue/{kept.id}").text
    assert "A place is held" in page and "Knows this field best" in page and "She knows it." in page
    assert do(client, kept, "assign", revision(client, kept), therapist="nobody").status_code == 409


def test_matching_anew_blames_nobody_and_closing_can_be_undone(desk: Desk) -> None:
    kept, ranked = one(desk)
    client = desk.browser("coordinator")
    do(client, kept, "assign", revision(client, kept), therapist=ranked[0])
    assert do(client, kept, "close", revision(client, kept), reason="no_answer").status_code == 409
    assert do(client, kept, "rematch", revision(client, kept)).status_code == 422
    done = do(client, kept, "rematch", revision(client, kept), reason="client_asked", words="Prefers evenings.")
    assert (done.status_code, done.location) == (303, f"/queue/{kept.id}?done=rematched")
    page = client.get(done.location).text
    assert "Prefers evenings." in page and f'data-therapist="{ranked[0]}"' not in page
    done = do(client, kept, "close", revision(client, kept), reason="found_elsewhere")
    assert "Put them back on the list" in client.get(done.location).text
    assert do(client, kept, "reopen", revision(client, kept)).status_code == 303
    assert do(client, kept, "note", 0, note="Called.").status_code == 303
    assert do(client, kept, "note", 0, note=" ").status_code == 422
    assert do(client, kept, "priority", revision(client, kept), priority="2").status_code == 303
    assert do(client, kept, "list", 0).status_code == 303
    page = client.get(f"/queue/{kept.id}").text
    assert "Called." in page and "Priority: First of all" in page


def test_a_place_that_opens_shows_whom_it_suits_in_every_order(desk: Desk) -> None:
    long, ranked = one(desk, days=20)
    one(desk, name="Bea")
    client = desk.browser("coordinator")
    page = client.get(f"/queue/openings?therapist={ranked[0]}&order=waiting").text
    assert "2 of 2 people who wait fit this place" in page and page.index(">Ada</a>") < page.index(">Bea</a>")
    assert "their best" in page
    for order in openings.ORDERS:
        assert client.get(f"/queue/openings?therapist={ranked[0]}&order={order}").status_code == 200
    assert do(client, long, "assign", revision(client, long), therapist=ranked[0]).status_code == 303
    page = client.get(f"/queue/openings?therapist={ranked[0]}").text
    assert "1 of 1 people who wait fits this place" in page and ">Ada</a>" not in page
    assert "Choose whose place it is" in client.get("/queue/openings?therapist=nobody").text


def test_whoever_may_be_lost_from_sight_stands_once_with_the_first_signal(desk: Desk) -> None:
    came = ((20, "Ada"), (21, "Bea"), (40, "Cem"), (1, "Dov"))
    _late, held, silent, _fine = (one(desk, days=days, name=name)[0] for days, name in came)
    now = datetime.now(UTC)
    with desk.session() as session:
        for kept, work, then in ((held, casework.hold, 10), (silent, casework.assign, 30)):
            first = Choice(casework.first_free(session, client_of(kept), now=datetime.now(UTC)) or "")
            work(session, the_clinic(session), client_of(kept), first, By("a", now - timedelta(days=then), 1))
        assert placing.give_back_overdue(session, the_clinic(session), now=now) == 1
        found = at_risk.signals(session, the_clinic(session), now=now).by_signal
        said = {signal: [person.contact["name"] for person in people] for signal, people in found.items()}
    assert said == {
        "declined": [], "hold_over": ["Bea"], "please_contact": [], "contradicted": [], "not_settled": [],
        "not_read": [], "silent": ["Cem"], "too_long": ["Ada"],
    }  # fmt: skip
    page = desk.browser("coordinator").get("/queue/at-risk").text
    assert "Placed, and nothing heard since" in page and "Dov" not in page


def test_whoever_did_not_share_by_name_is_called_and_no_score_is_told(desk: Desk) -> None:
    kept, now = one(desk)[0], datetime.now(UTC)
    with desk.session() as session:
        row = therapist(session, "t01")
        dyad = DyadRow(client_id=client_of(kept), therapist_id=row.id, created_at=now)
        session.add(dyad)
        session.flush()
        figures = {"score": 0.4321, "typical": 0.8765}
        session.add(AlertRow(dyad_id=dyad.id, kind="drop", session_number=5, figures=figures, raised_at=now))
        name = row.name
    page = desk.browser("coordinator").get("/queue/at-risk").text
    assert "Please contact them" in page and ">Ada</a>" in page and name in page
    assert ".4321" not in page and ".8765" not in page and "drop" not in page


def test_whoever_is_to_be_called_is_settled_on_their_page_without_kind_score_or_session(desk: Desk) -> None:
    kept, now = one(desk)[0], datetime.now(UTC)
    with desk.session() as session:
        dyad = DyadRow(client_id=client_of(kept), therapist_id=therapist(session, "t01").id, created_at=now)
        session.add(dyad)
        session.flush()
        alert = AlertRow(dyad_id=dyad.id, kind="drop", session_number=4711, figures={"score": 0.4321}, raised_at=now)
        session.add(alert)
        session.flush()
        key = alert.id
    client = desk.browser("coordinator")
    page = client.get(f"/queue/{kept.id}").text
    assert "Please contact them" in page and f"/queue/{kept.id}/contacts/{key}" in page
    assert not any(told in page for told in ("4321", "4711", "drop", "A session went less well"))
    assert do(client, kept, f"contacts/{key}", 0, outcome="talked").status_code == 422
    assert do(client, kept, f"contacts/{kept.id}", 0, outcome="spoken").status_code == 404
    tried = client.get(do(client, kept, f"contacts/{key}", 0, outcome="not_reached").location).text
    assert "They stay among those at risk" in tried and "and not reached" in tried and f"contacts/{key}" in tried
    assert ">Ada</a>" in client.get("/queue/at-risk").text
    done = client.get(do(client, kept, f"contacts/{key}", 0, outcome="spoken").location).text
    assert "is watched anew" in done and "somebody has spoken with them" in done and f"contacts/{key}" not in done
    assert ">Ada</a>" not in client.get("/queue/at-risk").text
    late = do(client, kept, f"contacts/{key}", 0, outcome="rematched")
    assert late.status_code == 409 and "This has ended meanwhile" in late.text
    for role in ("therapist", "clinic_lead", "administrator"):
        other = desk.browser(role)
        assert do(other, kept, f"contacts/{key}", 0, outcome="spoken").status_code in (403, 404), role


def test_every_code_of_a_case_has_words() -> None:
    assert set(OVERRIDES) == set(casework.OVERRIDES) and set(REMATCHES) == set(casework.REMATCHES)
    assert set(CLOSED) == set(cases.CLOSED_BECAUSE) and set(PRIORITIES) == set(cases.PRIORITIES)
    assert set(STATES) == set(waiting_list.STATES) and set(FLAGS) == set(waiting_list.FLAGS)
    assert set(AT_RISK) == set(at_risk.SIGNALS) and set(CONTACTED) == set(contacting.OUTCOMES)
