"""Clients and therapists with sensible defaults, so that a test names only what it is about; and random ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Intake, Location, Opening, Style, Therapist, Wish, Wishes

TODAY = date(2026, 3, 2)
BERLIN = Location(52.52, 13.405)


def an_intake(**changes: Any) -> Intake:
    return Intake(**{"id": "client", "concerns": ("grief",)} | changes)


def a_therapist(id: str = "t1", **changes: Any) -> Therapist:
    defaults: dict[str, Any] = {
        "id": id,
        "name": f"Name of {id}",
        "profession": "psychologist",
        "licence_regions": ("DE",),
        "concerns": {"grief": 2},
        "languages": ("de",),
        "formats": ("online",),
        "capacity": 1,
    }
    return Therapist(**defaults | changes)


def wishes(**said: tuple[str, str]) -> Wishes:
    """``wishes(gender=("woman", "must"))``."""
    return Wishes(**{trait: Wish((option,), strength) for trait, (option, strength) in said.items()})


def some(words: v.Vocabulary, at_least: int = 0, at_most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words.codes), unique=True, min_size=at_least, max_size=at_most).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def one(words: v.Vocabulary) -> st.SearchStrategy[str | None]:
    return maybe(st.sampled_from(words.codes))


LOCATIONS = st.builds(Location, st.floats(52.3, 52.7), st.floats(13.1, 13.7))
SCALES = maybe(st.integers(-3, 3))
STYLES = st.builds(Style, SCALES, SCALES, SCALES, SCALES)
OPENINGS = st.builds(Opening, st.integers(0, 6), st.integers(8 * 60, 20 * 60), st.sampled_from(v.FORMATS.codes))


def a_wish(words: v.Vocabulary) -> st.SearchStrategy[Wish]:
    return st.builds(Wish, some(words, 1), st.sampled_from(v.STRENGTHS.codes)) | st.just(Wish())


INTAKES = st.builds(
    Intake,
    id=st.sampled_from(["c1", "c2", "c3"]),
    concerns=some(v.CONCERNS, 1),
    formats=some(v.FORMATS, at_most=2),
    region=maybe(st.sampled_from(["DE", "DE-BE", "FR"])),
    location=maybe(LOCATIONS),
    max_distance_km=maybe(st.floats(0, 40)),
    times=some(v.TIMES),
    max_fee_cents=maybe(st.integers(0, 15_000)),
    insurance=one(v.INSURANCES),
    languages=some(v.LANGUAGES),
    urgency=one(v.URGENCIES),
    age_band=one(v.AGE_BANDS),
    gender=one(v.GENDERS),
    background=one(v.BACKGROUNDS),
    communities=some(v.COMMUNITIES),
    wishes=st.builds(Wishes, **{trait: a_wish(words) for trait, words in WISH_VOCABULARY.items()}),
    style=STYLES,
    had_therapy=maybe(st.booleans()),
    helped=some(v.HELPS),
    hindered=some(v.HINDRANCES),
    hope=maybe(st.integers(0, 10)),
    recommended_therapist_id=maybe(st.sampled_from(["t0", "t1", "nobody"])),
    former_therapist_id=maybe(st.sampled_from(["t0", "t2", "nobody"])),
    blocked_therapist_ids=st.sampled_from([(), ("t1",), ("nobody",)]),
)

THERAPISTS = st.builds(
    Therapist,
    id=st.just("t"),
    name=st.just("Name"),
    profession=st.sampled_from(v.PROFESSIONS.codes),
    licence_regions=st.sampled_from([("DE",), ("DE-BE",), ("DE-BY", "FR")]),
    concerns=st.dictionaries(st.sampled_from(v.CONCERNS.codes), st.integers(1, 3), max_size=6),
    languages=some(v.LANGUAGES, 1),
    formats=some(v.FORMATS, 1, 2),
    capacity=st.integers(0, 3),
    location=maybe(LOCATIONS),
    openings=st.lists(OPENINGS, max_size=4, unique=True).map(tuple),
    available_from=maybe(st.dates(date(2026, 1, 1), date(2026, 12, 31))),
    fee_cents=maybe(st.integers(0, 15_000)),
    sliding_fee_cents=maybe(st.integers(0, 15_000)),
    insurances=some(v.INSURANCES),
    age_groups=some(v.AGE_GROUPS, 1),
    modalities=some(v.MODALITIES),
    style=STYLES,
    trainings=some(v.TRAININGS),
    years=maybe(st.floats(0, 60)),
    gender=one(v.GENDERS),
    age_band=one(v.AGE_BANDS),
    background=one(v.BACKGROUNDS),
    faith=one(v.FAITHS),
    communities=some(v.COMMUNITIES),
)


def directories(at_least: int = 1, at_most: int = 5) -> st.SearchStrategy[list[Therapist]]:
    """Therapists t0, t1, … in order."""
    from dataclasses import replace

    return st.lists(THERAPISTS, min_size=at_least, max_size=at_most).map(
        lambda rows: [replace(row, id=f"t{k}") for k, row in enumerate(rows)]
    )
