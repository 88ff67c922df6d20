"""Who is shown how often in the first places under two sets of weights, and to which groups it makes a difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoding.bits import Floats
from matcher.evaluation.fairness import shown_groups
from matcher.evaluation.panel import Groups, Panel
from matcher.suppression import FEWEST

FELT = 3  # lists in which somebody stood before it is worth a warning that they stand in none

Counts = NDArray[np.int64]
Firsts = tuple[NDArray[np.intp], ...]  # the rows of the first places of each intake, first first


@dataclass(frozen=True, slots=True)
class Showing:
    """In how many lists a therapist could stand, and in the first places of how many they stand before and after."""

    therapist_id: str
    n_possible: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ClientCell:
    """How much the expected alliance of their first places changes for a group of clients; hidden where few."""

    kind: str
    code: str
    n_clients: int | None
    change: float | None

    @property
    def hidden(self) -> bool:
        """Whether too few people are in it, or it would give away another that has too few."""
        return self.n_clients is None


@dataclass(frozen=True, slots=True)
class TherapistCell:
    """A group's share of those who could be shown, and of the first places before and after; hidden where few."""

    kind: str
    code: str
    n_therapists: int | None
    share: float | None
    before: float | None
    after: float | None

    @property
    def hidden(self) -> bool:
        """Whether too few people are in it, or it would give away another that has too few."""
        return self.n_therapists is None

    @property
    def is_shut_out(self) -> bool:
        """Whether it loses every one of the first places that it had."""
        return bool(self.before) and not self.after


def showings(panel: Panel, before: Counts, after: Counts) -> tuple[Showing, ...]:
    """One for each therapist who could stand in a list, in the order of their ids."""
    possible = panel.offered.sum(axis=0)
    columns = (part.tolist() for part in (panel.therapist_ids, possible, before, after))
    return tuple(Showing(*row) for row in zip(*columns, strict=True) if row[1])


def counts(firsts: Firsts, n_therapists: int) -> Counts:
    """How often each therapist stands among the first, shape (m,)."""
    rows = np.concatenate([*firsts, np.zeros(0, dtype=np.intp)])
    return np.asarray(np.bincount(rows, minlength=n_therapists), dtype=np.int64)


def means(values: Floats, firsts: Firsts) -> Floats:
    """The mean of ``values`` (n, m) over the first places of each intake, shape (n,); NaN where nobody can be shown."""
    found = [float(values[row, first].mean()) if len(first) else np.nan for row, first in enumerate(firsts)]
    return np.array(found, dtype=np.float64)


def client_cells(panel: Panel, before: Floats, after: Floats) -> tuple[ClientCell, ...]:
    """The change of the means (n,) by group of clients; an intake without a list does not count."""
    change = after - before
    has_list = ~np.isnan(change)
    shown = _shown(panel.client_groups, has_list)
    return tuple(
        ClientCell(*key, int((group & has_list).sum()), float(change[group & has_list].mean()))
        if key in shown
        else ClientCell(*key, None, None)
        for key, group in panel.client_groups.items()
        if (group & has_list).any()
    )


def therapist_cells(panel: Panel, before: Counts, after: Counts) -> tuple[TherapistCell, ...]:
    """How the first places are spread over groups of the therapists who could be shown."""
    possible = np.asarray(panel.offered.any(axis=0))
    shown = _shown(panel.therapist_groups, possible)
    cells = []
    for key, group in panel.therapist_groups.items():
        members = group & possible
        if key in shown:
            parts = (float(part[members].sum() / part.sum()) for part in (possible, before, after))
            cells.append(TherapistCell(*key, int(members.sum()), *parts))
        elif members.any():
            cells.append(TherapistCell(*key, None, None, None, None))
    return tuple(cells)


def _shown(groups: Groups, counted: NDArray[np.bool_]) -> set[tuple[str, str]]:
    """The groups that may be told, kind by kind: somebody is in one group of each kind."""
    told: set[tuple[str, str]] = set()
    for kind in {kind for kind, _code in groups}:
        members = {code: np.flatnonzero(group & counted) for (of, code), group in groups.items() if of == kind}
        people = {code: {*rows.tolist()} for code, rows in members.items() if len(rows)}
        told |= {(kind, code) for code in shown_groups(people, FEWEST)}
    return told
