"""What a match is based on: never a count below five, because few people can be told apart."""

from __future__ import annotations

from matcher.entities import Outlook
from matcher.suppression import FEWEST
from web.wording.language import _

__all__ = ["FEWEST", "evidence"]


def evidence(outlook: Outlook | None) -> str:
    """One line on what is known about the work with this therapist."""
    if outlook is None:
        return _("Based on what you and they told us")
    if outlook.n_similar >= FEWEST:
        return _("Based on what %(n)s clients with a similar concern told us", n=outlook.n_similar)
    if outlook.n_clients >= FEWEST:
        return _("Based on what %(n)s clients told us", n=outlook.n_clients)
    return _("New here: based on what they told us, and on clients of other therapists")
