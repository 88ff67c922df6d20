"""An administrator says for how long closed cases are kept, and nobody else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.desk import Desk
from tests.web.staff import token_of
from tests.web.waiting_room import client_of, sent
from web.db.queries import clinics
from web.services import cases, erasing
from web.services import clinics as service


def months(desk: Desk) -> int | None:
    with desk.session() as session:
        return service.keeps_closed(session, service.find(session, None))


def test_it_is_said_kept_and_shown_with_what_it_means(desk: Desk) -> None:
    browser = desk.browser("administrator")
    assert "For good</option>" in browser.get("/keeping/").text and months(desk) is None
    now = datetime.now(UTC)
    with desk.session() as session:
        kept = sent(session, now=now - timedelta(days=800))
        cases.close(session, client_of(kept), "found_elsewhere", actor="a", now=now - timedelta(days=790))
    answer = browser.post("/keeping/", data={"csrf_token": token_of(browser), "months": "24"})
    assert answer.status_code == 303 and months(desk) == 24
    page = browser.get(answer.location).text
    assert '<option value="24" selected>For 2 years' in page and "1 client is due to be erased" in page
    with desk.session() as session:
        assert erasing.keep_no_longer(session, service.find(session, None), now=now) == 1
        assert clinics.by_id(session, service.find(session, None).id).keep_closed_months == 24
    assert "Nobody is due" in (page := browser.get("/keeping/").text) and "1 client was erased" in page
    assert browser.post("/keeping/", data={"csrf_token": token_of(browser), "months": "never"}).status_code == 303
    assert months(desk) is None


@pytest.mark.parametrize("typed", ["", "0", "-1", "1e3", "601", "٣", "24.0", "9" * 50])
def test_what_is_no_length_of_time_changes_nothing(desk: Desk, typed: str) -> None:
    browser = desk.browser("administrator")
    answer = browser.post("/keeping/", data={"csrf_token": token_of(browser), "months": typed})
    assert answer.status_code == 422 and "Choose one of these" in answer.text and months(desk) is None


@pytest.mark.parametrize("role", ["coordinator", "therapist", "clinic_lead"])
def test_nobody_else_says_it(desk: Desk, role: str) -> None:
    browser = desk.browser(role)
    assert browser.get("/keeping/").status_code == 403
    assert browser.post("/keeping/", data={"csrf_token": token_of(browser), "months": "24"}).status_code == 403
