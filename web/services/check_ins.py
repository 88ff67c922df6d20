"""Check-ins: what a client says at the end of a session by a private link, once, and correctable for a day.

However often it is sent (two tabs, a double click, again after no answer came) a session has one check-in and one
rating. The same words again are thanked for again; other words meet a clear answer, and change nothing. What a link
shows of what was said, it shows to the client alone: a link that stood on somebody else's screen never does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher.entities import Scale
from matcher.errors import InvalidInput
from matcher.vocabulary import HELPS, HINDRANCES, Vocabulary
from web.db.queries import check_ins as rows
from web.db.tables import CheckInRow, RatingRow
from web.services import clinics, links
from web.services.clinics import Clinic

SLIDERS = ("bond", "goals", "way", "overall")
MOST = 10
AGGREGATE, NAMED = "aggregate", "named"
SHOWN_TO = (AGGREGATE, NAMED)
OPEN, CORRECTABLE, USED, EXPIRED, ENDED, EARLY, UNKNOWN, NOT_HELD = (
    "open", "correctable", "used", "expired", "ended", "early", "unknown", "not_held",
)  # fmt: skip
SAID = "said"
CORRECTED_FOR = timedelta(days=1)
SAID_AGAIN_FOR = timedelta(minutes=10)  # so long a link that others saw says that it has these very words already
LEFT_FOR = timedelta(days=90)
OWN_FOR = timedelta(hours=1)
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says about a session: four sliders from 0 to 10, tags, a few words, and who may see it."""

    bond: int
    goals: int
    way: int
    overall: int
    helped: tuple[str, ...] = ()
    hindered: tuple[str, ...] = ()
    comment: str = ""
    shown_to: str = AGGREGATE

    def __post_init__(self) -> None:
        for name in SLIDERS:
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value <= MOST:
                raise InvalidInput(name, value, f"expected a whole number from 0 to {MOST}")
        object.__setattr__(self, "helped", _in_order(HELPS, self.helped, "helped"))
        object.__setattr__(self, "hindered", _in_order(HINDRANCES, self.hindered, "hindered"))
        object.__setattr__(self, "comment", _plain(self.comment))
        if len(self.comment) > LONGEST:
            raise InvalidInput("comment", self.comment, f"expected at most {LONGEST} letters")
        if self.shown_to not in SHOWN_TO:
            raise InvalidInput("shown_to", self.shown_to, f"expected one of {', '.join(SHOWN_TO)}")

    def score(self, scale: Scale) -> float:
        """The mean of the four sliders, on a clinic's scale."""
        share = sum(getattr(self, name) for name in SLIDERS) / (MOST * len(SLIDERS))
        return scale.lowest + (scale.top - scale.lowest) * share


@dataclass(frozen=True, slots=True)
class Page:
    """What a link opens. ``said`` is there only where it may be corrected; ``until`` is the moment up to which."""

    state: str
    therapist: str = ""
    held_at: datetime | None = None
    said: Said | None = None
    until: datetime | None = None
    session_id: UUID | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of saying something: ``said`` (also where it was said already in the same words), or why it was not.

    ``token`` is what the browser that said it may correct it by.
    """

    state: str
    page: Page
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A session on the client's own page: what they said, when it was read, and what the therapist answered."""

    session_id: UUID
    number: int
    therapist: str
    held_at: datetime | None
    said: Said | None
    said_at: datetime | None
    corrected_at: datetime | None
    read_at: datetime | None
    reply: str
    replied_at: datetime | None
    reply_seen_at: datetime | None
    is_open: bool
    is_correctable: bool
    is_seen: bool  # by the therapist, now: only while the newest of what was said to them is shared as well
    is_missed: bool  # as the therapist noted it; what the client says counts all the same


def open(session: Session, clinic: Clinic, token: str, now: datetime) -> Page:
    """What the page of a link shows. Looking changes nothing."""
    link = links.of_token(session, links.CHECK_IN, token, now=now)
    return Page(UNKNOWN) if link is None else _page(session, link, now)


def say(session: Session, clinic: Clinic, token: str, said: Said, now: datetime) -> Outcome:
    """Keep what somebody says by a link: one check-in and one rating a session, whatever happens."""
    link = _locked(session, token, now)
    if link is None or link.session_id is None:
        return _to_nothing(session, clinic, token, now)
    page = _page(session, link, now)
    if page.state == OPEN:
        _keep(session, clinic, link.session_id, said, now)
        links.used(session, link, now=now)
        until = now + CORRECTED_FOR
        told = replace(page, state=CORRECTABLE, said=said, until=until)
        return Outcome(SAID, told, _own(session, link, token, now))
    known = rows.of_session(session, link.session_id)
    if known is not None and _of(known) == said and (page.said is not None or now < known.said_at + SAID_AGAIN_FOR):
        return Outcome(SAID, page, token)
    return Outcome(page.state, page)


