"""What only ratings at a ceiling tell apart, such as a level of which every rating is the highest.

A score at the top says "at least this". Where nothing below the top contradicts, an effect fits it the better the
larger it is, without end (separation; Albert, Anderson 1984, Biometrika 71), and its column, its level or its block's
variance runs away. The ratings that alone tell such a thing apart are taken as numbers: as good as the top, no better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.alliance.draft import Draft
from matcher.alliance.structure import FixedColumn, Structure
from matcher.alliance.tables import Flags, Floats, blocks_of_rows

FEW_LEVELS = 5  # below the top: with as many, their variance is known from them, and draws the others in
_NOTHING = 1e-10  # of the ratings' weight
_MOVES = 1e-6  # of a standardised column


def told_at_the_top_alone(draft: Draft, fixed: Sequence[FixedColumn], gram: Floats) -> tuple[Flags, list[str]]:
    """(n,) which ratings at the top alone tell something apart, and the names of what that is.

    ``gram`` are the cross-products of the ``fixed`` columns over the ratings below the top.
    """
    assert draft.below is not None
    found = np.zeros(len(draft.below), dtype=bool)
    names: list[str] = []
    values, vectors = np.linalg.eigh(gram)
    unseen = vectors[:, values <= _NOTHING * draft.ratings.weight.sum()]
    if unseen.shape[1]:
        structure = Structure(tuple(draft.covariates), (), (), tuple(fixed), (), ())
        for rows in blocks_of_rows(len(found)):
            moved = structure.dense_matrix(draft.rows(rows), len(found[rows])) @ unseen
            found[rows] = np.abs(moved).max(axis=1) > _MOVES
        names += [column.name for column, row in zip(fixed, unseen, strict=True) if np.abs(row).max() > 0.1]
    for covariate, read in zip(draft.covariates, draft.read, strict=True):
        own = _of_levels(read, draft.below) if covariate.levels is not None else _of_number(read, draft.below)
        if own.any():
            found |= own
            names.append(covariate.key)
    return found & ~draft.below, list(dict.fromkeys(name for name in names if name != "intercept"))


def _of_levels(read: Floats, below: Flags) -> Flags:
    """Ratings of levels that are nowhere below the top, where few others are."""
    seen = np.unique(read[below])
    return ~np.isin(read, seen) if len(seen) < FEW_LEVELS else np.zeros(len(read), dtype=bool)


def _of_number(read: Floats, below: Flags) -> Flags:
    """Ratings with another number than the one of all that are below the top; or, if that is none, with any."""
    seen = read[below]
    lacks, has = np.isnan(seen), seen[~np.isnan(seen)]
    found = np.isnan(read) & ~lacks.any()
    if not len(has):
        return found | ~np.isnan(read)
    return found | (~np.isnan(read) & (read != has[0])) if has.min() == has.max() else found
