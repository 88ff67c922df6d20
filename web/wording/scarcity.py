"""Rare places in words: what prices gain and cost in a simulated year, and why they serve or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

REASONS: Mapping[str, Any] = {
    "gains": lazy("In simulated years of your own clinic it helped, and nobody who is badly off lost by it."),
    "no_gain": lazy("In simulated years of your own clinic nobody would notice the difference."),
    "worst_off_lose": lazy("In simulated years of your own clinic those who are badly off lost by it."),
    "too_few_intakes": lazy("There are too few recent clients to simulate a year with: it takes 80."),
    "too_few_therapists": lazy("It takes two therapists with places at least."),
    "no_arrivals": lazy("Nobody has sent an intake in the last twelve weeks."),
}
# What a year is judged by: a name, what it means, and whether more of it is better
FIGURES: Mapping[str, tuple[Any, Any, bool]] = {
    "alliance": (lazy("Alliance in all"), lazy("expected over a year, of the most that could be reached"), True),
    "worst_tenth": (lazy("Worst-off tenth"), lazy("expected alliance; nobody counts as nothing"), True),
    "hard_to_place": (lazy("Hard to place"), lazy("get a place, of those whom fewest therapists fit"), True),
    "placed": (lazy("Everybody"), lazy("get a place"), True),
    "wait_days": (lazy("Days waited"), lazy("by those who get a place"), False),
    "aside": (lazy("Led aside"), lazy("see somebody else than their best of that day"), False),
    "given_up": (lazy("What they forgo"), lazy("of their fit, when they are led aside"), False),
}
STAGES: Mapping[str, Any] = {
    "": lazy("Waiting for its turn"),
    "reading": lazy("Reading who came and who stays how long"),
    "trying": lazy("Living through twenty years, with and without"),
    "pricing": lazy("Working out what places are worth"),
}


def say_figure(figure: str, value: float) -> str:
    """A figure with its unit."""
    if figure == "wait_days":
        return _("%(n)s days", n=f"{value:.1f}")
    return f"{100 * value:.1f} %"
