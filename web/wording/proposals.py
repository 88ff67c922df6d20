"""Proposals for the waiting list in words: rules, what stands between, why somebody has no place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy, ngettext

# policy → (its name, what it does)
POLICIES: Mapping[str, tuple[Any, Any]] = {
    "optimal": (
        lazy("Best for all together"),
        lazy("As many people as possible have a place, and all of them together fit as well as can be."),
    ),
    "stable": (
        lazy("Nobody would rather swap"),
        lazy("No client and therapist would both rather have each other than whom they got."),
    ),
    "first-come": (
        lazy("First come, first served"),
        lazy("Whoever has waited longest chooses first. Kept for comparison: it leaves more people without a place."),
    ),
}
BALANCES: Mapping[str, Any] = {
    "none": lazy("It does not matter"),
    "some": lazy("Rather spread people out"),
    "much": lazy("Spread people out by all means"),
}
STAGES: Mapping[str, Any] = {
    "reading": lazy("Reading the waiting list"),
    "scoring": lazy("Looking at every pair"),
    "assigning": lazy("Finding the places"),
    "comparing": lazy("Comparing with other ways"),
}
FAILURES: Mapping[str, Any] = {
    "no_draft": lazy("The proposal has ended meanwhile."),
    "gave_up": lazy("It was begun three times, and each time the worker ended."),
    "refused": lazy("What is asked for cannot be worked out. Take back the last change and try again."),
    "": lazy("An error ended it. Nothing was changed; try again."),
}
REASONS: Mapping[str, Any] = {
    "left_out": lazy("Left out of this proposal, as you asked."),
    "nobody_allowed": lazy("Nobody with a free place fits what they need."),
    "nobody_open": lazy("Everybody who fits is left out of this proposal. Let one of them take part again."),
    "too_few_places": lazy("More people than places among those who fit. One more place there would help."),
    "taken": lazy("Others have the places of those who fit. “Best for all together” could place one more."),
}
LEVELS = ((0.01, "same"), (0.05, "near"), (0.12, "little"), (float("inf"), "clear"))  # up to so much below their best
BELOW: Mapping[str, Any] = {
    "same": lazy("As good as with %(best)s, their best."),
    "near": lazy("Nearly as good as with %(best)s, their best."),
    "little": lazy("A little below %(best)s, their best."),
    "clear": lazy("Clearly below %(best)s, their best."),
}
CAUSES: Mapping[str, Any] = {
    "own_best": lazy("Their own best."),
    "locked": lazy("You keep this pair together."),
    "parted": lazy("You asked not to bring these two together."),
    "spared": lazy("You left that therapist out."),
    "locked_places": lazy("You keep others there."),
    "no_place": lazy("There is no place."),
    "floor": lazy("Somebody else would come below the floor."),
    "needed": lazy("Others have that place."),
    "balance": lazy("That place is kept free, so that caseloads are spread."),
    "waiting": lazy("That place opens later, and waiting costs more than the better fit gains."),
    "order": lazy("That place is free: this way of placing people did not look further."),
}


def say_failure(reason: str) -> str:
    """Why a proposal could not be worked out."""
    return str(FAILURES.get(reason, FAILURES[""]))


def say_below(regret: float, best: str) -> str:
    """How far a place is below somebody's own best."""
    level = next(code for most, code in LEVELS if regret <= most)
    return str(BELOW[level]) % {"best": best}


def say_cause(code: str, others: list[str]) -> str:
    """What stands between somebody and their own best; ``others`` are the names of who has that place."""
    if not others:
        return str(CAUSES[code])
    why = "" if code == "needed" else f"{CAUSES[code]} "
    if len(others) == 1:
        return why + _("That place goes to %(name)s.", name=others[0])
    if len(others) == 2:
        return why + _("Those places go to %(one)s and %(two)s.", one=others[0], two=others[1])
    more = ngettext("%(num)d more person", "%(num)d more people", len(others) - 2)
    return why + _("Those places go to %(one)s, %(two)s and %(more)s.", one=others[0], two=others[1], more=more)


def say_trouble(code: str, name: str, n_clients: int, n_places: int) -> str:
    """Why somebody cannot be kept with a therapist, and what to do."""
    if code == "lock_no_therapist":
        return _("%(name)s is not in the directory any more. Take back what you keep there.", name=name)
    if code == "lock_not_allowed":
        return _("%(name)s does not meet what they must have. Take the pair back, or change the answers.", name=name)
    kept = ngettext("%(num)d person is", "%(num)d people are", n_clients)
    places = ngettext("%(num)d free place", "%(num)d free places", n_places) if n_places else _("no free place")
    return _(
        "%(kept)s kept with %(name)s, who has %(places)s. Take some of them back.", kept=kept, name=name, places=places
    )


def say_shortage(n_clients: int, n_places: int, n_missing: int) -> str:
    """How many places are short for a group of people who fit the same few therapists."""
    people = ngettext("%(num)d person", "%(num)d people", n_clients)
    places = ngettext("%(num)d place", "%(num)d places", n_places)
    missing = ngettext("%(num)d more place", "%(num)d more places", n_missing)
    return _("%(people)s can only go where %(places)s are free. %(missing)s would do.", people=people, places=places,
             missing=missing)  # fmt: skip
