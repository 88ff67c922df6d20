"""A tablet of the clinic on which one client after another checks in, and which knows nothing of the last one.

The tablet holds no sign-in: a token by which it is known as the clinic's tablet, and nothing else. What it shows stands
in its row: it waits for a code, shows one session's form for some minutes, says thank you for half a minute, and waits
for a code. A code has six digits, opens one session once, and runs out; a tablet on which wrong ones are tried rests.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from web.db.queries import check_ins as check_in_rows
from web.db.queries import intakes
from web.db.queries import kiosks as rows
from web.db.tables import KioskCodeRow, KioskRow
from web.services import audit, check_ins, links
from web.services.check_ins import OPEN, SAID, Page, Said
from web.services.clinics import Clinic

CODE, FORM, THANKS, RESTS, NONE = "code", "form", "thanks", "rests", "none"
WRONG = "wrong"
LASTS = timedelta(hours=12)
CODE_FOR, FORM_FOR, THANKS_FOR = timedelta(minutes=10), timedelta(minutes=10), timedelta(seconds=30)
MOST_WRONG, RESTS_FOR = 5, timedelta(minutes=10)
SHOWN_DAYS = 3


@dataclass(frozen=True, slots=True)
class Screen:
    """What the tablet shows now, and for how much longer; ``opening`` names this time that a code opened a form.

    A form bears it, so that one that is left over in a tab or behind the back button is kept as nobody else's.
    """

    state: str
    page: Page | None = None
    left: timedelta | None = None
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour for which staff can show a code: of whom (their key and how they can be called), with whom, when."""

    session_id: UUID
    client_id: UUID
    contact: dict[str, str]
    therapist: str
    began_at: datetime


def begin(session: Session, *, by: str, now: datetime) -> str:
    """Let a tablet be the clinic's for half a day; its token."""
    token = secrets.token_urlsafe(16)
    session.add(KioskRow(token_hash=_hash(token), begun_at=now, begun_by=by, ends_at=now + LASTS))
    session.flush()
    audit.record(session, "kiosk.begun", now=now, actor=by)
    return token


def end(session: Session, token: str, *, by: str, now: datetime) -> None:
    """Let a tablet be nobody's any more."""
    row = rows.by_hash(session, _hash(token), locked=True)
    if row is not None and row.ends_at > now:
        row.ends_at, row.session_id = now, None
        session.flush()
        audit.record(session, "kiosk.ended", now=now, actor=by)


def hours(session: Session, person_id: UUID, now: datetime) -> tuple[Hour, ...]:
    """The hours of the last days that can be rated, and were not, but for those that the person held as the therapist.

    Whoever is rated neither opens the form of it, nor learns from this list who has said something.
    """
    found = []
    for row, therapist in rows.unrated(session, now - timedelta(days=SHOWN_DAYS), not_of=person_id):
        if check_ins.state_of(session, row.session_id, now) != OPEN:
            continue
        kept = intakes.of_client(session, row.client_id)
        contact = dict(kept.answers.get("contact", {})) if kept is not None else {}
        found.append(Hour(row.session_id, row.client_id, contact, therapist.name, row.begins_at))
    return tuple(found)


def show(session: Session, clinic: Clinic, session_id: UUID, person_id: UUID, now: datetime) -> tuple[Hour, str, str]:
    """(hour, code, token of a link) for a client who stands beside whoever shows them.

    Raises LookupError for an hour that this person may show nothing for.
    """
    hour = next((one for one in hours(session, person_id, now) if one.session_id == session_id), None)
    if hour is None:
        raise LookupError("there is no such hour to be rated")
    by = str(person_id)
    token = check_ins.link_for(session, clinic, session_id, now=now, until=now + timedelta(days=1), shown_by=by)
    code = _code(session, clinic, session_id, by, now)
    audit.record(session, "check_in.shown", now=now, subject=str(session_id), actor=by)
    return hour, code, token


def screen(session: Session, clinic: Clinic, token: str, now: datetime) -> Screen:
    """What a tablet shows. Looking changes nothing."""
    row = rows.by_hash(session, _hash(token))
    return Screen(NONE) if row is None or row.ends_at <= now else _screen(session, token, row, now)


