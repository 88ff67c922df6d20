"""An intake in the store, on both engines: what is kept, for whom, how long, and what two at once do to it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from web.db import engine
from web.db.tables import ClientRow, ConsentRow, FlagRow, IntakeRow, IntakeVersionRow
from web.services import clinics, intakes
from web.services.intakes import KeptIntake

DAY = timedelta(days=1)
DOCUMENT = {"concerns": ["grief"], "concern_text": "Ada", "at_risk": False, "formats": ["online"], "hope": 6}


@pytest.fixture
def url(database: str) -> str:
    """A database of two clinics."""
    for slug in ("north", "south"):
        with opened(database, None) as session:
            clinics.create(session, slug, slug, now=NOW)
            session.commit()
    return database


def opened(url: str, slug: str | None = "north") -> Session:
    """A session that writes, in a clinic."""
    session = engine.writing(engine.sessions(url)())
    if slug is not None:
        clinics.find(session, slug)
    return session


def begun(session: Session) -> tuple[str, KeptIntake]:
    """(link, intake) of a new one."""
    link = intakes.begin(session, now=NOW)
    kept = intakes.of_link(session, link, now=NOW)
    assert kept is not None
    return link, kept


def told(session: Session, kept: KeptIntake, document: dict[str, object] = DOCUMENT) -> KeptIntake:
    for step, said in intakes.by_step(document).items():
        kept = intakes.save(session, kept, step, said, now=NOW)
    return kept


def counted(session: Session, *tables: type) -> list[int]:
    return [session.scalar(select(func.count(table.id))) or 0 for table in tables]  # type: ignore[attr-defined]


def test_the_steps_of_a_document_are_the_document() -> None:
    steps = intakes.by_step(DOCUMENT)
    assert list(steps) == ["concerns", "safety", "practicalities", "expectations"]
    assert steps["concerns"] == {"concerns": ["grief"], "concern_text": "Ada"}
    said = [name for names in intakes.SAID_AT.values() for name in names]
    assert len(said) == len(set(said))


@pytest.mark.S23
def test_a_link_is_128_random_bits_and_the_store_holds_its_hash(
    url: str, tried: Callable[[int], None], trials: Callable[[int, int], int]
) -> None:
    n = trials(200, 20_000)
    with opened(url) as session:
        links = [intakes.begin(session, now=NOW) for _ in range(50)]
        assert {len(base64.urlsafe_b64decode(link + "==")) for link in links} == {16} and len(set(links)) == 50
        held = set(session.scalars(select(IntakeRow.link_hash)))
        assert held == {intakes._hash(link) for link in links} and {len(value) for value in held} == {32}
        for _ in range(n):
            assert intakes.of_link(session, secrets.token_urlsafe(16), now=NOW) is None
        for wrong in (links[0][:-1], links[0] + "A", links[0] + "\n", f" {links[0]}", links[0].swapcase(), "", "\x00",
                      "é" * 22, "x" * 10_000):  # fmt: skip
            assert intakes.of_link(session, wrong, now=NOW) is None, wrong
            assert not intakes.has_expired(session, wrong, now=NOW + 400 * DAY)
    tried(n + 9)


@pytest.mark.S19
def test_a_link_holds_for_its_days_in_its_clinic_and_until_it_is_revoked(
    url: str, tried: Callable[[int], None]
) -> None:
    """30 days from the last answer, 180 from the sending, to the second; its neighbour never knows it."""
    with opened(url) as session:
        link, kept = begun(session)

        def opens(days: float) -> tuple[bool, bool]:
            moment = NOW + days * DAY
            found = intakes.of_link(session, link, now=moment)
            return found is not None, intakes.has_expired(session, link, now=moment)

        second = 1 / 86_400
        assert [opens(days) for days in (0, 30 - second, 30, 31)] == [(True, False)] * 2 + [(False, True)] * 2
        kept = intakes.save(session, kept, "concerns", {"concerns": ["grief"]}, now=NOW + 10 * DAY)
        assert [opens(days) for days in (40 - second, 40)] == [(True, False), (False, True)]
        kept = intakes.send(session, kept, consent="1", now=NOW + 20 * DAY)
        assert [opens(days) for days in (200 - second, 200)] == [(True, False), (False, True)]
        intakes.save(session, kept, "style", {"style": {"lead": 1}}, now=NOW + 21 * DAY)
        assert opens(200 - second) == (True, False)  # an answer never shortens it
        session.commit()
        with opened(url, "south") as session:
            for days in (0, 300):
                assert intakes.of_link(session, link, now=NOW + days * DAY) is None
                assert not intakes.has_expired(session, link, now=NOW + days * DAY)
    with opened(url) as session:
        intakes.raise_flag(session, kept, "choose_for_me", now=NOW)
        intakes.forget(session, link)
        intakes.forget(session, link)
        assert opens(0) == (False, False)
        assert counted(session, IntakeRow, FlagRow, ClientRow, IntakeVersionRow) == [0, 0, 1, 1]
    tried(13)


def test_what_is_sent_is_a_client_and_later_a_new_version_of_the_same(url: str) -> None:
    tables = (ClientRow, IntakeVersionRow, ConsentRow)
    with opened(url) as session:
        _, kept = begun(session)
        kept = told(session, kept)
        sent = intakes.send(session, kept, consent="1", now=NOW)
        assert intakes.send(session, kept, consent="1", now=NOW + DAY) == sent and sent.is_sent
        assert counted(session, *tables) == [1, 1, 1]
        same = intakes.save(session, sent, "expectations", {"hope": 6}, now=NOW + DAY)
        assert same.is_sent and same.changed_at == sent.changed_at
        reached = intakes.save(session, same, intakes.CONTACT, {"phone": "030 123"}, now=NOW + DAY)
        assert reached.is_sent and reached.said(intakes.CONTACT) == {"phone": "030 123"}
        changed = intakes.save(session, reached, "expectations", {"hope": 7}, now=NOW + DAY)
        assert not changed.is_sent
        again = intakes.send(session, changed, consent="2", now=NOW + 2 * DAY)
        assert again.client_id == sent.client_id and counted(session, *tables) == [1, 2, 2]
        rows = session.scalars(select(IntakeVersionRow).order_by(IntakeVersionRow.version)).all()
        assert [row.answers for row in rows] == [DOCUMENT, DOCUMENT | {"hope": 7}]
        assert session.scalars(select(ConsentRow.version).order_by(ConsentRow.given_at)).all() == ["1", "2"]
        (client,) = session.scalars(select(ClientRow))
        assert client.intake_version == 2 and client.external_id.startswith("web-")


def test_who_has_read_the_intake_before_another_saved_overwrites_only_the_step_that_was_said(url: str) -> None:
    with opened(url) as session:
        link, kept = begun(session)
        session.commit()
    with opened(url) as first:
        early = intakes.of_link(first, link, now=NOW)
        assert early is not None
        first.rollback()
    with opened(url) as second:
        intakes.save(second, kept, "style", {"style": {"lead": 1}}, now=NOW)
        intakes.send(second, told(second, kept), consent="1", now=NOW + DAY)
        second.commit()
    with opened(url) as first:
        late = intakes.save(first, early, "about", {"gender": "woman"}, now=NOW + 2 * DAY)
        assert late.document() == DOCUMENT | {"style": {"lead": 1}, "gender": "woman"}
        assert late.client_id is not None and not late.is_sent
        assert intakes.send(first, early, consent="1", now=NOW + 2 * DAY).client_id == late.client_id
        assert counted(first, ClientRow, IntakeVersionRow) == [1, 2]


def test_a_flag_is_one_of_its_kind_and_rises_again_once_it_was_seen(url: str) -> None:
    with opened(url) as session:
        link, kept = begun(session)
        for kind in ("safety", "no_match", "safety"):
            intakes.raise_flag(session, kept, kind, now=NOW)
        assert counted(session, FlagRow) == [2]
        found = intakes.of_link(session, link, now=NOW)
        assert found is not None and found.flags == {"safety", "no_match"}
        flag = session.scalars(select(FlagRow).where(FlagRow.kind == "safety")).one()
        flag.seen_at = NOW + DAY
        session.flush()
        intakes.raise_flag(session, kept, "no_match", now=NOW + 2 * DAY)
        assert (flag.raised_at, flag.seen_at) == (NOW, NOW + DAY)
        intakes.raise_flag(session, kept, "safety", now=NOW + 2 * DAY)
        assert (flag.raised_at, flag.seen_at, flag.seen_by) == (NOW + 2 * DAY, None, None)
        assert counted(session, FlagRow) == [2]
        for source in ("phq_9", "safety_question", "phq_9"):  # each answer that asks for it is named once
            intakes.raise_flag(session, kept, "safety", source=source, now=NOW + 3 * DAY)
        assert (flag.sources, flag.raised_at) == (["phq_9", "safety_question"], NOW + 2 * DAY)
        assert intakes.see_flag(session, uuid4(), person_id=uuid4(), now=NOW) is None
        assert intakes.of_id(session, uuid4()) is None and intakes.of_id(session, kept.id) is not None


def test_who_is_kept_from_a_client_stays_kept_from_them_when_they_say_more(url: str) -> None:
    with opened(url) as session:
        _, kept = begun(session)
        kept = intakes.send(session, told(session, kept), consent="1", now=NOW)
        assert kept.client_id is not None
        for therapist in ("t02", "t01", "t02"):
            intakes.block(session, kept.client_id, therapist, now=NOW)
        kept = intakes.save(session, kept, "expectations", {"hope": 9}, now=NOW + DAY)
        intakes.send(session, kept, consent="1", now=NOW + DAY)
        rows = session.scalars(select(IntakeVersionRow).order_by(IntakeVersionRow.version)).all()
        assert [row.answers.get("blocked_therapist_ids") for row in rows] == [
            None, ["t02"], ["t01", "t02"], ["t01", "t02"],
        ]  # fmt: skip
