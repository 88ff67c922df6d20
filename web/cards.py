"""A match as its card shows it: words, drawn positions and amounts, so that nothing is computed in a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import UUID

from matcher import vocabulary as v
from matcher.entities import Contribution, Opening, Outlook, RankedMatch, Scale, Therapist
from web.wording import evidence, fit_words, say, say_factor
from web.wording.language import _, label, lazy

LEFT, RIGHT = 10.0, 250.0  # where the line of a band chart begins and ends
WINDOW = 0.25  # a band chart shows the typical score and so much of the scale to either side
TENTHS = 1_000  # points are shown out of 100, to one decimal


@dataclass(frozen=True, slots=True)
class Band:
    """Positions on the line of a band chart, and the same in words."""

    lower: float
    mean: float
    upper: float
    typical: float
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """One factor's part of a score: how well it fits (0 … 100), its weight and its points, as shown."""

    name: str
    fits: int
    weight: str
    points: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a card says."""

    anchor: str
    place: int
    name: str
    line: str
    portrait: Mapping[str, str]
    fit: str
    reasons: tuple[str, ...]
    caution: str | None
    band: Band | None
    opening: str | None
    fee: str
    evidence: str
    parts: tuple[Part, ...]
    total: str


def card(
    match: RankedMatch, therapist: Therapist, *, scale: Scale, currency: str, today: date, anchor: str = "match"
) -> Card:
    """The card of one match; ``anchor`` begins its id, so that several lists fit on a page."""
    parts, total = parts_of(match.contributions)
    return Card(
        anchor=f"{anchor}-{match.place}",
        place=match.place,
        name=therapist.name,
        line=about(therapist),
        portrait=therapist.portrait,
        fit=fit_words(match),
        reasons=tuple(say(reason) for reason in match.reasons),
        caution=say(match.caution) if match.caution else None,
        band=band(match.outlook, scale) if match.outlook else None,
        opening=next_opening(therapist, today),
        fee=fee(therapist, currency),
        evidence=evidence(match.outlook),
        parts=parts,
        total=total,
    )


def band(outlook: Outlook, scale: Scale) -> Band:
    """Where dot, band and dashed line stand: a window of fixed width around what is typical, so that charts compare."""
    width = scale.top - scale.lowest
    low = outlook.typical - WINDOW * width

    def at(score: float) -> float:
        share = min(max((score - low) / (2 * WINDOW * width), 0.0), 1.0)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def of_hundred(score: float) -> int:
        return round(100 * (score - scale.lowest) / width)

    words = _(
        "Expected alliance %(mean)s of 100, likely between %(lower)s and %(upper)s; typical here %(typical)s",
        mean=of_hundred(outlook.mean),
        lower=of_hundred(outlook.lower80),
        upper=of_hundred(outlook.upper80),
        typical=of_hundred(outlook.typical),
    )
    return Band(at(outlook.lower80), at(outlook.mean), at(outlook.upper80), at(outlook.typical), words)


def parts_of(contributions: Iterable[Contribution]) -> tuple[tuple[Part, ...], str]:
    """The parts with any weight, largest first, and their sum: rounded so that what is shown adds up as shown."""
    shown = sorted((c for c in contributions if c.weight > 0), key=lambda c: (-c.points, c.factor))
    tenths = rounded_to_sum([TENTHS * c.points for c in shown])
    parts = tuple(
        Part(say_factor(c.factor), round(100 * c.value), f"{100 * c.weight:.0f}", f"{tenth / 10:.1f}")
        for c, tenth in zip(shown, tenths, strict=True)
    )
    return parts, f"{sum(tenths) / 10:.1f}"


def rounded_to_sum(values: list[float]) -> list[int]:
    """Whole numbers near ``values`` that add up to their rounded sum: the largest remainders are rounded up."""
    floors = [int(value // 1) for value in values]
    missing = round(sum(values)) - sum(floors)
    by_remainder = sorted(range(len(values)), key=lambda k: (floors[k] - values[k], k))
    return [floor + (k in by_remainder[:missing]) for k, floor in enumerate(floors)]


def next_opening(therapist: Therapist, today: date) -> str | None:
    """The first weekly opening from the day on which somebody new can start, tomorrow at the earliest."""
    tomorrow = today + timedelta(days=1)
    start = max(tomorrow, therapist.available_from or tomorrow)
    coming = sorted((_days_until(opening, start), opening.minute, opening.format) for opening in therapist.openings)
    if not coming:
        return None
    days, minute, meeting = coming[0]
    day = start + timedelta(days=days)
    hours, minutes = divmod(minute, 60)
    return f"{day_words(day)}, {hours}:{minutes:02d}, {label(v.FORMATS, meeting).lower()}"


def name_of(key: UUID, contact: Mapping[str, str]) -> str:
    """What to call a client: the name they gave, or the end of the key of their case."""
    return contact.get("name") or _("Case %(number)s", number=key.hex[-6:])


def day_words(day: date, today: date | None = None) -> str:
    """A day by its name, number and month, and by its year where that is not the one of ``today``."""
    weekday = label(v.WEEKDAYS, v.WEEKDAYS.codes[day.weekday()])
    if today is not None and day.year != today.year:
        said = {"weekday": weekday, "day": day.day, "month": _MONTHS[day.month - 1], "year": day.year}
        return _("%(weekday)s %(day)s %(month)s %(year)s", **said)
    return _("%(weekday)s %(day)s %(month)s", weekday=weekday, day=day.day, month=_MONTHS[day.month - 1])


def moment_words(moment: datetime, zone: tzinfo = UTC) -> str:
    """A moment by its day and time, by the clocks of a zone."""
    there = moment.astimezone(zone)
    return _("%(day)s, %(hour)s:%(minute)s", day=day_words(there.date()), hour=there.hour, minute=f"{there.minute:02d}")


def clock_words(zone: tzinfo) -> str:
    """Whose clocks a time is read by."""
    name = str(zone)
    return name if "/" not in name else _("%(city)s time", city=name.rsplit("/", 1)[1].replace("_", " "))


_MONTHS = (
    lazy("January"), lazy("February"), lazy("March"), lazy("April"), lazy("May"), lazy("June"),
    lazy("July"), lazy("August"), lazy("September"), lazy("October"), lazy("November"), lazy("December"),
)  # fmt: skip


def fee(therapist: Therapist, currency: str) -> str:
    """What a session costs."""
    if therapist.fee_cents is None:
        return _("Ask about the fee")
    if therapist.fee_cents == 0:
        return _("Free of charge")
    usual = _("%(fee)s a session", fee=money(therapist.fee_cents, currency))
    if therapist.sliding_fee_cents is None or therapist.sliding_fee_cents >= therapist.fee_cents:
        return usual
    lowest = money(therapist.sliding_fee_cents, currency)
    return _("%(usual)s, from %(lowest)s if money is short", usual=usual, lowest=lowest)


def money(cents: int, currency: str) -> str:
    """An amount in a currency; the cents only where there are any."""
    return f"{cents // 100} {currency}" if cents % 100 == 0 else f"{cents / 100:.2f} {currency}"


def _days_until(opening: Opening, start: date) -> int:
    return (opening.weekday - start.weekday()) % 7


def about(therapist: Therapist) -> str:
    """Profession, gender and languages in a line."""
    return " · ".join(_about(therapist))


def _about(therapist: Therapist) -> Iterable[str]:
    yield label(v.PROFESSIONS, therapist.profession)
    if therapist.gender:
        yield label(v.GENDERS, therapist.gender).lower()
    yield ", ".join(label(v.LANGUAGES, code) for code in therapist.languages)
