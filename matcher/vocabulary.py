"""The one list each of concerns, modalities, languages …: used by forms, files, the API and the model alike.

A code is stable and lower-case ASCII; a label is what a person reads. Adding a term is safe; renaming a code needs a
migration, because stored intakes, therapists and models speak in codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType

from matcher.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a vocabulary: its stable ``code`` and the ``label`` that a person reads."""

    code: str
    label: str


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of terms. The order is the order of encoded columns and of choices in a form."""

    name: str
    terms: tuple[Term, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code, in order."""
        return tuple(term.code for term in self.terms)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {code: k for k, code in enumerate(self.codes)}

    @cached_property
    def _spelling(self) -> dict[str, str]:
        """Folded codes and labels → code, so that 'Low mood' finds depression."""
        return {_fold(word): term.code for term in self.terms for word in (term.label, term.code)}

    def __contains__(self, code: object) -> bool:
        return code in self._position

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def index(self, code: str) -> int:
        """The position of a code, which is also its column when encoded."""
        return self._position[code]

    def label(self, code: str) -> str:
        """What a person reads for a code."""
        return self.terms[self._position[code]].label

    def find(self, word: str) -> str | None:
        """The code that a word spells, by code or by label and in whatever case, or None."""
        return self._spelling.get(_fold(word))

    def nearest(self, word: str) -> str | None:
        """The code that was most likely meant by a word that is not in the list, or None."""
        folded = _fold(word[:80])
        close = get_close_matches(folded, self._spelling, n=1, cutoff=0.6)
        return self._spelling[close[0]] if close else None

    def check(self, code: object, field: str) -> str:
        """The code itself, or an InvalidInput that names the field and the nearest known word."""
        if isinstance(code, str) and code in self._position:
            return code
        raise InvalidInput(field, code, self.mend(code))

    def mend(self, word: object) -> str:
        """What to write instead of a word that is not in the list."""
        near = self.nearest(word) if isinstance(word, str) else None
        if near is not None:
            return f"not a known {self.name}; did you mean {near!r}?"
        some = ", ".join(self.codes[:6]) + (" …" if len(self) > 6 else "")
        return f"not a known {self.name}; use one of: {some}"


