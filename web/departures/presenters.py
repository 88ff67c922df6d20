"""Departures in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from web.cards import day_words, name_of
from web.services.departures import Caseload, Departure, Member, Therapist
from web.services.imported_caseloads import RECENT
from web.wording.language import _, lazy, ngettext

STATES: Mapping[str, Any] = {
    "given": lazy("has a place"), "held": lazy("a place is held"), "asked": lazy("waits for an answer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A therapist in the list."""

    key: UUID
    name: str
    places: str
    clients: str
    leaves: str


@dataclass(frozen=True, slots=True)
class Line:
    """A client of the caseload."""

    client: UUID
    case: UUID | None
    name: str
    state: str
    is_open: bool
    since: str
    note: str
    written_at: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A therapist's page."""

    key: UUID
    name: str
    leaves: str
    kind: str
    begins_on: str
    ends_on: str
    n_open: int
    open_words: str
    places: str
    lines: tuple[Line, ...]
    from_files: tuple[str, ...]


def rows(everybody: Iterable[Therapist], today: date) -> tuple[Row, ...]:
    """The list."""
    return tuple(
        Row(
            one.key, one.name, str(one.n_places), str(one.n_clients),
            leaves_words(one.departure, today) if one.departure else "",
        )
        for one in everybody
    )  # fmt: skip


def page(found: Caseload, today: date) -> Page:
    """A therapist's page in words."""
    one, said = found.therapist, found.therapist.departure
    return Page(
        key=one.key,
        name=one.name,
        leaves=leaves_words(said, today) if said else "",
        kind=said.kind if said else "leaves",
        begins_on=said.begins_on.isoformat() if said else "",
        ends_on=said.ends_on.isoformat() if said and said.ends_on else "",
        n_open=found.n_open,
        open_words=_open(found.n_open),
        places=ngettext("%(num)d free place", "%(num)d free places", one.n_places),
        lines=tuple(_line(member, today) for member in found.members),
        from_files=tuple(_from_files(found)),
    )


def _open(n: int) -> str:
    if not n:
        return _("Nobody has a place with them")
    return ngettext("%(num)d person has a place with them", "%(num)d people have a place with them", n)


def _from_files(found: Caseload) -> Iterable[str]:
    """Who meets with them by a file of ratings alone: who is counted in, and who is not, and why."""
    if found.met.lately:
        yield ngettext(
            "%(num)d more person meets with them by the ratings that were imported. They are counted in as soon as "
            "you say that the therapist is away.",
            "%(num)d more people meet with them by the ratings that were imported. They are counted in as soon as "
            "you say that the therapist is away.", len(found.met.lately),
        )  # fmt: skip
    if found.met.n_long_ago:
        yield ngettext(
            "%(num)d person of the imported ratings is not counted in: their last session with them is more than "
            "%(days)s days ago.",
            "%(num)d people of the imported ratings are not counted in: their last sessions with them are more than "
            "%(days)s days ago.", found.met.n_long_ago, days=RECENT.days,
        )  # fmt: skip
    if found.met.n_undated:
        yield ngettext(
            "%(num)d person of the imported ratings is not counted in: no day stands with their sessions.",
            "%(num)d people of the imported ratings are not counted in: no day stands with their sessions.",
            found.met.n_undated,
        )


def leaves_words(said: Departure, today: date) -> str:
    """Since when somebody is away, and until when."""
    begins = day_words(said.begins_on, today)
    if said.kind == "leaves":
        return _("Leaves on %(day)s", day=begins)
    if said.ends_on is None:
        return _("On leave from %(day)s, until a day not known yet", day=begins)
    return _("On leave from %(day)s to %(last)s", day=begins, last=day_words(said.ends_on, today))


def _line(member: Member, today: date) -> Line:
    if member.state != "gone":
        state = str(STATES[member.state])
    elif member.now_with:
        state = _("now with %(name)s", name=member.now_with)
    else:
        state = _("waits again")
    note = _("nothing written yet")
    if member.written_at is not None:
        note = _("written, the client agrees") if member.agreed else _("written, the client has not agreed")
    return Line(
        member.person.client, member.person.intake_id, name_of(*member.person.called), state, member.state != "gone",
        day_words(member.since.date(), today), note, member.written_at.isoformat() if member.written_at else "",
        member.agreed,
    )  # fmt: skip
