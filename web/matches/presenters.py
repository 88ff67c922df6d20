"""What the pages of the matches show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from matcher import vocabulary as v
from matcher.entities import RankedMatch
from web.cards import Card, card
from web.services.clinics import Clinic
from web.services.intakes import KeptIntake
from web.services.lists import Movable, StoredList
from web.wording import say_factor, say_factor_why, say_note, say_refusal, say_remedy
from web.wording.language import _, label, ngettext

STEPS = range(-2, 3)
# Where an answer is changed that stands in the way
CHANGED_AT: Mapping[str, str] = MappingProxyType(
    {"soften_wish": "/intake/wishes?checked", "wait_for_place": ""}
)  # every other one at the practical matters
PRACTICAL = "/intake/practicalities?checked"


@dataclass(frozen=True, slots=True)
class Placed:
    """A card, and how it moved: places up (+) or down (−), "new", or None where nothing was asked for."""

    card: Card
    therapist_id: str
    change: int | str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Slider:
    """How much a factor matters to the client, and the steps between which the clinic lets them say so."""

    name: str
    label: str
    words: str
    value: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class WayOut:
    """A smallest change that opens places, and where it is made."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """A list and all around it."""

    title: str
    places: Sequence[Placed]
    notes: Sequence[str]
    sliders: Sequence[Slider]
    is_own_order: bool
    has_more: bool
    ways_out: Sequence[WayOut]
    standing_between: Sequence[str]
    is_changed: bool
    made_on: str
    is_today: bool
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """People side by side: ``rows`` of a label and a cell a person."""

    people: Sequence[Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]]


def page(
    stored: StoredList,
    kept: KeptIntake,
    clinic: Clinic,
    today: date,
    movable: Sequence[Movable],
) -> Page:
    """A stored list as its page shows it."""
    matches = stored.matches
    return Page(
        title=_title(len(matches.matches)),
        places=[_placed(match, stored, clinic, today) for match in matches.matches],
        notes=[say_note(note) for note in matches.notes],
        sliders=[_slider(one, stored.wanted.get(one.factor, 0)) for one in movable],
        is_own_order=bool(stored.wanted),
        has_more=stored.has_more,
        ways_out=[
            WayOut(say_remedy(remedy, clinic.currency), CHANGED_AT.get(remedy.code, PRACTICAL))
            for remedy in matches.remedies
        ],
        standing_between=_standing_between(stored) if matches.remedies or not matches.matches else (),
        is_changed=not kept.is_sent,
        made_on=_day(stored.made_at),
        is_today=stored.made_at.date() == today,
        asked=kept.flags - {"safety"},
    )


def comparison(stored: StoredList, chosen: Sequence[str], clinic: Clinic, today: date) -> Comparison:
    """The chosen people of a list, in its order."""
    matches = [match for match in stored.matches.matches if match.therapist_id in chosen]
    cards = [_card(match, stored, clinic, today) for match in matches]
    them = [stored.therapists[match.therapist_id] for match in matches]
    rows = [
        (_("How well it fits"), [card.fit for card in cards]),
        (_("What we expect"), [card.band or "" for card in cards]),
        (_("What speaks for them"), [list(card.reasons) for card in cards]),
        (_("To know before"), [card.caution or _("Nothing that we know of") for card in cards]),
        (_("Next opening"), [card.opening or _("Ask the practice") for card in cards]),
        (_("Fee"), [card.fee for card in cards]),
        (_("How they meet"), [_listed(v.FORMATS, who.formats) for who in them]),
        (_("Languages"), [_listed(v.LANGUAGES, who.languages) for who in them]),
        (_("Kinds of therapy"), [_listed(v.MODALITIES, who.modalities) for who in them]),
        (_("In their own words"), [who.statement for who in them]),
        (_("What we know"), [card.evidence for card in cards]),
    ]
    return Comparison(
        people=[
            {"id": match.therapist_id, "name": card.name, "line": card.line, "portrait": card.portrait}
            for match, card in zip(matches, cards, strict=True)
        ],
        rows=[{"label": said, "cells": cells} for said, cells in rows if any(cells)],
    )


def wanted(form: Mapping[str, str], movable: Sequence[Movable]) -> dict[str, int] | None:
    """What matters most, factor → step within its bounds; None where something else than a step was sent."""
    said = {one: form[one.factor] for one in movable if one.factor in form}
    if any(step not in {str(k) for k in STEPS} for step in said.values()):
        return None
    return {one.factor: _within(one, int(step)) for one, step in said.items()}


def _slider(one: Movable, value: int) -> Slider:
    code = one.factor
    return Slider(code, say_factor(code), say_factor_why(code), _within(one, value), one.least, one.most)


def _within(one: Movable, step: int) -> int:
    """A step, or the nearest that the clinic's bounds allow: they may have changed since the page was made."""
    return max(one.least, min(step, one.most))


def _placed(match: RankedMatch, stored: StoredList, clinic: Clinic, today: date) -> Placed:
    move = stored.moved.get(match.therapist_id)
    change = None if move is None else "new" if move.was is None else move.was - move.place
    why = say_factor(move.factor) if move is not None and move.factor is not None else None
    return Placed(_card(match, stored, clinic, today), match.therapist_id, change, why)


def _card(match: RankedMatch, stored: StoredList, clinic: Clinic, today: date) -> Card:
    who = stored.therapists[match.therapist_id]
    return card(match, who, scale=stored.scale, currency=clinic.currency, today=today)


def _title(n: int) -> str:
    if n == 0:
        return _("Nobody fits all that you need right now")
    numbers = (
        _("One"),
        _("Two"),
        _("Three"),
        _("Four"),
        _("Five"),
        _("Six"),
        _("Seven"),
        _("Eight"),
        _("Nine"),
        _("Ten"),
    )
    if n == 1:
        return _("One person we think you could work well with")
    return _("%(number)s people we think you could work well with", number=numbers[n - 1])


def _standing_between(stored: StoredList) -> list[str]:
    """Which requirement excludes how many, the one that excludes most first."""
    counts = Counter(code for refusal in stored.matches.refusals for code in refusal.codes)
    return [
        ngettext("%(why)s: %(num)d therapist", "%(why)s: %(num)d therapists", n, why=say_refusal(code))
        for code, n in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def _listed(words: v.Vocabulary, codes: Sequence[str]) -> str:
    return ", ".join(label(words, code) for code in codes)


def _day(moment: datetime) -> str:
    from web.cards import day_words

    return day_words(moment.date())
