"""Read, answered, rated, settled: by the therapist whom it concerns, and only what is shared at that moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.speaking import comes
from tests.web.waiting_room import person_of, the_clinic, therapist
from web.dashboard.presenters import effect_words
from web.db.queries import appointments as appointment_rows
from web.db.queries import shared_courses as rows
from web.db.tables import AlertRow, AuditEventRow, CheckInRow, OutboxRow, PlacementRow, RatingRow
from web.services import acknowledging, at_risk, placing, shared_courses
from web.services.acknowledging import AcknowledgedEffect
from web.services.conflicts import Conflict
from web.services.dashboard_spans import Calendar
from web.services.shared_courses import SharedCourse
from web.services.watched_courses import MOST_SESSIONS

CANARY = "canary in my own words"


def seen(session: Session, place: UUID, whose: str = "t01") -> SharedCourse:
    return shared_courses.of_place(session, person_of(session, whose), place, now=NOW)


def check_in(session: Session, client: UUID, k: int = -1) -> CheckInRow:
    found = [row[2] for row in rows.sessions(session, client, therapist(session, "t01").id) if row[2] is not None]
    row: CheckInRow = found[k]
    return row


def alert_of(session: Session, client: UUID, number: int = 2) -> AlertRow:
    dyad = appointment_rows.dyad(session, client, therapist(session, "t01").id)
    assert dyad is not None
    made = AlertRow(dyad_id=dyad.id, kind="drop", session_number=number, figures={}, raised_at=NOW)
    session.add(made)
    session.flush()
    return made


def do(work: str, session: Session, place: UUID, *args: object, whose: str = "t01") -> None:
    getattr(acknowledging, work)(session, the_clinic(session), person_of(session, whose), place, *args, now=NOW)


def test_without_consent_there_is_no_course_no_alert_and_no_word(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["aggregate", "aggregate"], comment=CANARY)
    alert_of(at_harbour, client)
    found = seen(at_harbour, place)
    assert not found.shares and found.has_spoken and found.alert is None
    assert [one.shared for one in found.sessions] == [None, None] and CANARY not in repr(found)


def test_consent_on_off_on_holds_from_the_next_request(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"], comment=CANARY)
    alert_of(at_harbour, client)
    for to, sees in (("named", True), ("aggregate", False), ("named", True)):
        check_in(at_harbour, client).shown_to = to
        at_harbour.flush()
        found = seen(at_harbour, place)
        assert (found.shares, found.alert is not None, CANARY in repr(found)) == (sees, sees, sees)


def test_what_was_said_in_aggregate_stays_hidden_when_a_later_one_is_shared(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "aggregate", None, "named"])
    found = seen(at_harbour, place)
    assert [one.shared is not None for one in found.sessions] == [True, False, False, True]
    alert_of(at_harbour, client, number=2)
    assert seen(at_harbour, place).alert is None  # it was raised by what is hidden


def test_reading_twice_is_reading_once(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named"])
    row = check_in(at_harbour, client)
    for _ in range(2):
        do("read", at_harbour, place, row.id)
    assert row.read_at == NOW
    events = at_harbour.scalars(select(AuditEventRow).where(AuditEventRow.action == "check_in.read")).all()
    assert len(events) == 1


def test_an_answer_may_be_changed_until_it_was_seen_and_no_word_is_in_the_audit(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named"])
    row = check_in(at_harbour, client)
    do("reply", at_harbour, place, row.id, "Thank you.")
    do("reply", at_harbour, place, row.id, CANARY)
    assert (row.reply, row.replied_at, row.read_at) == (CANARY, NOW, NOW)
    row.reply_seen_at = NOW
    at_harbour.flush()
    do("reply", at_harbour, place, row.id, CANARY)  # the same once more changes nothing
    with pytest.raises(Conflict) as against:
        do("reply", at_harbour, place, row.id, "Something else.")
    assert (against.value.code, row.reply) == ("reply_seen", CANARY)
    for event in at_harbour.scalars(select(AuditEventRow)):
        assert CANARY not in f"{event.details} {event.subject} {event.actor}"


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 2_001, "a\x00b"])
def test_answers_that_are_none_are_refused(at_harbour: Session, words: str) -> None:
    place, client = comes(at_harbour, ["named"])
    with pytest.raises(InvalidInput):
        do("reply", at_harbour, place, check_in(at_harbour, client).id, words)
    assert check_in(at_harbour, client).reply == ""


def test_what_is_not_shared_or_somebody_elses_can_be_neither_read_nor_answered(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "aggregate"])
    for k, whose in ((0, "t01"), (1, "t01"), (0, "t02")):
        row = check_in(at_harbour, client, k)
        for work, args in (("read", ()), ("reply", ("Hello.",))):
            with pytest.raises(LookupError):
                do(work, at_harbour, place, row.id, *args, whose=whose)
        assert row.read_at is None and row.reply == ""


def test_ones_own_rating_is_kept_once(at_harbour: Session) -> None:
    place, _client = comes(at_harbour, ["aggregate"])
    held = seen(at_harbour, place).sessions[0]
    do("rate", at_harbour, place, held.session_id, 8)
    do("rate", at_harbour, place, held.session_id, 8)
    with pytest.raises(Conflict):
        do("rate", at_harbour, place, held.session_id, 9)
    assert seen(at_harbour, place).sessions[0].own == 8
    for score in (11, -1):
        with pytest.raises(InvalidInput):
            do("rate", at_harbour, place, held.session_id, score)
    for of, whose in ((uuid4(), "t01"), (held.session_id, "t02")):
        with pytest.raises(LookupError):
            do("rate", at_harbour, place, of, 8, whose=whose)


def test_an_alert_is_settled_with_what_came_of_it(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"])
    row = alert_of(at_harbour, client)
    with pytest.raises(InvalidInput):
        do("settle", at_harbour, place, row.id, "forgotten")
    with pytest.raises(LookupError):
        do("settle", at_harbour, place, row.id, "talked", whose="t02")
    do("settle", at_harbour, place, row.id, "talked")
    assert (row.settled_at, row.outcome) == (NOW, "talked") and seen(at_harbour, place).alert is None
    with pytest.raises(LookupError):
        do("settle", at_harbour, place, row.id, "talked")


def test_the_next_session_is_suggested_a_week_later_planned_and_called_off(at_harbour: Session) -> None:
    place, _client = comes(at_harbour, ["named"], begin=NOW - timedelta(days=3))
    found = seen(at_harbour, place)
    assert found.suggested == NOW + timedelta(days=5)  # the last was two days ago
    do("plan", at_harbour, place, found.suggested)
    assert seen(at_harbour, place).suggested is None
    planned = seen(at_harbour, place).appointments[-1]
    with pytest.raises(LookupError):
        do("call_off", at_harbour, place, planned.appointment_id, "cancelled", whose="t02")
    with pytest.raises(LookupError):
        do("call_off", at_harbour, place, uuid4(), "cancelled")
    do("call_off", at_harbour, place, planned.appointment_id, "cancelled")
    assert seen(at_harbour, place).appointments[-1].state == "cancelled"
    with pytest.raises(Conflict):
        do("call_off", at_harbour, place, seen(at_harbour, place).appointments[0].appointment_id, "missed")


def test_the_share_that_was_read_in_time_counts_what_was_shared_a_week_ago(at_harbour: Session) -> None:
    person = person_of(at_harbour, "t01")
    clients = [comes(at_harbour, ["named", "aggregate"])[1] for _ in range(4)]
    assert acknowledging.acknowledged(at_harbour, person_id=person, now=NOW).n_read is None
    clients.append(comes(at_harbour, ["named", "named"])[1])
    first = check_in(at_harbour, clients[0], 0)
    late = check_in(at_harbour, clients[1], 0)
    first.read_at, late.read_at = first.said_at + timedelta(days=6), late.said_at + timedelta(days=8)
    at_harbour.flush()
    found = acknowledging.acknowledged(at_harbour, person_id=person, now=NOW)
    assert (found.n_shared, found.n_read) == (6, 1)
    at_harbour.execute(update(CheckInRow).values(said_at=NOW - timedelta(days=6)))
    assert acknowledging.acknowledged(at_harbour, person_id=person, now=NOW).n_shared == 0


def test_the_mirror_holds_only_what_is_shared_now(at_harbour: Session) -> None:
    person, places = person_of(at_harbour, "t01"), [comes(at_harbour, ["named"], score=6) for _ in range(5)]
    for place, _client in places:
        do("rate", at_harbour, place, seen(at_harbour, place).sessions[0].session_id, 8)
    found = acknowledging.mirror(at_harbour, person)
    assert found is not None and found.gap == 2.0
    check_in(at_harbour, places[0][1]).shown_to = "aggregate"
    at_harbour.flush()
    assert acknowledging.mirror(at_harbour, person) is None


def reads(session: Session, client: UUID, k: int = 1, better: float = 0.0) -> None:
    """A check-in was read a day later; the score of the session after it is so much better."""
    row = check_in(session, client, k)
    row.read_at = row.said_at + timedelta(days=1)
    session.flush()
    next_one = check_in(session, client, k + 1).session_id
    session.execute(update(RatingRow).where(RatingRow.session_id == next_one).values(score=0.7 + better))
    session.flush()


def effect(session: Session, now: datetime = NOW) -> AcknowledgedEffect | None:
    return acknowledging.effect(session, the_clinic(session), Calendar(now, UTC))


def test_what_reading_changes_needs_five_dyads_with_both(at_harbour: Session) -> None:
    clients = [comes(at_harbour, ["named"] * 4)[1] for _ in range(5)]
    assert effect(at_harbour) is None
    for client in clients[1:]:
        reads(at_harbour, client)
    assert effect(at_harbour) is None
    reads(at_harbour, clients[0])
    found = effect(at_harbour)
    assert found is not None and found.n_dyads == 5 and not found.is_seen
    assert effect(at_harbour, NOW - timedelta(days=65)) is None  # nothing of a month that is not over


def test_what_reading_changes_moves_with_five_more_people_and_never_with_one(at_harbour: Session) -> None:
    """All of 0.7 but after those that were read: 0.8, that is 10 of 100 higher."""
    for _ in range(5):
        reads(at_harbour, comes(at_harbour, ["named"] * 3)[1], better=0.1)
    first = effect(at_harbour)
    assert first is not None and first.effect == pytest.approx(10)
    later = NOW - timedelta(days=28)
    for _ in range(4):
        reads(at_harbour, comes(at_harbour, ["named"] * 3, begin=later)[1], better=0.3)
        assert effect(at_harbour, NOW + timedelta(days=31)) == first
    comes(at_harbour, ["named"] * 3, begin=later)  # of one kind alone: it says nothing, and hides nobody
    assert effect(at_harbour, NOW + timedelta(days=31)) == first
    reads(at_harbour, comes(at_harbour, ["named"] * 3, begin=later)[1], better=0.3)
    second = effect(at_harbour, NOW + timedelta(days=31))
    assert second is not None and second.effect == pytest.approx(20)


def test_what_reading_changes_does_not_move_when_one_takes_consent_back(at_harbour: Session) -> None:
    clients = [comes(at_harbour, ["named"] * 4)[1] for _ in range(6)]
    for k, client in enumerate(clients):
        reads(at_harbour, client, better=0.02 * k)
    before = effect(at_harbour)
    assert before is not None and before.n_dyads == 6
    for k in range(4):
        check_in(at_harbour, clients[0], k).shown_to = "aggregate"
        at_harbour.flush()
        assert effect(at_harbour) == before


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (-1.0, 3.0, "No difference was detected: it likely lies between −1.0 and +3.0 points of 100."),
        (1.0, 3.0, "rated higher than after one that was not: by +2.0 points of 100, likely between +1.0 and +3.0."),
        (-3.0, -1.0, "rated lower than after one that was not: by −2.0 points of 100, likely between −3.0 and −1.0."),
    ],
)
def test_what_reading_changes_is_said_with_its_interval(lower: float, upper: float, said: str) -> None:
    assert said in effect_words(AcknowledgedEffect(6, (lower + upper) / 2, lower, upper))
    assert "five people" in effect_words(None)


def test_the_band_knows_of_what_is_shown_alone(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "aggregate", "named"])
    therapist_id = therapist(at_harbour, "t01").id

    def band() -> list[float | None]:
        found = shared_courses.of_place(
            at_harbour, person_of(at_harbour, "t01"), place, now=NOW, clinic=the_clinic(at_harbour)
        )
        return [one.expected and one.expected.typical for one in found.sessions]

    def rated(number: int, score: float) -> list[float | None]:
        held = rows.sessions(at_harbour, client, therapist_id)[number - 1][0]
        at_harbour.execute(update(RatingRow).where(RatingRow.session_id == held.id).values(score=score))
        return band()

    before = band()
    assert all(value is not None and 0 <= value <= 10 for value in before)
    assert rated(2, 0.1) == before  # it is hidden
    assert rated(1, 0.1)[2] < before[2]  # type: ignore[operator]


def test_a_session_beyond_all_that_are_read_has_no_band_and_what_was_said_of_it_stands(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named", "named"])
    rows.sessions(at_harbour, client, therapist(at_harbour, "t01").id)[1][0].number = MOST_SESSIONS + 1
    at_harbour.flush()
    me, clinic = person_of(at_harbour, "t01"), the_clinic(at_harbour)
    first, last = shared_courses.of_place(at_harbour, me, place, now=NOW, clinic=clinic).sessions
    assert first.expected is not None and last.expected is None
    assert (last.number, last.shared and last.shared.score) == (MOST_SESSIONS + 1, 7)


def test_the_next_session_is_suggested_in_the_rhythm_of_the_last_and_not_before_there_is_one(
    at_harbour: Session,
) -> None:
    place, _client = comes(at_harbour, [])
    assert seen(at_harbour, place).suggested is None
    at_harbour.get_one(PlacementRow, place).first_session_at = NOW - timedelta(days=10)
    at_harbour.flush()
    assert seen(at_harbour, place).suggested == NOW + timedelta(days=4)


@pytest.mark.parametrize(
    ("shown", "number", "therapist_knows"),
    [
        (["named", "named"], 2, True),
        (["named", "aggregate"], 2, False),
        (["aggregate", "named"], 2, False),  # it would tell of the first
        (["named", "named", "aggregate"], 2, False),
        (["named", "aggregate", "named"], 1, True),
    ],
)
def test_each_alert_reaches_the_therapist_or_the_coordinator_and_never_nobody(
    at_harbour: Session, shown: list[str], number: int, therapist_knows: bool
) -> None:
    place, client = comes(at_harbour, shown)
    alert_of(at_harbour, client, number)
    called = at_risk.signals(at_harbour, the_clinic(at_harbour), now=NOW).by_signal["please_contact"]
    assert (seen(at_harbour, place).alert is not None) is therapist_knows
    assert bool(called) is not therapist_knows


@pytest.mark.parametrize(("number", "therapist_knows"), [(2, False), (3, False), (1, True)])
def test_what_was_brought_in_from_a_file_is_shared_with_nobody_and_its_alert_is_the_coordinators(
    at_harbour: Session, number: int, therapist_knows: bool
) -> None:
    """A rating of the second session without a check-in, between two that are shared by name; a session unsaid is no
    rating."""
    place, client = comes(at_harbour, ["named", None, "named"])
    alert = alert_of(at_harbour, client, number)
    assert seen(at_harbour, place).alert is not None
    unsaid = rows.sessions(at_harbour, client, therapist(at_harbour, "t01").id)[1][0]
    at_harbour.add(RatingRow(session_id=unsaid.id, score=0.3, rated_at=None, created_at=NOW))
    at_harbour.flush()
    called, late = (
        at_risk.signals(at_harbour, the_clinic(at_harbour), now=NOW + timedelta(days=days)).by_signal[signal]
        for signal, days in (("please_contact", 0), ("not_settled", 8))
    )
    assert (seen(at_harbour, place).alert is not None) is bool(late) is therapist_knows
    assert bool(called) is not therapist_knows
    if not therapist_knows:
        with pytest.raises(LookupError):
            do("settle", at_harbour, place, alert.id, "talked")


def test_work_that_is_over_ends_and_its_alert_with_it_and_goes_on_where_they_meet_again(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["aggregate", "aggregate"])
    alert, clinic, t01 = alert_of(at_harbour, client), the_clinic(at_harbour), therapist(at_harbour, "t01")
    dyad = appointment_rows.dyad(at_harbour, client, t01.id)
    assert dyad is not None and dyad.ended_at is None
    placing.give_back(
        at_harbour, clinic, [at_harbour.get_one(PlacementRow, place)], because="other", actor="a", now=NOW
    )
    assert (dyad.ended_at, alert.settled_at, alert.outcome) == (NOW, NOW, "ended")
    placing.place(at_harbour, clinic, [placing.Wanted(client, t01.id)], actor="a", now=NOW)
    assert dyad.ended_at is None


def test_whoever_is_to_come_is_told_what_was_planned_and_what_was_called_off(at_harbour: Session) -> None:
    place, client = comes(at_harbour, ["named"])
    at, kept = NOW + timedelta(days=4), at_harbour.get_one(PlacementRow, place)
    kept.first_session_at = at
    do("plan", at_harbour, place, at)
    t01 = therapist(at_harbour, "t01").id
    [planned] = [row for row in appointment_rows.of_pair(at_harbour, client, t01) if row.begins_at == at]
    do("call_off", at_harbour, place, planned.id, "cancelled")
    assert kept.first_session_at is None
    events = at_harbour.scalars(select(AuditEventRow.action).where(AuditEventRow.action == "case.session_off")).all()
    kinds = list(at_harbour.scalars(select(OutboxRow.kind).where(OutboxRow.kind.in_(("booked", "session_off")))))
    assert len(events) == 1 and (not kinds or sorted(kinds) == ["booked", "session_off"])
