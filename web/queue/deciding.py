"""A case in the words in which it is decided: where it stands, whom the list offers, who cannot be, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from web.cards import Card, card, moment_words
from web.queue.listed import Choice, days_words
from web.services.clinics import Clinic
from web.services.dossiers import Dossier, Event, Kept, Offers, Refused
from web.services.loads import Load
from web.wording import say_note, say_refusal, say_remedy
from web.wording.alternatives import say_change
from web.wording.casework import CLOSED, OVERRIDES, PRIORITIES, REMATCHES, STATES, say_actor, say_event
from web.wording.language import _, ngettext

LIST, MORE = 5, 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A therapist of the list: the card, the places, and what can be done."""

    therapist_id: str
    card: Card
    load: str
    is_full: bool
    is_first: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A therapist who cannot be offered: why, and what would open them."""

    name: str
    load: str
    why: tuple[str, ...]
    way: str


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done about the case."""

    when: str
    who: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """All that is said beside the intake at a glance."""

    id: UUID
    is_on_list: bool
    revision: int
    state: str
    tone: str
    standing: str
    place: Kept | None
    place_words: str
    place_reason: str
    offers: tuple[Offer, ...]
    has_more: bool
    list_words: str
    notes: tuple[str, ...]
    ways: tuple[str, ...]
    is_overtaken: bool
    not_offered: tuple[NotOffered, ...]
    n_not_offered: int
    others: tuple[tuple[str, str], ...]
    history: tuple[Done, ...]
    priorities: tuple[Choice, ...]
    overrides: tuple[Choice, ...]
    rematches: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    hold_hours: int
    may_choose: bool


def decision(found: Dossier, clinic: Clinic, now: datetime) -> Decision:
    """What there is to decide about a case."""
    offers, place = found.offers, found.place
    state = _state(found)
    return Decision(
        id=found.case.id,
        is_on_list=found.state is not None,
        revision=found.revision,
        state=str(STATES[state]) if state else "",
        tone={"placed": "", "closed": "plain"}.get(state or "", "plain"),
        standing=_standing(found, now),
        place=place,
        place_words=_place(place, now) if place else "",
        place_reason=str(OVERRIDES.get(place.reason or "", "")) if place else "",
        offers=tuple(_offers(offers, place, clinic, now.date())) if offers else (),
        has_more=bool(offers and offers.stored and offers.stored.has_more),
        list_words=moment_words(offers.stored.made_at) if offers and offers.stored else "",
        notes=tuple(say_note(note) for note in offers.stored.matches.notes) if offers and offers.stored else (),
        ways=tuple(say_remedy(way, clinic.currency) for way in offers.stored.matches.remedies)
        if offers and offers.stored
        else (),
        is_overtaken=bool(offers and offers.is_overtaken),
        not_offered=tuple(_not_offered(one, offers.loads) for one in offers.refused) if offers else (),
        n_not_offered=offers.n_refused if offers else 0,
        others=tuple(_others(offers)) if offers else (),
        history=tuple(_done(event, offers.loads if offers else {}) for event in found.events),
        priorities=tuple(Choice(str(k), str(words), k == found.priority) for k, words in PRIORITIES.items()),
        overrides=_choices(OVERRIDES),
        rematches=_choices(REMATCHES),
        reasons=_choices(CLOSED),
        hold_hours=found.hold_hours,
        may_choose=found.state == "waiting" and (place is None or place.state == "held"),
    )


def load_words(load: Load) -> str:
    """How many of a therapist's places are free."""
    if not load.left:
        return _("no place free")
    return _("%(left)s of %(all)s places free", left=load.left, all=load.left + load.kept)


def _state(found: Dossier) -> str | None:
    if found.state == "waiting" and found.place is not None:
        return found.place.state
    return found.state


def _standing(found: Dossier, now: datetime) -> str:
    if found.state is None or found.waiting_since is None:
        return ""
    if found.state == "closed":
        return str(CLOSED.get(found.closed_because or "", ""))
    waited = days_words(found.waiting_since, now)
    if found.state == "placed":
        return _("came %(waited)s ago", waited=waited) if (now - found.waiting_since).days else _("came today")
    over = (now - found.waiting_since).days - found.target_days
    if over > 0 and found.state == "waiting":
        days = ngettext("%(num)d day over the target", "%(num)d days over the target", over)
        return _("waiting %(waited)s, %(over)s", waited=waited, over=days)
    return _("waiting %(waited)s, target %(days)s days", waited=waited, days=found.target_days)


def _place(place: Kept, now: datetime) -> str:
    if place.state == "given":
        if place.first_session_at:
            return _("%(who)s. First session: %(moment)s (UTC)", who=place.therapist,
                     moment=moment_words(place.first_session_at))  # fmt: skip
        return _("%(who)s, since %(moment)s", who=place.therapist, moment=moment_words(place.made_at))
    if place.until is None or place.until <= now:
        return _("%(who)s. The time is over.", who=place.therapist)
    return _("%(who)s, until %(moment)s (UTC)", who=place.therapist, moment=moment_words(place.until))


def _offers(offers: Offers, place: Kept | None, clinic: Clinic, today: date) -> list[Offer]:
    if offers.stored is None:
        return []
    stored, found = offers.stored, []
    for match in stored.matches.matches:
        shown = stored.therapists[match.therapist_id]
        load = offers.loads.get(match.therapist_id, Load(shown.name, 0, 0))
        is_chosen = place is not None and place.therapist_id == match.therapist_id
        drawn = card(match, shown, scale=stored.scale, currency=clinic.currency, today=today)  # type: ignore[arg-type]
        is_first = match.therapist_id == offers.first_free
        found.append(
            Offer(match.therapist_id, drawn, load_words(load), not load.left and not is_chosen, is_first, is_chosen)
        )
    return found


def _not_offered(one: Refused, loads: Mapping[str, Load]) -> NotOffered:
    load = loads[one.therapist_id]
    way = "; ".join(say_change(change) for change in one.changes)
    if not one.codes:
        return NotOffered(load.name, load_words(load), (_("Nothing any more"),), _("Bring the list up to date"))
    if not way:
        way = _("Wait for a place") if one.fixed == ("capacity",) else _("Nothing that the client could change")
    return NotOffered(load.name, load_words(load), tuple(say_refusal(code) for code in one.codes), way)


def _others(offers: Offers) -> list[tuple[str, str]]:
    return [(key, f"{offers.loads[key].name} · {load_words(offers.loads[key])}") for key in offers.others]


def _done(event: Event, loads: Mapping[str, Load]) -> Done:
    names = {key: load.name for key, load in loads.items()}
    return Done(
        moment_words(event.at), say_actor(event.actor), say_event(event.kind, event.details, names), event.words
    )


def _choices(words: Mapping[str, object]) -> tuple[Choice, ...]:
    return tuple(Choice(code, str(said), False) for code, said in words.items())
