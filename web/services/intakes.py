"""An intake in the browser: begun behind a private link, kept step by step, sent once and changed as often as needed.

The link is 128 random bits; the database holds only its hash. What is said at a step replaces what was said there
before, and nothing else, so that two tabs at two steps lose nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Intake, Location
from web.db import contact_marks, mapping
from web.db.queries import cases as case_rows
from web.db.queries import clinics, directory, intakes, waiting
from web.db.tables import ClientRow, ConsentRow, FlagRow, IntakeRow, IntakeVersionRow
from web.db.tables.base import new_key
from web.exchange.documents import intake_from_json
from web.exchange.problems import BadInput, Problem
from web.services import audit, calls, cases

SAID_AT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "concerns": ("concerns", "concern_text"),
        "safety": ("at_risk",),
        "practicalities": (
            *("formats", "region", "location", "max_distance_km", "times", "urgency"),
            *("max_fee_cents", "insurance", "languages"),
        ),
        "about": ("age_band", "gender", "background", "faith", "communities"),
        "wishes": ("wishes",),
        "style": ("style",),
        "before": ("had_therapy", "helped", "hindered", "former_therapist_id"),
        "expectations": ("hope", "goals", "investment", "recommended_by", "recommended_therapist_id"),
    }
)
STEPS = tuple(SAID_AT)
CONTACT = "contact"
BLOCKED = "blocked_therapist_ids"
DAYS_OPEN, DAYS_SENT = 30, 180
LINK = re.compile(r"[A-Za-z0-9_-]{22}")
CONSENT = "intake"
ACTOR = "client"
SAFETY_QUESTION, PHQ_9, QUESTIONNAIRE = "safety_question", "phq_9", "questionnaire"  # for what a safety flag stands

_offered: dict[UUID, tuple[int, Offered]] = {}


@dataclass(frozen=True, slots=True)
class KeptIntake:
    """What somebody has told us so far; ``answers`` maps a step to its part of an intake document."""

    id: UUID
    client_id: UUID | None
    answers: Mapping[str, Any]
    changed_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    flags: frozenset[str]

    @property
    def is_sent(self) -> bool:
        """Whether it was sent, and nothing was changed since."""
        return self.sent_at is not None and self.changed_at <= self.sent_at

    def said(self, step: str) -> Mapping[str, Any]:
        """What was said at a step; empty where nothing was."""
        return self.answers.get(step, {})

    def document(self) -> dict[str, Any]:
        """All steps as one intake document, without an id."""
        return {name: value for step in STEPS for name, value in self.said(step).items()}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client may set out from."""

    code: str
    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Offered:
    """What the clinic's therapists offer, so that a form asks only what can make a difference."""

    languages: frozenset[str]
    regions: tuple[str, ...]
    places: tuple[Place, ...]
    therapists: Mapping[str, str]


