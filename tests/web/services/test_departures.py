"""A therapist leaves: nobody new comes, the caseload moves as a whole, and words are handed on with consent alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from tests.web.conftest import NOW
from tests.web.services.test_proposals import commit, line_of, look, work
from tests.web.staff import PASSWORD
from tests.web.waiting_room import client_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db import engine, mapping
from web.db.queries import requests as request_rows
from web.db.queries.appointments import of_pair
from web.db.tables import DyadRow, OutboxRow, RatingRow, SessionRow, TherapistRow
from web.exchange.writing import write_therapists
from web.jobs.tending import tend
from web.services import (
    cases,
    departures,
    directories,
    handovers,
    imported_caseloads,
    importing,
    placing,
    profiles,
    requests,
)
from web.services import intakes as intake_service
from web.services import people as people_service
from web.services.conflicts import Conflict, Conflicts
from web.services.departures import Departure
from web.services.intakes import KeptIntake
from web.services.moves import Away, Moved
from web.services.placing import HELD, Wanted

LEAVES = Departure("leaves", date(2026, 3, 31), None)


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def caseload(session: Session) -> tuple[UUID, list[KeptIntake]]:
    """A therapist with three who have a place with them; two places are free still."""
    people = [sent(session, name=name) for name in ("Anu", "Bela", "Chidi")]
    key = with_places(session, seen(session, people[2])[0], 5).id
    wanted = [Wanted(client_of(one), key) for one in people]
    placing.place(session, the_clinic(session), wanted, actor="a", now=NOW)
    return key, people


def promised(session: Session) -> list[tuple[str, str]]:
    """(kind, to whom) of the messages that were promised."""
    return sorted((row.kind, row.recipient) for row in session.scalars(select(OutboxRow)))


def announce(session: Session, key: UUID, said: Departure = LEAVES) -> None:
    departures.announce(session, the_clinic(session), key, said, actor="a", now=NOW)


def test_the_whole_caseload_moves_at_once_and_nobody_new_comes(session: Session) -> None:
    key, people = caseload(session)
    id_ = departures.caseload(session, key, now=NOW).therapist.id  # type: ignore[union-attr]
    announce(session, key)
    assert therapist(session, id_).capacity == 0
    known = directories.current(session, the_clinic(session).id).directory
    assert known.capacity[known.row(id_)] == 0
    found = departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    work(session, found)
    lines = [line_of(look(session, found), one) for one in people]
    assert all(line["therapist"] not in (None, id_) for line in lines)
    assert [place_of(session, one).therapist_id for one in people] == [key] * 3  # type: ignore[union-attr]
    assert commit(session, found) == 3
    for one, line in zip(people, lines, strict=True):
        place = place_of(session, one)
        assert place is not None and (place.state, place.origin) == ("given", "departure")
        assert place.therapist_id == therapist(session, str(line["therapist"])).id
    assert therapist(session, id_).capacity == 0
    gone = departures.caseload(session, key, now=NOW)
    assert gone is not None and gone.n_open == 0 and {member.state for member in gone.members} == {"gone"}
    departures.call_off(session, the_clinic(session), key, actor="a", now=NOW)
    departures.call_off(session, the_clinic(session), key, actor="a", now=NOW)
    assert therapist(session, id_).capacity == 5  # two that were free, and three that came back


def test_who_has_only_asked_is_asked_for_elsewhere_and_holds_end(session: Session) -> None:
    first, second, held = (sent(session, name=name) for name in ("Anu", "Bela", "Chidi"))
    id_, next_ = seen(session, first)[:2]
    key, clinic = with_places(session, id_, 5).id, the_clinic(session)
    with_places(session, next_, 2)
    requests.ask(session, clinic, first, [id_, next_], now=NOW)
    requests.ask(session, clinic, second, [id_], now=NOW)
    wanted = Wanted(client_of(held), key, HELD, until=NOW + timedelta(days=9))
    placing.place(session, clinic, [wanted], actor="a", now=NOW)
    announce(session, key)
    place = place_of(session, first)
    assert place is not None and (place.state, place.therapist_id) == ("asked", therapist(session, next_).id)
    assert place_of(session, second) is None and place_of(session, held) is None
    status = requests.status(session, second)
    assert status.state == "declined" and [one.state for one in status.choices] == ["declined"]
    assert {one for one in promised(session) if one[0] == "request_goes_on"} == {
        ("request_goes_on", "anu@there.example"), ("request_goes_on", "bela@there.example"),
    }  # fmt: skip
    with pytest.raises(Conflict, match="answered"):  # it was answered for them
        requests.accept(session, clinic, person_of(session, key), choice_id(session, second), first=None, now=NOW)
    departures.call_off(session, clinic, key, actor="a", now=NOW)
    assert therapist(session, id_).capacity == 5


def choice_id(session: Session, kept: KeptIntake) -> UUID:
    request = request_rows.latest(session, client_of(kept))
    assert request is not None
    return request_rows.choices(session, request.id)[0].id


def test_a_session_on_a_day_of_absence_is_called_off_and_the_client_told_who_keeps_the_place(session: Session) -> None:
    key, people = caseload(session)
    me, clinic = person_of(session, key), the_clinic(session)
    before, away = datetime(2026, 3, 9, 10, tzinfo=UTC), datetime(2026, 3, 30, 23, 30, tzinfo=UTC)
    for one, moment in zip(people, (before, away, None), strict=True):
        requests.book(session, me, place_of(session, one).id, moment, now=NOW)  # type: ignore[union-attr]
    lisbon = ZoneInfo("Europe/Lisbon")  # where the clocks went on the day before: 23:30 UTC is half past midnight
    departures.announce(session, clinic, key, LEAVES, zone=lisbon, actor="a", now=NOW)
    assert [place_of(session, one).first_session_at for one in people] == [before, None, None]  # type: ignore[union-attr]
    states = [[row.state for row in of_pair(session, client_of(one), key)] for one in people]
    assert states == [["planned"], ["cancelled"], []]
    assert [one for one in promised(session) if one[0] == "session_off"] == [("session_off", "bela@there.example")]
    assert requests.status(session, people[1]).away == Away(date(2026, 3, 31), None)
    found = departures.propose(session, clinic, key, actor="a", now=NOW)
    work(session, found)
    commit(session, found)
    told = [one for one in promised(session) if one[0] == "session_off"]
    assert told == [("session_off", "anu@there.example"), ("session_off", "bela@there.example")]
    moved = requests.status(session, people[0]).moved
    assert moved is not None and moved.session_at == before
    assert requests.status(session, people[2]).moved == Moved(moved.therapist, None)
    assert [row.state for row in of_pair(session, client_of(people[0]), key)] == ["cancelled"]


def test_who_meets_with_them_by_a_file_alone_is_counted_in_where_they_met_lately(session: Session) -> None:
    row = with_places(session, "t01", 2)
    before = departures.caseload(session, row.id, now=NOW)
    assert before is not None and not before.members
    session.execute(update(RatingRow).values(rated_at=NOW - timedelta(days=121)))
    clients = list(session.scalars(select(DyadRow).where(DyadRow.therapist_id == row.id)))
    n_clients = len(clients)
    assert n_clients > 3
    rate = {one.id: when for one, when in zip(clients[:3], (NOW - timedelta(days=120), NOW, None), strict=True)}
    for dyad, when in rate.items():
        sessions = select(SessionRow.id).where(SessionRow.dyad_id == dyad)
        session.execute(update(RatingRow).where(RatingRow.session_id.in_(sessions)).values(rated_at=when))
    found = departures.caseload(session, row.id, now=NOW)
    assert found is not None and set(found.met.lately) == {one.client_id for one in clients[:2]}
    assert found.met.n_undated == 1
    assert found.met.n_long_ago == n_clients - 3
    announce(session, row.id, LEAVES)
    announce(session, row.id, LEAVES)
    after = departures.caseload(session, row.id, now=NOW)
    assert after is not None and not after.met.lately and after.n_open == 2
    assert {one.person.client for one in after.members} == set(found.met.lately)
    assert not [one for one in promised(session) if one[0] in ("place_given", "new_client")]  # it is no news to them
    key = departures.propose(session, the_clinic(session), row.id, actor="a", now=NOW)
    work(session, key)
    assert {line["client"] for line in look(session, key).result["lines"]} == {str(one) for one in found.met.lately}  # type: ignore[index]
    n = commit(session, key)
    departures.call_off(session, the_clinic(session), row.id, actor="a", now=NOW)
    assert therapist(session, "t01").capacity == 2 + n  # those whom the file had are no longer there


def test_who_of_a_file_has_met_somebody_else_since_is_that_ones_client(session: Session) -> None:
    here, there = therapist(session, "t01"), therapist(session, "t02")
    session.execute(update(RatingRow).values(rated_at=NOW - timedelta(days=9)))
    one = session.scalars(select(DyadRow).where(DyadRow.therapist_id == here.id)).first()
    assert one is not None
    elsewhere = DyadRow(client_id=one.client_id, therapist_id=there.id, created_at=NOW)
    session.add(elsewhere)
    session.flush()
    met = SessionRow(dyad_id=elsewhere.id, number=1)
    session.add(met)
    session.flush()
    session.add(RatingRow(session_id=met.id, score=3.0, rated_at=NOW - timedelta(days=8), created_at=NOW))
    session.flush()
    assert one.client_id not in imported_caseloads.met(session, here.id, now=NOW).lately
    assert one.client_id in imported_caseloads.met(session, there.id, now=NOW).lately
    elsewhere.ended_at = NOW
    session.flush()
    assert one.client_id in imported_caseloads.met(session, here.id, now=NOW).lately


def test_a_client_who_has_moved_meanwhile_is_a_conflict_and_all_stay(session: Session) -> None:
    key, people = caseload(session)
    announce(session, key)
    found = departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    work(session, found)
    place = place_of(session, people[0])
    assert place is not None
    placing.give_back(session, the_clinic(session), [place], because="rematch", actor="b", now=NOW)
    other = next(one for one in departures.everybody(session, now=NOW) if one.n_places > 1)
    placing.place(session, the_clinic(session), [Wanted(client_of(people[0]), other.key)], actor="b", now=NOW)
    with pytest.raises(Conflicts) as against:
        commit(session, found)
    assert [(one.code, one.client_id) for one in against.value.all] == [("has_place", client_of(people[0]))]
    assert [place_of(session, one).therapist_id for one in people] == [other.key, key, key]  # type: ignore[union-attr]


def test_a_client_whose_place_was_given_back_meanwhile_waits_like_anybody(session: Session) -> None:
    key, people = caseload(session)
    announce(session, key)
    found = departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    work(session, found)
    place = place_of(session, people[0])
    assert place is not None
    placing.give_back(session, the_clinic(session), [place], because="rematch", actor="b", now=NOW)
    with pytest.raises(Conflicts) as against:
        commit(session, found)
    assert [(one.code, one.client_id) for one in against.value.all] == [("place_gone", client_of(people[0]))]
    assert place_of(session, people[0]) is None
    cases.close(session, client_of(people[0]), "no_answer", actor="b", now=NOW)
    with pytest.raises(Conflict, match="case_closed"):
        commit(session, found)


def test_days_that_make_no_sense_are_refused_and_announcing_again_changes_them(session: Session) -> None:
    key, _people = caseload(session)
    for wrong in (
        Departure("elopes", date(2026, 3, 1), None), Departure("leave", date(2026, 3, 2), date(2026, 3, 1)),
        Departure("leaves", date(2026, 3, 2), date(2026, 3, 3)),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            announce(session, key, wrong)
    with pytest.raises(Conflict, match="not_open"):
        departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    announce(session, key)
    for late in (Departure("leaves", date(2026, 3, 1), None), Departure("leave", date(2026, 3, 1), date(2026, 3, 9))):
        with pytest.raises(InvalidInput, match="has passed"):
            announce(session, key, late)
    tokyo = ZoneInfo("Asia/Tokyo")  # where the third of March has begun
    clinic, evening = the_clinic(session), datetime(2026, 3, 2, 16, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="has passed"):
        departures.announce(
            session, clinic, key, Departure("leaves", date(2026, 3, 2), None), zone=tokyo, actor="a", now=evening
        )
    announce(session, key, Departure("leave", date(2026, 3, 2), date(2026, 3, 9)))
    said, week = Departure("leave", date(2026, 3, 2), date(2026, 3, 20)), timedelta(days=9)  # longer than was thought
    departures.announce(session, clinic, key, said, actor="a", now=NOW + week)
    over = Departure("leave", date(2026, 3, 2), date(2026, 3, 10))
    with pytest.raises(InvalidInput, match="are back already"):
        departures.announce(session, clinic, key, over, actor="a", now=NOW + week)
    announce(session, key, Departure("leave", date(2026, 4, 1), date(2026, 6, 1)))
    found = departures.caseload(session, key, now=NOW)
    assert found is not None and found.therapist.departure == Departure("leave", date(2026, 4, 1), date(2026, 6, 1))
    departures.call_off(session, the_clinic(session), key, actor="a", now=NOW)
    assert therapist(session, found.therapist.id).capacity == 2


def test_words_are_shown_to_the_next_one_only_where_the_client_has_agreed(session: Session) -> None:
    kept, held, asks = (sent(session, name=name) for name in ("Anu", "Bela", "Chidi"))
    id_, clinic = seen(session, asks)[0], the_clinic(session)
    key = with_places(session, id_, 5).id
    until = NOW + timedelta(days=9)
    wanted = [Wanted(client_of(kept), key), Wanted(client_of(held), key, HELD, until=until)]
    placing.place(session, clinic, wanted, actor="a", now=NOW)
    requests.ask(session, clinic, asks, [id_], now=NOW)
    leaver, stranger = person_of(session, key), uuid4()
    announce(session, key)
    for other in (sent(session), held, asks):
        with pytest.raises(LookupError):
            handovers.write(session, leaver, client_of(other), "not a client of theirs", now=NOW)
    assert [one.person.client for one in handovers.desk(session, leaver).own] == [client_of(kept)]
    for wrong in ("  ", "a" * 4_001):
        with pytest.raises(InvalidInput):
            handovers.write(session, leaver, client_of(kept), wrong, now=NOW)
    handovers.write(session, leaver, client_of(kept), "We worked on sleep.\r\nMornings are hard.", now=NOW)
    later = NOW + timedelta(minutes=1)
    handovers.write(session, leaver, client_of(kept), "We worked on sleep.\nMornings are hard.", now=later)
    assert [kind for kind, _ in promised(session)].count("handover_to_read") == 1  # the same words again are no news
    assert handovers.of_client(session, replace(kept, client_id=None)) == ()
    (note,) = handovers.of_client(session, kept)
    assert (note.words, note.agreed) == ("We worked on sleep.\nMornings are hard.", False)
    found = departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    work(session, found)
    commit(session, found)
    place = place_of(session, kept)
    assert place is not None and note.id is not None and note.written_at is not None
    next_ = person_of(session, place.therapist_id)
    assert handovers.desk(session, next_).received == () and not handovers.desk(session, stranger).received
    stamp = note.written_at.isoformat()
    with pytest.raises(Conflict, match="case_changed"):
        handovers.answer(session, kept, note.id, "another moment", agrees=True, now=NOW)
    for _again in range(2):
        handovers.answer(session, kept, note.id, stamp, agrees=True, now=NOW)
    assert [one.words for one in handovers.desk(session, next_).received] == [note.words]
    handovers.write(session, leaver, client_of(kept), "Other words.", now=NOW + timedelta(hours=1))
    assert handovers.desk(session, next_).received == ()
    with pytest.raises(Conflict, match="case_changed"):  # the words that the coordinator saw are not these
        handovers.note_answer(session, client_of(kept), key, stamp, agrees=True, actor="a", now=NOW)
    anew = (NOW + timedelta(hours=1)).isoformat()
    handovers.note_answer(session, client_of(kept), key, anew, agrees=True, actor="a", now=NOW)
    assert [one.words for one in handovers.desk(session, next_).received] == ["Other words."]
    intake_service.block(session, client_of(kept), "t01", now=NOW)
    placing.give_back(session, the_clinic(session), [place], because="rematch", actor="a", now=NOW)
    assert handovers.desk(session, next_).received == ()
    with pytest.raises(LookupError):
        handovers.answer(session, sent(session), note.id, stamp, agrees=True, now=NOW)


def person_of(session: Session, key: UUID) -> UUID:
    """A person as whom this therapist signs in."""
    row = session.get(TherapistRow, key)
    assert row is not None
    email = f"{row.external_id}@clinic.example"
    person = people_service.create(session, email, row.name, "therapist", password=PASSWORD, now=NOW)
    people_service.link_therapist(session, person, row.external_id, now=NOW)
    session.flush()
    return person


def test_who_is_away_offers_no_place_whatever_file_or_profile_say_until_the_leave_is_over(
    harbour: str, session: Session, tmp_path: Path
) -> None:
    row = with_places(session, "t01", 2)
    person = people_service.create(session, "t01@here.example", "Ana", "therapist", password=PASSWORD, now=NOW)
    people_service.link_therapist(session, person, "t01", now=NOW)
    announce(session, row.id, Departure("leave", NOW.date(), date(2026, 3, 31)))
    clinic, one = the_clinic(session), mapping.therapist_of(therapist(session, "t01"))
    write_therapists(tmp_path / "one.csv", [replace(one, capacity=7)])
    importing.import_file(session, clinic, "therapists", tmp_path / "one.csv", now=NOW)
    assert therapist(session, "t01").capacity == 0
    person_id = therapist(session, "t01").person_id
    assert person_id is not None
    profiles.save(session, clinic, person_id, "capacity", {"capacity": 6}, now=NOW)
    assert therapist(session, "t01").capacity == 0
    session.commit()
    last, next_day = (datetime(2026, month, day, 12, tzinfo=UTC) for month, day in ((3, 31), (4, 1)))
    assert [tend(engine.sessions(harbour), now=now) for now in (last, next_day, next_day)] == [0, 1, 0]
    with engine.sessions(harbour)() as looks:
        the_clinic(looks)
        assert therapist(looks, "t01").capacity == 6


def test_who_is_away_may_change_the_rest_of_their_profile_and_what_they_offer_later(session: Session) -> None:
    row = with_places(session, "t01", 5)
    person_id = person_of(session, row.id)
    announce(session, row.id, Departure("leave", NOW.date(), None))
    found = profiles.of_person(session, person_id)
    assert found is not None
    about = {name: found.document[name] for name in profiles.TOPICS["about"] if name in found.document}
    profiles.save(session, the_clinic(session), person_id, "about", about | {"statement": "Back in spring."}, now=NOW)
    found = profiles.of_person(session, person_id)
    assert found is not None and (found.document["capacity"], found.therapist.capacity) == (5, 0)
    profiles.save(session, the_clinic(session), person_id, "capacity", {"capacity": 3}, now=NOW)
    departures.call_off(session, the_clinic(session), row.id, actor="a", now=NOW)
    assert therapist(session, "t01").capacity == 3


def test_a_proposal_for_who_does_not_leave_any_more_is_a_conflict(session: Session) -> None:
    key, people = caseload(session)
    announce(session, key)
    found = departures.propose(session, the_clinic(session), key, actor="a", now=NOW)
    assert (
        departures.propose(session, the_clinic(session), key, actor="a", now=NOW) == found
    )  # the button was pressed twice
    work(session, found)
    departures.call_off(session, the_clinic(session), key, actor="a", now=NOW)
    with pytest.raises(Conflicts) as against:
        commit(session, found)
    assert {one.code for one in against.value.all} == {"called_off"}
    assert [place_of(session, one).therapist_id for one in people] == [key] * 3  # type: ignore[union-attr]
