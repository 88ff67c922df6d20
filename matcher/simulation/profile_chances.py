"""How therapists differ: guesses for a mixed outpatient clinic, each relative to the others of its table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matcher.simulation.chances import Table

GENDERS: Table = MappingProxyType({"woman": 0.66, "man": 0.31, "non_binary": 0.03})
PROFESSIONS: Table = MappingProxyType(
    {
        "psychotherapist": 0.34, "psychologist": 0.28, "counsellor": 0.18, "social_worker": 0.09,
        "family_therapist": 0.07, "psychiatrist": 0.04,
    }
)  # fmt: skip
MODALITIES: Table = MappingProxyType(
    {
        "cbt": 5, "integrative": 3, "person_centred": 3, "psychodynamic": 3, "act": 2, "systemic": 2, "cft": 1.5,
        "mindfulness": 2, "emdr": 1.5, "schema": 1.5, "emotion_focused": 1.2, "dbt": 1, "interpersonal": 1,
        "gestalt": 0.8, "existential": 0.8, "solution_focused": 1.5,
    }
)  # fmt: skip
# Where a way of working stands on lead, feeling, time and challenge (−3 … 3)
STYLE_OF: Mapping[str, tuple[float, float, float, float]] = MappingProxyType(
    {
        "cbt": (-1.6, 0.6, 1.6, 0.8),
        "act": (-0.8, 0.0, 1.6, 0.2),
        "cft": (-0.4, -0.8, 0.2, -1.6),
        "dbt": (-1.6, 0.0, 1.4, 0.8),
        "schema": (-0.8, -1.0, -1.4, 0.2),
        "emdr": (-1.2, -0.8, -1.6, 0.0),
        "person_centred": (1.8, -1.0, 0.2, -1.8),
        "emotion_focused": (0.0, -2.0, 0.2, -0.8),
        "psychodynamic": (1.0, -1.0, -1.8, 0.2),
        "interpersonal": (-0.4, -0.6, 0.8, 0.0),
        "systemic": (-0.2, 0.4, 0.6, 0.6),
        "gestalt": (0.4, -1.6, 1.4, 1.2),
        "existential": (1.0, -0.8, 0.2, 0.8),
        "solution_focused": (-0.6, 1.2, 2.0, 0.4),
        "mindfulness": (0.2, 0.0, 1.4, -1.0),
        "integrative": (0.0, -0.4, 0.0, -0.4),
    }
)
STYLE_SD, UNSURE = 1.1, 0.04
# Concerns that are so many times likelier among the main fields of a way of working
MODALITY_BRINGS: Mapping[str, Table] = MappingProxyType(
    {
        "cbt": {"anxiety": 2, "panic": 3, "ocd": 4, "sleep": 3},
        "dbt": {"mood_swings": 6, "self_esteem": 2, "eating": 2},
        "emdr": {"trauma": 8, "grief": 2},
        "schema": {"relationships": 2, "trauma": 2, "self_esteem": 2},
        "systemic": {"family": 5, "parenting": 4, "relationships": 2.5},
        "psychodynamic": {"relationships": 2, "low_mood": 1.5, "identity": 2},
        "existential": {"grief": 3, "life_change": 3, "health": 2},
        "solution_focused": {"work": 3, "burnout": 2, "alcohol_drugs": 2},
        "mindfulness": {"burnout": 2, "health": 2, "sleep": 2},
        "gestalt": {"anger": 3},
        "person_centred": {"loneliness": 2, "sexuality": 2},
        "cft": {"self_esteem": 3, "eating": 2},
    }
)
COMMUNITIES: Table = MappingProxyType(
    {
        "lgbtq": 0.3, "migrants": 0.16, "refugees": 0.08, "students": 0.25, "new_parents": 0.2, "carers": 0.16,
        "veterans": 0.06, "health_workers": 0.14, "first_responders": 0.08, "disabled": 0.14, "deaf": 0.03,
        "neurodivergent": 0.25,
    }
)  # fmt: skip
FORMATS: Table = MappingProxyType({"online|in_person": 0.68, "online": 0.12, "in_person": 0.2})
LICENCES: Table = MappingProxyType({"XR": 0.62, "XR-N": 0.33, "XR-N|XR-S": 0.05})
AGE_GROUPS: Mapping[str, float] = MappingProxyType(
    {"children": 0.08, "teenagers": 0.3, "adults": 0.98, "older_adults": 0.6}
)
CAPACITIES: Table = MappingProxyType({"0": 0.2, "1": 0.25, "2": 0.25, "3": 0.15, "4": 0.1, "6": 0.05})
INSURANCES: Table = MappingProxyType(
    {"statutory": 0.55, "private": 0.6, "employer": 0.4, "student": 0.3, "hardship_fund": 0.3}
)
TRAININGS: Mapping[str, Table] = MappingProxyType(
    {
        "psychologist": {"masters": 0.95, "doctorate": 0.3, "accredited": 0.85, "supervisor": 0.15},
        "psychotherapist": {"diploma": 0.9, "masters": 0.4, "accredited": 0.8, "supervisor": 0.2},
        "counsellor": {"diploma": 0.85, "accredited": 0.6, "masters": 0.15},
        "psychiatrist": {"doctorate": 0.7, "accredited": 0.95, "supervisor": 0.2},
        "social_worker": {"masters": 0.7, "accredited": 0.6},
        "family_therapist": {"masters": 0.5, "diploma": 0.6, "accredited": 0.8, "supervisor": 0.2},
    }
)
PAID: Mapping[str, float] = MappingProxyType(  # usual fee of a session in cents
    {
        "psychologist": 9500, "psychotherapist": 8500, "counsellor": 6000, "psychiatrist": 13000,
        "social_worker": 6500, "family_therapist": 9000,
    }
)  # fmt: skip
OPENING_HOURS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"morning": (8, 9, 10, 11), "afternoon": (12, 13, 14, 15, 16), "evening": (17, 18, 19)}
)
UNSAID: Table = MappingProxyType({"gender": 0.03, "age_band": 0.15, "background": 0.35, "faith": 0.6})
