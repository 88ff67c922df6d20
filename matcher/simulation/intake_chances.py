"""How often a client says what: guesses for an outpatient clinic, each relative to the others of its table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matcher.simulation.chances import Table

AGE_BANDS: Table = MappingProxyType(
    {"from_13": 0.02, "from_18": 0.19, "from_25": 0.31, "from_35": 0.29, "from_50": 0.14, "from_65": 0.05}
)
SPEAK_LOCAL, HOME_FIRST = 0.95, 0.55  # of those who grew up with another language
# How many would rather not say
UNSAID: Table = MappingProxyType({"age_band": 0.02, "gender": 0.02, "background": 0.15, "faith": 0.3})
AT_RISK: Table = MappingProxyType({"no": 0.95, "yes": 0.02, "unsaid": 0.03})
GENDERS: Table = MappingProxyType({"woman": 0.63, "man": 0.34, "non_binary": 0.03})
CONCERNS: Table = MappingProxyType(
    {
        "anxiety": 16, "low_mood": 15, "burnout": 10, "relationships": 10, "self_esteem": 7, "trauma": 7, "grief": 5,
        "family": 5, "work": 4, "life_change": 4, "sleep": 4, "panic": 4, "loneliness": 3, "parenting": 2,
        "anger": 2.5, "ocd": 2, "eating": 2.5, "alcohol_drugs": 2, "health": 2.5, "adhd": 2, "autism": 0.7,
        "identity": 1.5, "sexuality": 1, "mood_swings": 1.5,
    }
)  # fmt: skip
CONCERN_COUNTS: Table = MappingProxyType({"1": 0.35, "2": 0.42, "3": 0.23})
SAME_FAMILY = 1.6  # how much likelier a further concern of the main one's family is

COMMUNITIES: Table = MappingProxyType(
    {
        "lgbtq": 0.09, "migrants": 0.03, "refugees": 0.003, "students": 0.02, "new_parents": 0.02, "carers": 0.06,
        "veterans": 0.012, "health_workers": 0.07, "first_responders": 0.02, "disabled": 0.05, "deaf": 0.006,
        "neurodivergent": 0.08,
    }
)  # fmt: skip
# A community is likelier for people of an age band, gender or background
COMMUNITY_AMONG: Mapping[str, Table] = MappingProxyType(
    {
        "from_13": {"students": 0.6},
        "from_18": {"students": 0.55, "lgbtq": 0.15},
        "from_25": {"new_parents": 0.12},
        "from_35": {"new_parents": 0.10},
        "from_50": {"carers": 0.16},
        "non_binary": {"lgbtq": 0.92},
        "eastern_european": {"migrants": 0.5, "refugees": 0.06},
        "middle_eastern": {"migrants": 0.45, "refugees": 0.15},
        "african": {"migrants": 0.4, "refugees": 0.08},
        "south_asian": {"migrants": 0.3},
        "east_asian": {"migrants": 0.35},
        "southeast_asian": {"migrants": 0.4},
        "latin_american": {"migrants": 0.45},
    }
)
# Concerns that are so many times likelier in a community
COMMUNITY_BRINGS: Mapping[str, Table] = MappingProxyType(
    {
        "lgbtq": {"identity": 3, "sexuality": 7},
        "migrants": {"identity": 3, "life_change": 2.5, "loneliness": 2},
        "refugees": {"trauma": 7, "sleep": 2},
        "students": {"work": 2.5, "anxiety": 1.4, "loneliness": 1.5},
        "new_parents": {"parenting": 9, "sleep": 2},
        "carers": {"burnout": 2, "grief": 2, "family": 2},
        "veterans": {"trauma": 6, "anger": 4, "alcohol_drugs": 2},
        "health_workers": {"burnout": 3, "sleep": 2},
        "first_responders": {"trauma": 4, "sleep": 3},
        "disabled": {"health": 8},
        "deaf": {"loneliness": 2},
        "neurodivergent": {"adhd": 9, "autism": 9},
    }
)

FORMATS: Table = MappingProxyType({"online|in_person": 0.52, "online": 0.2, "in_person": 0.28})
DISTANCES_KM: Table = MappingProxyType({"3": 0.12, "5": 0.34, "8": 0.34, "12": 0.2})
DAY_PARTS: Table = MappingProxyType({"morning": 0.22, "afternoon": 0.26, "evening": 0.45})
WEEKEND = 0.35  # times the chance of the same part of a weekday
ANY_TIME = 0.22
URGENCIES: Table = MappingProxyType({"within_two_weeks": 0.3, "within_six_weeks": 0.5, "no_hurry": 0.2})
INSURANCES: Table = MappingProxyType(
    {"statutory": 0.45, "private": 0.12, "employer": 0.08, "hardship_fund": 0.03, "": 0.32}
)
MAX_FEES_CENTS: Table = MappingProxyType(
    {"4000": 0.06, "5000": 0.14, "6000": 0.22, "7500": 0.24, "9000": 0.2, "12000": 0.14}
)
STYLE_MEANS = (-0.6, -0.4, 0.3, -0.2)  # most would be led, and go to feelings (Cooper et al. 2019)
STYLE_SD = 1.5
UNSURE = 0.15
HELPS: Table = MappingProxyType(
    {
        "heard": 5, "warm": 3, "clear": 2, "hopeful": 2, "my_pace": 2, "tools": 3, "understood_background": 1,
        "honest": 1.5,
    }
)  # fmt: skip
HINDRANCES: Table = MappingProxyType(
    {
        "not_listened_to": 3, "rigid": 2, "critical": 2, "uninvolved": 2.5, "unsure": 1, "over_structured": 1.5,
        "talked_about_themselves": 1.5, "left_in_silence": 2, "over_interpreted": 1.5,
    }
)  # fmt: skip
RECOMMENDERS: Table = MappingProxyType(
    {
        "own_search": 0.42, "doctor": 0.25, "friend": 0.16, "other_therapist": 0.05, "past_client": 0.05,
        "work_or_school": 0.07,
    }
)  # fmt: skip
# A recommendation that names one therapist
NAMED_THERAPIST: Table = MappingProxyType({"friend": 0.3, "past_client": 0.7, "other_therapist": 0.5})
LEVELS: Table = MappingProxyType({"a_little": 0.3, "some": 0.5, "a_lot": 0.2})

# A wish for a trait: how many have one, and how strong it is then. Must-haves stay rare, so that most have a choice.
WISH_SHARES: Table = MappingProxyType(
    {"gender": 0.34, "age_band": 0.12, "background": 0.08, "faith": 0.06, "communities": 0.45, "modality": 0.27}
)
STRENGTHS: Mapping[str, Table] = MappingProxyType(
    {
        "gender": {"must": 0.2, "matters": 0.45, "a_little": 0.35},
        "age_band": {"matters": 0.3, "a_little": 0.7},
        "background": {"must": 0.03, "matters": 0.5, "a_little": 0.47},
        "faith": {"must": 0.03, "matters": 0.5, "a_little": 0.47},
        "communities": {"must": 0.02, "matters": 0.6, "a_little": 0.38},
        "modality": {"must": 0.02, "matters": 0.45, "a_little": 0.53},
    }
)
WISHED_MODALITIES: Table = MappingProxyType(
    {
        "cbt": 5, "mindfulness": 2, "person_centred": 2, "psychodynamic": 2, "act": 1.5, "emdr": 1, "systemic": 1,
        "solution_focused": 1.5, "cft": 1, "schema": 0.7, "integrative": 1.5,
    }
)  # fmt: skip
