"""What a fit says of itself: rows and columns used and left out with reasons, convergence, what to bear in mind."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.alliance.declared import DYAD
from matcher.alliance.design import Design
from matcher.alliance.evidence import Component
from matcher.alliance.ratings import Ratings
from matcher.alliance.reml import Criterion, Estimate
from matcher.alliance.structure import SESSION
from matcher.alliance.tables import Floats, mean_and_deviation

CEILING_SHARE = 0.1  # of scores at the top, from which on the report warns


def report(
    ratings: Ratings, design: Design, estimate: Estimate, criterion: Criterion, found: list[Component]
) -> dict[str, Any]:
    likelihood = None if estimate.exact else estimate.criterion
    return {
        "method": "reml" if criterion.restricted else "ml",
        "rows_read": ratings.n_read,
        "rows_used": len(ratings.score),
        "rows_left_out": dict(ratings.left_out),
        "columns_left_out": dict(design.columns_left_out),
        "terms_left_out": dict(design.terms_left_out),
        "missing": _missing(ratings, design),
        "n_clients": len(ratings.clients),
        "n_therapists": len(ratings.therapists),
        "n_dyads": len(design.dyads),
        "n_clients_with_two_therapists": _switched(design, len(ratings.therapists)),
        "score_mean": mean_and_deviation(ratings.score, ratings.weight)[0],
        "score_range": [float(ratings.score.min()), float(ratings.score.max())],
        "share_at_top": _share_at_top(ratings),
        "criterion": likelihood,
        "log_likelihood": None if likelihood is None else -likelihood / 2,
        "degrees_of_freedom": criterion.freedom(design.system),
        "iterations": estimate.iterations,
        "converged": estimate.converged,
        "notes": _notes(ratings, design, estimate, found),
    }


def _missing(ratings: Ratings, design: Design) -> dict[str, int]:
    """Ratings without a value, by column: numbers are at their mean and marked, text has the level "missing"."""
    counts = {}
    for covariate in design.structure.covariates:
        if covariate.share_missing > 0:
            counts[covariate.key] = round(covariate.share_missing * ratings.weight.sum())
    return counts


def _switched(design: Design, n_therapists: int) -> int:
    return int(np.sum(np.bincount(design.dyads // n_therapists) > 1))


def _share_at_top(ratings: Ratings) -> float:
    top: Floats = ratings.weight[ratings.score == ratings.score.max()]
    return float(top.sum() / ratings.weight.sum())


def _notes(ratings: Ratings, design: Design, estimate: Estimate, found: list[Component]) -> list[str]:
    notes = []
    if np.ptp(ratings.score) == 0:
        notes.append(
            f"All scores are {ratings.score[0]:g}: there is no difference to learn from. Every prediction is that "
            "score, and the width of its interval says nothing."
        )
    elif estimate.exact:
        notes.append("The fixed columns reproduce every score: no variance is left, and intervals say nothing.")
    else:
        notes += [
            f"The variance of {part.name} is estimated as zero; up to {part.upper95:.3g} agrees with the ratings."
            for part in found
            if part.at_zero
        ]
    if estimate.unbounded:
        notes.append("A grouping reproduces its ratings exactly; the estimation stopped at the largest variance ratio.")
    if not estimate.converged:
        notes.append("The estimation stopped before it had converged: use its figures with care.")
    if DYAD in design.terms_left_out:
        notes.append(
            "How well one client and one therapist fit together beyond their columns cannot be estimated here: "
            f"{design.terms_left_out[DYAD]}."
        )
    if (share := _share_at_top(ratings)) >= CEILING_SHARE and np.ptp(ratings.score) > 0:
        notes.append(
            f"{share:.0%} of the scores are the highest one. They are taken as numbers, although the alliance behind "
            "them may differ: differences between dyads come out too small."
        )
    if ratings.repeated:
        notes.append(f"{ratings.repeated} ratings repeat a session of their pair; each counts as a rating of its own.")
    if any(covariate.side == SESSION for covariate in design.structure.covariates):
        notes.append("The order of sessions enters as the log of the session's number.")
    return notes
