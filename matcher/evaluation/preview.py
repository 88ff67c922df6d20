"""What other weights would change for the intakes of a panel: who moves, who is shown, and to whom it matters."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from matcher import checks
from matcher.encoding.bits import Floats
from matcher.entities import Weights
from matcher.evaluation.fairness import Exposure, exposure
from matcher.evaluation.panel import Panel
from matcher.evaluation.showing import (
    FELT,
    ClientCell,
    Firsts,
    Showing,
    TherapistCell,
    client_cells,
    counts,
    means,
    showings,
    therapist_cells,
)
from matcher.scoring import scores
from matcher.weights import normalised

NOWHERE = Exposure(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Shift:
    """A therapist's place in an intake's list before and after, among everybody who can be offered."""

    therapist_id: str
    was: int
    place: int


@dataclass(frozen=True, slots=True)
class Reordered:
    """An intake whose list is made anew: who stands in its first places before or after, in the order of before.

    ``n_changed`` of the first places have somebody else; ``moved`` is the largest move of somebody who stood there.
    """

    intake_id: str
    shifts: tuple[Shift, ...]
    n_changed: int
    entered: tuple[str, ...]
    left: tuple[str, ...]
    has_other_first: bool
    moved: int


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A mean over all first places of all lists under both weights."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What other weights would change. Without a list (``too_few``) everything is empty, and nothing is wrong.

    ``moves`` are those of everybody who stood in the first places; ``alliance`` is the alliance factor of the first
    places (None without a model); ``exposure`` is over the therapists who could stand in some list.
    """

    n_intakes: int
    n_lists: int
    top: int
    reordered: tuple[Reordered, ...]
    median_move: float
    largest_move: int
    showings: tuple[Showing, ...]
    exposure_before: Exposure
    exposure_after: Exposure
    alliance: BeforeAfter | None
    wait_days: BeforeAfter | None
    clients: tuple[ClientCell, ...]
    therapists: tuple[TherapistCell, ...]

    @property
    def too_few(self) -> bool:
        """Whether there is no list to look at."""
        return self.n_lists == 0

    @property
    def n_other_first(self) -> int:
        """How many intakes have somebody else first."""
        return sum(one.has_other_first for one in self.reordered)

    @property
    def n_changed(self) -> int:
        """How many intakes have somebody else in any of the first places."""
        return sum(one.n_changed > 0 for one in self.reordered)

    @property
    def shut_out(self) -> tuple[str, ...]:
        """Therapists who stood in the first places of at least three lists and stand in none."""
        return tuple(one.therapist_id for one in self.showings if one.before >= FELT and not one.after)

    @property
    def shut_out_groups(self) -> tuple[TherapistCell, ...]:
        """Groups of therapists that lose every first place they had; none that is too small to be told."""
        return tuple(cell for cell in self.therapists if cell.is_shut_out)


