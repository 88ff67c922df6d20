"""Why a therapist cannot be offered, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher import vocabulary as v
from web.wording.language import _, label, lazy
from web.wording.reasons import TRAIT, Params, Words

REFUSALS: Mapping[str, Any] = {
    "capacity": lazy("Has no free place now"),
    "blocked": lazy("Cannot be matched with you"),
    "licence": lazy("Is not licensed where you are"),
    "age_group": lazy("Does not work with people of your age"),
    "language": lazy("Does not speak a language you gave"),
    "format": lazy("Does not meet people the way you asked for"),
    "distance": lazy("Is further away than you would go"),
    "times": lazy("Has no opening at your times"),
    "fee": lazy("Costs more than you can pay"),
    "insurance": lazy("Does not take your cover"),
    "must_gender": lazy("Is not of the gender you must have"),
    "must_age_band": lazy("Is not of the age you must have"),
    "must_background": lazy("Does not have, or did not name, the background you must have"),
    "must_faith": lazy("Does not have, or did not name, the faith you must have"),
    "must_communities": lazy("Did not name the experience you must have"),
    "must_modality": lazy("Does not offer the kind of therapy you must have"),
}


def _fee(params: Params) -> str:
    """An amount, with the clinic's currency where that was given."""
    amount = f"{int(params['max_fee_cents']) / 100:.2f}"
    return f"{amount} {params['currency']}" if "currency" in params else amount


def _format(params: Params) -> str:
    return _("Meet online as well") if params["format"] == "online" else _("Meet in person as well")


REMEDIES: Mapping[str, Words] = {
    "add_time": lambda p: _("Also be free on %(time)s", time=label(v.TIMES, str(p["time"]))),
    "raise_distance": lambda p: _("Travel up to %(km)s km", km=p["km"]),
    "add_format": _format,
    "raise_fee": lambda p: _("Pay up to %(fee)s a session", fee=_fee(p)),
    "pay_yourself": lambda p: _("Pay up to %(fee)s a session yourself", fee=_fee(p)),
    "add_language": lambda p: _(
        "Speak %(language)s in the sessions, if you can", language=label(v.LANGUAGES, str(p["language"]))
    ),
    "soften_wish": lambda p: _("Make your wish about %(what)s a wish and not a must", what=TRAIT[str(p["trait"])]),
    "wait_for_place": lambda p: _("Wait for a place with somebody who is full now"),
}
