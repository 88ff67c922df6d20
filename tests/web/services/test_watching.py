"""Courses that are watched: raised once, replaced by graver news, resting, settled, shown to whom the client let."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.waiting_room import client_of, sent, the_clinic, therapist
from web.db.queries import clinics as clinic_rows
from web.db.tables import (
    AlertRow,
    AppointmentRow,
    AuditEventRow,
    CheckInRow,
    DyadRow,
    IntakeVersionRow,
    RatingRow,
    SessionRow,
)
from web.services import alerts, at_risk, contacting, watched_courses, watching
from web.services.conflicts import Conflict

WEEK = timedelta(days=7)
STEADY, FALLEN = (1.0, 0.95, 1.0, 0.95), (0.6, 0.55)
TOMORROW = NOW + timedelta(days=1)


def dyad_of(session: Session, *, name: str = "Ada", with_: str = "t01") -> UUID:
    """Somebody who has met a therapist, and has not said anything yet."""
    kept = sent(session, name=name)
    row = DyadRow(client_id=client_of(kept), therapist_id=therapist(session, with_).id, created_at=NOW)
    session.add(row)
    session.flush()
    return row.id


def meets(session: Session, dyad_id: UUID, at: datetime) -> SessionRow:
    """One more session, as the clock takes an appointment for one."""
    dyad = session.get_one(DyadRow, dyad_id)
    number = (session.scalar(select(func.max(SessionRow.number)).where(SessionRow.dyad_id == dyad_id)) or 0) + 1
    held = SessionRow(dyad_id=dyad_id, number=number)
    session.add(held)
    session.flush()
    session.add(
        AppointmentRow(
            client_id=dyad.client_id, therapist_id=dyad.therapist_id, session_id=held.id,
            begins_at=at + timedelta(seconds=number), minutes=50, state="held", made_at=at,
            made_by="a test", ended_at=at,
        )
    )  # fmt: skip
    session.flush()
    return held


def says(session: Session, dyad_id: UUID, score: float, at: datetime, shown_to: str = "aggregate") -> RatingRow:
    """A check-in after one more session."""
    held, slider = meets(session, dyad_id, at), round(10 * score)
    rating = RatingRow(session_id=held.id, score=score, rated_at=at, created_at=at)
    session.add(rating)
    session.add(
        CheckInRow(
            session_id=held.id, bond=slider, goals=slider, way=slider, overall=slider, helped=[], hindered=[],
            shown_to=shown_to, said_at=at,
        )
    )  # fmt: skip
    session.flush()
    return rating


def course_of(
    session: Session, scores: Sequence[float], *, until: datetime = NOW, name: str = "Ada", shown_to: str = "aggregate"
) -> UUID:
    """A dyad that met once a week, and was last heard of at a moment."""
    dyad_id = dyad_of(session, name=name)
    for weeks, score in zip(range(len(scores) - 1, -1, -1), scores, strict=True):
        says(session, dyad_id, score, until - weeks * WEEK, shown_to)
    return dyad_id


def looked(session: Session, *dyads: UUID, now: datetime = NOW) -> int:
    return watching.look_at(session, the_clinic(session), set(dyads), now=now)


def open_of(session: Session, *dyad_ids: UUID) -> dict[UUID, AlertRow]:
    """Dyad → the alert that nobody has settled."""
    found = select(AlertRow).where(AlertRow.dyad_id.in_(dyad_ids), AlertRow.settled_at.is_(None))
    return {row.dyad_id: row for row in session.scalars(found)}


def open_one(session: Session, dyad_id: UUID) -> AlertRow:
    return open_of(session, dyad_id)[dyad_id]


def course(session: Session, dyad_id: UUID) -> watched_courses.WatchedCourses | None:
    return watched_courses.read(session, the_clinic(session), [dyad_id])


def look(session: Session, now: datetime, zone: tzinfo = UTC) -> int:
    """As the clock looks."""
    sight = watching.see(session, the_clinic(session), zone=zone, now=now)
    return 0 if sight is None else watching.note(session, the_clinic(session), sight, now=now)


def n_alerts(session: Session) -> int:
    return session.scalar(select(func.count(AlertRow.id))) or 0


def test_a_drop_is_raised_once_and_stays(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    assert looked(at_harbour, dyad_id) == 1
    found = open_one(at_harbour, dyad_id)
    assert (found.kind, found.session_number, found.raised_at) == ("drop", 5, NOW)
    assert found.figures["score"] == 0.6
    assert found.figures["score"] < found.figures["lower80"] < found.figures["typical"]
    says(at_harbour, dyad_id, 0.6, NOW + timedelta(hours=1))
    assert looked(at_harbour, dyad_id, now=TOMORROW) == 0
    assert (n_alerts(at_harbour), open_one(at_harbour, dyad_id).raised_at) == (1, NOW)


def test_a_steady_course_has_none(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, (*STEADY, 0.95, 1.0))
    assert looked(at_harbour, dyad_id) == 0
    assert open_of(at_harbour, dyad_id) == {}


def test_a_graver_kind_takes_its_place_and_is_news_again(at_harbour: Session) -> None:
    dyad_id = dyad_of(at_harbour)
    says(at_harbour, dyad_id, 0.95, NOW - 20 * WEEK)
    for weeks in range(19, 5, -1):
        meets(at_harbour, dyad_id, NOW - weeks * WEEK)
    before = NOW - 5 * WEEK
    looked(at_harbour, dyad_id, now=before + timedelta(days=8))
    silence = open_one(at_harbour, dyad_id)
    assert (silence.kind, silence.figures, silence.raised_at) == ("silence", {}, before + timedelta(days=8))
    key = silence.id
    for score in (*STEADY, *FALLEN):
        says(at_harbour, dyad_id, score, NOW)
    assert looked(at_harbour, dyad_id) == 1
    found = open_one(at_harbour, dyad_id)
    assert (found.id, found.kind, found.raised_at) == (key, "drop", NOW)


def test_silence_rests_as_soon_as_a_form_comes(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY, until=NOW - 9 * WEEK)
    for weeks in range(8, 1, -1):
        meets(at_harbour, dyad_id, NOW - weeks * WEEK)
    assert looked(at_harbour, dyad_id) == 1
    assert open_one(at_harbour, dyad_id).kind == "silence"
    says(at_harbour, dyad_id, 0.95, NOW)
    assert looked(at_harbour, dyad_id) == 1
    assert open_of(at_harbour, dyad_id) == {}
    row = at_harbour.scalars(select(AlertRow)).one()
    assert (row.outcome, row.settled_by) == ("rested", "clock")


def test_a_form_that_may_still_come_is_not_missing(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY, until=NOW - WEEK)
    for hours in range(10, 0, -1):
        meets(at_harbour, dyad_id, NOW - timedelta(hours=hours))
    assert looked(at_harbour, dyad_id) == 0


def test_a_corrected_form_lets_the_alert_rest(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, (*STEADY, 1.0))
    wrong = says(at_harbour, dyad_id, 0.0, NOW)
    assert looked(at_harbour, dyad_id) == 1
    wrong.score = 0.95
    at_harbour.flush()
    assert looked(at_harbour, dyad_id) == 1
    assert open_of(at_harbour, dyad_id) == {}


def test_what_was_settled_is_not_raised_again_until_something_new_happens(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    looked(at_harbour, dyad_id)
    found = open_one(at_harbour, dyad_id)
    alerts.settle(at_harbour, the_clinic(at_harbour), found.id, "talked", actor="Sam", now=TOMORROW)
    says(at_harbour, dyad_id, 0.6, TOMORROW)
    assert looked(at_harbour, dyad_id, now=TOMORROW) == 0
    for score in (0.9, 0.875, 0.9, 0.9, 0.4, 0.4):
        says(at_harbour, dyad_id, score, TOMORROW)
    assert looked(at_harbour, dyad_id, now=TOMORROW) == 1
    assert (open_one(at_harbour, dyad_id).kind, n_alerts(at_harbour)) == ("drop", 2)


def test_settling_twice_keeps_the_first_word(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    looked(at_harbour, dyad_id)
    key, clinic = open_one(at_harbour, dyad_id).id, the_clinic(at_harbour)
    alerts.settle(at_harbour, clinic, key, "misread", actor="Sam", now=TOMORROW)
    alerts.settle(at_harbour, clinic, key, "talked", actor="Kim", now=TOMORROW)
    row = at_harbour.get_one(AlertRow, key)
    assert (row.outcome, row.settled_by, row.settled_at) == ("misread", "Sam", TOMORROW)
    actions = select(func.count(AuditEventRow.id)).where(AuditEventRow.action == "alert.settled")
    assert at_harbour.scalar(actions) == 1
    with pytest.raises(InvalidInput, match="outcome"):
        alerts.settle(at_harbour, clinic, key, "fine", actor="Sam", now=NOW)
    with pytest.raises(LookupError):
        alerts.settle(at_harbour, clinic, dyad_id, "talked", actor="Sam", now=NOW)


@pytest.mark.parametrize("how", ["ended", "long ago", "it went on"])
def test_a_course_that_runs_no_more_and_old_news_are_not_called(at_harbour: Session, how: str) -> None:
    later = (0.6, 0.55) * 3 if how == "it went on" else ()
    dyad_id = course_of(at_harbour, STEADY + FALLEN + later, until=NOW - (8 if how == "long ago" else 0) * WEEK)
    if how == "ended":
        at_harbour.get_one(DyadRow, dyad_id).ended_at = NOW
        at_harbour.flush()
    assert looked(at_harbour, dyad_id) == 0


def test_the_course_with_its_band(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY)
    meets(at_harbour, dyad_id, NOW)
    found = course(at_harbour, dyad_id)
    assert found is not None and found.courses[0].scores[:4].tolist() == list(STEADY)
    bands = found.band(0)
    assert list(bands) == [1, 2, 3, 4, 5] and np.isnan(found.scores[0, 4])
    assert all(0 <= lower <= typical <= upper <= 1 for typical, lower, upper in bands.values())
    widths = [upper - lower for _typical, lower, upper in bands.values()]
    assert widths[-1] < widths[0]


def test_one_odd_course_holds_up_no_other(at_harbour: Session) -> None:
    good, odd, other = (course_of(at_harbour, STEADY + FALLEN, name=name) for name in ("Ada", "Bea", "Cem"))
    client_id = at_harbour.get_one(DyadRow, odd).client_id
    for version in at_harbour.scalars(select(IntakeVersionRow).where(IntakeVersionRow.client_id == client_id)):
        version.answers = {"concerns": "no list"}
    at_harbour.flush()
    beyond = at_harbour.scalars(select(SessionRow.id).where(SessionRow.dyad_id == other)).first()
    at_harbour.execute(update(RatingRow).where(RatingRow.session_id == beyond).values(score=40.0))
    assert looked(at_harbour, good, odd, other) == 1
    assert set(open_of(at_harbour, good, odd, other)) == {good}


def test_a_model_that_fails_at_one_pair_says_something_of_the_others(
    at_harbour: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, odd = (course_of(at_harbour, STEADY + FALLEN, name=name) for name in ("Ada", "Bea"))
    asked = watched_courses.ClinicModel.course_prior
    bea = watched_courses.watched.people(at_harbour, [odd])[0].client

    def failing(self: Any, clients: Any, directory: Any, rows: Any) -> Any:
        if bea in clients.ids:
            raise InvalidInput("client", bea, "cannot be")
        return asked(self, clients, directory, rows)

    monkeypatch.setattr(watched_courses.ClinicModel, "course_prior", failing)
    assert looked(at_harbour, good, odd) == 1


def test_the_clock_looks_at_news_and_once_a_day_at_silence(at_harbour: Session) -> None:
    clinic = the_clinic(at_harbour)
    assert look(at_harbour, now=NOW) == 0
    assert clinic_rows.by_id(at_harbour, clinic.id).watched_at == NOW
    fallen = course_of(at_harbour, STEADY + FALLEN, until=NOW + timedelta(minutes=30))
    silent = course_of(at_harbour, STEADY, until=NOW - 9 * WEEK, name="Bea")
    for weeks in range(8, 1, -1):
        meets(at_harbour, silent, NOW - weeks * WEEK)
    assert look(at_harbour, now=NOW + timedelta(hours=1)) == 1
    assert set(open_of(at_harbour, fallen, silent)) == {fallen}
    assert look(at_harbour, now=NOW + timedelta(hours=1, minutes=1)) == 0
    assert look(at_harbour, now=TOMORROW) == 1
    assert open_one(at_harbour, silent).kind == "silence"
    assert look(at_harbour, now=TOMORROW) == 0


def test_a_day_is_one_of_the_clinics_own(at_harbour: Session) -> None:
    auckland = ZoneInfo("Pacific/Auckland")  # 13 hours ahead: its third of March begins an hour before this noon
    look(at_harbour, NOW - timedelta(hours=2), auckland)
    dyad_id = course_of(at_harbour, STEADY, until=NOW - 9 * WEEK)
    for weeks in range(8, 1, -1):
        meets(at_harbour, dyad_id, NOW - weeks * WEEK)
    assert look(at_harbour, NOW, UTC) == 0
    assert look(at_harbour, NOW, auckland) == 1


def test_what_was_seen_is_looked_at_once_more_before_it_is_noted(at_harbour: Session) -> None:
    """A correction that came between leaves nothing to note, and who has looked meanwhile has noted it."""
    clinic = the_clinic(at_harbour)
    dyad_id = course_of(at_harbour, STEADY + FALLEN)
    first, second = (watching.see(at_harbour, clinic, now=NOW) for _ in range(2))
    assert first == second and first is not None and first.dyads == {dyad_id}
    sessions = select(SessionRow.id).where(SessionRow.dyad_id == dyad_id)
    at_harbour.execute(update(RatingRow).where(RatingRow.session_id.in_(sessions)).values(score=0.95))
    assert watching.note(at_harbour, clinic, first, now=NOW) == 0
    at_harbour.execute(update(RatingRow).where(RatingRow.session_id.in_(sessions)).values(score=0.5))
    assert watching.note(at_harbour, clinic, second, now=NOW) == 0 and n_alerts(at_harbour) == 0


def test_ratings_that_were_brought_in_are_looked_at_within_a_day(at_harbour: Session) -> None:
    look(at_harbour, now=NOW)
    dyad_id = course_of(at_harbour, STEADY + FALLEN, until=NOW)
    for row in at_harbour.scalars(select(CheckInRow)):
        at_harbour.delete(row)
    at_harbour.flush()
    assert look(at_harbour, now=NOW + timedelta(hours=1)) == 0
    assert look(at_harbour, now=TOMORROW) == 1
    found = at_risk.signals(at_harbour, the_clinic(at_harbour), now=TOMORROW).by_signal  # they were never shared
    assert len(found["please_contact"]) == 1 and open_one(at_harbour, dyad_id).raised_at == TOMORROW


def test_the_coordinator_is_asked_to_call_whoever_did_not_share_by_name(at_harbour: Session) -> None:
    quiet, named = (
        course_of(at_harbour, STEADY + FALLEN, name=name, shown_to=shown_to)
        for name, shown_to in (("Ada", "aggregate"), ("Bea", "named"))
    )
    assert looked(at_harbour, quiet, named) == 2
    found = at_risk.signals(at_harbour, the_clinic(at_harbour), now=NOW).by_signal["please_contact"]
    assert [(one.contact["name"], one.since) for one in found] == [("Ada", NOW)]
    assert found[0].therapist
    key = open_one(at_harbour, quiet).id
    alerts.settle(at_harbour, the_clinic(at_harbour), key, "talked", actor="Sam", now=NOW)
    assert not at_risk.signals(at_harbour, the_clinic(at_harbour), now=NOW).by_signal["please_contact"]


def test_a_coordinator_closes_what_only_they_are_told_and_a_second_fall_is_told_anew(at_harbour: Session) -> None:
    dyad_id, clinic = course_of(at_harbour, STEADY + FALLEN), the_clinic(at_harbour)
    client = at_harbour.get_one(DyadRow, dyad_id).client_id
    looked(at_harbour, dyad_id)

    def called(now: datetime) -> int:
        return len(at_risk.signals(at_harbour, clinic, now=now).by_signal["please_contact"])

    def says_of_it(outcome: str, now: datetime = NOW) -> None:
        contacting.note(at_harbour, clinic, client, key, outcome, actor="Sam", now=now)

    (asked,) = contacting.asked(at_harbour, client)
    key = asked.alert_id
    for _time in range(2):  # sent twice is one call
        says_of_it("not_reached")
    assert called(NOW) == 1 and open_one(at_harbour, dyad_id).id == key
    with pytest.raises(InvalidInput, match="outcome"):
        says_of_it("talked")  # that is the therapist's
    for _time in range(2):
        says_of_it("spoken", TOMORROW)
    assert not called(TOMORROW) and contacting.asked(at_harbour, client) == ()
    with pytest.raises(Conflict):
        says_of_it("rematched", TOMORROW)
    events = [event.action for event in at_harbour.scalars(select(AuditEventRow))]
    assert (events.count("case.contacted"), events.count("alert.settled")) == (2, 1)
    for score in (0.9, 0.875, 0.9, 0.9, 0.2, 0.2):
        says(at_harbour, dyad_id, score, TOMORROW)
    assert looked(at_harbour, dyad_id, now=TOMORROW) == 1
    assert called(TOMORROW) == 1 and open_one(at_harbour, dyad_id).id != key


def test_what_the_therapist_is_told_is_theirs_to_settle(at_harbour: Session) -> None:
    named, quiet = (
        course_of(at_harbour, STEADY + FALLEN, name=name, shown_to=shown_to)
        for name, shown_to in (("Ada", "named"), ("Bea", "aggregate"))
    )
    looked(at_harbour, named, quiet)
    clinic, dyad = the_clinic(at_harbour), at_harbour.get_one(DyadRow, named)
    assert contacting.asked(at_harbour, dyad.client_id) == ()
    key = open_one(at_harbour, named).id
    with pytest.raises(Conflict) as against:
        contacting.note(at_harbour, clinic, dyad.client_id, key, "spoken", actor="Sam", now=NOW)
    assert against.value.code == "not_open"
    of_somebody_else = open_one(at_harbour, quiet).id
    with pytest.raises(LookupError):
        contacting.note(at_harbour, clinic, dyad.client_id, of_somebody_else, "spoken", actor="Sam", now=NOW)


def test_an_hour_that_is_noted_as_missed_is_no_silence_and_counts_where_the_client_says_so(at_harbour: Session) -> None:
    dyad_id = course_of(at_harbour, STEADY, until=NOW - 9 * WEEK)
    for weeks in range(8, 1, -1):
        meets(at_harbour, dyad_id, NOW - weeks * WEEK)
    missed = AppointmentRow.begins_at > NOW - 9 * WEEK + timedelta(days=1)
    at_harbour.execute(update(AppointmentRow).where(missed).values(state="missed"))
    found = course(at_harbour, dyad_id)
    assert found is not None and found.held[0].tolist() == [True] * 4 + [False] * 7
    assert looked(at_harbour, dyad_id) == 0
    last = at_harbour.scalars(select(AppointmentRow).order_by(AppointmentRow.begins_at.desc())).first()
    assert last is not None
    at_harbour.add(RatingRow(session_id=last.session_id, score=0.9, rated_at=NOW, created_at=NOW))
    at_harbour.flush()
    found = course(at_harbour, dyad_id)
    assert found is not None and found.held[0].tolist() == [True] * 4 + [False] * 6 + [True]
