"""Well-being by questionnaire on both engines: when it is asked, kept once, scored, compared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.conftest import NOW
from tests.web.exchange.a_questionnaire import as_bytes, whole
from tests.web.waiting_room import client_of, sent, the_clinic, therapist, with_places
from web.db import engine
from web.db.queries import clients
from web.db.queries import clinics as clinic_rows
from web.db.tables import AppointmentRow, InstrumentRow, LinkRow, MeasureRow
from web.exchange.problems import BadInput
from web.services import appointments, clinics, importing, instruments, links, measures, moments, placing

LOW = {"phq-9": {str(k): 1.0 for k in range(1, 9)} | {"9": 0.0}, "gad-7": {str(k): 1.0 for k in range(1, 8)}}
HIGH = {"phq-9": {str(k): 2.0 for k in range(1, 10)}}
DAY = timedelta(days=1)


def rows(session: Session, client_id: UUID) -> list[MeasureRow]:
    found = select(MeasureRow).where(MeasureRow.client_id == client_id).order_by(MeasureRow.said_at, MeasureRow.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def given_a_place(session: Session, client_id: UUID) -> UUID:
    row = with_places(session, "t01", 3)
    placing.place(session, the_clinic(session), [placing.Wanted(client_id, row.id)], actor="a test", now=NOW)
    return row.id


def has_met(session: Session, client_id: UUID, n: int, start: int = 0) -> None:
    """So many sessions held, a day apart."""
    key = therapist(session, "t01").id
    for k in range(start, start + n):
        at = NOW + (k + 3) * DAY
        appointments.plan(session, the_clinic(session), client_id, key, at, actor="a test", now=NOW)
    appointments.hold(session, the_clinic(session), now=NOW + (start + n + 3) * DAY)


def test_the_moment_follows_the_client_from_booking_to_the_course(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    assert moments.of(at_harbour, client_id) == "booking"
    given_a_place(at_harbour, client_id)
    assert moments.of(at_harbour, client_id) == "before_first"
    has_met(at_harbour, client_id, 1)
    assert moments.of(at_harbour, client_id) == "course"


def test_it_is_due_at_booking_before_the_first_session_and_every_so_many_sessions(at_harbour: Session) -> None:
    session, client_id = at_harbour, client_of(sent(at_harbour))
    clinic = the_clinic(session)

    def due(days: float) -> bool:
        return measures.is_due(session, clinic, client_id, now=NOW + days * DAY)

    assert due(0) and not measures.is_due(session, clinic, None, now=NOW)
    measures.save(session, client_id, LOW, now=NOW)
    assert not due(1) and not due(30)
    given_a_place(session, client_id)
    assert not due(1.9) and due(2)
    measures.save(session, client_id, LOW, now=NOW + 2 * DAY)
    assert not due(3)
    clinic_rows.by_id(session, clinic.id).measure_every = 3
    has_met(session, client_id, 2)
    assert not due(9)
    has_met(session, client_id, 1, start=2)
    assert due(9)
    measures.save(session, client_id, LOW, now=NOW + 9 * DAY)
    assert not due(10)
    assert [row.moment for row in rows(session, client_id) if row.instrument == "phq-9"] == [
        "booking", "before_first", "course",
    ]  # fmt: skip


def test_said_again_within_a_day_it_replaces_and_later_it_stands_beside(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    assert measures.save(at_harbour, client_id, LOW, now=NOW) == 2
    assert measures.save(at_harbour, client_id, HIGH, now=NOW + DAY / 2) == 1
    assert sorted((row.instrument, row.score) for row in rows(at_harbour, client_id)) == [("gad-7", 7), ("phq-9", 18)]
    measures.save(at_harbour, client_id, LOW, now=NOW + 2 * DAY)
    assert len(rows(at_harbour, client_id)) == 4


def test_scores_come_with_their_band_and_their_change_since_the_first(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    for days, each in ((0, 2.0), (10, 1.0), (20, 2.0)):
        answers = {"phq-9": dict.fromkeys(map(str, range(1, 10)), each)}
        measures.save(at_harbour, client_id, answers, now=NOW + days * DAY)
    first, second, third = measures.of_client(at_harbour, client_id)
    assert (first.score, first.band, first.change) == (18, "moderately severe", None)
    assert (second.score, second.band, second.title) == (9, "mild", "PHQ-9")
    assert second.change is not None and third.change is not None
    assert (second.change.difference, second.change.is_reliable, second.change.direction) == (-9, True, "better")
    assert (third.change.difference, third.change.direction) == (0, "same")
    rows(at_harbour, client_id)[1].instrument = "gone"  # a questionnaire that nobody here knows (any more)
    at_harbour.flush()
    assert [one.said_at for one in measures.of_client(at_harbour, client_id)] == [first.said_at, third.said_at]


def test_too_little_has_no_score_and_is_not_kept(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    half = {"phq-9": {"1": 2.0}, "gad-7": {}}
    assert measures.unscored(at_harbour, half) == ("phq-9",)
    assert measures.unscored(at_harbour, LOW) == ()
    assert measures.unscored(at_harbour, {}) == ("phq-9", "gad-7")
    assert measures.save(at_harbour, client_id, half, now=NOW) == 0
    assert rows(at_harbour, client_id) == []


def test_a_link_keeps_once_and_an_answer_behind_a_used_one_changes_nothing(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    token = links.make(at_harbour, links.WELL_BEING, client_id, now=NOW, until=NOW + DAY)
    assert measures.save_by_link(at_harbour, token, LOW, now=NOW) == "open"
    assert measures.save_by_link(at_harbour, token, HIGH, now=NOW) == "used"
    assert measures.save_by_link(at_harbour, "A" * 22, HIGH, now=NOW) == "unknown"
    assert {row.score for row in rows(at_harbour, client_id)} == {8, 7}
    late = links.make(at_harbour, links.WELL_BEING, client_id, now=NOW, until=NOW)
    assert measures.save_by_link(at_harbour, late, HIGH, now=NOW) == "expired"
    check_in = at_harbour.scalar(select(func.count(LinkRow.id)))
    assert check_in == 2 and len(rows(at_harbour, client_id)) == 2


def test_the_same_form_at_once_from_many_tabs_is_kept_once(harbour: str) -> None:
    with engine.sessions(harbour)() as session:
        clinics.find(engine.writing(session), None)
        client_id = client_of(sent(session))
        session.commit()

    def post(_: int) -> int:
        with engine.sessions(harbour)() as session:
            clinics.find(engine.writing(session), None)
            n = measures.save(session, client_id, LOW, now=NOW)
            session.commit()
            return n

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(24))) == {2}
    with engine.sessions(harbour)() as session:
        clinics.find(session, None)
        assert len(rows(session, client_id)) == 2


def test_a_licensed_questionnaire_stands_in_the_place_of_ours(at_harbour: Session) -> None:
    session, client_id = at_harbour, client_of(sent(at_harbour))
    clinic = the_clinic(session)
    made = instruments.bring(session, clinic, as_bytes(whole()), "bought", actor="a test", now=NOW)
    again = instruments.bring(session, clinic, as_bytes(whole()), "bought", actor="a test", now=NOW + DAY)
    assert (made.is_new, again.is_new) == (True, False)
    assert [one.code for one in measures.asked(session)] == ["rest-4"]
    measures.save(session, client_id, {"rest-4": {"1": 2, "2": 0, "3": 3}} | LOW, now=NOW)
    (found,) = measures.of_client(session, client_id)
    assert (found.title, found.score, found.band) == ("Rest", 7, "tired")
    newer = whole() | {"version": "3", "title": "Rest anew"}
    instruments.bring(session, clinic, as_bytes(newer), "bought", actor="a test", now=NOW + DAY)
    assert [one.title for one in measures.asked(session)] == ["Rest anew"]
    assert measures.of_client(session, client_id)[0].title == "Rest"


@pytest.mark.parametrize(
    ("change", "licence", "column"),
    [
        (lambda d: d, " ", "licence"),
        (lambda d: d | {"name": "phq-9"}, "bought", "name"),
        (lambda d: d | {"title": "Other"}, "bought", "version"),
        (lambda d: d | {"scoring": {}}, "bought", "scoring.method"),
    ],
)
def test_a_questionnaire_that_cannot_be_taken_stores_nothing(
    at_harbour: Session, change: Callable[[dict], dict], licence: str, column: str
) -> None:
    clinic = the_clinic(at_harbour)
    instruments.bring(at_harbour, clinic, as_bytes(whole()), "bought", actor="a test", now=NOW)
    with pytest.raises(BadInput) as refused:
        instruments.bring(at_harbour, clinic, as_bytes(change(whole())), licence, actor="a test", now=NOW)
    assert column in {problem.column for problem in refused.value.problems}
    assert at_harbour.scalar(select(func.count(InstrumentRow.id))) == 1


FILE = "client_id,instrument,score,said_at\n"


def test_scores_of_others_come_in_all_or_nothing_and_twice_is_once(at_harbour: Session) -> None:
    session, clinic = at_harbour, the_clinic(at_harbour)
    (first, key), (second, _) = list(clients.keys(session).items())[:2]
    good = (
        f"{FILE}{first},phq-9,17,2025-10-31\n{first},phq-9,9,2025-12-12T10:00:00+01:00\n{second},gad-7,3,2025-12-12\n"
    )
    made = importing.import_file(session, clinic, "scores", good.encode(), now=NOW)
    assert (made.stored, made.changes.new) == (True, 3)
    again = importing.import_file(session, clinic, "scores", good.encode(), now=NOW)
    assert (again.changes.new, again.changes.unchanged) == (0, 3)
    changed = importing.import_file(session, clinic, "scores", good.replace(",17,", ",16,").encode(), now=NOW)
    assert (changed.changes.changed, changed.changes.unchanged) == (1, 2)
    found = measures.of_client(session, key)  # type: ignore[arg-type]
    assert [(one.score, one.moment) for one in found] == [(16, "imported"), (9, "imported")]
    assert found[1].change is not None and found[1].change.is_reliable
    assert measures.is_due(session, clinic, key, now=NOW)  # type: ignore[arg-type]


def test_every_problem_of_a_scores_file_is_told_by_row(at_harbour: Session) -> None:
    first = next(iter(clients.keys(at_harbour)))
    bad = (
        f"{FILE}{first},phq-9,28,2025-10-31\n{first},mood,3,2025-10-31\nnobody,gad-7,3,2025-10-31\n"
        f"{first},gad-7,,2025-10-31\n{first},gad-7,3,2031-10-31\n{first},gad-7,3,\n"
        f"{first},phq-9,5,2025-10-31T00:00\n{first},gad-7,5,2025-11-01\n{first},gad-7,6,2025-11-01\n"
    )
    made = importing.import_file(at_harbour, the_clinic(at_harbour), "scores", bad.encode(), now=NOW)
    found = [(problem.row, problem.column, problem.code) for problem in made.reading.problems]
    assert found == [
        (2, "score", "off_scale"), (3, "instrument", "unknown_instrument"), (4, "client_id", "unknown_client"),
        (5, "score", "missing"), (6, "said_at", "future"), (7, "said_at", "missing"),
        (10, "score", "contradicting_score"),
    ]  # fmt: skip
    assert not made.stored and at_harbour.scalar(select(func.count(MeasureRow.id))) == 0


def test_nothing_is_asked_twice_where_an_appointment_was_only_planned(at_harbour: Session) -> None:
    client_id = client_of(sent(at_harbour))
    key = given_a_place(at_harbour, client_id)
    appointments.plan(at_harbour, the_clinic(at_harbour), client_id, key, NOW + DAY, actor="a test", now=NOW)
    assert moments.of(at_harbour, client_id) == "before_first"
    assert at_harbour.scalar(select(func.count(AppointmentRow.id))) == 1
