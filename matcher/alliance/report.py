"""What a fit says of itself: rows and columns used and left out with reasons, convergence, what to bear in mind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from matcher.alliance.declared import DYAD
from matcher.alliance.design import Design
from matcher.alliance.evidence import Component
from matcher.alliance.fitting import Found
from matcher.alliance.notes import Note, documents
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
        "chosen_of": found.chosen_of,
        "dyads_bounded": found.bounded,
        "drift": {
            "drift": found.terms.pace,
            "half_life": found.terms.half_life,
            "because": "so asked for",
            "tried": [],
        },
        **documents(_notes(found, components)),
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


def _notes(found: Found, components: list[Component]) -> list[Note]:
    ratings, design, scores = found.ratings, found.plan, found.scores
    left_out = [
        Note("not_estimable", f"{what} cannot be estimated here: {design.terms_left_out[term]}.", {"term": term})
        for term, what in _LEFT_OUT.items()
        if term in design.terms_left_out
    ]
    return [
        *_variance_notes(found, components),
        *left_out,
        *_ceiling_notes(ratings, scores),
        *_top_notes(ratings, design, scores),
        *_weight_notes(found),
        *_time_notes(found),
    ]


def _variance_notes(found: Found, components: list[Component]) -> Iterator[Note]:
    score, estimate = found.ratings.score, found.estimate
    if np.ptp(score) == 0:
        yield Note(
            "all_equal",
            f"All scores are {score[0]:g}: there is no difference to learn from. Every prediction is that "
            "score, and the width of its interval says nothing.",
            {"score": float(score[0])},
        )
    elif estimate.exact:
        words = "The fixed columns reproduce every score: no variance is left, and intervals say nothing."
        yield Note("reproduced", words)
    else:
        for part in components:
            if part.at_zero:
                words = f"The variance of {part.name} is estimated as zero; up to {part.upper95:.3g} agrees with the "
                yield Note("zero_variance", words + "ratings.", {"term": part.name, "upper95": part.upper95})
    if estimate.unbounded:
        words = "A grouping reproduces its ratings exactly; the estimation stopped at the largest variance ratio."
        yield Note("unbounded", words)
    if not estimate.converged:
        words = "The estimation stopped before it had converged: use its figures with care."
        yield Note("not_converged", words)


def _top_notes(ratings: Ratings, design: Design, scores: Scores) -> Iterator[Note]:
    if scores.censored and design.told_at_the_top:
        assert design.below is not None
        n = int(np.sum(scores.at_top(ratings.score) & design.below))
        yield Note(
            "told_at_the_top",
            f"{n} scores at the top are taken as numbers: such scores alone tell {', '.join(design.told_at_the_top)} "
            "apart, and how far above the top nothing says.",
            {"n": n},
        )


def _weight_notes(found: Found) -> Iterator[Note]:
    repeated, n_dyads = found.ratings.repeated, len(found.plan.dyads)
    if repeated:
        words = f"{repeated} ratings repeat a session of their pair; each counts as a rating of its own."
        yield Note("repeated", words, {"n": int(repeated)})
    if found.bounded:
        yield Note(
            "bounded",
            f"The influence of {found.bounded} of {n_dyads} pairs is bounded: their scores are too far off "
            "to be taken at full weight.",
            {"n": int(found.bounded), "n_dyads": n_dyads},
        )


def _time_notes(found: Found) -> Iterator[Note]:
    structure, terms = found.plan.structure, found.terms
    if terms.pace is not None and any(term.knots for term in structure.random):
        yield Note(
            "drift",
            f"The effects of therapists, and of all together, may change within {terms.pace:g} days or more; "
            "predictions are as of the latest rating.",
            {"days": float(terms.pace)},
        )
    if terms.half_life is not None:
        words = f"A rating loses half of its weight in {terms.half_life:g} days."
        yield Note("half_life", words, {"days": float(terms.half_life)})
    if any(covariate.side == SESSION for covariate in structure.covariates):
        yield Note("session_order", "The order of sessions enters as the log of the session's number.")


def _ceiling_notes(ratings: Ratings, scores: Scores) -> Iterator[Note]:
    share = _share_at_top(ratings, scores)
    if scores.censored:
        yield Note(
            "ceiling_censored",
            f"{share:.0%} of the scores are the top one, {scores.top:g}. They are taken as at least {scores.cut:g}, "
            "half a step below it, since the alliance behind a top score may be higher than the scale shows. Expected "
            "scores and bands are on the scale.",
            {"share": share},
        )
    elif share >= CEILING_SHARE and np.ptp(ratings.score) > 0:
        yield Note(
            "ceiling_as_numbers",
            f"{share:.0%} of the scores are the highest one. They are taken as numbers, although the alliance behind "
            f"them may differ: differences between dyads come out too small. They are, because {scores.reason}.",
            {"share": share},
        )
    elif scores.top is not None:
        yield Note("as_numbers", f"Scores are taken as numbers: {scores.reason}.", {"share": share})
