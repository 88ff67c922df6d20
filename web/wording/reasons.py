"""Why a therapist is in the list, and the one thing to know before choosing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matcher import vocabulary as v
from web.wording.language import _, label, lazy, ngettext

Params = Mapping[str, str | int | float]
Words = Callable[[Params], str]

GENDER_MET = {
    "woman": lazy("A woman, as you wished"),
    "man": lazy("A man, as you wished"),
    "non_binary": lazy("Non-binary, as you wished"),
}
TRAIT = {
    "gender": lazy("gender"),
    "age_band": lazy("age"),
    "background": lazy("background"),
    "faith": lazy("faith"),
    "communities": lazy("experience with people like you"),
    "modality": lazy("way of working"),
}
STYLE_SHARED = {
    ("lead", "left"): lazy("Likes to lead the session, as you would like"),
    ("lead", "right"): lazy("Likes you to lead the session, as you would"),
    ("lead", "middle"): lazy("Shares the lead with you, as you would like"),
    ("feeling", "left"): lazy("Goes deep into feelings, as you would like"),
    ("feeling", "right"): lazy("Keeps feelings at a distance, as you would like"),
    ("feeling", "middle"): lazy("Gives feelings as much room as you would like"),
    ("time", "left"): lazy("Looks at the past, as you would like"),
    ("time", "right"): lazy("Looks at the present, as you would like"),
    ("time", "middle"): lazy("Looks at past and present, as you would like"),
    ("challenge", "left"): lazy("Gives warm support, as you would like"),
    ("challenge", "right"): lazy("Challenges you with care, as you would like"),
    ("challenge", "middle"): lazy("Both supports and challenges, as you would like"),
}
STYLE_APART = {
    "lead": lazy("You may want to talk about who leads the session"),
    "feeling": lazy("You may differ on how deep to go into feelings"),
    "time": lazy("You may differ on how much to look back"),
    "challenge": lazy("You may differ on how much to be challenged"),
}
HELP = {
    "warm": lazy("Likely to be warm, which helped you before"),
    "honest": lazy("Likely to be honest with you, which helped you before"),
    "my_pace": lazy("Lets you set the pace, which helped you before"),
    "tools": lazy("Gives you things to try, which helped you before"),
    "heard": lazy("Works in a way that made you feel heard before"),
}
TRAINED = {
    "masters": lazy("Holds a master's degree in the field"),
    "diploma": lazy("Holds a diploma in psychotherapy"),
    "accredited": lazy("Accredited by a professional body"),
    "doctorate": lazy("Holds a doctorate in the field"),
    "supervisor": lazy("Trained to supervise other therapists"),
}


def _concern(params: Params) -> str:
    return label(v.CONCERNS, str(params["concern"])).lower()


def _wish_met(params: Params) -> str:
    trait, option = str(params["trait"]), str(params["option"])
    if trait == "gender":
        return str(GENDER_MET[option])
    if trait == "communities":
        return _("Knows the life of %(whom)s, as you wished", whom=label(v.COMMUNITIES, option).lower())
    if trait == "age_band":
        return _("%(age)s years old, as you wished", age=label(v.AGE_BANDS, option))
    words = v.BACKGROUNDS if trait == "background" else v.FAITHS
    return _("%(what)s, as you wished", what=label(words, option))


def _days(n: int) -> str:
    if n < 14:
        return ngettext("%(num)d day", "%(num)d days", n)
    return ngettext("%(num)d week", "%(num)d weeks", round(n / 7))


def _starts_soon(params: Params) -> str:
    days = int(params["days"])
    return _("Can start in %(days)s", days=_days(days)) if days else _("Can start now")


REASONS: Mapping[str, Words] = {
    "alliance_for_you": lambda p: _("People like you tend to work especially well with them"),
    "alliance_on_average": lambda p: _("Clients here tend to feel well understood by them"),
    "seen_similar": lambda p: _(
        "%(n)s clients came here with a similar concern and told us how it went", n=p["n_clients"]
    ),
    "seen_clients": lambda p: _("%(n)s clients have told us how the work went", n=p["n_clients"]),
    "wish_met": _wish_met,
    "style_match": lambda p: str(STYLE_SHARED[str(p["scale"]), str(p["end"])]),
    "concern_main_field": lambda p: _("A main field of their work: %(concern)s", concern=_concern(p)),
    "concern_experience": lambda p: _("Much experience with %(concern)s", concern=_concern(p)),
    "knows_community": lambda p: _("Experience with %(whom)s", whom=label(v.COMMUNITIES, str(p["community"])).lower()),
    "modality_met": lambda p: _("Offers what you asked for: %(what)s", what=label(v.MODALITIES, str(p["modality"]))),
    "trained": lambda p: str(TRAINED[str(p["training"])]),
    "recommended": lambda p: _("Somebody recommended them to you"),
    "helped_before": lambda p: str(HELP[str(p["help"])]),
    "starts_soon": _starts_soon,
    "opening_fits": lambda p: _("Free on %(time)s", time=label(v.TIMES, str(p["time"]))),
    "near": lambda p: _("About %(km)s km from you", km=p["km"]) if p["km"] != 0 else _("Close to you"),
    "takes_insurance": lambda p: _("Takes your cover: %(cover)s", cover=label(v.INSURANCES, str(p["insurance"]))),
    "known_before": lambda p: _("You have worked together before"),
    "years_in_practice": lambda p: _("%(years)s years in practice", years=p["years"]),
}

CAUTIONS: Mapping[str, Words] = {
    "alliance_below_typical": lambda p: _("Others here are more likely to suit you"),
    "new_here": lambda p: _("New here, so we know less about how the work goes"),
    "wish_not_met": lambda p: _("Does not meet your wish about %(what)s", what=TRAIT[str(p["trait"])]),
    "style_gap": lambda p: str(STYLE_APART[str(p["scale"])]),
    "concern_some": lambda p: _("Has done some work with %(concern)s, but it is not a main field", concern=_concern(p)),
    "concern_not_listed": lambda p: _("Does not list %(concern)s as a field of work", concern=_concern(p)),
    "modality_not_met": lambda p: _("Does not offer the kind of therapy you asked for"),
    "in_training": lambda p: _("Still in training, with an experienced supervisor"),
    "long_wait": lambda p: _("You would wait about %(days)s", days=_days(int(p["days"]))),
    "times_to_agree": lambda p: _("You would need to agree on a time"),
    "far": lambda p: _("About %(km)s km away", km=p["km"]),
}
