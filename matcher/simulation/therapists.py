"""Invented therapists whose profiles hang together: way of working and style, profession and fee, age and years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from matcher import vocabulary as v
from matcher.entities import Opening, Therapist
from matcher.simulation import origins, place
from matcher.simulation import profile_chances as chances
from matcher.simulation.chances import happens, one_of, several_of, some_of, top_of, unsaid
from matcher.simulation.clients import Columns, draw_styles
from matcher.simulation.intake_chances import CONCERNS
from matcher.simulation.names import draw_names
from matcher.simulation.phrases import draw_statements

STEP_CENTS = 500


def draw_therapists(rng: np.random.Generator, n: int, *, today: date) -> tuple[Therapist, ...]:
    """n therapists with ids of one length, t01, t02, …; some can start only some weeks after ``today``."""
    columns = _identity(rng, n)
    columns |= _work(rng, columns)
    columns |= _practice(rng, columns, today)
    columns |= {name: unsaid(rng, columns[name], share) for name, share in chances.UNSAID.items()}
    rows = zip(*columns.values(), strict=True)
    return tuple(Therapist(**dict(zip(columns, row, strict=True))) for row in rows)


def _identity(rng: np.random.Generator, n: int) -> Columns:
    gender, background = one_of(rng, n, chances.GENDERS), origins.backgrounds(rng, n)
    years = np.round(rng.gamma(2.2, 6.0, n).clip(0.5, 42), 1)
    age = 27 + years + rng.gamma(1.5, 4.0, n)
    home = origins.home_languages(rng, background)
    return {
        "id": [f"t{k:0{len(str(n))}d}" for k in range(1, n + 1)],
        "name": draw_names(rng, gender),
        "gender": gender,
        "background": background,
        "faith": origins.faiths(rng, background),
        "languages": origins.languages(rng, home, local=0.97, home_first=0.2),
        "years": years.tolist(),
        "age_band": [_band(years_of_age) for years_of_age in age.tolist()],
        "communities": some_of(rng, [chances.COMMUNITIES] * n),
    }


def _band(age: float) -> str:
    return "from_25" if age < 35 else "from_35" if age < 50 else "from_50" if age < 65 else "from_65"


def _work(rng: np.random.Generator, who: Columns) -> Columns:
    n = len(who["id"])
    modalities = several_of(rng, chances.MODALITIES, rng.integers(1, 5, n))
    means = np.array([chances.STYLE_OF[own[0]] for own in modalities])
    styles = draw_styles(rng, means, chances.STYLE_SD, chances.UNSURE)
    profession = one_of(rng, n, chances.PROFESSIONS)
    return {
        "modalities": modalities,
        "style": styles,
        "statement": draw_statements([own[0] for own in modalities], styles),
        "concerns": _concerns(rng, [own[0] for own in modalities]),
        "age_groups": [own or ("adults",) for own in some_of(rng, [chances.AGE_GROUPS] * n)],
        "profession": profession,
        "trainings": [
            (*own, *(("in_training",) if years < 2 else ()))
            for own, years in zip(
                some_of(rng, [chances.TRAININGS[code] for code in profession]), who["years"], strict=True
            )
        ],
    }


def _concerns(rng: np.random.Generator, modality: Sequence[str]) -> list[dict[str, int]]:
    """Six to eleven concerns: one or two main fields, some with much and some with some experience."""
    weights = np.array([_weights(own) for own in modality])
    drawn = top_of(rng, weights, rng.integers(6, 12, len(modality)))
    main, much = rng.integers(1, 4, len(modality)), rng.integers(2, 5, len(modality))
    return [
        {v.CONCERNS.codes[k]: 3 if at < first else 2 if at < first + second else 1 for at, k in enumerate(row)}
        for row, first, second in zip(drawn, main.tolist(), much.tolist(), strict=True)
    ]


def _weights(modality: str) -> list[float]:
    brings = chances.MODALITY_BRINGS.get(modality, {})
    return [CONCERNS[code] ** 0.6 * brings.get(code, 1.0) for code in v.CONCERNS.codes]


def _practice(rng: np.random.Generator, who: Columns, today: date) -> Columns:
    n = len(who["id"])
    formats = [tuple(word.split("|")) for word in one_of(rng, n, chances.FORMATS)]
    usual = np.array([chances.PAID[code] for code in who["profession"]])
    fees = (usual * rng.normal(1, 0.15, n) / STEP_CENTS).round().clip(6) * STEP_CENTS
    slides = happens(rng, 0.45, n)
    weeks = rng.integers(1, 12, n) * happens(rng, 0.2, n)
    return {
        "formats": formats,
        "licence_regions": [tuple(word.split("|")) for word in one_of(rng, n, chances.LICENCES)],
        "location": place.scattered(rng, one_of(rng, n, place.HOMES)),
        "capacity": [int(word) for word in one_of(rng, n, chances.CAPACITIES)],
        "openings": [_openings(rng, own) for own in formats],
        "available_from": [today + timedelta(weeks=wait) if wait else None for wait in weeks.tolist()],
        "fee_cents": fees.astype(int).tolist(),
        "sliding_fee_cents": [
            int(fee * 0.6 / STEP_CENTS) * STEP_CENTS if own else None for fee, own in zip(fees, slides, strict=True)
        ],
        "insurances": some_of(rng, [chances.INSURANCES] * n),
    }


def _openings(rng: np.random.Generator, formats: tuple[str, ...]) -> tuple[Opening, ...]:
    """Two to eight weekly places in the order of the week."""
    n = int(rng.integers(2, 9))
    days = one_of(rng, n, {"0": 5, "1": 5, "2": 5, "3": 5, "4": 4, "5": 1})
    parts = one_of(rng, n, {"morning": 3, "afternoon": 4, "evening": 4})
    places = {
        (int(day), 60 * int(rng.choice(chances.OPENING_HOURS[part])) + int(rng.choice((0, 15, 30))))
        for day, part in zip(days, parts, strict=True)
    }
    return tuple(Opening(day, minute, str(rng.choice(formats))) for day, minute in sorted(places))
