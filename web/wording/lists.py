"""What is said about a whole list, its factors and how well somebody fits."""

from __future__ import annotations

from collections.abc import Mapping

NOTES: Mapping[str, str] = {
    "no_model": "This order follows what you told us. There are not yet enough ratings to learn from.",
    "few_matches": "Only a few people fit all that you need.",
    "no_match": "Nobody fits all that you need right now.",
    "empty_directory": "No therapists are listed here yet.",
}

# A short name, and one sentence on what it looks at
FACTORS: Mapping[str, tuple[str, str]] = {
    "alliance": ("Working well together", "How well people like you tend to get on with this therapist."),
    "preference_fit": ("Your wishes", "Who you would like to see, and how you like to work."),
    "concern_expertise": ("Your concerns", "How much they work with what brings you here."),
    "credibility": ("Training", "Their training, and whether they offer the therapy you want."),
    "expectancy": ("Your trust", "A recommendation, and whether they offer what helped you before."),
    "access": ("Easy to reach", "How soon, how near, and how well the times and the cost fit."),
    "continuity": ("Known to you", "Whether you have worked with them before."),
    "experience": ("Years of practice", "How long they have been working as a therapist."),
}

FIT: Mapping[str, str] = {"strong": "Strong fit", "good": "Good fit", "possible": "Possible fit"}
STRONG_FROM, GOOD_FROM = 0.65, 0.5
