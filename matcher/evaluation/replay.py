"""What one way of scoring would have shown to past clients, and what there is to say of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.evaluation.checked import Floats, Rows
from matcher.evaluation.fairness import spread
from matcher.evaluation.past import Flags, Known

# Figures of single intakes
EXPECTED_FIRST, EXPECTED_SHOWN, WAITING = "expected_first", "expected_shown", "waiting"
CHOSEN_FIRST, CHOSEN_SHOWN, RECIPROCAL_PLACE = "chosen_first", "chosen_shown", "reciprocal_place"

BLOCK = 256  # clients left out at a time, so that memory stays small


@dataclass(frozen=True, eq=False)
class Replay:
    """One policy's past: ``rows`` are figures of single intakes by code, (n,) each, NaN where there is none.

    ``contrast`` (n,) is None where nobody knows whom clients attended.
    """

    rows: Mapping[str, Floats]
    contrast: Floats | None
    spread: Spread


def replay(known: Known, score: Floats, top: int) -> Replay:
    """The lists of ``top`` places that these scores would have made, and what is known of them."""
    shown = first_places(score, known.eligible, top)
    rows = {}
    if known.expected is not None:
        rows[EXPECTED_FIRST] = mean_shown(known.expected, shown[:, :1])
        rows[EXPECTED_SHOWN] = mean_shown(known.expected, shown)
    if known.waiting_days is not None:
        rows[WAITING] = mean_shown(known.waiting_days, shown)
    if known.attended is not None:
        place = place_of(score, known.eligible, known.attended)
        for code, reach in ((CHOSEN_FIRST, 1), (CHOSEN_SHOWN, top)):
            rows[code] = np.where(np.isnan(place), np.nan, place <= reach)
        rows[RECIPROCAL_PLACE] = 1 / place
    apart = None if known.attended is None else contrast(score, known.eligible, known.attended)
    return Replay(rows, apart, spread_without_each(shown, known.client, known.openings))


def first_places(score: Floats, eligible: Flags, top: int) -> Rows:
    """(n, top) columns of the highest scores, −1 where nobody is left; equal scores in the order of columns."""
    left, each = np.where(eligible, score, -np.inf), np.arange(len(score))
    shown = np.full((len(score), top), -1, dtype=np.intp)
    for place in range(min(top, score.shape[1])):
        at = left.argmax(axis=1)
        shown[:, place] = np.where(np.isfinite(left[each, at]), at, -1)
        left[each, at] = -np.inf
    return shown


def place_of(score: Floats, eligible: Flags, attended: Rows) -> Floats:
    """(n,) the place, from 1, at which the attended one would have stood; NaN where they could not be offered."""
    could, own = _offered(eligible, attended), attended[:, None]
    theirs = np.take_along_axis(score, np.maximum(own, 0), axis=1)
    ahead = eligible & ((score > theirs) | ((score == theirs) & (np.arange(score.shape[1]) < own)))
    return np.where(could, 1.0 + ahead.sum(axis=1), np.nan)


def contrast(score: Floats, eligible: Flags, attended: Rows) -> Floats:
    """(n,) score of the attended one less the mean of all who could be offered; NaN where they could not."""
    could = _offered(eligible, attended)
    theirs = score[np.arange(len(score)), np.maximum(attended, 0)]
    usual = np.where(eligible, score, 0.0).sum(axis=1) / np.maximum(eligible.sum(axis=1), 1)
    return np.where(could, theirs - usual, np.nan)


def _offered(eligible: Flags, attended: Rows) -> Flags:
    return np.asarray((attended >= 0) & eligible[np.arange(len(eligible)), np.maximum(attended, 0)])


def mean_shown(values: Floats, shown: Rows) -> Floats:
    """(n,) mean over a list of what is known of its therapists; NaN where nothing is. ``values`` (n, therapists)."""
    found = np.take_along_axis(values, np.maximum(shown, 0), axis=1)
    known = (shown >= 0) & np.isfinite(found)
    n = known.sum(axis=1)
    return np.where(n > 0, np.where(known, found, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Spread:
    """Share shown and Gini over all clients, and (n_clients,) what each becomes without one of them."""

    share: float
    gini: float
    share_without: Floats
    gini_without: Floats


def spread_without_each(shown: Rows, client: Rows, openings: Floats) -> Spread:
    """How showings are spread over openings, with the jackknife by clients; ``shown`` (n, top), ``client`` codes."""
    n_clients, n_therapists = int(client.max()) + 1, len(openings)
    whose, who = np.repeat(client, shown.shape[1]), shown.ravel()
    cell, times = np.unique((whose * n_therapists + who)[who >= 0], return_counts=True)
    total = np.bincount(cell % n_therapists, times, minlength=n_therapists).astype(np.float64)
    has_room = openings > 0
    share, gini = spread(total[has_room], openings[has_room])
    without = [
        spread(_without(total, cell, times, first, min(first + BLOCK, n_clients))[:, has_room], openings[has_room])
        for first in range(0, n_clients, BLOCK)
    ]
    shares, ginis = (np.concatenate([found[at] for found in without]) for at in (0, 1))
    return Spread(float(share), float(gini), shares, ginis)


def _without(total: Floats, cell: Rows, times: Rows, first: int, last: int) -> Floats:
    """(last − first, therapists) the totals without the showings of each of these clients."""
    begin, end = np.searchsorted(cell, [first * len(total), last * len(total)])
    left = np.tile(total, (last - first, 1))
    left.ravel()[cell[begin:end] - first * len(total)] -= times[begin:end]
    return left
