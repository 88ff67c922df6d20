"""The dashboard in words: months, steps of the way, groups, and what an association is and is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher import vocabulary as v
from matcher.suppression import FEWEST, Span
from web.wording.language import _, label, lazy

MONTHS = (
    lazy("Jan"), lazy("Feb"), lazy("Mar"), lazy("Apr"), lazy("May"), lazy("Jun"),
    lazy("Jul"), lazy("Aug"), lazy("Sep"), lazy("Oct"), lazy("Nov"), lazy("Dec"),
)  # fmt: skip
STEPS: Mapping[str, Any] = {
    "sent": lazy("sent their answers"),
    "seen": lazy("saw a list"),
    "asked": lazy("asked for somebody, or were given a place"),
    "first": lazy("came to a first session"),
    "third": lazy("came to a third session"),
}
INSTRUMENTS: Mapping[str, Any] = {"phq-9": lazy("PHQ-9 (low mood)"), "gad-7": lazy("GAD-7 (anxiety)")}
ATTRIBUTES: Mapping[str, tuple[Any, v.Vocabulary]] = {
    "languages": (lazy("Languages they can talk in"), v.LANGUAGES),
    "gender": (lazy("Gender"), v.GENDERS),
    "age_band": (lazy("Age"), v.AGE_BANDS),
    "background": (lazy("Background"), v.BACKGROUNDS),
}
GROUPS: Mapping[str, Any] = {"several": lazy("More than one"), "not_said": lazy("Did not say")}
SIDES: Mapping[tuple[str, str], Any] = {
    ("expectation", "alliance"): lazy("Hope at the start, and the alliance of the first three check-ins"),
    ("alliance", "outcome"): lazy("The alliance of the first three check-ins, and the improvement in PHQ-9"),
    ("expectation", "outcome"): lazy("Hope at the start, and the improvement in PHQ-9"),
}


def say_month(month: int) -> str:
    """A month that is counted 12 · year + month − 1."""
    year, before = divmod(month, 12)
    return _("%(month)s %(year)s", month=str(MONTHS[before]), year=year)


def say_span(span: Span) -> str:
    """A span of months."""
    first, last = say_month(span.first), say_month(span.last)
    return first if first == last else _("%(first)s to %(last)s", first=first, last=last)


def say_few() -> str:
    """What stands where a figure would point at few people."""
    return _("not told")


def say_step(step: str) -> str:
    """What somebody has done who reached a step."""
    return str(STEPS[step])


def say_instrument(code: str) -> str:
    """A questionnaire by its name."""
    return str(INSTRUMENTS[code])


def say_attribute(name: str) -> str:
    """By what people are grouped."""
    return str(ATTRIBUTES[name][0])


def say_group(attribute: str, group: str) -> str:
    """A group of people."""
    return str(GROUPS[group]) if group in GROUPS else label(ATTRIBUTES[attribute][1], group)


def say_association(of: str, to: str, low: float, high: float) -> str:
    """Two things and whether they go together."""
    if low > 0:
        return _("They go together: where one is high, the other tends to be.")
    if high < 0:
        return _("They go against each other: where one is high, the other tends to be low.")
    return _("It cannot be told whether they go together.")


def say_sides(of: str, to: str) -> str:
    """Which two things an association is of."""
    return str(SIDES[of, to])


def say_rule() -> str:
    """The rule on few people, for the head of the page."""
    return _("No figure stands for fewer than %(num)s people, and none can be worked out", num=FEWEST)
