"""A client's sessions as their own page lists them: what they said, who may see it, when it was read, the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from matcher.vocabulary import HELPS, HINDRANCES
from web.cards import moment_words
from web.services.check_ins import AGGREGATE, NAMED, Told
from web.services.emergencies import Told as Emergency
from web.wording.check_ins import questions
from web.wording.language import _, label
from web.wording.roles import say_role


@dataclass(frozen=True, slots=True)
class Line:
    """A session in words. ``marks`` are (question, number); ``shown_to`` is what the other choice would be."""

    id: UUID
    title: str
    therapist: str
    is_open: bool
    is_correctable: bool
    is_missed: bool
    marks: tuple[tuple[str, int], ...]
    tags: tuple[str, ...]
    comment: str
    is_named: bool
    is_seen: bool
    other: str
    read: str
    reply: str
    replied: str


def lines(told: Iterable[Told], zone: tzinfo) -> tuple[Line, ...]:
    """Every session in words, the last one first."""
    return tuple(_line(one, zone) for one in told)


def coming(planned: Iterable[tuple[datetime, str]], zone: tzinfo) -> tuple[str, ...]:
    """What is planned, in words, the earliest first."""
    return tuple(
        _("%(moment)s, with %(name)s", moment=moment_words(moment, zone), name=name) for moment, name in planned
    )


def _line(one: Told, zone: tzinfo) -> Line:
    said = one.said
    is_named = said is not None and said.shown_to == NAMED
    return Line(
        id=one.session_id,
        title=_title(one, zone),
        therapist=one.therapist,
        is_open=one.is_open,
        is_correctable=one.is_correctable,
        is_missed=one.is_missed,
        marks=tuple((asked.words, getattr(said, asked.name)) for asked in questions(one.therapist)) if said else (),
        tags=_tags(one),
        comment=said.comment if said else "",
        is_named=is_named,
        is_seen=one.is_seen,
        other=AGGREGATE if is_named else NAMED,
        read=_when(one.read_at, zone) if is_named else "",
        reply=one.reply if is_named else "",
        replied=_when(one.replied_at, zone) if is_named else "",
    )


def _title(one: Told, zone: tzinfo) -> str:
    if one.held_at is None:
        return _("Session %(number)s with %(name)s", number=one.number, name=one.therapist)
    return _("%(moment)s, with %(name)s", moment=moment_words(one.held_at, zone), name=one.therapist)


def _tags(one: Told) -> tuple[str, ...]:
    if one.said is None:
        return ()
    helped = [label(HELPS, code) for code in one.said.helped]
    return (*helped, *(label(HINDRANCES, code) for code in one.said.hindered))


def _when(moment: datetime | None, zone: tzinfo) -> str:
    return moment_words(moment, zone) if moment is not None else ""


def emergencies(found: Iterable[Emergency], zone: tzinfo) -> list[str]:
    """Who, by their role, has opened the client's course in an emergency, and when."""
    return [
        _("%(role)s of the practice, %(begun)s until %(ended)s", role=say_role(one.role),
          begun=moment_words(one.begun_at, zone), ended=moment_words(one.ended_at, zone))
        for one in found
    ]  # fmt: skip
