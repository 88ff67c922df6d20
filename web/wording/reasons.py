"""Why a therapist is in the list, and the one thing to know before choosing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matcher import vocabulary as v

Params = Mapping[str, str | int | float]
Words = Callable[[Params], str]

GENDER_MET = {
    "woman": "A woman, as you wished",
    "man": "A man, as you wished",
    "non_binary": "Non-binary, as you wished",
}
TRAIT = {
    "gender": "gender",
    "age_band": "age",
    "background": "background",
    "faith": "faith",
    "communities": "experience with people like you",
    "modality": "way of working",
}
STYLE_SHARED = {
    ("lead", "left"): "Likes to lead the session, as you would like",
    ("lead", "right"): "Likes you to lead the session, as you would",
    ("lead", "middle"): "Shares the lead with you, as you would like",
    ("feeling", "left"): "Goes deep into feelings, as you would like",
    ("feeling", "right"): "Keeps feelings at a distance, as you would like",
    ("feeling", "middle"): "Gives feelings as much room as you would like",
    ("time", "left"): "Looks at the past, as you would like",
    ("time", "right"): "Looks at the present, as you would like",
    ("time", "middle"): "Looks at past and present, as you would like",
    ("challenge", "left"): "Gives warm support, as you would like",
    ("challenge", "right"): "Challenges you with care, as you would like",
    ("challenge", "middle"): "Both supports and challenges, as you would like",
}
STYLE_APART = {
    "lead": "You may want to talk about who leads the session",
    "feeling": "You may differ on how deep to go into feelings",
    "time": "You may differ on how much to look back",
    "challenge": "You may differ on how much to be challenged",
}
HELP = {
    "warm": "Likely to be warm, which helped you before",
    "honest": "Likely to be honest with you, which helped you before",
    "my_pace": "Lets you set the pace, which helped you before",
    "tools": "Gives you things to try, which helped you before",
    "heard": "Works in a way that made you feel heard before",
}
TRAINED = {
    "masters": "Holds a master's degree in the field",
    "diploma": "Holds a diploma in psychotherapy",
    "accredited": "Accredited by a professional body",
    "doctorate": "Holds a doctorate in the field",
    "supervisor": "Trained to supervise other therapists",
}


def _concern(params: Params) -> str:
    return v.CONCERNS.label(str(params["concern"])).lower()


def _wish_met(params: Params) -> str:
    trait, option = str(params["trait"]), str(params["option"])
    if trait == "gender":
        return GENDER_MET[option]
    if trait == "communities":
        return f"Knows the life of {v.COMMUNITIES.label(option).lower()}, as you wished"
    if trait == "age_band":
        return f"{v.AGE_BANDS.label(option)} years old, as you wished"
    words = v.BACKGROUNDS if trait == "background" else v.FAITHS
    return f"{words.label(option)}, as you wished"


def _days(n: int) -> str:
    if n < 14:
        return "1 day" if n == 1 else f"{n} days"
    return f"{round(n / 7)} weeks"


def _starts_soon(params: Params) -> str:
    days = int(params["days"])
    return f"Can start in {_days(days)}" if days else "Can start now"


REASONS: Mapping[str, Words] = {
    "alliance_for_you": lambda p: "People like you tend to work especially well with them",
    "alliance_on_average": lambda p: "Clients here tend to feel well understood by them",
    "seen_similar": lambda p: f"{p['n_clients']} clients came here with a similar concern and told us how it went",
    "seen_clients": lambda p: f"{p['n_clients']} clients have told us how the work went",
    "wish_met": _wish_met,
    "style_match": lambda p: STYLE_SHARED[str(p["scale"]), str(p["end"])],
    "concern_main_field": lambda p: f"A main field of their work: {_concern(p)}",
    "concern_experience": lambda p: f"Much experience with {_concern(p)}",
    "knows_community": lambda p: f"Experience with {v.COMMUNITIES.label(str(p['community'])).lower()}",
    "modality_met": lambda p: f"Offers what you asked for: {v.MODALITIES.label(str(p['modality']))}",
    "trained": lambda p: TRAINED[str(p["training"])],
    "recommended": lambda p: "Somebody recommended them to you",
    "helped_before": lambda p: HELP[str(p["help"])],
    "starts_soon": _starts_soon,
    "opening_fits": lambda p: f"Free on {v.TIMES.label(str(p['time']))}",
    "near": lambda p: f"About {p['km']} km from you" if p["km"] != 0 else "Close to you",
    "takes_insurance": lambda p: f"Takes your cover: {v.INSURANCES.label(str(p['insurance']))}",
    "known_before": lambda p: "You have worked together before",
    "years_in_practice": lambda p: f"{p['years']} years in practice",
}

CAUTIONS: Mapping[str, Words] = {
    "alliance_below_typical": lambda p: "Others here are more likely to suit you",
    "new_here": lambda p: "New here, so we know less about how the work goes",
    "wish_not_met": lambda p: f"Does not meet your wish about {TRAIT[str(p['trait'])]}",
    "style_gap": lambda p: STYLE_APART[str(p["scale"])],
    "concern_some": lambda p: f"Has done some work with {_concern(p)}, but it is not a main field",
    "concern_not_listed": lambda p: f"Does not list {_concern(p)} as a field of work",
    "modality_not_met": lambda p: "Does not offer the kind of therapy you asked for",
    "in_training": lambda p: "Still in training, with an experienced supervisor",
    "long_wait": lambda p: f"You would wait about {_days(int(p['days']))}",
    "times_to_agree": lambda p: "You would need to agree on a time",
    "far": lambda p: f"About {p['km']} km away",
}
