"""Whoever of staff looks at a client leaves an entry, on every page; and no page shows one without saying so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.trust.test_things_of_others import copy_of
from tests.trust.town import House, Town
from tests.trust.townsfolk import caller, own, path_of, rules, send
from web import access, reads
from web.db.tables import AuditEventRow, IntakeRow, ProposalRow
from web.services import client_reads


def entries(town: Town, house: House) -> list[tuple[str, str, str, str]]:
    """(action, subject, actor, page) of every look that was noted."""
    with town.session(house) as session:
        found = select(AuditEventRow).where(AuditEventRow.action.in_(("client.read", "clients.read")))
        rows: list[Any] = list(session.scalars(found.order_by(AuditEventRow.sequence)))
        return [(row.action, row.subject, row.actor, row.details["page"]) for row in rows]


def words_of_clients(town: Town, house: House) -> list[str]:
    """The words by which a client is told from others: names, addresses, what they wrote."""
    with town.session(house) as session:
        said = [repr(row.answers) for row in session.scalars(select(IntakeRow))]
    return [word for word in house.canaries if any(word in one for one in said)]


def unnoted(town: Town, house: House) -> tuple[int, list[str]]:
    """(pages, those that showed a client and left no entry, or left one that does not fit)."""
    n, wrong, words = 0, [], words_of_clients(town, house)
    for rule, method in rules(town):
        policy = access.ROUTES[rule.endpoint]
        if method != "GET" or not (policy.roles or policy.scope):
            continue
        for role in policy.roles or ("",):
            browser, headers = caller(town, house, rule.endpoint)
            if role not in ("", "therapist"):
                browser = town.browser(house, house.staff[role])
            before = len(entries(town, house))
            answer = send(browser, method, path_of(rule, own(house, rule)), rule.endpoint, headers)
            new = entries(town, house)[before:]
            shows = any(word in answer.text for word in words)
            n += 1
            if shows != bool(new) and (shows or rule.endpoint in reads.NOBODY):
                wrong.append(f"{rule.rule}: shows a client: {shows}, entries: {new}")
            if new and (new[0][3] != rule.endpoint or len(new) > 1):
                wrong.append(f"{rule.rule}: {new}")
    return n, wrong


@pytest.mark.P8
def test_no_page_shows_a_client_without_an_entry(town: Town, tmp_path: Path, tried: Callable[[int], None]) -> None:
    mine = copy_of(town, tmp_path)
    n, wrong = unnoted(mine, mine.houses["north"])
    assert not wrong, "\n".join(wrong)
    tried(n)


@pytest.mark.P8
def test_an_entry_names_the_client_the_person_and_the_page(
    town: Town, tmp_path: Path, tried: Callable[[int], None]
) -> None:
    """By whichever key the address names them; a page that is not there leaves none."""
    mine = copy_of(town, tmp_path)
    north, south = mine.houses["north"], mine.houses["south"]
    client = str(north.things["client_id"]["client8"])
    for endpoint, who in (
        ("queue.case", "coordinator"),
        ("courses.show", "therapist0"),
        ("caseload.client", "therapist0"),
    ):
        rule = next(rule for rule, method in rules(mine) if rule.endpoint == endpoint and method == "GET")
        browser, _ = caller(mine, north, endpoint)
        filled = own(north, rule) | (
            {"intake_id": north.things["intake_id"]["client8"]} if who == "coordinator" else {}
        )
        assert browser.get(path_of(rule, filled)).status_code == 200
        assert entries(mine, north)[-1] == ("client.read", client, str(north.staff[who].id), endpoint)
        n = len(entries(mine, north))
        assert browser.get(path_of(rule, own(south, rule))).status_code == 404
        assert len(entries(mine, north)) == n
    flagged = north.things["intake_id"]["client0"]
    browser, _ = caller(mine, north, "queue.case")
    browser.get(f"/queue/{flagged}")
    assert entries(mine, north)[-1][:2] == ("client.read", str(flagged))  # not sent yet: nobody's but its own
    bearer = {"Authorization": f"Bearer {north.tokens['queue:read']}"}
    assert mine.browser(north).get("/api/v1/queue", headers=bearer).status_code == 200
    assert entries(mine, north)[-1][0] == "clients.read" and entries(mine, north)[-1][2].startswith("program ")
    bearer = {"Authorization": f"Bearer {north.tokens['proposals:write']}"}
    assert mine.browser(north).post("/api/v1/proposals", headers=bearer, json={}).status_code == 200
    assert entries(mine, north)[-1][0] == "clients.read" and entries(mine, north)[-1][3] == "api_v1.begin_proposal"
    tried(9)


@pytest.mark.P8
def test_what_cannot_be_noted_is_not_shown(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """The trail cannot be written: no page with a client leaves, and others do."""
    from web.services import client_reads

    def full_disk(*args: object, **more: object) -> None:
        raise OSError("disk full")

    mine = copy_of(town, tmp_path)
    north = mine.houses["north"]
    monkeypatch.setattr(client_reads, "note", full_disk)
    browser, _ = caller(mine, north, "queue.case")
    for path in ("/queue/", f"/queue/{north.things['intake_id']['client8']}"):
        answer = browser.get(path)
        assert answer.status_code >= 500 and not any(word in answer.text for word in north.canaries)
    assert browser.get("/departures/").status_code == 200
    bearer, before = {"Authorization": f"Bearer {north.tokens['proposals:write']}"}, n_proposals(mine, north)
    assert mine.browser(north).post("/api/v1/proposals", headers=bearer, json={}).status_code >= 500
    assert n_proposals(mine, north) == before  # nor is anything kept of what would have shown one
    tried(4)


def n_proposals(town: Town, house: House) -> int:
    with town.session(house) as session:
        return session.scalar(select(func.count(ProposalRow.id))) or 0


def test_a_route_that_does_not_say_whom_it_shows_does_not_start(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "SEVERAL", reads.SEVERAL - {"queue.home"})
    with pytest.raises(reads.UndeclaredReading, match=r"queue\.home: say in exactly one table"):
        access.check(town.app)
    monkeypatch.setattr(reads, "SEVERAL", reads.SEVERAL | {"queue.home", "queue.gone"})
    with pytest.raises(reads.UndeclaredReading, match=r"queue\.gone: no such route"):
        access.check(town.app)
    monkeypatch.setattr(reads, "SEVERAL", reads.SEVERAL - {"queue.gone"})
    monkeypatch.setattr(reads, "ONE", {**reads.ONE, "queue.case": ("case_id", "intake")})
    with pytest.raises(reads.UndeclaredReading, match="has no part case_id"):
        access.check(town.app)


@pytest.mark.P8
def test_a_page_that_is_wrongly_declared_would_be_seen(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """A planted hole: a list of clients is said to show nobody."""
    mine = copy_of(town, tmp_path)
    monkeypatch.setattr(reads, "NOBODY", reads.NOBODY | {"courses.home"})
    only = [pair for pair in rules(mine) if pair[0].endpoint == "courses.home"]
    monkeypatch.setattr("tests.trust.test_client_reads.rules", lambda town: iter(only))
    _, wrong = unnoted(mine, mine.houses["north"])
    assert wrong == ["/courses/: shows a client: True, entries: []"]
    tried(1)


def test_a_look_at_nobody_is_no_entry(town: Town, tmp_path: Path) -> None:
    mine = copy_of(town, tmp_path)
    north, before = mine.houses["north"], len(entries(mine, mine.houses["north"]))
    for kind in ("intake", "placement", "choice", "client", "emergency"):
        said = {"by": "x", "page": "p", "kind": kind, "key": uuid4(), "clinic_id": north.clinic.id}
        with mine.session(north) as session:
            client_reads.note(session, now=datetime.now(UTC), **said)
    with mine.session(north) as session, pytest.raises(ValueError, match="expected client"):
        client_reads.note(session, now=datetime.now(UTC), **said | {"kind": "thing"})
    assert len(entries(mine, north)) == before
