"""Why a therapist cannot be offered, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping

from matcher import vocabulary as v
from web.wording.reasons import TRAIT, Params, Words

REFUSALS: Mapping[str, str] = {
    "capacity": "Has no free place now",
    "blocked": "Cannot be matched with you",
    "licence": "Is not licensed where you are",
    "age_group": "Does not work with people of your age",
    "language": "Does not speak a language you gave",
    "format": "Does not meet people the way you asked for",
    "distance": "Is further away than you would go",
    "times": "Has no opening at your times",
    "fee": "Costs more than you can pay",
    "insurance": "Does not take your cover",
    "must_gender": "Is not of the gender you must have",
    "must_age_band": "Is not of the age you must have",
    "must_background": "Does not have, or did not name, the background you must have",
    "must_faith": "Does not have, or did not name, the faith you must have",
    "must_communities": "Did not name the experience you must have",
    "must_modality": "Does not offer the kind of therapy you must have",
}


def money(cents: int | float) -> str:
    """An amount without its currency, which the clinic's settings add."""
    return f"{int(cents) / 100:.2f}"


def _format(params: Params) -> str:
    return "Meet online as well" if params["format"] == "online" else "Meet in person as well"


REMEDIES: Mapping[str, Words] = {
    "add_time": lambda p: f"Also be free on {v.TIMES.label(str(p['time']))}",
    "raise_distance": lambda p: f"Travel up to {p['km']} km",
    "add_format": _format,
    "raise_fee": lambda p: f"Pay up to {money(float(p['max_fee_cents']))} a session",
    "pay_yourself": lambda p: f"Pay up to {money(float(p['max_fee_cents']))} a session yourself",
    "add_language": lambda p: f"Speak {v.LANGUAGES.label(str(p['language']))} in the sessions, if you can",
    "soften_wish": lambda p: f"Make your wish about {TRAIT[str(p['trait'])]} a wish and not a must",
    "wait_for_place": lambda p: "Wait for a place with somebody who is full now",
}
