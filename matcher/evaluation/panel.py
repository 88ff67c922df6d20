"""Recent intakes as arrays: every factor for every pair, computed once, so that weights are tried at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import refusals
from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Flags, Floats, codes_of
from matcher.entities import WISH_VOCABULARY, Intake
from matcher.factors.access import wait_days
from matcher.factors.base import Circumstances
from matcher.factors.registry import FACTORS
from matcher.scoring import factor_values

if TYPE_CHECKING:
    from matcher.outlook import ClinicModel

KINDS = ("gender", "age_band", "background", "faith")  # by what clients and therapists are told apart
NOT_SAID = "not_said"

Groups = Mapping[tuple[str, str], Flags]


@dataclass(frozen=True, eq=False)
class Panel:
    """Recent intakes beside a directory, as far as weights can change their lists. ``Panel.of`` builds one.

    Parameters
    ----------
    intake_ids : tuple of str
        The intakes, n rows, in the order given.
    therapist_ids : array of str, (m,)
        The therapists, in the order of the directory, which is that of their ids.
    values : array of float64, (factors, n, m)
        Every factor for every pair, multiples of 2^-26 in [0, 1], in the order of the registry.
    offered : array of bool, (n, m)
        Whether the pair meets every hard requirement. Only such pairs are ever in a list.
    wait_days : array of int64, (m,)
        Days until a new client can start; 0 for now, and without a day of ranking.
    client_groups, therapist_groups : mapping of (kind, code) to array of bool, (n,) and (m,)
        Who is in which group, by gender, age band, background and faith; who did not say stands in ``not_said``.
    has_model : bool
        Whether an alliance model stood behind the values. Without one the alliance factor is 0.5 for everybody.

    Examples
    --------
    >>> from matcher import Directory, Panel
    >>> from matcher.entities import Intake, Therapist
    >>> ana = Therapist(id="ana", name="Ana", profession="psychologist", licence_regions=("DE",),
    ...                 concerns={"grief": 3}, languages=("de",), formats=("online",), capacity=2)
    >>> panel = Panel.of([Intake(id="c1", concerns=("grief",))], Directory.of([ana]))
    >>> panel.values.shape, panel.offered.tolist(), panel.has_model
    ((8, 1, 1), [[True]], False)
    """

    intake_ids: tuple[str, ...]
    therapist_ids: NDArray[np.object_]
    values: Floats
    offered: Flags
    wait_days: NDArray[np.int64]
    client_groups: Groups
    therapist_groups: Groups
    has_model: bool

    @classmethod
    def of(
        cls,
        intakes: Iterable[Intake],
        directory: Directory,
        *,
        model: ClinicModel | None = None,
        today: date | None = None,
    ) -> Panel:
        """The panel of some intakes. Neither intakes nor therapists need to be there; then there is nothing to see.

        ``model`` and ``today`` are those of ``rank``, and so is every value.
        """
        rows = tuple(intakes)
        values, offered = _pairs(rows, directory, model, today)
        return cls(
            intake_ids=tuple(row.id for row in rows),
            therapist_ids=directory.ids,
            values=values,
            offered=offered,
            wait_days=wait_days(directory, Circumstances(today)),
            client_groups=_client_groups(rows),
            therapist_groups=_therapist_groups(directory),
            has_model=model is not None,
        )

    def __len__(self) -> int:
        return len(self.intake_ids)

    @property
    def n_bytes(self) -> int:
        """How much room the arrays take."""
        return int(self.values.nbytes + self.offered.nbytes)


def _pairs(
    rows: Sequence[Intake], directory: Directory, model: ClinicModel | None, today: date | None
) -> tuple[Floats, Flags]:
    shape = (len(rows), len(directory))
    if 0 in shape:
        return np.zeros((len(FACTORS), *shape)), np.zeros(shape, dtype=np.bool_)
    clients = ClientArrays.of(rows)
    here = Circumstances(today, None if model is None else model.standing(clients, directory))
    return factor_values(clients, directory, here), np.asarray(refusals(clients, directory) == 0)


def _client_groups(rows: Sequence[Intake]) -> Groups:
    found: dict[tuple[str, str], Flags] = {}
    for kind in KINDS:
        said = np.array([getattr(row, kind) or NOT_SAID for row in rows], dtype=object)
        found |= {(kind, code): np.asarray(said == code) for code in sorted({*said.tolist()})}
    return MappingProxyType(found)


def _therapist_groups(directory: Directory) -> Groups:
    found: dict[tuple[str, str], Flags] = {}
    for kind in KINDS:
        words = directory.trait(kind)
        for word in np.unique(words).tolist():
            code = next(iter(codes_of(int(word), WISH_VOCABULARY[kind])), NOT_SAID)
            found[kind, code] = np.asarray(words == word)
    return MappingProxyType(dict(sorted(found.items(), key=lambda entry: (KINDS.index(entry[0][0]), entry[0][1]))))
