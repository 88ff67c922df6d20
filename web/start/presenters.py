"""Three invented people and their lists, as the first page shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Intake, MatchList, Therapist
from web.cards import Card, about, card, fee, money
from web.services.demo import Example, Examples
from web.wording import say_note, say_refusal, say_remedy
from web.wording.language import _, label

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
        asked=tuple(asked_for(example.intake, found.currency)),
        cards=tuple(
            card(match, example.therapists[match.therapist_id], scale=found.scale, currency=found.currency,
                 today=found.today, anchor=f"person-{k}-match")
            for match in matches.matches[:SHOWN]
        ),
        notes=tuple(say_note(note) for note in matches.notes),
        remedies=tuple(say_remedy(remedy) for remedy in matches.remedies),
        others=others(matches),
    )  # fmt: skip


def asked_for(intake: Intake, currency: str) -> Iterable[str]:
    """What somebody asked for, in a few words each."""
    yield from (label(v.CONCERNS, code) for code in intake.concerns)
    yield from (label(v.LANGUAGES, code) for code in intake.languages)
    yield from (label(v.FORMATS, code) for code in intake.formats)
    for trait in WISH_VOCABULARY:
        yield from _wish(intake, trait)
    if intake.max_fee_cents is not None:
        yield _("Up to %(fee)s a session", fee=money(intake.max_fee_cents, currency))


def _wish(intake: Intake, trait: str) -> Iterable[str]:
    wish = getattr(intake.wishes, trait)
    if wish.matters:
        options = _(" or ").join(label(WISH_VOCABULARY[trait], option) for option in wish.options)
        yield f"{options} ({label(v.STRENGTHS, wish.strength).lower()})"


def others(matches: MatchList) -> str:
    """How many more could be offered, and what stands most often in the way of the rest."""
    more = max(len(matches.matches) - SHOWN, 0)
    said = _("%(more)s more could be offered.", more=more)
    counts = Counter(code for refusal in matches.refusals for code in refusal.codes).most_common(2)
    if not counts:
        return said
    why = "; ".join(f"{_first_lower(say_refusal(code))} ({n})" for code, n in counts)
    rest = _("%(refused)s could not, most often because the therapist %(why)s.", refused=len(matches.refusals), why=why)
    return f"{said} {rest}"


def _first_lower(words: str) -> str:
    return words[:1].lower() + words[1:]
