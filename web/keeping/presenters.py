"""What an administrator reads of how long things are kept."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.errors import InvalidInput
from web.services.erasing import Outlook
from web.wording.language import _, ngettext

OFFERED = (6, 12, 24, 36, 60, 120)
FOR_GOOD = "never"


@dataclass(frozen=True, slots=True)
class Choice:
    """A length of time that can be chosen."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The page about keeping."""

    choices: tuple[Choice, ...]
    due: str
    done: str


def months_of(typed: str) -> int | None:
    """The months that were chosen; None for good. Raises InvalidInput."""
    if typed == FOR_GOOD:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 3:
        raise InvalidInput("months", typed, "choose one of the lengths that are offered")
    return int(typed)


def page(found: Outlook, typed: str | None) -> Page:
    """What holds, or what was typed and could not be taken."""
    chosen = typed if typed is not None else FOR_GOOD if found.months is None else str(found.months)
    offered = sorted({*OFFERED, *([] if found.months is None else [found.months])})
    choices = [Choice(str(n), _say(n), chosen == str(n)) for n in offered]
    return Page(
        choices=(*choices, Choice(FOR_GOOD, _("For good"), chosen == FOR_GOOD)),
        due=ngettext("%(num)d client is due to be erased.", "%(num)d clients are due to be erased.", found.n_due)
        if found.n_due else _("Nobody is due to be erased."),
        done=ngettext(
            "In the last twelve months %(num)d client was erased.",
            "In the last twelve months %(num)d clients were erased.", found.n_erased,
        ),
    )  # fmt: skip


def _say(months: int) -> str:
    if months % 12:
        return ngettext("For %(num)d month", "For %(num)d months", months)
    return ngettext("For %(num)d year", "For %(num)d years", months // 12)