def say_of(session: Session, clinic: Clinic, session_id: UUID, said: Said, now: datetime) -> str:
    """Keep what somebody says about a session on a device of the clinic's; ``said``, or why it was not kept."""
    if not rows.lock_session(session, session_id):
        return UNKNOWN
    state, known = state_of(session, session_id, now), rows.of_session(session, session_id)
    if state == OPEN:
        _keep(session, clinic, session_id, said, now)
        return SAID
    return SAID if known is not None and _of(known) == said and now < known.said_at + SAID_AGAIN_FOR else state


def correct(session: Session, clinic: Clinic, token: str, said: Said, now: datetime) -> Outcome:
    """Let something else have been said, within a day of the first saying. Whoever read it has to read it again."""
    link = _locked(session, token, now)
    if link is None or link.session_id is None:
        return _to_nothing(session, clinic, token, now)
    page = _page(session, link, now)
    if page.state != CORRECTABLE:
        return Outcome(page.state, page)
    row, rating = rows.of_session(session, link.session_id), rows.rating(session, link.session_id)
    assert row is not None and rating is not None
    if _of(row) != said:
        for name, value in _columns(said).items():
            setattr(row, name, value)
        row.corrected_at, row.read_at = now, None
        rating.score = said.score(clinic.scale)
        session.flush()
    return Outcome(SAID, _page(session, link, now), token)


def _locked(session: Session, token: str, now: datetime) -> links.Link | None:
    """The link of a token, locked after its session: in the order of whoever takes a session back, links and all."""
    link = links.of_token(session, links.CHECK_IN, token, now=now)
    if link is None or link.session_id is None or not rows.lock_session(session, link.session_id):
        return None
    return links.of_token(session, links.CHECK_IN, token, now=now, locked=True)


def _to_nothing(session: Session, clinic: Clinic, token: str, now: datetime) -> Outcome:
    """Why nothing can be said by a link without a session, which may have been taken back a moment ago."""
    page = open(session, clinic, token, now)
    return Outcome(page.state, page)


def state_of(session: Session, session_id: UUID, now: datetime) -> str:
    """Whether a session can be rated now, as on a device of the clinic's: ``open``, or why not."""
    facts = rows.facts(session, session_id, left_before=(now - LEFT_FOR).date())
    if facts is None:
        return UNKNOWN
    dyad, _therapist, appointment, check_in, rating, has_left = facts
    if check_in is not None or rating is not None:
        return USED
    if has_left or (dyad.ended_at is not None and dyad.ended_at < now - LEFT_FOR):
        return ENDED
    return EARLY if appointment is not None and appointment.begins_at > now else OPEN


def link_for(
    session: Session, clinic: Clinic, session_id: UUID, *, now: datetime, until: datetime, shown_by: str | None = None
) -> str:
    """A new link to the check-in of a session. ``shown_by`` is on whose screen it stands, unless the client's own.

    Raises LookupError where there is no such session.
    """
    facts = rows.facts(session, session_id, left_before=now.date())
    if facts is None:
        raise LookupError("there is no such session")
    client_id = facts[0].client_id
    return links.make(
        session, links.CHECK_IN, client_id, session_id=session_id, now=now, until=until, shown_by=shown_by
    )


def of_client(session: Session, clinic: Clinic, client_id: UUID, now: datetime) -> tuple[Told, ...]:
    """The sessions of a client for their own page, the last one first."""
    found = rows.of_client(session, client_id)
    newest: dict[UUID, CheckInRow] = {}
    for _held, therapist, _appointment, row in found:
        if row is not None and (therapist.id not in newest or row.said_at > newest[therapist.id].said_at):
            newest[therapist.id] = row
    sees = {key for key, row in newest.items() if row.shown_to == NAMED}
    return tuple(_told(*row, now, sees) for row in found)


def has_unseen_reply(told: Iterable[Told]) -> bool:
    """Whether any answer of a therapist was not seen yet."""
    return any(one.said is not None and one.said.shown_to == NAMED and _is_unseen(one) for one in told)


def replies_seen(session: Session, client_id: UUID, now: datetime) -> None:
    """Note that a client has seen every answer that their own page showed at a moment."""
    for _session, _therapist, _appointment, row in rows.of_client(session, client_id):
        if row is not None and row.shown_to == NAMED and _is_unseen(row) and row.replied_at <= now:
            row.reply_seen_at = now
    session.flush()


def replies_seen_in(session: Session, clinic: Clinic, client_id: UUID, now: datetime) -> None:
    """The same in a session that has entered no clinic yet."""
    clinics.enter(session, clinic)
    replies_seen(session, client_id, now)


def own_link(session: Session, clinic: Clinic, client_id: UUID | None, session_id: UUID, *, now: datetime) -> str:
    """A link for a client who asks for it on their own page. Raises LookupError for a session that is not theirs."""
    facts = rows.facts(session, session_id, left_before=now.date())
    if facts is None or facts[0].client_id != client_id:
        raise LookupError("there is no such session of this client")
    return links.make(session, links.CHECK_IN, client_id, session_id=session_id, now=now, until=now + OWN_FOR)


