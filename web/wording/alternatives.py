"""Why somebody stands where they stand, what would have to change, and what came of making a list again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.entities import Reason
from web.wording.language import _, lazy
from web.wording.lists import FACTORS
from web.wording.refusals import REFUSALS, REMEDIES

REPLAYS: Mapping[str, Any] = {
    "same": lazy("The list was made again and is the same, to the byte."),
    "different": lazy("The list was made again and is another one: the record does not say all, or it was changed."),
    "erased": lazy("There is no such list, or it was erased with the client's data."),
    "not_recorded": lazy("This list was made before lists kept what it takes to make them again."),
    "other_rules": lazy("This list was made by the rules of another release; that release can make it again."),
    "no_weights": lazy("The weights that made this list are not kept any more."),
    "no_forecast": lazy("The forecast whose prices ordered this list is not kept any more."),
    "no_model": lazy("The model that made this list is not kept any more, or its file is damaged."),
}


def say_replay(verdict: str) -> str:
    """What came of making a list again."""
    return str(REPLAYS[verdict])


def say_gap(factor: str, points: float) -> str:
    """How a factor sets somebody apart from the first, in points of 100."""
    name = str(FACTORS[factor][0])
    if points > 0:
        return _("%(what)s: %(points)s points behind the first", what=name, points=f"{100 * points:.1f}")
    return _("%(what)s: %(points)s points ahead of the first", what=name, points=f"{-100 * points:.1f}")


def say_needed_weight(factor: str, now: float, needed: float) -> str:
    """The share of the weights with which they would be first."""
    name = str(FACTORS[factor][0])
    shares = {"now": f"{100 * now:.0f}", "needed": f"{100 * needed:.0f}"}
    return _("%(what)s would have to count %(needed)s of 100, not %(now)s", what=name, **shares)


def say_needed_value(factor: str, now: float, needed: float) -> str:
    """The value of one factor with which they would be first."""
    name = str(FACTORS[factor][0])
    values = {"now": f"{100 * now:.0f}", "needed": f"{100 * needed:.0f}"}
    return _("%(what)s would have to fit %(needed)s of 100, not %(now)s", what=name, **values)


def say_stands_between(code: str) -> str:
    """A requirement that keeps a therapist from being offered."""
    return str(REFUSALS[code])


def say_change(change: Reason) -> str:
    """A change of the client's answers, without how many it opens."""
    return REMEDIES[change.code](change.params)
