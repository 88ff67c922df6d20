"""A request as its pages show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from matcher.entities import RankedMatch
from web import cards
from web.services.clinics import Clinic
from web.services.intakes import CONTACT, KeptIntake
from web.services.lists import StoredList
from web.services.requests import Choice, Status
from web.wording import fit_words
from web.wording.language import _
from web.wording.requests import say_away, say_choice, say_lead, say_moved, say_title

# How far a request has come → the steps of the way that are behind it
WAY: Mapping[str, int] = {"asked": 1, "accepted": 2, "booked": 3, "met": 4}
MOST_OTHERS = 5
CAME_TO_NOTHING = frozenset({"declined", "lapsed", "full"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom one can ask for, in a few words."""

    id: str
    name: str
    line: str
    portrait: Mapping[str, str]
    fit: str
    opening: str | None
    fee: str

    @property
    def hint(self) -> str:
        """What helps to choose between several, in a line."""
        return " · ".join(words for words in (self.fit, self.opening) if words)


@dataclass(frozen=True, slots=True)
class Standing:
    """The status page. ``way`` is how many of the four steps are behind the client; None where there is no way."""

    kind: str
    title: str
    lead: str
    who: str
    portrait: Mapping[str, str] | None
    so_far: tuple[str, ...]
    then: str
    way: int | None
    can_be_reached: bool
    is_given: bool
    may_withdraw: bool
    clock: str


@dataclass(frozen=True, slots=True)
class Asking:
    """The page on which a request is sent; ``by`` is until when they answer."""

    person: Person
    others: Sequence[Person]
    by: str
    can_be_reached: bool


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """What taking a request back would end."""

    name: str
    is_given: bool
    session: str


def others(found: Iterable[Person], first: str | None) -> list[Person]:
    """Who may come second, the best first."""
    return [person for person in found if person.id != first][:MOST_OTHERS]


def asking(found: Sequence[Person], first: str | None, by: datetime, kept: KeptIntake, zone: tzinfo) -> Asking | None:
    """The page on which a request is sent; None where the first choice is not on the list."""
    person = next((person for person in found if person.id == first), None)
    if person is None:
        return None
    words = f"{cards.moment_words(by, zone)} ({cards.clock_words(zone)})"
    return Asking(person, others(found, first), words, _can_be_reached(kept))


def people(stored: StoredList | None, clinic: Clinic, today: date, ids: Collection[str] | None = None) -> list[Person]:
    """Everybody on a list, or those of them who are named, the best first."""
    if stored is None:
        return []
    chosen = (match for match in stored.matches.matches if ids is None or match.therapist_id in ids)
    return [_person(match, stored, clinic, today) for match in chosen]


def standing(
    found: Status | None, stored: StoredList | None, kept: KeptIntake, *, now: datetime, zone: tzinfo
) -> Standing:
    """How a request stands; ``found`` is None where no answers were sent yet."""
    kind = _kind(found, now)
    place, asked = found and found.place, _asked(found)
    about = place or asked
    who_id, who = (about.therapist_id, about.therapist) if about else ("", "")
    moment = (place and place.first_session_at) or (asked and asked.answer_by)
    words = cards.moment_words(moment, zone) if moment else ""
    therapist = stored.therapists.get(who_id) if stored is not None else None
    return Standing(
        kind=kind,
        title=say_title(kind, who, words),
        lead=say_lead(kind, who, words),
        who=who,
        portrait=therapist.portrait if therapist else {} if who else None,
        so_far=(*_so_far(found, kind), *_moves(found, now, zone)),
        then=_then(found, kind),
        way=WAY.get(kind),
        can_be_reached=_can_be_reached(kept),
        is_given=place is not None and not place.by_request,
        may_withdraw=kind in ("asked", "accepted", "booked"),
        clock=cards.clock_words(zone) if moment else "",
    )  # fmt: skip


def withdrawing(found: Status, zone: tzinfo) -> Withdrawing | None:
    """What would end; None where there is nothing to take back."""
    if found.place is not None:
        first = found.place.first_session_at
        return Withdrawing(found.place.therapist, True, cards.moment_words(first, zone) if first else "")
    asked = _asked(found)
    return Withdrawing(asked.therapist, False, "") if asked is not None else None


def _can_be_reached(kept: KeptIntake) -> bool:
    return any(kept.said(CONTACT).get(way) for way in ("email", "phone"))


def _kind(found: Status | None, now: datetime) -> str:
    if found is None:
        return "unsent"
    if found.place is not None:
        first = found.place.first_session_at
        return "accepted" if first is None else "booked" if first > now else "met"
    if found.state in (None, "accepted", "declined") and found.ended:
        return "ended"
    if found.stopped:
        return "stopped"
    return {None: "nothing", "open": "asked", "accepted": "ended"}.get(found.state, str(found.state))


def _asked(found: Status | None) -> Choice | None:
    choices = found.choices if found is not None and found.state == "open" else ()
    return next((choice for choice in choices if choice.state == "asked"), None)


def _so_far(found: Status | None, kind: str) -> Iterable[str]:
    """What came of each choice before the one that counts now."""
    if found is not None and kind in ("asked", "accepted", "booked", "declined"):
        yield from (say_choice(one.state, one.therapist) for one in found.choices if one.state in CAME_TO_NOTHING)


def _moves(found: Status | None, now: datetime, zone: tzinfo) -> Iterable[str]:
    """That somebody else has taken them on, or will, and what becomes of the session that they had planned."""
    if found is None or found.place is None:
        return
    today = now.astimezone(zone).date()
    if found.moved is not None and (found.place.first_session_at or now) >= now:
        moment = cards.moment_words(found.moved.session_at, zone) if found.moved.session_at else ""
        yield say_moved(found.moved.therapist, found.place.therapist, moment)
    if found.away is not None:
        days = [cards.day_words(day, today) for day in (found.away.begins_on, found.away.ends_on) if day]
        yield say_away(found.place.therapist, *days)


def _then(found: Status | None, kind: str) -> str:
    """What happens if the one who is asked cannot."""
    if found is None or kind != "asked":
        return ""
    second = next((choice.therapist for choice in found.choices if choice.state == "waiting"), None)
    if second is not None:
        return _("If they cannot, we ask your second choice at once: %(name)s.", name=second)
    return _("If they cannot, a coordinator at the practice looks for somebody with you.")


def _person(match: RankedMatch, stored: StoredList, clinic: Clinic, today: date) -> Person:
    who = stored.therapists[match.therapist_id]
    return Person(
        id=match.therapist_id,
        name=who.name,
        line=cards.about(who),
        portrait=who.portrait,
        fit=fit_words(match),
        opening=cards.next_opening(who, today),
        fee=cards.fee(who, clinic.currency),
    )