def show_to(session: Session, client_id: UUID, session_id: UUID, shown_to: str) -> None:
    """Let a client decide anew who may see what they said; it holds from the next page on.

    Raises LookupError where they said nothing about such a session.
    """
    if shown_to not in SHOWN_TO:
        raise InvalidInput("shown_to", shown_to, f"expected one of {', '.join(SHOWN_TO)}")
    row = rows.of_client_session(session, client_id, session_id)
    if row is None:
        raise LookupError("nothing was said about such a session")
    row.shown_to = shown_to
    session.flush()


def _page(session: Session, link: links.Link, now: datetime) -> Page:
    if link.session_id is None:
        return _page_of_appointment(session, link)
    facts = rows.facts(session, link.session_id, left_before=(now - LEFT_FOR).date())
    if facts is None:
        return Page(UNKNOWN)
    dyad, therapist, appointment, check_in, rating, has_left = facts
    held_at = appointment.begins_at if appointment is not None else None
    around: dict[str, Any] = {
        "therapist": first_name(therapist.name), "held_at": held_at, "session_id": link.session_id,
    }  # fmt: skip
    if check_in is not None:
        until = check_in.said_at + CORRECTED_FOR
        if now < until and link.shown_by is None and link.state != links.ENDED:
            return Page(CORRECTABLE, said=_of(check_in), until=until, **around)
        return Page(USED, **around)
    if rating is not None or link.state == links.USED:
        return Page(USED, **around)
    if link.state == links.ENDED or has_left or (dyad.ended_at is not None and dyad.ended_at < now - LEFT_FOR):
        return Page(ENDED, **around)
    if held_at is not None and held_at > now:
        return Page(EARLY, **around)
    return Page(EXPIRED if link.state == links.EXPIRED else OPEN, **around)


def _page_of_appointment(session: Session, link: links.Link) -> Page:
    """What a link opens whose session was taken back; the appointment may be planned again since."""
    found = rows.appointment(session, link.appointment_id)
    if found is None:
        return Page(UNKNOWN)
    appointment, therapist = found
    state = EARLY if appointment.state == "planned" else NOT_HELD
    return Page(state, first_name(therapist.name), appointment.begins_at)


def _keep(session: Session, clinic: Clinic, session_id: UUID, said: Said, now: datetime) -> None:
    session.add(CheckInRow(session_id=session_id, said_at=now, **_columns(said)))
    session.add(RatingRow(session_id=session_id, score=said.score(clinic.scale), rated_at=now, created_at=now))
    session.flush()


def _own(session: Session, link: links.Link, token: str, now: datetime) -> str:
    """By what the browser corrects: the link itself, or a new one where others may have seen it."""
    if link.shown_by is None:
        return token
    own = links.make(session, links.CHECK_IN, link.client_id, session_id=link.session_id, now=now,
                     until=now + CORRECTED_FOR)  # fmt: skip
    links.use(session, own, now=now)
    return own


def _is_unseen(one: Told | CheckInRow) -> bool:
    return one.replied_at is not None and one.reply_seen_at is None


def first_name(name: str) -> str:
    """By what a client calls a therapist: the first word that is no title."""
    words = name.split()
    return next((word for word in words if not word.endswith(".")), name)


def _columns(said: Said) -> dict[str, Any]:
    return {name: getattr(said, name) for name in (*SLIDERS, "comment", "shown_to")} | {
        "helped": list(said.helped), "hindered": list(said.hindered),
    }  # fmt: skip


def _of(row: CheckInRow) -> Said:
    return Said(row.bond, row.goals, row.way, row.overall, tuple(row.helped), tuple(row.hindered), row.comment,
                row.shown_to)  # fmt: skip


def _told(
    held: Any, therapist: Any, appointment: Any, row: CheckInRow | None, now: datetime, sees: Collection[UUID]
) -> Told:
    return Told(
        session_id=held.id,
        number=held.number,
        therapist=first_name(therapist.name),
        held_at=appointment.begins_at if appointment is not None else None,
        said=_of(row) if row is not None else None,
        said_at=row.said_at if row is not None else None,
        corrected_at=row.corrected_at if row is not None else None,
        read_at=row.read_at if row is not None else None,
        reply=row.reply if row is not None else "",
        replied_at=row.replied_at if row is not None else None,
        reply_seen_at=row.reply_seen_at if row is not None else None,
        is_open=row is None,
        is_correctable=row is not None and now < row.said_at + CORRECTED_FOR,
        is_seen=row is not None and row.shown_to == NAMED and therapist.id in sees,
        is_missed=appointment is not None and appointment.state == "missed",
    )


def _in_order(words: Vocabulary, chosen: Iterable[str], name: str) -> tuple[str, ...]:
    """Tags as the vocabulary has them, each once: the same choice is the same words."""
    wanted = {words.check(code, name) for code in chosen}
    return tuple(code for code in words.codes if code in wanted)


def _plain(words: str) -> str:
    """Words without what no form types: other line ends, NUL."""
    return words.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
