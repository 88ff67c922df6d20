"""Invented clients whose answers hang together: age and communities, background and languages, concerns and wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from matcher import vocabulary as v
from matcher.encoding.bits import Floats
from matcher.encoding.features import CONCERN_FAMILIES
from matcher.entities import Intake, Style
from matcher.simulation import intake_chances as chances
from matcher.simulation import origins, place
from matcher.simulation.chances import happens, one_of, rounded, several_of, some_of, top_of, unsaid
from matcher.simulation.phrases import draw_goals, draw_stories
from matcher.simulation.wishing import draw_wishes

Columns = dict[str, Sequence[Any]]
FAMILY_OF = {concern: family for family, concerns in CONCERN_FAMILIES.items() for concern in concerns}


def draw_clients(rng: np.random.Generator, n: int, therapist_ids: Sequence[str]) -> tuple[Intake, ...]:
    """n clients with ids of one length, c001, c002, …; some were recommended to one of these therapists."""
    columns = _identity(rng, n)
    columns |= _needs(rng, columns)
    columns |= _practicalities(rng, columns)
    columns |= _preferences(rng, columns)
    columns |= _experience(rng, n)
    columns |= _ties(rng, columns, therapist_ids)
    columns |= {name: unsaid(rng, columns[name], share) for name, share in chances.UNSAID.items()}
    rows = zip(*columns.values(), strict=True)
    return tuple(Intake(**dict(zip(columns, row, strict=True))) for row in rows)


def _identity(rng: np.random.Generator, n: int) -> Columns:
    background, age = origins.backgrounds(rng, n), one_of(rng, n, chances.AGE_BANDS)
    gender = one_of(rng, n, chances.GENDERS)
    communities = _communities(rng, zip(age, gender, background, strict=True))
    home = origins.home_languages(rng, background)
    spoken = origins.languages(rng, home, local=chances.SPEAK_LOCAL, home_first=chances.HOME_FIRST)
    return {
        "id": [f"c{k:0{len(str(n))}d}" for k in range(1, n + 1)],
        "age_band": age,
        "gender": gender,
        "background": background,
        "faith": origins.faiths(rng, background),
        "communities": communities,
        "languages": [
            ("sign", said[0]) if "deaf" in own else said for said, own in zip(spoken, communities, strict=True)
        ],
    }


def _communities(rng: np.random.Generator, people: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """At most three communities each, likelier by age, gender and background."""
    tables = []
    for traits in people:
        table = dict(chances.COMMUNITIES)
        for trait in traits:
            table |= chances.COMMUNITY_AMONG.get(trait, {})
        tables.append(table)
    return [own[:3] for own in some_of(rng, tables)]


def _needs(rng: np.random.Generator, who: Columns) -> Columns:
    n = len(who["id"])
    concerns = _concerns(rng, who["communities"])
    return {
        "concerns": concerns,
        "concern_text": draw_stories(rng, concerns),
        "goals": draw_goals(rng, concerns),
        "at_risk": [{"yes": True, "no": False}.get(word) for word in one_of(rng, n, chances.AT_RISK)],
        "hope": [None if silent else hope for hope, silent in zip(
            rounded(rng.normal(6.3, 2.0, n), 0, 10), happens(rng, 0.08, n), strict=True)],
        "urgency": unsaid(rng, one_of(rng, n, chances.URGENCIES), 0.06),
    }  # fmt: skip


def _concerns(rng: np.random.Generator, communities: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """One to three concerns: what a community brings is likelier, and so is a second of the main one's family."""
    weights = np.array([_weights(own) for own in communities])
    main = np.array([row[0] for row in top_of(rng, weights, np.ones(len(weights), dtype=np.int64))])
    family = np.array([FAMILY_OF[code] for code in v.CONCERNS.codes])
    weights = weights * np.where(family == family[main][:, None], chances.SAME_FAMILY, 1.0)
    weights[np.arange(len(main)), main] = 0
    counts = np.array([int(word) for word in one_of(rng, len(main), chances.CONCERN_COUNTS)])
    further = top_of(rng, weights, counts - 1)
    return [tuple(v.CONCERNS.codes[k] for k in (first, *rest)) for first, rest in zip(main, further, strict=True)]


def _weights(communities: Sequence[str]) -> list[float]:
    weights = dict(chances.CONCERNS)
    for community in communities:
        for concern, times in chances.COMMUNITY_BRINGS.get(community, {}).items():
            weights[concern] *= times
    return [weights[code] for code in v.CONCERNS.codes]


