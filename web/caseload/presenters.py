"""A therapist's profile in words: the card as clients see it, the places, and what would help it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import Field

from matcher import vocabulary as v
from matcher.entities import Opening, Therapist
from web import cards
from web.caseload.forms import OpeningsForm, TopicForm
from web.services.profiles import TOPICS, Profile
from web.wording.evidence import FEWEST
from web.wording.language import _, label, lazy

SHORT = 80  # letters: a statement below says too little to choose by
MAIN_FIELD = 3

TITLES: Mapping[str, Any] = {
    "about": lazy("What you offer"),
    "yourself": lazy("About yourself"),
    "concerns": lazy("What you work with"),
    "style": lazy("How you like to work"),
    "openings": lazy("Your openings"),
    "capacity": lazy("Your places"),
    "fee": lazy("Your fee"),
}
LEADS: Mapping[str, Any] = {
    "about": lazy("What clients read first, and what decides whether you can work together at all."),
    "yourself": lazy("All of this is optional. What you leave out is never held against you; clients who must have it "
                     "will not find you."),
    "concerns": lazy("Say honestly how much of your work is about each. Main fields count most, so choose few."),
    "style": lazy("Clients answer the same four questions. Where you are alike, the work tends to begin well. No place "
                  "on a line is better than another."),
    "openings": lazy("Weekly times at which somebody new could come."),
    "capacity": lazy("Nobody is offered a place that you do not have."),
    "fee": lazy("Clients who cannot pay it are told so before they hope."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnCard:
    """What every client sees of a therapist; how well it fits depends on the client."""

    name: str
    line: str
    portrait: Mapping[str, str]
    statement: str
    fields: tuple[str, ...]
    opening: str | None
    fee: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What is missing, what it would help, and where it is said."""

    text: str
    topic: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Home:
    """The therapist's own page."""

    card: OwnCard
    n_places: int
    from_day: str | None
    openings: tuple[str, ...]
    clients: str
    advice: tuple[Advice, ...]
    topics: tuple[tuple[str, str, str], ...]


def home(profile: Profile, *, currency: str, today: date) -> Home:
    """The page in words."""
    therapist = profile.therapist
    later = therapist.available_from if therapist.available_from and therapist.available_from > today else None
    return Home(
        card=own_card(therapist, currency=currency, today=today),
        n_places=therapist.capacity,
        from_day=later and later.isoformat(),
        openings=tuple(_opening(opening) for opening in sorted(therapist.openings, key=_in_the_week)),
        clients=_clients(profile.n_clients),
        advice=tuple(_advice(therapist)),
        topics=tuple((topic, str(TITLES[topic]), _summary(topic, therapist, currency)) for topic in TOPICS),
    )


def own_card(therapist: Therapist, *, currency: str, today: date) -> OwnCard:
    """The card, without what depends on the client."""
    main = (code for code, depth in therapist.concerns.items() if depth == MAIN_FIELD)
    spoken = ", ".join(label(v.LANGUAGES, code) for code in therapist.languages)
    return OwnCard(
        name=therapist.name,
        line=f"{label(v.PROFESSIONS, therapist.profession)} · {spoken}",
        portrait=therapist.portrait,
        statement=therapist.statement,
        fields=tuple(label(v.CONCERNS, code) for code in main),
        opening=cards.next_opening(therapist, today),
        fee=cards.fee(therapist, currency),
    )


def faults(form: TopicForm) -> list[dict[str, str]]:
    """What has to be mended, each with a link to its field."""
    fields = [form.csrf_token, *form.typed]
    if isinstance(form, OpeningsForm):
        rows = [field for row in form.openings for field in row.form if field.errors]
        whole = [{"text": str(text), "href": "#openings"} for text in form.openings.errors if isinstance(text, str)]
        return [*whole, *(_fault(field) for field in rows)] or [_fault(field) for field in fields if field.errors]
    return [_fault(field) for field in fields if field.errors]


def _fault(field: Field) -> dict[str, str]:
    first = field.errors[0] if isinstance(field.errors, list | tuple) else _("Please look at this again.")
    name = "" if field.short_name == "csrf_token" else f"{field.label.text}: "
    return {"text": f"{name}{first}", "href": f"#{field.id}"}


def _clients(n: int) -> str:
    if n == 0:
        return _("You have not met a client here yet.")
    if n < FEWEST:
        return _("You have met fewer than five clients here.")
    return _("You have met %(n)s clients here.", n=n)


def _advice(therapist: Therapist) -> Iterable[Advice]:
    """The gravest first: without a place nobody is offered at all."""
    if therapist.capacity == 0:
        yield Advice(_("You have no free place, so you are offered to nobody."), "capacity", True)
    if not therapist.openings:
        yield Advice(_("Without an opening, clients who named their times cannot find you."), "openings", True)
    if len(therapist.statement) < SHORT:
        yield Advice(_("A few more words about how you work help people to choose you."), "about")
    if MAIN_FIELD not in therapist.concerns.values():
        yield Advice(_("Name a main field: people who come with it see you higher up."), "concerns")
    unsure = [scale for scale in v.STYLES.codes if getattr(therapist.style, scale) is None]
    if unsure:
        yield Advice(_("Say how you like to work, and people who like the same find you."), "style")
    if not therapist.modalities:
        yield Advice(_("Clients who ask for a kind of therapy cannot see whether you offer it."), "about")
    if therapist.fee_cents is None:
        yield Advice(_("Without a fee, clients have to ask before they can decide."), "fee")
    if not therapist.communities:
        yield Advice(_("If you know a way of life well, say so: some clients look for just that."), "yourself")


def _summary(topic: str, therapist: Therapist, currency: str) -> str:
    """What the profile says on a topic, in a line."""
    if topic == "about":
        return ", ".join(label(v.MODALITIES, code) for code in therapist.modalities) or _("Nothing said yet")
    if topic == "yourself":
        return ", ".join(_yourself(therapist)) or _("You have not said anything, and need not")
    if topic == "concerns":
        return _("%(n)s fields", n=len(therapist.concerns))
    if topic == "style":
        said = sum(getattr(therapist.style, scale) is not None for scale in v.STYLES.codes)
        return _("%(said)s of %(all)s lines", said=said, all=len(v.STYLES))
    if topic == "openings":
        return _("%(n)s a week", n=len(therapist.openings))
    if topic == "capacity":
        return _("%(n)s free", n=therapist.capacity)
    return cards.fee(therapist, currency)


def _yourself(therapist: Therapist) -> Iterable[str]:
    words = {"gender": v.GENDERS, "age_band": v.AGE_BANDS, "background": v.BACKGROUNDS, "faith": v.FAITHS}
    yield from (label(words[name], code) for name in words if (code := getattr(therapist, name)))
    yield from (label(v.COMMUNITIES, code) for code in therapist.communities)


def _in_the_week(opening: Opening) -> tuple[int, int, str]:
    return opening.weekday, opening.minute, opening.format


def _opening(opening: Opening) -> str:
    day = label(v.WEEKDAYS, v.WEEKDAYS.codes[opening.weekday])
    hours, minutes = divmod(opening.minute, 60)
    return f"{day} {hours}:{minutes:02d}, {label(v.FORMATS, opening.format).lower()}"
