"""The well-being of clients by questionnaire: asked, kept, scored, and how it has changed since the first time.

An answer that has to reach a person (``matcher.measures.needs_a_person``) raises a safety flag on the client's intake,
which is where coordinators look first; a client without one gets an intake for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.measures import Change, Instrument, band, needs_a_person, reliable_change, score
from web.db.queries import intakes as intake_rows
from web.db.queries import measures
from web.db.tables import MeasureRow
from web.services import audit, instruments, intakes, links, moments
from web.services.clinics import Clinic
from web.services.intakes import ACTOR, KeptIntake
from web.services.links import WELL_BEING, Link

Answers = Mapping[str, Mapping[str, float | None]]  # instrument → item → value
SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Measured:
    """A questionnaire of a client: when in their care, its score, and what that means.

    ``change`` is from the first score of the same version; None for that first one, and where nobody has measured how
    reliable the questionnaire is.
    """

    code: str
    version: str
    title: str
    moment: str
    score: float
    lowest: float
    top: float
    better: str
    band: str | None
    said_at: datetime
    change: Change | None


def of_client(session: Session, client_id: UUID) -> tuple[Measured, ...]:
    """All that a client has scored, the oldest first."""
    found: list[Measured] = []
    first: dict[tuple[str, str], float] = {}
    for row in measures.of_client(session, client_id):
        instrument = instruments.of(session, row.instrument, row.version)
        if instrument is not None:
            before = first.get((row.instrument, row.version))
            first.setdefault((row.instrument, row.version), row.score)
            found.append(_measured(row, instrument, before))
    return tuple(found)


def asked(session: Session) -> tuple[Instrument, ...]:
    """The questionnaires of a well-being check, in their order."""
    return instruments.in_use(session)


def is_due(session: Session, clinic: Clinic, client_id: UUID | None, *, now: datetime) -> bool:
    """Whether a client shall be offered a well-being check now; never before they have sent their answers."""
    return client_id is not None and moments.is_due(session, clinic, client_id, now=now)


def concerning(asked: Sequence[Instrument], answers: Answers) -> bool:
    """Whether any of the answers has to reach a person at once."""
    return any(needs_a_person(instrument, answers.get(instrument.code, {})) for instrument in asked)


def too_few(asked: Sequence[Instrument], answers: Answers) -> tuple[str, ...]:
    """The questionnaires of which something was answered, but too little for a score."""
    said = {instrument.code: answers.get(instrument.code, {}) for instrument in asked}
    return tuple(one.code for one in asked if any(_scored(one, said[one.code])) and score(one, said[one.code]) is None)


def alarm(session: Session, client_id: UUID | None, kept: KeptIntake | None, *, now: datetime) -> None:
    """Let a person look after a client at once; ``kept`` is the intake that their browser keeps, where it does.

    Raises LookupError where nobody knows who the client is.
    """
    kept = kept or _intake_of(session, client_id, now)
    intakes.raise_flag(session, kept, SAFETY, now=now)


def save(session: Session, client_id: UUID, answers: Answers, *, now: datetime) -> int:
    """Keep what a client answered; said again within a day, it replaces what was said. How many scores there are.

    A questionnaire of which too little was answered has no score, and is not kept.
    """
    measures.locked_client(session, client_id)  # so that the same form sent fifty times at once is kept once
    moment, n_kept = moments.of(session, client_id), 0
    for instrument in asked(session):
        said = dict(answers.get(instrument.code, {}))
        found = score(instrument, said)
        if found is None:
            continue
        row = measures.since(session, client_id, instrument.code, moment, now - moments.CORRECTABLE)
        if row is None:
            row = MeasureRow(client_id=client_id, instrument=instrument.code, moment=moment)
            session.add(row)
        row.version, row.answers, row.score, row.said_at = instrument.version, said, found, now
        session.flush()
        n_kept += 1
    audit.record(session, "well_being.said", now=now, subject=str(client_id), actor=ACTOR, n=n_kept)
    return n_kept


def of_link(session: Session, token: str, *, now: datetime) -> Link | None:
    """The link to a well-being check; None where there never was one."""
    return links.of_token(session, WELL_BEING, token, now=now)


def save_by_link(session: Session, token: str, answers: Answers, *, now: datetime) -> str:
    """Keep what somebody answered behind a link, which has then served its purpose; how the link stood before."""
    link = links.of_token(session, WELL_BEING, token, now=now, locked=True)
    if link is None:
        return "unknown"
    if link.state == links.OPEN:
        save(session, link.client_id, answers, now=now)
        links.use(session, token, now=now)
    return link.state


def is_flagged(session: Session, client_id: UUID) -> bool:
    """Whether a safety flag stands on the intake of a client."""
    row = intake_rows.of_client(session, client_id)
    return row is not None and intake_rows.flag(session, row.id, SAFETY) is not None


def intake_of(session: Session, client_id: UUID) -> KeptIntake | None:
    """The intake on which a client's flag stands."""
    row = intake_rows.of_client(session, client_id)
    return intakes.of_id(session, row.id) if row is not None else None


def _intake_of(session: Session, client_id: UUID | None, now: datetime) -> KeptIntake:
    if client_id is None:
        raise LookupError("nobody knows whose answers these are")
    found = intake_of(session, client_id)
    if found is None:
        found = intakes.of_link(session, intakes.begin(session, now=now), now=now)
        if found is None:
            raise LookupError("an intake that was begun is not there")
        intakes.belongs_to(session, found, client_id, now=now)
    return found


def _scored(instrument: Instrument, said: Mapping[str, float | None]) -> list[bool]:
    return [said.get(item.id) is not None for item in instrument.scored]


def _measured(row: MeasureRow, instrument: Instrument, before: float | None) -> Measured:
    named = band(instrument, row.score)
    is_comparable = before is not None and instrument.spread is not None
    return Measured(
        code=row.instrument,
        version=row.version,
        title=instrument.title,
        moment=row.moment,
        score=row.score,
        lowest=instrument.lowest,
        top=instrument.top,
        better=instrument.better,
        band=named.words if named is not None else None,
        said_at=row.said_at,
        change=reliable_change(instrument, before, row.score) if is_comparable and before is not None else None,
    )