def enter(session: Session, clinic: Clinic, token: str, code: str, now: datetime) -> str:
    """Open the form of a code; ``form``, or ``wrong``, ``rests``, ``none``. A code that was used is wrong."""
    row = rows.by_hash(session, _hash(token), locked=True)
    if row is None or row.ends_at <= now:
        return NONE
    if _rests_for(row, now):
        return RESTS
    found = rows.code(session, _hash_code(clinic, "".join(code.split())))
    if found is None or found.expires_at <= now or check_ins.state_of(session, found.session_id, now) != OPEN:
        if row.counted_from is None or row.counted_from + RESTS_FOR <= now:
            row.counted_from, row.n_wrong = now, 0
        row.n_wrong += 1
        session.flush()
        return WRONG
    row.session_id, row.since, row.said_at, row.n_wrong, row.counted_from = found.session_id, now, None, 0, None
    session.delete(found)
    session.flush()
    return FORM


def say(session: Session, clinic: Clinic, token: str, opening: str, said: Said, now: datetime) -> str:
    """Keep what is said on a tablet about the session that stands on it; ``said``, or why it was not.

    ``code`` where the form is over: none stands there now, or another than the one that was filled in (``opening``).
    """
    row = rows.by_hash(session, _hash(token), locked=True)
    if row is None or row.ends_at <= now:
        return NONE
    if row.session_id is None or row.since is None or row.since + FORM_FOR <= now:
        return CODE
    if not secrets.compare_digest(_opening(token, row.session_id, row.since).encode(), opening.encode()):
        return CODE
    state = check_ins.say_of(session, clinic, row.session_id, said, now)
    if state == SAID:
        row.said_at = row.said_at or now
    else:
        row.session_id = row.since = None
    session.flush()
    return state


def leave(session: Session, token: str, now: datetime) -> None:
    """Let a tablet forget whom it has just shown."""
    row = rows.by_hash(session, _hash(token), locked=True)
    if row is not None:
        row.session_id = row.since = row.said_at = None
        session.flush()


def _screen(session: Session, token: str, row: KioskRow, now: datetime) -> Screen:
    if row.session_id is not None and row.said_at is not None and now < row.said_at + THANKS_FOR:
        opening = _opening(token, row.session_id, row.since) if row.since is not None else ""
        return Screen(THANKS, left=row.said_at + THANKS_FOR - now, opening=opening)
    is_open = row.session_id is not None and row.said_at is None and row.since is not None
    if is_open and row.session_id is not None and row.since is not None and now < row.since + FORM_FOR:
        facts = check_in_rows.facts(session, row.session_id, left_before=now.date())
        if facts is not None:
            began = facts[2].begins_at if facts[2] is not None else None
            page = Page(OPEN, check_ins.first_name(facts[1].name), began, session_id=row.session_id)
            opening = _opening(token, row.session_id, row.since)
            return Screen(FORM, page, row.since + FORM_FOR - now, opening)
    rests = _rests_for(row, now)
    return Screen(RESTS, left=rests) if rests else Screen(CODE)


def _rests_for(row: KioskRow, now: datetime) -> timedelta | None:
    if row.n_wrong < MOST_WRONG or row.counted_from is None or row.counted_from + RESTS_FOR <= now:
        return None
    return row.counted_from + RESTS_FOR - now


def _code(session: Session, clinic: Clinic, session_id: UUID, by: str, now: datetime) -> str:
    """Six digits that nobody else has now; the session's former ones are void."""
    rows.forget_codes(session, session_id, before=now)
    while True:
        code = f"{secrets.randbelow(10**6):06d}"
        if rows.code(session, _hash_code(clinic, code)) is None:
            break
    row = KioskCodeRow(session_id=session_id, code_hash=_hash_code(clinic, code), expires_at=now + CODE_FOR, made_by=by)
    session.add(row)
    session.flush()
    return code


def _opening(token: str, session_id: UUID, since: datetime) -> str:
    """What names one opening of a form: of this session, at this moment, known by this tablet alone."""
    moment = since.astimezone(UTC).isoformat(timespec="microseconds")
    return hmac.new(token.encode(), f"{session_id} {moment}".encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest() if links.TOKEN.fullmatch(token) else b""


def _hash_code(clinic: Clinic, code: str) -> bytes:
    return hashlib.sha256(f"{clinic.id} {code}".encode()).digest()
