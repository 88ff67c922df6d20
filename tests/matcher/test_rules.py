"""The rules of a release have a name, which past lists bear: whoever changes what they make has to give them another.

The digests are of what the rules make of a few invented people. They prove no figure right; they change when any
factor, reason, refusal, remedy or draw does, and then ``RULES`` must be raised, so that a replay of an older list says
that the rules are others and not that the list was tampered with.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from matcher import RULES, Directory, rank
from matcher.entities import Intake, Location, Opening, Style
from tests.builders import TODAY, a_therapist, an_intake, wishes
from tests.matcher.fakes import a_model

DIGESTS = {"1": "cca09cbc68100108"}

PEOPLE = [
    a_therapist(
        f"t{k}",
        concerns={"grief": 1 + k % 3, "anxiety": 3 - k % 3},
        modalities=("cbt",) if k % 2 else ("psychodynamic",),
        trainings=("masters",) if k % 3 else ("in_training",),
        gender="woman" if k % 2 else "man",
        style=Style(lead=k % 4 - 2, challenge=2 - k % 5),
        years=float(k) if k % 3 else None,
        fee_cents=4_000 + 700 * k,
        insurances=("statutory",) if k % 4 == 0 else (),
        formats=("online", "in_person") if k % 2 else ("online",),
        location=Location(52.5 + k / 50, 13.4),
        openings=(Opening(k % 5, 600 + 60 * k, "online"),),
        available_from=date(2026, 3, 2 + 2 * k),
        capacity=k % 5,
    )
    for k in range(12)
]
ASKED = (
    an_intake(),
    an_intake(concerns=("anxiety", "grief"), wishes=wishes(gender=("woman", "must")), style=Style(lead=1),
              hindered=("critical",), helped=("warm",), urgency="within_two_weeks", hope=6),
    an_intake(max_fee_cents=4_500, languages=("de",), recommended_therapist_id="t3", former_therapist_id="t7"),
    an_intake(location=Location(52.5, 13.4), max_distance_km=5.0, formats=("in_person",), times=("mon_morning",)),
    an_intake(at_risk=True, insurance="statutory"),
)  # fmt: skip


def digest() -> str:
    model = a_model({f"t{k}": (k % 5 - 2) / 4 for k in range(12)}, doubt=0.4)
    made = [made_of(intake, model=model, seed=seed) for intake in ASKED for seed in (None, 7)]
    made += [made_of(intake) for intake in ASKED]
    return hashlib.sha256("\n".join(made).encode()).hexdigest()[:16]


def made_of(intake: Intake, **more: object) -> str:
    found = rank(intake, Directory.of(PEOPLE), today=TODAY, **more)  # type: ignore[arg-type]
    matches = tuple(replace(match, outlook=None) for match in found.matches)
    return repr((matches, list(found.refusals), found.remedies, found.notes))


def test_who_changes_the_rules_gives_them_another_name() -> None:
    assert digest() == DIGESTS.get(RULES), (
        f"the same grounds make another list: raise matcher.ranking.RULES ({digest()})"
    )
