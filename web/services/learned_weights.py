"""Weights that a clinic's own data propose: learned beside the requests, kept with their job, begun as a draft.

They are learned from ratings alone. What clients choose from their lists is not kept yet; ``learn`` is where it would
come in, as ``choices`` beside ``ratings``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import experience_curve, learned_from_ratings, out_of_fold, threads
from matcher.entities import Weights
from matcher.suppression import FEWEST
from web.db.queries import ratings, versions
from web.jobs import rows
from web.jobs.rows import DONE, Job
from web.services import audit, clinics, models, weight_drafts, weights
from web.services.clinics import Clinic
from web.services.models import METHOD, Material
from web.services.weight_troubles import WeightsTrouble
from web.services.weights import Draft
from web.settings import processors

KIND = "learn_weights"  # of the job, and its key: a clinic has one
FOLDS = 5
READING, WEIGHING = "reading", "weighing"
PARTS = tuple(f"part {number}" for number in range(1, FOLDS + 1))
# What is done, and how much of the time is spent when it begins, in percent: each part is a fit, the rest is quick
STAGES: Mapping[str, int] = {READING: 0, **{part: 3 + 18 * k for k, part in enumerate(PARTS)}, WEIGHING: 94}
TYPED_DIGITS = 1  # of a hundred, in a draft: no interval is narrower than that

Report = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with what the clinic's data propose.

    ``document`` is what was learned last, as ``learn`` made it, None without anything. ``new_model`` and
    ``new_weights`` say that others serve by now than those it was learned beside.
    """

    job: Job | None
    asked_by: str
    can_ask: bool
    is_enough: bool
    document: Mapping[str, Any] | None
    new_model: bool
    new_weights: bool


def run(
    sessions: Callable[[], Session],
    clinic: Clinic,
    *,
    now: datetime,
    report: Report = lambda percent, stage: None,
    specification: Mapping[str, Any] = METHOD,
) -> dict[str, Any]:
    """Read, learn, and answer with the document. No transaction is open meanwhile, and nothing is written."""
    report(STAGES[READING], READING)
    with sessions() as session:
        clinics.enter(session, clinic)
        found, serving = models.material(session), weights.serving(session, now=now)
    learned = learn(found, clinic, serving.weights, report=report, specification=specification)
    about = {"weights_version": serving.version, "model_version": found.serving, "learned_on": now.date().isoformat()}
    return about | learned


def learn(
    found: Material,
    clinic: Clinic,
    serving: Mapping[str, float],
    *,
    report: Report = lambda percent, stage: None,
    specification: Mapping[str, Any] = METHOD,
) -> dict[str, Any]:
    """What this material says, as JSON values without small counts.

    ``ratings`` holds what they teach, ``choices`` None because they are not kept, ``curve`` that of years in practice,
    on a scale as long as ``span``.
    """
    with threads(processors()):
        outcomes = out_of_fold(
            found.intakes, found.therapists, found.ratings, scale=clinic.scale, specification=specification,
            folds=FOLDS, begins=lambda part: report(STAGES[PARTS[part]], PARTS[part]),
        )  # fmt: skip
        report(STAGES[WEIGHING], WEIGHING)
        learned = learned_from_ratings(outcomes, serving=Weights("serving", serving))
        curve = experience_curve(outcomes)
    span = clinic.scale.top - clinic.scale.lowest
    return {"ratings": _told(learned.document()), "choices": None, "curve": curve.document(), "span": span}


def standing_of(session: Session, *, now: datetime) -> Standing:
    """How it stands at the clinic that the session has entered."""
    job = rows.look(session, KIND, now=now)
    is_enough = ratings.count(session) >= models.FEWEST_RATINGS
    document = job.result if job is not None and job.state == DONE else None
    return Standing(
        job=job,
        asked_by=weights.names_of(session, [job.asked_by])[job.asked_by] if job else "",
        can_ask=is_enough and not (job is not None and job.is_open),
        is_enough=is_enough,
        document=document,
        new_model=document is not None and document["model_version"] != versions.serving_model(session),
        new_weights=document is not None and document["weights_version"] != weights.serving(session, now=now).version,
    )


def ask(session: Session, *, now: datetime, person_id: UUID) -> bool:
    """Ask for it; False where it is on its way already, or there is nothing to learn from."""
    if not standing_of(session, now=now).can_ask or not rows.ask(session, KIND, KIND, asked_by=str(person_id), now=now):
        return False
    audit.record(session, "weights.learning_asked", now=now, actor=str(person_id))
    return True


def begin_draft(
    session: Session, clinic: Clinic, note: str, revision: int | None, *, actor: UUID, now: datetime
) -> Draft:
    """A draft with what was learned, in place of the draft of this ``revision``, or of none; never one that is newer.

    The clients' bounds stay those that serve. WeightsTrouble where nothing is proposed.
    """
    document = standing_of(session, now=now).document
    proposed = document["ratings"]["weights"] if document is not None else None
    if proposed is None:
        raise WeightsTrouble("nothing_learned")
    typed = {code: round(100 * share, TYPED_DIGITS) for code, share in proposed["values"].items()}
    bounds = weights.serving(session, now=now).bounds
    return weight_drafts.save_draft(session, clinic, typed, bounds, note, revision, actor=actor, now=now)


def _told(learned: dict[str, Any]) -> dict[str, Any]:
    """Without a count that gives away fewer than five: those for whom a factor does not tell therapists apart."""
    n_all = learned["n_clients"]
    for one in learned["factors"]:
        n = one["n_clients"]
        one["nearly_all"] = n is not None and 0 <= n_all - n < FEWEST
        one["n_clients"] = None if one["nearly_all"] else n
    return learned
