"""Notes that are handed on, in words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from web.cards import day_words, name_of
from web.services.handovers import Desk, Note


@dataclass(frozen=True, slots=True)
class Shown:
    """A note: about whom, by whom and when. ``stamp`` names the words that were read."""

    id: UUID | None
    client: UUID
    name: str
    author: str
    words: str
    written: str
    stamp: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A therapist's page."""

    leaves: bool
    own: tuple[Shown, ...]
    received: tuple[Shown, ...]


def page(found: Desk) -> Page:
    """A therapist's page in words."""
    return Page(found.leaves, tuple(map(shown, found.own)), tuple(map(shown, found.received)))


def shown(note: Note) -> Shown:
    """A note in words."""
    person = note.person
    name = name_of(*person.called)
    written = note.written_at
    return Shown(
        note.id, person.client, name, note.author, note.words, day_words(written.date()) if written else "",
        written.isoformat() if written else "", note.agreed,
    )  # fmt: skip