def _fold(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").replace("-", " ").split())


def _vocabulary(name: str, **labels: str) -> Vocabulary:
    return Vocabulary(name, tuple(Term(code, label) for code, label in labels.items()))


CONCERNS = _vocabulary(
    "concern",
    anxiety="Anxiety and worry",
    panic="Panic attacks",
    low_mood="Low mood or depression",
    grief="Grief and loss",
    trauma="Trauma",
    relationships="Relationships",
    family="Family conflict",
    parenting="Being a parent",
    loneliness="Loneliness",
    self_esteem="Self-esteem",
    burnout="Stress and burnout",
    work="Work or study",
    life_change="A big change in life",
    sleep="Sleep problems",
    anger="Anger",
    ocd="Obsessions and compulsions",
    eating="Eating and body image",
    alcohol_drugs="Alcohol or drugs",
    health="Living with illness or pain",
    adhd="ADHD",
    autism="Autism",
    identity="Identity and belonging",
    sexuality="Sexuality and gender",
    mood_swings="Strong mood swings",
)

MODALITIES = _vocabulary(
    "modality",
    cbt="Cognitive behavioural therapy",
    act="Acceptance and commitment therapy",
    cft="Compassion-focused therapy",
    dbt="Dialectical behaviour therapy",
    schema="Schema therapy",
    emdr="EMDR",
    person_centred="Person-centred therapy",
    emotion_focused="Emotion-focused therapy",
    psychodynamic="Psychodynamic therapy",
    interpersonal="Interpersonal therapy",
    systemic="Systemic and family therapy",
    gestalt="Gestalt therapy",
    existential="Existential therapy",
    solution_focused="Solution-focused therapy",
    mindfulness="Mindfulness-based therapy",
    integrative="Integrative therapy",
)

LANGUAGES = _vocabulary(
    "language",
    en="English", de="German", es="Spanish", fr="French", it="Italian", pt="Portuguese", nl="Dutch", pl="Polish",
    ro="Romanian", ru="Russian", uk="Ukrainian", tr="Turkish", ar="Arabic", fa="Persian", ur="Urdu", hi="Hindi",
    pa="Punjabi", bn="Bengali", ta="Tamil", zh="Chinese", ja="Japanese", ko="Korean", vi="Vietnamese", tl="Tagalog",
    so="Somali", sw="Swahili", yo="Yoruba", am="Amharic", he="Hebrew", el="Greek", sv="Swedish", fi="Finnish",
    sign="Sign language",
)  # fmt: skip

FORMATS = _vocabulary("format", online="Online", in_person="In person")

GENDERS = _vocabulary("gender", woman="Woman", man="Man", non_binary="Non-binary")

AGE_BANDS = _vocabulary(
    "age band",
    under_13="Under 13",
    from_13="13 to 17",
    from_18="18 to 24",
    from_25="25 to 34",
    from_35="35 to 49",
    from_50="50 to 64",
    from_65="65 or over",
)

AGE_GROUPS = _vocabulary(
    "age group", children="Children", teenagers="Teenagers", adults="Adults", older_adults="Older adults"
)

GROUP_OF_AGE_BAND = {
    "under_13": "children",
    "from_13": "teenagers",
    "from_18": "adults",
    "from_25": "adults",
    "from_35": "adults",
    "from_50": "adults",
    "from_65": "older_adults",
}

BACKGROUNDS = _vocabulary(
    "background",
    african="African",
    caribbean="Caribbean",
    east_asian="East Asian",
    south_asian="South Asian",
    southeast_asian="Southeast Asian",
    middle_eastern="Middle Eastern or North African",
    latin_american="Latin American",
    eastern_european="Eastern European",
    western_european="Western European",
    indigenous="Indigenous",
    mixed="Mixed",
)

FAITHS = _vocabulary(
    "faith",
    buddhist="Buddhist",
    christian="Christian",
    hindu="Hindu",
    jewish="Jewish",
    muslim="Muslim",
    sikh="Sikh",
    spiritual="Spiritual",
    none="Not religious",
)

COMMUNITIES = _vocabulary(
    "community",
    lgbtq="LGBTQ+ people",
    migrants="People who moved countries",
    refugees="Refugees",
    students="Students",
    new_parents="New parents",
    carers="Carers",
    veterans="Veterans",
    health_workers="Health workers",
    first_responders="First responders",
    disabled="Disabled people",
    deaf="Deaf people",
    neurodivergent="Neurodivergent people",
)

PROFESSIONS = _vocabulary(
    "profession",
    psychologist="Psychologist",
    psychotherapist="Psychotherapist",
    counsellor="Counsellor",
    psychiatrist="Psychiatrist",
    social_worker="Clinical social worker",
    family_therapist="Family therapist",
)

TRAININGS = _vocabulary(
    "training",
    doctorate="Doctorate",
    masters="Master's degree",
    diploma="Diploma in psychotherapy",
    accredited="Accredited by a professional body",
    supervisor="Trained supervisor",
    in_training="In supervised training",
)

INSURANCES = _vocabulary(
    "insurance",
    statutory="Statutory health insurance",
    private="Private health insurance",
    employer="Employer programme",
    student="Student health plan",
    hardship_fund="Clinic hardship fund",
)

WEEKDAYS = _vocabulary(
    "weekday",
    mon="Monday", tue="Tuesday", wed="Wednesday", thu="Thursday", fri="Friday", sat="Saturday", sun="Sunday",
)  # fmt: skip

DAY_PARTS = _vocabulary("part of the day", morning="morning", afternoon="afternoon", evening="evening")

TIMES = Vocabulary(
    "weekly time",
    tuple(Term(f"{day.code}_{part.code}", f"{day.label} {part.label}") for day in WEEKDAYS for part in DAY_PARTS),
)

URGENCIES = _vocabulary(
    "start", within_two_weeks="Within two weeks", within_six_weeks="Within six weeks", no_hurry="No hurry"
)

STRENGTHS = _vocabulary(
    "strength",
    must="Must have",
    matters="Matters",
    a_little="Matters a little",
    no_preference="No preference",
)

# Four bipolar scales, after the dimensions of the Cooper-Norcross Inventory of Preferences (Cooper & Norcross 2016),
# in our own words. −3 is the left end, +3 the right end, 0 the middle, None is "I am not sure".
STYLES = _vocabulary(
    "style scale",
    lead="The therapist leads – I lead",
    feeling="Go deep into feelings – keep feelings at a distance",
    time="Look at the past – look at the present",
    challenge="Warm support – focused challenge",
)
STYLE_ENDS = {
    "lead": ("the therapist to lead", "to lead yourself"),
    "feeling": ("to go deep into feelings", "to keep feelings at a distance"),
    "time": ("to look at the past", "to look at the present"),
    "challenge": ("warm support", "focused challenge"),
}
STYLE_LIMIT = 3

HINDRANCES = _vocabulary(
    "hindrance",
    not_listened_to="I did not feel listened to",
    rigid="They were rigid",
    critical="They were critical",
    uninvolved="They seemed uninvolved",
    unsure="They seemed unsure",
    over_structured="Everything was over-structured",
    talked_about_themselves="They talked about themselves",
    left_in_silence="I was left in silence",
    over_interpreted="They read too much into things",
)

HELPS = _vocabulary(
    "help",
    heard="I felt heard",
    warm="They were warm",
    clear="They were clear",
    hopeful="They gave me hope",
    my_pace="We went at my pace",
    tools="I got things to try",
    understood_background="They understood where I come from",
    honest="They were honest with me",
)

INVESTMENTS = _vocabulary("investment", time="Time", money="Money", effort="Effort between sessions")

INVESTMENT_LEVELS = _vocabulary("level", a_little="A little", some="Some", a_lot="A lot")

RECOMMENDERS = _vocabulary(
    "recommendation",
    friend="A friend or relative",
    doctor="A doctor",
    other_therapist="Another therapist",
    past_client="Someone who was a client here",
    work_or_school="Work or school",
    own_search="My own search",
)

# The list that each field of an intake, and of a therapist, speaks in
INTAKE_WORDS: Mapping[str, Vocabulary] = MappingProxyType(
    {
        "concerns": CONCERNS,
        "formats": FORMATS,
        "times": TIMES,
        "insurance": INSURANCES,
        "languages": LANGUAGES,
        "urgency": URGENCIES,
        "age_band": AGE_BANDS,
        "gender": GENDERS,
        "background": BACKGROUNDS,
        "faith": FAITHS,
        "communities": COMMUNITIES,
        "helped": HELPS,
        "hindered": HINDRANCES,
        "recommended_by": RECOMMENDERS,
    }
)

THERAPIST_WORDS: Mapping[str, Vocabulary] = MappingProxyType(
    {
        "profession": PROFESSIONS,
        "languages": LANGUAGES,
        "formats": FORMATS,
        "insurances": INSURANCES,
        "age_groups": AGE_GROUPS,
        "modalities": MODALITIES,
        "trainings": TRAININGS,
        "gender": GENDERS,
        "age_band": AGE_BANDS,
        "background": BACKGROUNDS,
        "faith": FAITHS,
        "communities": COMMUNITIES,
    }
)
