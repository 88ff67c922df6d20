"""The columns of each kind of file, once: reader, writer, template and documentation all come from this table.

A column is a field of the document in ``web.exchange.schema``, which says what it means and what it may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY
from web.exchange.schema import (
    IntakeIn,
    RatingIn,
    ScoreIn,
    TherapistIn,
    field_at,
    intake_document,
    rating_document,
    score_document,
    therapist_document,
)
from web.exchange.sheet import forms
from web.exchange.sheet.forms import Form


@dataclass(frozen=True)
class Column:
    """A column: its name, the form of its cells, a cell as an example, and the path of its field in the document."""

    name: str
    form: Form
    example: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of file: its columns, its document, and which columns together name a row."""

    name: str
    columns: tuple[Column, ...]
    model: type[BaseModel]
    document: Callable[[Any], dict[str, Any]]
    key: tuple[str, ...]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Columns that a file must have."""
        fields = self.model.model_fields
        return tuple(c.name for c in self.columns if len(c.path) == 1 and fields[c.path[0]].is_required())

    def meaning(self, column: Column) -> str:
        """What a column means, as the schema says it."""
        return field_at(self.model, column.path).description or ""


def _column(name: str, form: Form, example: str, *path: str) -> Column:
    return Column(name, form, example, path or (name,))


def _place() -> tuple[Column, ...]:
    return (
        _column("latitude", forms.NUMBER, "52.52", "location", "latitude"),
        _column("longitude", forms.NUMBER, "13.405", "location", "longitude"),
    )


def _style(*examples: str) -> tuple[Column, ...]:
    scales = zip(v.STYLES.codes, examples, strict=True)
    return tuple(_column(f"style_{scale}", forms.WHOLE, example, "style", scale) for scale, example in scales)


def _wishes() -> tuple[Column, ...]:
    examples = {"gender": ("woman", "must"), "modality": ("act|cbt", "a_little")}
    found: list[Column] = []
    for trait, words in WISH_VOCABULARY.items():
        options, strength = examples.get(trait, ("", ""))
        found.append(_column(f"wish_{trait}", forms.some(words), options, "wishes", trait, "options"))
        found.append(_column(f"wish_{trait}_strength", forms.word(v.STRENGTHS), strength, "wishes", trait, "strength"))
    return tuple(found)


THERAPISTS = Kind(
    "therapists",
    (
        _column("therapist_id", forms.ID, "t03"),
        _column("name", forms.LINE, "Mara Lindqvist"),
        _column("profession", forms.word(v.PROFESSIONS), "psychologist"),
        _column("licence_regions", forms.REGIONS, "DE|AT"),
        _column("concerns", forms.DEPTHS, "grief:3|sleep:1"),
        _column("languages", forms.some(v.LANGUAGES), "de|en"),
        _column("formats", forms.some(v.FORMATS), "online|in_person"),
        _column("capacity", forms.WHOLE, "2"),
        _column("statement", forms.TEXT, "I like to begin with what has already helped you."),
        *_place(),
        _column("openings", forms.OPENINGS, "thu 18:30 online|fri 09:00 in_person"),
        _column("available_from", forms.DAY, "2026-03-02"),
        _column("fee_cents", forms.CENTS, "9500"),
        _column("sliding_fee_cents", forms.CENTS, "5000"),
        _column("insurances", forms.some(v.INSURANCES), "statutory|hardship_fund"),
        _column("age_groups", forms.some(v.AGE_GROUPS), "adults|older_adults"),
        _column("modalities", forms.some(v.MODALITIES), "act|mindfulness"),
        *_style("1", "-2", "", "-1"),
        _column("trainings", forms.some(v.TRAININGS), "masters|accredited"),
        _column("years", forms.NUMBER, "12"),
        _column("gender", forms.word(v.GENDERS), "woman"),
        _column("age_band", forms.word(v.AGE_BANDS), "from_35"),
        _column("background", forms.word(v.BACKGROUNDS), "western_european"),
        _column("faith", forms.word(v.FAITHS), "none"),
        _column("communities", forms.some(v.COMMUNITIES), "carers"),
        _column("portrait", forms.FEATURES, "skin=brown|hair=short"),
    ),
    TherapistIn,
    therapist_document,
    ("therapist_id",),
)

CLIENTS = Kind(
    "clients",
    (
        _column("client_id", forms.ID, "c017"),
        _column("concerns", forms.some(v.CONCERNS), "grief|sleep"),
        _column("concern_text", forms.TEXT, "My father died in spring."),
        _column("at_risk", forms.YES_NO, "no"),
        _column("formats", forms.some(v.FORMATS), "in_person"),
        _column("region", forms.REGION, "DE-BE"),
        *_place(),
        _column("max_distance_km", forms.NUMBER, "8.5"),
        _column("times", forms.some(v.TIMES), "tue_evening|thu_evening"),
        _column("max_fee_cents", forms.CENTS, "9500"),
        _column("insurance", forms.word(v.INSURANCES), "statutory"),
        _column("languages", forms.some(v.LANGUAGES), "de|en"),
        _column("urgency", forms.word(v.URGENCIES), "within_six_weeks"),
        _column("age_band", forms.word(v.AGE_BANDS), "from_35"),
        _column("gender", forms.word(v.GENDERS), "woman"),
        _column("background", forms.word(v.BACKGROUNDS), "mixed"),
        _column("faith", forms.word(v.FAITHS), "none"),
        _column("communities", forms.some(v.COMMUNITIES), "new_parents"),
        *_wishes(),
        *_style("-1", "", "2", "0"),
        _column("had_therapy", forms.YES_NO, "yes"),
        _column("helped", forms.some(v.HELPS), "my_pace|warm"),
        _column("hindered", forms.some(v.HINDRANCES), "rigid"),
        _column("hope", forms.WHOLE, "6"),
        _column("goals", forms.TEXTS, "Sleep through the night|See friends again"),
        *(
            _column(f"invest_{kind}", forms.word(v.INVESTMENT_LEVELS), example, "investment", kind)
            for kind, example in zip(v.INVESTMENTS.codes, ("some", "a_little", "a_lot"), strict=True)
        ),
        _column("recommended_by", forms.word(v.RECOMMENDERS), "doctor"),
        _column("recommended_therapist_id", forms.ID, "t03"),
        _column("former_therapist_id", forms.ID, "t11"),
        _column("blocked_therapist_ids", forms.IDS, "t08"),
    ),
    IntakeIn,
    intake_document,
    ("client_id",),
)

RATINGS = Kind(
    "ratings",
    (
        _column("client_id", forms.ID, "c017"),
        _column("therapist_id", forms.ID, "t03"),
        _column("session", forms.WHOLE, "3"),
        _column("score", forms.NUMBER, "0.825"),
        _column("rated_at", forms.MOMENT, "2025-11-14T18:30:00+01:00"),
    ),
    RatingIn,
    rating_document,
    ("client_id", "therapist_id", "session"),
)

SCORES = Kind(
    "scores",
    (
        _column("client_id", forms.ID, "c017"),
        _column("instrument", forms.ID, "phq-9"),
        _column("score", forms.NUMBER, "14"),
        _column("said_at", forms.MOMENT, "2025-10-31T09:30:00Z"),
    ),
    ScoreIn,
    score_document,
    ("client_id", "instrument", "said_at"),
)

KINDS = {kind.name: kind for kind in (THERAPISTS, CLIENTS, RATINGS, SCORES)}