def preview(panel: Panel, before: Weights, after: Weights, *, top: int = 5) -> Preview:
    """What other weights would change in the first places of a panel's lists.

    Parameters
    ----------
    panel : Panel
        Recent intakes and the directory, n intakes and m therapists.
    before, after : Weights
        The weights that serve, and those that are tried; both are normalised first, as ``rank`` does.
    top : int
        How many places count as first, 1 … 100.

    Returns
    -------
    Preview
        Lists are those of ``rank``: by falling score, ties by therapist id. Groups with fewer than five people are
        hidden, and so is the smallest other one where the hidden together are fewer than five. A panel without an
        intake, or without anybody who can be offered, is an answer: ``too_few``.

    Raises
    ------
    InvalidInput
        For ``top`` outside of its range, or weights that cannot be normalised.

    Notes
    -----
    score(c, t) = Σ_k weight_k · values_k(c, t), exactly, since both are multiples of 2^-26; nothing but this sum and
    the order is computed again. The Gini coefficient of the showings is over therapists who could stand in some list.

    References
    ----------
    Singh, Joachims (2018), Fairness of exposure in rankings, KDD: exposure as the share of places that a group gets.

    Examples
    --------
    >>> from matcher import Directory, Panel, normalised, preview
    >>> from matcher.entities import Intake, Therapist
    >>> def therapist(id_, depth, years):
    ...     return Therapist(id=id_, name=id_, profession="psychologist", licence_regions=("DE",), years=years,
    ...                      concerns={"grief": depth}, languages=("de",), formats=("online",), capacity=2)
    >>> panel = Panel.of([Intake(id="c1", concerns=("grief",))],
    ...                  Directory.of([therapist("ana", 3, 2), therapist("ben", 1, 20)]))
    >>> found = preview(panel, normalised({"concern_expertise": 1}, version="old"),
    ...                 normalised({"experience": 1}, version="new"), top=1)
    >>> found.reordered[0].entered, found.reordered[0].left, found.median_move
    (('ben',), ('ana',), 1.0)
    """
    checks.whole(top, "top", 1, 100)
    weights = [normalised(one.values, version=one.version) for one in (before, after)]
    old, new = (_ranked(panel, scores(panel.values, one), top) for one in weights)
    was, now = old.firsts, new.firsts
    reordered = tuple(_reordered(panel, row, old, new) for row, first in enumerate(was) if len(first))
    moved = [abs(shift.place - shift.was) for one in reordered for shift in one.shifts if shift.was <= top]
    shown_before, shown_after = (counts(firsts, len(panel.therapist_ids)) for firsts in (was, now))
    alliance = [means(panel.values[0], firsts) for firsts in (was, now)]
    return Preview(
        n_intakes=len(panel),
        n_lists=len(reordered),
        top=top,
        reordered=reordered,
        median_move=float(median(moved)) if moved else 0.0,
        largest_move=max(moved, default=0),
        showings=showings(panel, shown_before, shown_after),
        exposure_before=_exposure(panel, shown_before),
        exposure_after=_exposure(panel, shown_after),
        alliance=_mean(panel.values[0], was, now) if panel.has_model and reordered else None,
        wait_days=_mean(np.broadcast_to(panel.wait_days, panel.offered.shape), was, now) if reordered else None,
        clients=client_cells(panel, *alliance) if panel.has_model else (),
        therapists=therapist_cells(panel, shown_before, shown_after) if reordered else (),
    )


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Who stands first in each list, and the place of everybody in each, shape (n, m), from 1."""

    firsts: Firsts
    places: NDArray[np.int64]


def _ranked(panel: Panel, score: Floats, top: int) -> _Ranked:
    """Who can be offered stands before who cannot; equal scores stand in the order of rows, which is that of ids."""
    order = np.argsort(-np.where(panel.offered, score, -1.0), axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
    n_first = np.minimum(panel.offered.sum(axis=1), top).tolist()
    return _Ranked(tuple(rows[:n] for rows, n in zip(order[:, :top], n_first, strict=True)), places)


def _reordered(panel: Panel, row: int, old: _Ranked, new: _Ranked) -> Reordered:
    was, now = old.firsts[row].tolist(), new.firsts[row].tolist()
    added = [t for t in now if t not in was]
    before, after, names = old.places[row], new.places[row], panel.therapist_ids
    shifts = [Shift(str(names[t]), int(before[t]), int(after[t])) for t in (*was, *added)]
    return Reordered(
        intake_id=panel.intake_ids[row],
        shifts=tuple(sorted(shifts, key=lambda shift: shift.was)),
        n_changed=sum(one != other for one, other in zip(was, now, strict=True)),
        entered=tuple(str(names[t]) for t in added),
        left=tuple(str(names[t]) for t in was if t not in now),
        has_other_first=was[0] != now[0],
        moved=max(abs(shift.place - shift.was) for shift in shifts[: len(was)]),
    )


def _exposure(panel: Panel, shown: NDArray[np.int64]) -> Exposure:
    possible = panel.offered.any(axis=0)
    return exposure(shown[possible]) if possible.any() else NOWHERE


def _mean(values: Floats, was: Firsts, now: Firsts) -> BeforeAfter:
    """Over all first places of all lists, each place once."""
    before, after = (
        float(np.concatenate([values[row, first] for row, first in enumerate(firsts)]).mean()) for firsts in (was, now)
    )
    return BeforeAfter(before, after)
