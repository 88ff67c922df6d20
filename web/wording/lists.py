"""What is said about a whole list, its factors and how well somebody fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording.language import lazy

NOTES: Mapping[str, Any] = {
    "no_model": lazy("This order follows what you told us. There are not yet enough ratings to learn from."),
    "model_unreadable": lazy("This order follows what you told us. What was learned from ratings cannot be read now."),
    "near_ties": lazy("Where people fit you about equally well, their order is drawn: everybody has a fair chance."),
    "scarce_places": lazy("Some rare places are kept for people for whom hardly anybody else fits."),
    "few_matches": lazy("Only a few people fit all that you need."),
    "no_match": lazy("Nobody fits all that you need right now."),
    "empty_directory": lazy("No therapists are listed here yet."),
}

# A short name, and one sentence on what it looks at
FACTORS: Mapping[str, tuple[Any, Any]] = {
    "alliance": (lazy("Working well together"), lazy("How well people like you tend to get on with this therapist.")),
    "preference_fit": (lazy("Your wishes"), lazy("Who you would like to see, and how you like to work.")),
    "concern_expertise": (lazy("Your concerns"), lazy("How much they work with what brings you here.")),
    "credibility": (lazy("Training"), lazy("Their training, and whether they offer the therapy you want.")),
    "expectancy": (lazy("Your trust"), lazy("A recommendation, and whether they offer what helped you before.")),
    "access": (lazy("Easy to reach"), lazy("How soon, how near, and how well the times and the cost fit.")),
    "continuity": (lazy("Known to you"), lazy("Whether you have worked with them before.")),
    "experience": (lazy("Years of practice"), lazy("How long they have been working as a therapist.")),
}

FIT: Mapping[str, Any] = {"strong": lazy("Strong fit"), "good": lazy("Good fit"), "possible": lazy("Possible fit")}
STRONG_FROM, GOOD_FROM = 0.65, 0.5
