"""The five people in words, and what to try as each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.services.demo_people import STAFF
from web.wording.language import lazy

# persona → (short name, who it is, what to try)
WORDS: Mapping[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "client": (
        lazy("Client"),
        lazy("Ilka, a nurse who cannot sleep and looks for a therapist. She has answered everything already."),
        (
            lazy("Look over the answers, and change one."),
            lazy("See whom you could work well with, and why. Say what matters most, and watch the order move."),
            lazy("Ask for somebody, and see how your request stands."),
        ),
    ),
    "client_in_therapy": (
        lazy("Client in therapy"),
        lazy("Somebody who has been seeing a therapist for a while."),
        (
            lazy("Open the check-in that was mailed to you after your last hour, and say how it was."),
            lazy("See what you said after each session, when it was read, and what was answered."),
            lazy("Look at your goals: some of the way was made before the first session."),
            lazy("Say how you have been, and see what has changed since the beginning."),
        ),
    ),
    "therapist": (
        lazy("Therapist"),
        lazy("One of the clinic's therapists, whom some of the invented clients have rated."),
        (
            lazy("Answer somebody who asks for you; after a yes you see the rest, and note the first session."),
            lazy("See your card as clients see it, and what would help your profile."),
            lazy("Change your style or your places, then look for a therapist as a client: the list follows at once."),
        ),
    ),
    "coordinator": (
        lazy("Coordinator"),
        lazy("Who looks after everybody who waits."),
        (
            lazy("See who needs a person first: a yes to the safety question stands on top at once."),
            lazy("Open a case, and take it on."),
        ),
    ),
    "clinic_lead": (
        lazy("Clinic lead"),
        lazy("Who answers for how the matching works."),
        (lazy("See what decides the order, what the model has learned from, and what was done last."),),
    ),
}


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the five; ``current`` is true for the one as whom the demo is looked at."""

    key: str
    name: str
    who: str
    tries: tuple[str, ...]
    current: bool


def personas(current: str) -> list[Persona]:
    """All five, in the order of the way through a clinic."""
    return [
        Persona(key, str(name), _who(key, str(who)), tuple(str(words) for words in tries), key == current)
        for key, (name, who, tries) in WORDS.items()
    ]


def _who(key: str, words: str) -> str:
    return f"{STAFF[key].name}. {words}" if key in STAFF else words