def _practicalities(rng: np.random.Generator, who: Columns) -> Columns:
    n = len(who["id"])
    formats = [tuple(word.split("|")) for word in one_of(rng, n, chances.FORMATS)]
    away = happens(rng, [0.06 if own == ("online",) else 0.0 for own in formats], n)  # of the next province
    homes = place.scattered(rng, one_of(rng, n, place.HOMES))
    far = one_of(rng, n, chances.DISTANCES_KM)
    limited = happens(rng, 0.55, n)
    return {
        "formats": [() if silent else own for own, silent in zip(formats, happens(rng, 0.05, n), strict=True)],
        "region": [place.NEXT_REGION if gone else place.REGION for gone in away],
        "location": [None if gone else home for home, gone in zip(homes, away, strict=True)],
        "max_distance_km": [
            float(km) if holds and not gone else None for km, holds, gone in zip(far, limited, away, strict=True)
        ],
        "times": _times(rng, n),
        **_money(rng, who["communities"]),
    }


def _times(rng: np.random.Generator, n: int) -> list[tuple[str, ...]]:
    """Weekly times that suit; some people are busy, some free, and a fifth says nothing, which means any."""
    table = {
        f"{day}_{part}": chance * (chances.WEEKEND if day in ("sat", "sun") else 1)
        for day in v.WEEKDAYS.codes
        for part, chance in chances.DAY_PARTS.items()
    }
    leisure = rng.uniform(0.5, 1.8, n)
    free = some_of(rng, [{time: chance * own for time, chance in table.items()} for own in leisure.tolist()])
    return [() if anyhow else own for own, anyhow in zip(free, happens(rng, chances.ANY_TIME, n), strict=True)]


def _money(rng: np.random.Generator, communities: Sequence[tuple[str, ...]]) -> Columns:
    """Every client names who pays, or what they can pay, or both, or neither where money is no matter."""
    n = len(communities)
    payers: list[str | None] = [
        "student" if "students" in own and by_college else payer or None
        for own, by_college, payer in zip(
            communities, happens(rng, 0.5, n), one_of(rng, n, chances.INSURANCES), strict=True
        )
    ]
    fees, named = one_of(rng, n, chances.MAX_FEES_CENTS), happens(rng, 0.6, n)
    return {
        "insurance": payers,
        "max_fee_cents": [int(fee) if holds else None for fee, holds in zip(fees, named, strict=True)],
    }


def _preferences(rng: np.random.Generator, who: Columns) -> Columns:
    names = ("gender", "age_band", "background", "faith", "communities")
    main = [concerns[0] for concerns in who["concerns"]]
    return {
        "wishes": draw_wishes(rng, concern=main, **{name: who[name] for name in names}),
        "style": draw_styles(rng, np.tile(chances.STYLE_MEANS, (len(main), 1)), chances.STYLE_SD, chances.UNSURE),
    }


def draw_styles(rng: np.random.Generator, means: Floats, sd: float, unsure: float) -> list[Style]:
    """Where people stand on the style scales around these means (n, 4); some are not sure."""
    places = np.array(rounded(rng.normal(means, sd), -v.STYLE_LIMIT, v.STYLE_LIMIT)).tolist()
    silent = rng.random(means.shape) < unsure
    return [
        Style(*(None if not_sure else at for at, not_sure in zip(row, unknown, strict=True)))
        for row, unknown in zip(places, silent.tolist(), strict=True)
    ]


def _experience(rng: np.random.Generator, n: int) -> Columns:
    had = happens(rng, 0.45, n)
    helped = several_of(rng, chances.HELPS, rng.integers(0, 4, n) * had)
    hindered = several_of(rng, chances.HINDRANCES, rng.integers(0, 4, n) * had)
    return {"had_therapy": had.tolist(), "helped": helped, "hindered": hindered, "investment": _investment(rng, n)}


def _investment(rng: np.random.Generator, n: int) -> list[dict[str, str]]:
    levels = [one_of(rng, n, chances.LEVELS) for _ in v.INVESTMENTS.codes]
    said = happens(rng, 0.7, n)
    return [
        dict(zip(v.INVESTMENTS.codes, row, strict=True)) if holds else {}
        for row, holds in zip(zip(*levels, strict=True), said, strict=True)
    ]


def _ties(rng: np.random.Generator, who: Columns, therapist_ids: Sequence[str]) -> Columns:
    """Who sent the client, and to whom; few have met a therapist here before or may not be matched with one."""
    n = len(who["id"])
    by = one_of(rng, n, chances.RECOMMENDERS)
    to, but = (one_of(rng, n, dict.fromkeys(therapist_ids, 1.0)) for _ in range(2))
    told = happens(rng, [chances.NAMED_THERAPIST.get(word, 0.0) for word in by], n)
    return {
        "recommended_by": unsaid(rng, by, 0.1),
        "recommended_therapist_id": [id_ if holds else None for id_, holds in zip(to, told, strict=True)],
        "blocked_therapist_ids": [
            (id_,) if holds else () for id_, holds in zip(but, happens(rng, 0.01, n), strict=True)
        ],
    }
