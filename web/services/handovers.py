"""What a therapist hands on of their work with a client, so that nobody has to tell their story again.

The client reads every word of it first. Only when they have agreed is it shown, to the therapist with whom they have a
place now and to nobody else. Words that are changed are agreed to anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from web.db.queries import courses, intakes, waiting
from web.db.queries import departures as rows
from web.db.tables import HandoverRow
from web.services import cases, outbox, proposal_people
from web.services.conflicts import Conflict
from web.services.intakes import KeptIntake
from web.services.placing import ENDED, GIVEN
from web.services.proposal_people import Person

LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Note:
    """Words about a client: who wrote them, when, and whether the client has agreed that they are shown."""

    id: UUID | None
    person: Person
    author: str
    words: str
    written_at: datetime | None
    agreed: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """A therapist's page: whom they hand on, and what was handed to them. ``leaves``: they have a departure open."""

    leaves: bool
    own: tuple[Note, ...]
    received: tuple[Note, ...]


def desk(session: Session, person_id: UUID) -> Desk:
    """What a therapist can write, and may read."""
    therapist = courses.therapist_of(session, person_id)
    if therapist is None:
        return Desk(False, (), ())
    leaves = therapist.id in rows.open_of(session, [therapist.id])
    mine = _met(session, therapist.id) if leaves else []
    here = [place.client_id for place in waiting.open_with(session, therapist.id) if place.state == GIVEN]
    people = proposal_people.people(session, map(str, (*mine, *here)))
    found = rows.handovers(session, [*mine, *here])
    written = {row.client_id: row for row, author in found if author.id == therapist.id}
    own = tuple(
        _note(written.get(key), people[str(key)], therapist.name) for key in dict.fromkeys(mine)
    )  # fmt: skip
    received = tuple(
        _note(row, people[str(row.client_id)], author.name)
        for row, author in found
        if row.client_id in here and author.id != therapist.id and row.consented_at is not None
    )
    return Desk(leaves, own, received)


def _met(session: Session, therapist_id: UUID) -> list[UUID]:
    """Those who have, or had, a place that was given: whoever has only asked is nobody's client yet."""
    places = rows.had(session, therapist_id)
    return [one.client_id for one in places if one.state == GIVEN or (one.state == ENDED and one.until is None)]


def write(session: Session, person_id: UUID, client_id: UUID, words: str, *, now: datetime) -> None:
    """Keep what a therapist hands on about a client of theirs; LookupError where that is no client of theirs."""
    therapist = courses.therapist_of(session, person_id)
    if therapist is None or client_id not in _met(session, therapist.id):
        raise LookupError("this client has no place with this therapist")
    said = words.replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST:
        raise InvalidInput("words", len(said), f"expected 1 to {LONGEST} letters")
    cases.of(session, client_id, None)
    row = rows.handover(session, client_id, therapist.id)
    if row is None:
        row = HandoverRow(client_id=client_id, therapist_id=therapist.id, words="", written_at=now)
        session.add(row)
    if row.words == said:
        return
    row.words, row.written_at, row.consented_at = said, now, None
    session.flush()
    cases.note(session, client_id, "handover_written", now=now, actor=str(person_id))
    key = f"{row.id}:{now.isoformat()}"
    outbox.promise(session, "handover_to_read", key, intakes.email_of(session, client_id), now=now)


def of_client(session: Session, kept: KeptIntake) -> tuple[Note, ...]:
    """What would be handed on about the client of an intake, to read and to agree to."""
    if kept.client_id is None:
        return ()
    people = proposal_people.people(session, [str(kept.client_id)])
    person = people[str(kept.client_id)]
    return tuple(_note(row, person, author.name) for row, author in rows.handovers(session, [kept.client_id]))


def agreed(session: Session, client_id: UUID) -> tuple[str, ...]:
    """The words about a client that were handed on, and that the client agreed to."""
    found = rows.handovers(session, [client_id])
    return tuple(row.words for row, _author in found if row.consented_at is not None)


def answer(session: Session, kept: KeptIntake, key: UUID, written_at: str, *, agrees: bool, now: datetime) -> None:
    """What the client says to words that they have read; Conflict where others stand there now."""
    row = rows.handover_by_id(session, key)
    if row is None or row.client_id != kept.client_id:
        raise LookupError("no such words about this client")
    if row.written_at.isoformat() != written_at:
        raise Conflict("case_changed", client_id=row.client_id)
    _answered(session, row, agrees=agrees, actor="client", now=now)


def note_answer(
    session: Session, client_id: UUID, therapist_id: UUID, written_at: str, *, agrees: bool, actor: str, now: datetime
) -> None:
    """What the client has told the coordinator of the words of a moment; Conflict where others stand there now."""
    row = rows.handover(session, client_id, therapist_id)
    if row is None:
        raise Conflict("not_open", client_id=client_id)
    if row.written_at.isoformat() != written_at:
        raise Conflict("case_changed", client_id=client_id)
    _answered(session, row, agrees=agrees, actor=actor, now=now)


def _answered(session: Session, row: HandoverRow, *, agrees: bool, actor: str, now: datetime) -> None:
    if (row.consented_at is not None) == agrees:
        return
    row.consented_at = now if agrees else None
    session.flush()
    cases.note(
        session, row.client_id, "handover_agreed" if agrees else "handover_refused", now=now, actor=actor
    )  # fmt: skip


def _note(row: HandoverRow | None, person: Person, author: str) -> Note:
    if row is None:
        return Note(None, person, author, "", None, False)
    return Note(row.id, person, author, row.words, row.written_at, row.consented_at is not None)