def by_step(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """An intake document as the steps at which it is said."""
    steps = {step: {name: document[name] for name in names if name in document} for step, names in SAID_AT.items()}
    return {step: said for step, said in steps.items() if said}


def begin(session: Session, *, now: datetime, link: str | None = None) -> str:
    """A new, empty intake; its private link, which is shown to this client alone."""
    link = link or secrets.token_urlsafe(16)
    expires = now + timedelta(days=DAYS_OPEN)
    session.add(IntakeRow(link_hash=_hash(link), answers={}, started_at=now, changed_at=now, expires_at=expires))
    session.flush()
    return link


def of_link(session: Session, link: str, *, now: datetime) -> KeptIntake | None:
    """The intake of a link, in the clinic that the session has entered; None where the link is not valid (any more)."""
    rows = intakes.with_flags(session, _hash(link)) if LINK.fullmatch(link) else ()
    if not rows or rows[0].expires_at <= now:
        return None
    return _kept(rows[0], frozenset(row.kind for row in rows if row.kind))


def of_id(session: Session, intake_id: UUID) -> KeptIntake | None:
    """The intake with a key, for those who work here; None where the clinic has no such intake."""
    row = case_rows.by_id(session, intake_id)
    if row is None:
        return None
    return _kept(row, frozenset(flag.kind for flag in case_rows.flags(session, intake_id)))


def has_expired(session: Session, link: str, *, now: datetime) -> bool:
    """Whether this link was valid once."""
    row = intakes.by_hash(session, _hash(link)) if LINK.fullmatch(link) else None
    return row is not None and row.expires_at <= now


def save(session: Session, kept: KeptIntake, step: str, said: Mapping[str, Any], *, now: datetime) -> KeptIntake:
    """Replace what was said at a step. How somebody can be reached is no answer: it asks for no new list."""
    row = intakes.locked(session, kept.id)
    if row.answers.get(step) != said:
        row.answers = {**row.answers, step: dict(said)}
        if step == CONTACT:
            row.email_mark, row.phone_mark = contact_marks.of_contact(said)
        row.changed_at = row.changed_at if step == CONTACT else now
    row.expires_at = max(row.expires_at, now + timedelta(days=DAYS_OPEN))
    session.flush()
    return _kept(row, kept.flags)


def problems(said: Mapping[str, Any]) -> list[Problem]:
    """Everything in a part of an intake document that cannot be taken."""
    try:
        intake_from_json({"client_id": "you", "concerns": ["anxiety"], **said})
    except BadInput as bad:
        return list(bad.problems)
    return []


def entity(kept: KeptIntake, client_id: str = "you") -> Intake:
    """The intake as the matcher knows it. Raises where it has no concern yet."""
    return mapping.intake_of(client_id, kept.document())


def send(session: Session, kept: KeptIntake, *, consent: str, now: datetime) -> KeptIntake:
    """Make the answers a client's: the first time a new client, later a new version of the same client's intake.

    Sending again what was sent already changes nothing. ``consent`` is the version of the text that was agreed to.
    """
    row = intakes.locked(session, kept.id)
    kept = _kept(row, kept.flags)
    if kept.is_sent:
        return kept
    answers = mapping.answers_of(entity(kept))
    blocked: list[str] = []
    if row.client_id is None:
        client = ClientRow(id=new_key(), external_id=f"web-{secrets.token_hex(6)}", intake_version=1, created_at=now)
        session.add(client)
        session.flush()
        row.client_id = client.id
    else:
        waiting.locked(session, [row.client_id])  # as whoever blocks a therapist for them: the case before the client
        client = intakes.client(session, row.client_id)
        blocked = intakes.current_version(session, client.id).answers.get(BLOCKED, [])
        client.intake_version += 1
    if blocked:
        answers[BLOCKED] = sorted({*answers.get(BLOCKED, ()), *blocked})
    version = client.intake_version
    session.add(IntakeVersionRow(client_id=client.id, version=version, answers=answers, created_at=now))
    session.add(ConsentRow(client_id=client.id, kind=CONSENT, version=consent, given_at=now))
    row.sent_at = row.changed_at = now
    row.expires_at = now + timedelta(days=DAYS_SENT)
    session.flush()
    cases.opened(session, client.id, now=now)
    audit.record(session, "intake.sent", now=now, subject=str(row.id), actor=ACTOR, version=version)
    return _kept(row, kept.flags)


def block(session: Session, client_id: UUID, therapist: str, *, now: datetime) -> None:
    """Let a client not be matched with a therapist, by their id, any more: a new version of their intake says so."""
    client, before = intakes.client(session, client_id), intakes.current_version(session, client_id)
    blocked = before.answers.get(BLOCKED, [])
    if therapist in blocked:
        return
    client.intake_version += 1
    answers = {**before.answers, BLOCKED: sorted([*blocked, therapist])}
    session.add(IntakeVersionRow(client_id=client_id, version=client.intake_version, answers=answers, created_at=now))
    session.flush()


def raise_flag(session: Session, kept: KeptIntake, kind: str, *, source: str = "", now: datetime) -> None:
    """Let a person of the clinic look at this intake; asking twice is asking once, until somebody has looked.

    ``source`` is the answer that asks for it; the flag names each. Whoever raises one and whoever has seen it wait for
    each other, so that nobody is told of a flag that somebody is just laying aside.
    """
    intakes.locked(session, kept.id)  # two at once would both make the first flag, and one would fail
    row = intakes.locked_flag(session, kept.id, kind)
    if row is None:
        row = FlagRow(intake_id=kept.id, kind=kind, sources=[source] if source else [], raised_at=now)
        session.add(row)
    elif row.seen_at is not None:
        row.raised_at, row.seen_at, row.seen_by = now, None, None
        row.sources = [source] if source else row.sources
    elif source and source not in row.sources:
        row.sources = [*row.sources, source]
    else:
        return
    session.flush()
    audit.record(session, "flag.raised", now=now, subject=str(kept.id), actor=ACTOR, kind=kind)
    if kind == calls.KIND:
        calls.call(session, row, now=now)


def belongs_to(session: Session, kept: KeptIntake, client_id: UUID, *, now: datetime) -> None:
    """Let an intake be that of a client who is known already, as it was sent."""
    row = intakes.locked(session, kept.id)
    row.client_id, row.sent_at, row.changed_at = client_id, now, now
    session.flush()


def forget(session: Session, link: str) -> None:
    """Remove what was behind a link, with its flags; a client whose intake it was stays."""
    row = intakes.by_hash(session, _hash(link))
    if row is not None:
        session.delete(row)
        session.flush()


def see_flag(session: Session, flag_id: UUID, *, person_id: UUID, now: datetime) -> UUID | None:
    """Note that somebody looks after a flag; whoever came first stays noted. Its intake; None for no such flag."""
    row = case_rows.locked_flag(session, flag_id)
    if row is None:
        return None
    if row.seen_at is None:
        row.seen_at, row.seen_by = max(now, row.raised_at), person_id
        session.flush()
        audit.record(session, "flag.seen", now=now, subject=str(row.intake_id), actor=str(person_id), kind=row.kind)
    return row.intake_id


def offered(session: Session, clinic_id: UUID) -> Offered:
    """What the clinic's therapists offer between them, read once a process and version of the directory."""
    version = clinics.by_id(session, clinic_id).directory_version
    known = _offered.get(clinic_id)
    if known is None or known[0] != version:
        known = (version, _read_offered(session))
        _offered[clinic_id] = known
    return known[1]


def _read_offered(session: Session) -> Offered:
    rows = directory.every(session)
    return Offered(
        languages=frozenset(code for row in rows for code in row.profile.get("languages", ())),
        regions=tuple(sorted({code for row in rows for code in row.profile.get("licence_regions", ())})),
        places=tuple(Place(r.code, r.name, Location(r.latitude, r.longitude)) for r in intakes.places(session)),
        therapists={row.external_id: row.name for row in sorted(rows, key=lambda row: row.name)},
    )


def _hash(link: str) -> bytes:
    return hashlib.sha256(link.encode()).digest()


def _kept(row: Any, flags: frozenset[str]) -> KeptIntake:
    return KeptIntake(row.id, row.client_id, row.answers, row.changed_at, row.expires_at, row.sent_at, flags)
