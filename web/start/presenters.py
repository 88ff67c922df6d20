"""Three invented people and their lists, as the first page shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Intake, MatchList, Therapist
from web.cards import Card, about, card, fee
from web.services.demo import Example, Examples
from web.wording import say_note, say_refusal, say_remedy
from web.wording.language import label

SHOWN = 3
MOST_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who looks for a therapist, and whom they could work well with."""

    title: str
    story: str
    asked: tuple[str, ...]
    cards: tuple[Card, ...]
    notes: tuple[str, ...]
    remedies: tuple[str, ...]
    others: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The examples of the first page."""

    people: tuple[Person, ...]
    n_clients: int


def examples(found: Examples) -> Shown:
    """The examples in words."""
    people = tuple(_person(example, found, k) for k, example in enumerate(found.people, start=1))
    return Shown(people, found.n_clients)


@dataclass(frozen=True, slots=True)
class Listed:
    """A therapist as everybody may see them."""

    anchor: str
    name: str
    line: str
    portrait: Mapping[str, str]
    statement: str
    fields: tuple[str, ...]
    meets: str
    fee: str
    is_free: bool


def people(found: Iterable[Therapist], currency: str) -> list[Listed]:
    """The therapists by name."""
    return [_listed(who, currency) for who in sorted(found, key=lambda who: (who.name.casefold(), who.id))]


def _listed(who: Therapist, currency: str) -> Listed:
    main = sorted(who.concerns, key=lambda code: -who.concerns[code])
    return Listed(
        anchor=f"therapist-{who.id}",
        name=who.name,
        line=about(who),
        portrait=who.portrait,
        statement=who.statement,
        fields=tuple(label(v.CONCERNS, code) for code in main[:MOST_FIELDS]),
        meets=", ".join(label(v.FORMATS, code) for code in who.formats),
        fee=fee(who, currency),
        is_free=who.capacity > 0,
    )


def _person(example: Example, found: Examples, k: int) -> Person:
    matches = example.matches
    return Person(
        title=example.title,
        story=example.story,
        asked=tuple(asked_for(example.intake)),
        cards=tuple(
            card(match, example.therapists[match.therapist_id], scale=found.scale, currency=found.currency,
                 today=found.today, anchor=f"person-{k}-match")
            for match in matches.matches[:SHOWN]
        ),
        notes=tuple(say_note(note) for note in matches.notes),
        remedies=tuple(say_remedy(remedy) for remedy in matches.remedies),
        others=others(matches),
    )  # fmt: skip


def asked_for(intake: Intake) -> Iterable[str]:
    """What somebody asked for, in a few words each."""
    yield from (v.CONCERNS.label(code) for code in intake.concerns)
    yield from (v.LANGUAGES.label(code) for code in intake.languages)
    yield from (v.FORMATS.label(code) for code in intake.formats)
    for trait in WISH_VOCABULARY:
        yield from _wish(intake, trait)
    if intake.max_fee_cents is not None:
        yield f"Up to {intake.max_fee_cents // 100} a session"


def _wish(intake: Intake, trait: str) -> Iterable[str]:
    wish = getattr(intake.wishes, trait)
    if wish.matters:
        options = " or ".join(WISH_VOCABULARY[trait].label(option).lower() for option in wish.options)
        yield f"{options} ({v.STRENGTHS.label(wish.strength).lower()})"


def others(matches: MatchList) -> str:
    """How many more could be offered, and what stands most often in the way of the rest."""
    more = max(len(matches.matches) - SHOWN, 0)
    said = f"{more} more could be offered."
    counts = Counter(code for refusal in matches.refusals for code in refusal.codes).most_common(2)
    if not counts:
        return said
    why = "; ".join(f"{say_refusal(code).lower()} ({n})" for code, n in counts)
    return f"{said} {len(matches.refusals)} could not, most often because the therapist {why}."
