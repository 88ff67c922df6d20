"""The well-being of clients by questionnaire: asked, kept, scored, and how it has changed since the first time.

An answer that has to reach a person (``Instrument.safety_items``) does so by ``web.services.safety``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.errors import InvalidInput
from matcher.measures import Change, Instrument, band, reliable_change, score
from web.db.queries import measures
from web.db.tables import MeasureRow
from web.services import audit, instruments, links, moments
from web.services.check_ins import AGGREGATE, NAMED, SHOWN_TO
from web.services.clinics import Clinic
from web.services.intakes import ACTOR
from web.services.links import WELL_BEING, Link

Answers = Mapping[str, Mapping[str, float | None]]  # instrument → item → value


@dataclass(frozen=True, slots=True)
class Measured:
    """A questionnaire of a client: when in their care, its score, and what that means.

    ``change`` is from the first score of the same version; None for that first one, and where nobody has measured how
    reliable the questionnaire is.
    """

    id: UUID
    code: str
    version: str
    title: str
    moment: str
    shown_to: str
    score: float
    lowest: float
    top: float
    better: str
    band: str | None
    said_at: datetime
    change: Change | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a questionnaire: (value, words) of each answer, and whether it stands apart from the score.

    ``is_for_a_person``: any answer above ``lowest`` has to reach a person.
    """

    id: str
    words: str
    answers: tuple[tuple[float, str], ...]
    lowest: float
    is_apart: bool
    is_for_a_person: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A questionnaire as a page asks it."""

    code: str
    title: str
    lead: str
    attribution: str
    questions: tuple[Question, ...]


def of_client(session: Session, client_id: UUID) -> tuple[Measured, ...]:
    """All that a client has scored, the oldest first."""
    return _in_order(session, measures.of_client(session, client_id))


def shared(session: Session, client_id: UUID) -> tuple[Measured, ...]:
    """What a client's therapist may see of it: what is shared by name, and nothing unless the newest is.

    A change is told from the first that is shared, so that it gives away none that is not.
    """
    rows = measures.of_client(session, client_id)
    return _in_order(session, [row for row in rows if row.shown_to == NAMED]) if is_shared(rows) else ()


def is_shared(said: Sequence[MeasureRow | Measured]) -> bool:
    """Whether a client shares the newest of what they filled in here."""
    own = [one for one in said if one.moment != moments.IMPORTED]
    return bool(own) and max(own, key=lambda one: one.said_at).shown_to == NAMED


def asked(session: Session) -> tuple[Asked, ...]:
    """The questionnaires of a well-being check, in their order, as a page asks them."""
    return tuple(_asked(instrument) for instrument in instruments.in_use(session))


def is_due(session: Session, clinic: Clinic, client_id: UUID | None, *, now: datetime) -> bool:
    """Whether a client shall be offered a well-being check now; never before they have sent their answers."""
    return client_id is not None and moments.is_due(session, clinic, client_id, now=now)


def unscored(session: Session, answers: Answers) -> tuple[str, ...]:
    """The questionnaires that have no score yet: too little of them was answered, and all where nothing was at all.

    One that was left out as a whole, while another was filled in, is nobody's duty.
    """
    found = instruments.in_use(session)
    said = {one.code: answers.get(one.code, {}) for one in found}
    begun = [one for one in found if any(said[one.code].get(item.id) is not None for item in one.scored)]
    return tuple(one.code for one in begun or found if score(one, said[one.code]) is None)


def save(
    session: Session, client_id: UUID, answers: Answers, *, shown_to: str = AGGREGATE, now: datetime
) -> int:  # fmt: skip
    """Keep what a client answered; said again within a day, it replaces what was said. How many scores there are.

    A questionnaire of which too little was answered has no score, and is not kept. ``shown_to`` is who may see it.
    """
    _refuse_unknown(shown_to)
    measures.locked_client(session, client_id)  # so that the same form sent fifty times at once is kept once
    moment, n_kept = moments.of(session, client_id), 0
    for instrument in instruments.in_use(session):
        said = dict(answers.get(instrument.code, {}))
        found = score(instrument, said)
        if found is None:
            continue
        row = measures.since(session, client_id, instrument.code, moment, now - moments.CORRECTABLE)
        if row is None:
            row = MeasureRow(client_id=client_id, instrument=instrument.code, moment=moment)
            session.add(row)
        row.version, row.answers, row.score, row.said_at = instrument.version, said, found, now
        row.shown_to = shown_to
        session.flush()
        n_kept += 1
    audit.record(session, "well_being.said", now=now, subject=str(client_id), actor=ACTOR, n=n_kept)
    return n_kept


def show_to(session: Session, client_id: UUID, measure_id: UUID, shown_to: str) -> None:
    """Let a client decide anew who may see a check, all questionnaires of it; it holds from the next page on.

    Raises InvalidInput for no such choice, LookupError for a score that is not this client's own.
    """
    _refuse_unknown(shown_to)
    rows = measures.said_at(session, client_id, measure_id)
    if not rows:
        raise LookupError("there is no such check")
    for row in rows:
        row.shown_to = shown_to
    session.flush()


def of_link(session: Session, token: str, *, now: datetime) -> Link | None:
    """The link to a well-being check; None where there never was one."""
    return links.of_token(session, WELL_BEING, token, now=now)


def save_by_link(
    session: Session, token: str, answers: Answers, *, shown_to: str = AGGREGATE, now: datetime
) -> str:  # fmt: skip
    """Keep what somebody answered behind a link, which has then served its purpose; how the link stood before."""
    link = links.of_token(session, WELL_BEING, token, now=now, locked=True)
    if link is None:
        return "unknown"
    if link.state == links.OPEN:
        save(session, link.client_id, answers, shown_to=shown_to, now=now)
        links.use(session, token, now=now)
    return link.state


def _refuse_unknown(shown_to: str) -> None:
    if shown_to not in SHOWN_TO:
        raise InvalidInput("shown_to", shown_to, f"expected one of {', '.join(SHOWN_TO)}")


def _in_order(session: Session, rows: Sequence[MeasureRow]) -> tuple[Measured, ...]:
    found: list[Measured] = []
    first: dict[tuple[str, str], float] = {}
    for row in rows:
        instrument = instruments.of(session, row.instrument, row.version)
        if instrument is not None:
            before = first.get((row.instrument, row.version))
            first.setdefault((row.instrument, row.version), row.score)
            found.append(_measured(row, instrument, before))
    return tuple(found)


def _asked(instrument: Instrument) -> Asked:
    questions = tuple(
        Question(
            id=item.id,
            words=item.words,
            answers=tuple((answer.value, answer.words) for answer in item.answers),
            lowest=item.lowest,
            is_apart=not item.scored,
            is_for_a_person=item.id in instrument.safety_items,
        )
        for item in instrument.items
    )
    return Asked(instrument.code, instrument.title, instrument.lead, instrument.attribution, questions)


def _measured(row: MeasureRow, instrument: Instrument, before: float | None) -> Measured:
    named = band(instrument, row.score)
    is_comparable = before is not None and instrument.spread is not None
    return Measured(
        id=row.id,
        code=row.instrument,
        version=row.version,
        title=instrument.title,
        moment=row.moment,
        shown_to=row.shown_to,
        score=row.score,
        lowest=instrument.lowest,
        top=instrument.top,
        better=instrument.better,
        band=named.words if named is not None else None,
        said_at=row.said_at,
        change=reliable_change(instrument, before, row.score) if is_comparable and before is not None else None,
    )
