"""The questionnaires that a clinic uses: PHQ-9 and GAD-7, or those for which it has a licence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from matcher.measures import GAD_7, INSTRUMENTS, PHQ_9, Instrument
from web.db.queries import clinics, measures
from web.db.tables import InstrumentRow
from web.exchange.problems import BadInput, Fault, Problem, shown
from web.exchange.questionnaires import instrument_of, read_questionnaire
from web.services import audit
from web.services.clinics import Clinic

STANDARD = (PHQ_9, GAD_7)


@dataclass(frozen=True, slots=True)
class Brought:
    """A questionnaire that was brought in; ``is_new`` where it was not known before.

    ``safety_items`` are those of which an answer reaches a person. ``alarms`` is whether any questionnaire that clients
    are asked from now on has one: without, no answer of a well-being check reaches anybody.
    """

    code: str
    version: str
    title: str
    n_items: int
    is_new: bool
    safety_items: tuple[str, ...]
    alarms: bool


def in_use(session: Session) -> tuple[Instrument, ...]:
    """What clients are asked: the clinic's own questionnaires stand in the place of PHQ-9 and GAD-7."""
    own = [row for row in measures.instruments(session) if row.retired_at is None]
    return tuple(instrument_of(row.questionnaire) for row in own) or STANDARD


def of(session: Session, code: str, version: str) -> Instrument | None:
    """The questionnaire of a code and version; None for one that is not known here."""
    if code in INSTRUMENTS:
        return INSTRUMENTS[code]
    row = measures.instrument(session, code, version)
    return instrument_of(row.questionnaire) if row is not None else None


def newest(session: Session) -> dict[str, Instrument]:
    """Code → the newest version of every questionnaire of which scores can be brought in."""
    own = {row.code: instrument_of(row.questionnaire) for row in measures.instruments(session)}
    return {instrument.code: instrument for instrument in STANDARD} | own


def bring(session: Session, clinic: Clinic, text: bytes, licence: str, *, actor: str, now: datetime) -> Brought:
    """Take a questionnaire into use; an earlier version is used no more. The same file again changes nothing.

    Raises BadInput with every problem of the file, and where its version is known with another content.
    """
    instrument, document = read_questionnaire(text)
    clinics.lock(session, clinic.id)
    known = measures.instrument(session, instrument.code, instrument.version)
    _refuse(instrument, document, licence, known)
    if known is not None:
        return _brought(session, instrument, is_new=False)
    for row in measures.instruments(session):
        if row.code == instrument.code and row.retired_at is None:
            row.retired_at = now
    session.add(
        InstrumentRow(
            code=instrument.code, version=instrument.version, title=instrument.title, questionnaire=document,
            licence=licence.strip(), added_at=now, added_by=actor,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, "instrument.imported", now=now, subject=instrument.code, version=instrument.version)
    return _brought(session, instrument, is_new=True)


def alarms(session: Session) -> bool:
    """Whether any answer of a well-being check reaches a person, as item 9 of the PHQ-9 does."""
    return any(one.safety_items for one in in_use(session))


def _brought(session: Session, made: Instrument, *, is_new: bool) -> Brought:
    return Brought(made.code, made.version, made.title, len(made.items), is_new, made.safety_items, alarms(session))


def _refuse(instrument: Instrument, document: dict[str, Any], licence: str, known: InstrumentRow | None) -> None:
    """Raise BadInput for what speaks against a questionnaire that is whole in itself."""
    found = []
    if not licence.strip():
        found.append(("licence", Fault("missing", "", "say under which licence the clinic may use it")))
    if instrument.code in INSTRUMENTS:
        fault = Fault("repeated_id", shown(instrument.code), "stands for one of ours; choose another name")
        found.append(("name", fault))
    if known is not None and known.questionnaire != document:
        mend = "this version is known with another content; give the changed one a version of its own"
        found.append(("version", Fault("contradictory", shown(instrument.version), mend)))
    if found:
        raise BadInput([Problem.of(fault, column=place) for place, fault in found])
