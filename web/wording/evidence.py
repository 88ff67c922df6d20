"""What a match is based on: never a count below five, because few people can be told apart."""

from __future__ import annotations

from matcher.entities import Outlook

FEWEST = 5


def evidence(outlook: Outlook | None) -> str:
    """One line on what is known about the work with this therapist."""
    if outlook is None:
        return "Based on what you and they told us"
    if outlook.n_similar >= FEWEST:
        return f"Based on what {outlook.n_similar} clients with a similar concern told us"
    if outlook.n_clients >= FEWEST:
        return f"Based on what {outlook.n_clients} clients told us"
    return "New here: based on what they told us, and on clients of other therapists"
