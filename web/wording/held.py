"""Why ratings are held back, in plain words, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy, ngettext

SMALL = 5
REASONS: Mapping[str, Any] = {
    "own_people": lazy("A client has the e-mail address of somebody who works here."),
    "household": lazy("Two clients of this therapist gave the same e-mail address or telephone number."),
    "flood": lazy("Unusually many new clients rated this therapist alike, very low or very high, within two days."),
}


def say_reason(because: str) -> str:
    """Why ratings wait."""
    return str(REASONS[because])


def say_count(n_clients: int, n_ratings: int) -> str:
    """Of how many clients, and how many ratings; small counts are not told."""
    if n_clients < SMALL:
        return _("Fewer than five clients.")
    clients = ngettext("%(num)d client", "%(num)d clients", n_clients)
    ratings = ngettext("%(num)d rating", "%(num)d ratings", n_ratings)
    return _("%(clients)s, %(ratings)s.", clients=clients, ratings=ratings)


def say_movement(way: str, week: str) -> str:
    """That what new clients say creeps up or down, and how sure that is."""
    words = {
        "up": _("What new clients say has gone up since last year. It was seen in the week of %(week)s.", week=week),
        "down": _(
            "What new clients say has gone down since last year. It was seen in the week of %(week)s.", week=week
        ),
    }
    return words[way] + " " + _("Of a hundred quiet years, about six to ten say so by chance.")
