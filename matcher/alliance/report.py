"""What a fit says of itself: rows and columns used and left out with reasons, convergence, what to bear in mind."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.alliance.declared import DYAD
from matcher.alliance.design import Design
from matcher.alliance.evidence import Component
from matcher.alliance.fitting import Found
from matcher.alliance.ratings import Ratings
from matcher.alliance.scores import CEILING_SHARE, Scores
from matcher.alliance.structure import CLIENT, SESSION, THERAPIST
from matcher.alliance.tables import Floats, mean_and_deviation

_LEFT_OUT = {
    DYAD: "How well one client and one therapist fit together beyond their columns",
    CLIENT: "How much clients differ beyond their columns, which the band of a new one would hold,",
    THERAPIST: "How much therapists differ beyond their columns, which the band of a new one would hold,",
}


def report(found: Found, components: list[Component]) -> dict[str, Any]:
    ratings, design, estimate = found.ratings, found.plan, found.estimate
    criterion, scores = found.criterion, found.scores
    likelihood = None if estimate.exact else estimate.criterion
    return {
        "method": "reml" if criterion.restricted else "ml",
        "rows_read": ratings.n_read,
        "rows_used": len(ratings.score),
        "rows_left_out": dict(ratings.left_out),
        "columns_left_out": {**ratings.set_aside, **design.columns_left_out},
        "terms_left_out": dict(design.terms_left_out),
        "people_left_out": dict(design.people_left_out),
        "missing": _missing(ratings, design),
        "n_clients": len(ratings.clients),
        "n_therapists": len(ratings.therapists),
        "n_dyads": len(design.dyads),
        "n_clients_with_two_therapists": _switched(design, len(ratings.therapists)),
        "score_mean": mean_and_deviation(ratings.score, ratings.weight)[0],
        "score_range": [float(ratings.score.min()), float(ratings.score.max())],
        "share_at_top": _share_at_top(ratings, scores),
        "likelihood": "censored" if scores.censored else "gaussian",
        "scale": {"lowest": scores.lowest, "top": scores.top, "step": scores.step},
        "likelihood_because": scores.reason,
        "criterion": likelihood,
        "log_likelihood": None if likelihood is None else -likelihood / 2,
        "degrees_of_freedom": criterion.freedom(design.system),
        "iterations": estimate.iterations,
        "converged": estimate.converged,
        "warm": found.warm,
        "dyads_bounded": found.bounded,
        "drift": {
            "drift": found.terms.pace,
            "half_life": found.terms.half_life,
            "because": "so asked for",
            "tried": [],
        },
        "notes": _notes(found, components),
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


def _share_at_top(ratings: Ratings, scores: Scores) -> float:
    """At the declared top, or at the highest score where none is declared; within half a step where it is censored."""
    if scores.censored:
        return float(ratings.weight[scores.at_top(ratings.score)].sum() / ratings.weight.sum())
    highest = ratings.score.max() if scores.top is None else scores.top
    top: Floats = ratings.weight[ratings.score == highest]
    return float(top.sum() / ratings.weight.sum())


def _notes(found: Found, components: list[Component]) -> list[str]:
    ratings, design, estimate, scores = found.ratings, found.plan, found.estimate, found.scores
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
            for part in components
            if part.at_zero
        ]
    if estimate.unbounded:
        notes.append("A grouping reproduces its ratings exactly; the estimation stopped at the largest variance ratio.")
    if not estimate.converged:
        notes.append("The estimation stopped before it had converged: use its figures with care.")
    notes += [f"{what} cannot be estimated here: {design.terms_left_out[term]}." for term, what in _LEFT_OUT.items()
              if term in design.terms_left_out]  # fmt: skip
    notes += _ceiling_notes(ratings, scores)
    if scores.censored and design.told_at_the_top:
        assert design.below is not None
        n = int(np.sum(scores.at_top(ratings.score) & design.below))
        notes.append(
            f"{n} scores at the top are taken as numbers: such scores alone tell {', '.join(design.told_at_the_top)} "
            "apart, and how far above the top nothing says."
        )
    if ratings.repeated:
        notes.append(f"{ratings.repeated} ratings repeat a session of their pair; each counts as a rating of its own.")
    if found.bounded:
        notes.append(
            f"The influence of {found.bounded} of {len(design.dyads)} pairs is bounded: their scores are too far off "
            "to be taken at full weight."
        )
    if found.terms.pace is not None and any(term.knots for term in design.structure.random):
        notes.append(
            f"The effects of therapists, and of all together, may change within {found.terms.pace:g} days or more; "
            "predictions are as of the latest rating."
        )
    if found.terms.half_life is not None:
        notes.append(f"A rating loses half of its weight in {found.terms.half_life:g} days.")
    if any(covariate.side == SESSION for covariate in design.structure.covariates):
        notes.append("The order of sessions enters as the log of the session's number.")
    return notes


def _ceiling_notes(ratings: Ratings, scores: Scores) -> list[str]:
    share = _share_at_top(ratings, scores)
    if scores.censored:
        return [
            f"{share:.0%} of the scores are the top one, {scores.top:g}. They are taken as at least {scores.cut:g}, "
            "half a step below it, since the alliance behind a top score may be higher than the scale shows. Expected "
            "scores and bands are on the scale."
        ]
    if share >= CEILING_SHARE and np.ptp(ratings.score) > 0:
        return [
            f"{share:.0%} of the scores are the highest one. They are taken as numbers, although the alliance behind "
            f"them may differ: differences between dyads come out too small. They are, because {scores.reason}."
        ]
    return [] if scores.top is None else [f"Scores are taken as numbers: {scores.reason}."]
