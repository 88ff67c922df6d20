"""The alliance model's contrast for whole blocks of clients × therapists, without its tables of pairs.

Ranking ten thousand therapists needs one number each, and the forecast's spread only for the few that are shown. The
contrast is linear in the fitted coefficients (``matcher.alliance.predict``): what belongs to the therapist alone is
added up once for a directory, the rest broadcasts over clients and therapists. The result is that of
``AllianceModel.forecast(...).contrast``, pair by pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.encoding.bits import Floats
from matcher.straight import Straight, straight

if TYPE_CHECKING:
    from matcher.alliance.fitted import Fitted
    from matcher.alliance.structure import Covariate, FixedColumn, RandomTerm

Codes = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A directory as the fitted model reads it: ``codes`` (n,) its therapists' places among the fitted (−1 newcomers),
    ``read`` (n,) each therapist covariate by its place in the structure, ``own`` (n,) what is theirs alone, and
    ``straight`` what the features of a pair add, where they count straight."""

    codes: Codes
    read: Mapping[int, Floats]
    own: Floats
    straight: Straight | None

    @classmethod
    def of(cls, fitted: Fitted, directory: Directory) -> Prepared:
        places = {id_: place for place, id_ in enumerate(fitted.structure.therapists)}
        codes = np.array([places.get(id_, -1) for id_ in directory.ids], dtype=np.int64)
        read = _read(fitted, "therapist", therapist_features(directory), len(directory))
        read |= {at: np.full(len(codes), moment.mean) for at, moment in _of_side(fitted, "moment")}
        own = np.zeros(len(directory))
        for column, coefficient in _fixed(fitted):
            if fitted.structure.sides(column) == {"therapist"}:
                own += coefficient * _column(fitted, column, read)
        for term, effects in _random(fitted):
            if _sides(fitted, term) <= {"therapist", "moment"}:
                own += _effect(fitted, term, effects, codes, read)
        for block, coefficients in fitted.block_coefficients():
            if block.sides(fitted.structure.covariates) == {"therapist"}:
                own += block.along(fitted.structure.covariates, read, coefficients)
        line = straight(fitted)
        known = match_features(ClientArrays.of(()), directory)
        return cls(codes, read, own, line if line is not None and line.slopes.keys() <= known.keys() else None)

    def take(self, rows: NDArray[np.intp]) -> Prepared:
        """Some therapists only."""
        read = {at: values[rows] for at, values in self.read.items()}
        return Prepared(self.codes[rows], read, self.own[rows], self.straight)


def contrasts(
    fitted: Fitted, clients: ClientArrays, client_codes: Codes, directory: Directory, prepared: Prepared
) -> Floats:
    """Latent contrasts, shape (clients, therapists): 0 is an average therapist, for each client.

    ``client_codes`` (clients,) are their places among the fitted clients, −1 for newcomers.
    """
    shape = (len(clients), len(directory))
    read = {at: values[None, :] for at, values in prepared.read.items()}
    by_client = _read(fitted, "client", client_features(clients), len(clients))
    read |= {at: values[:, None] for at, values in by_client.items()}
    read |= _read_match(fitted, match_features(clients, directory), shape)
    found = np.broadcast_to(prepared.own, shape).copy()
    for column, coefficient in _fixed(fitted):
        if fitted.structure.sides(column) != {"therapist"}:
            found += coefficient * _column(fitted, column, read)
    codes = np.broadcast_to(prepared.codes, shape)
    for term, effects in _random(fitted):
        if not _sides(fitted, term) <= {"therapist", "moment"}:
            found += _effect(fitted, term, effects, codes, read)
    for block, coefficients in fitted.block_coefficients():
        sides = block.sides(fitted.structure.covariates)
        if sides != {"therapist"} and sides != {"client"}:
            found += block.along(fitted.structure.covariates, read, coefficients)
    return found + _dyads(fitted, client_codes, codes)


def _fixed(fitted: Fitted) -> list[tuple[FixedColumn, float]]:
    """The unpenalised columns that differ between therapists, with their coefficients."""
    pairs = zip(fitted.structure.fixed, fitted.coefficients[fitted.first_fixed :].tolist(), strict=True)
    return [(column, value) for column, value in pairs if fitted.structure.sides(column) & {"match", "therapist"}]


def _random(fitted: Fitted) -> list[tuple[RandomTerm, Floats]]:
    """The random terms that differ between therapists, with their predicted effects."""
    terms = zip(fitted.structure.random, fitted.structure.offsets, strict=False)
    found = [(term, fitted.coefficients[first : first + term.size]) for term, first in terms]
    return [(term, effects) for term, effects in found if _sides(fitted, term) & {"match", "therapist"}]


def _sides(fitted: Fitted, term: RandomTerm) -> set[str]:
    own = {"therapist"} if term.by_therapist else set()
    return own if term.covariate is None else own | {fitted.structure.covariates[term.covariate].side}


def _column(fitted: Fitted, column: FixedColumn, read: Mapping[int, Floats]) -> Floats:
    product: Floats = np.ones(1)
    for at, part in column.parts:
        product = product * fitted.structure.covariates[at].column(read[at], part)
    return np.asarray((product - column.mean) / column.scale)


def _effect(fitted: Fitted, term: RandomTerm, effects: Floats, codes: Codes, read: Mapping[int, Floats]) -> Floats:
    if term.covariate is None:
        level, value = term.entries(codes, None, None)
    else:
        covariate = fitted.structure.covariates[term.covariate]
        level, value = term.entries(codes, covariate, np.broadcast_to(read[term.covariate], codes.shape))
    return np.asarray(np.sum(np.append(effects, 0.0)[level] * value, axis=-1))


def _dyads(fitted: Fitted, client_codes: Codes, codes: Codes) -> Floats:
    """What a client who has rated before is known to find in a therapist; zeros for a client never seen."""
    found = np.zeros(codes.shape)
    for row in np.flatnonzero(client_codes >= 0):
        wanted = client_codes[row] * len(fitted.structure.therapists) + codes[row]
        at = np.searchsorted(fitted.dyads, wanted)
        seen = (codes[row] >= 0) & (np.append(fitted.dyads, -1)[at] == wanted)
        found[row] = np.where(seen, np.append(fitted.dyad.effect, 0.0)[at], 0.0)
    return found


def _of_side(fitted: Fitted, side: str) -> list[tuple[int, Covariate]]:
    return [(at, covariate) for at, covariate in enumerate(fitted.structure.covariates) if covariate.side == side]


def _read(fitted: Fitted, side: str, given: Columns, n: int) -> dict[int, Floats]:
    return {
        at: covariate.read(given[covariate.name]) if covariate.name in given else covariate.absent(n)
        for at, covariate in _of_side(fitted, side)
    }


def _read_match(fitted: Fitted, given: Columns, shape: tuple[int, int]) -> dict[int, Floats]:
    return {
        at: given[covariate.name] if covariate.name in given else covariate.absent(1)
        for at, covariate in _of_side(fitted, "match")
    }
