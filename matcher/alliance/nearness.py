r"""Smooth features of one side: how near a person's columns are to those of a few chosen people.

With k(x, z) = exp(-|x - z|² / 2 length²) over whitened columns, and landmarks z_1 … z_m, the features are the leading
principal directions of k(x, Z) k(Z, Z)^(-1/2), whose products are the kernel as far as the landmarks tell it
(Nyström; Williams, Seeger 2001, NIPS 13). Independent coefficients of the products of two sides' features are then a
smooth function of both sides with the kernel k(x, x') k(t, t'): those who are alike suit those who are alike. What the
directions leave out of it is not lost, but in the dyads' variance, which is estimated beside it.

The length is half of the median distance between people: tried on simulated surfaces, .35 and 1 bring less, two
lengths no more than this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.alliance.tables import Codes, Floats

MOST_LANDMARKS, MOST_DIRECTIONS = 48, 16
LENGTH = 0.5  # of the median distance
_PEOPLE = 600  # among whom landmarks are chosen
_NOTHING = 1e-3  # of a landmark's own 1: what the ones before it leave
_ROUNDING = 9  # digits


@dataclass(frozen=True)
class Nearness:
    """Features of a place of k coordinates: k(place, ``landmarks`` (m, k)) ``turn`` (m, j), less ``means`` (j,)."""

    landmarks: tuple[tuple[float, ...], ...]
    length: float
    turn: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]

    def of(self, places: Floats) -> Floats:
        """(…, j) of places (…, k)."""
        near = kernel(places, np.array(self.landmarks), self.length)
        return np.asarray(near @ np.array(self.turn) - np.array(self.means))


def kernel(places: Floats, landmarks: Floats, length: float) -> Floats:
    """exp(-|x - z|² / 2 length²), (…, m) of places (…, k) and landmarks (m, k)."""
    return np.asarray(np.exp(-0.5 * squared_distances(places, landmarks) / length**2))


def squared_distances(places: Floats, landmarks: Floats) -> Floats:
    squared = (places**2).sum(axis=-1)[..., None] - 2 * places @ landmarks.T + (landmarks**2).sum(axis=-1)
    return np.asarray(np.maximum(squared, 0.0))


def learn(places: Floats, told_by: Floats, weight: Floats) -> Nearness | None:
    """The features of the rows' places (n, k), which rows alike in ``told_by`` (n, …) share; None for fewer than three
    different ones. They do not depend on the order of the rows."""
    people = places[_different(places, told_by)]
    apart = squared_distances(people, people)[np.tril_indices(len(people), -1)]
    if len(people) < 3 or not apart.max() > 0:
        return None
    length = LENGTH * float(np.sqrt(np.median(apart)))
    landmarks = _landmarks(people, length)
    values, vectors = np.linalg.eigh(kernel(landmarks, landmarks, length))
    kept = values > _NOTHING**2 * values.max()
    root = vectors[:, kept] / np.sqrt(values[kept])
    features = kernel(places, landmarks, length) @ root
    share = weight / weight.sum()
    mean = share @ features
    spread, directions = np.linalg.eigh((features.T * share) @ features - np.outer(mean, mean))
    kept = np.argsort(-spread)[:MOST_DIRECTIONS]
    turn = root @ directions[:, kept]
    return Nearness(_tuples(landmarks), length, _tuples(turn), tuple((mean @ directions[:, kept]).tolist()))


def _different(places: Floats, told_by: Floats) -> Codes:
    """Rows of different people, (most ``_PEOPLE``,), evenly from the middle outwards. Which they are does not depend on
    the order of the rows, nor on that of the columns but among people who are equally far out."""
    _, first = np.unique(np.round(told_by, _ROUNDING), axis=0, return_index=True)
    outwards = first[np.argsort(np.round((places[first] ** 2).sum(axis=1), _ROUNDING), kind="stable")]
    some = np.linspace(0, len(outwards) - 1, min(len(outwards), _PEOPLE)).round().astype(np.intp)
    return np.asarray(outwards[some])


def _landmarks(people: Floats, length: float) -> Floats:
    """Each the person of whom those before tell least, by Cholesky with pivots; the first is nearest to the middle."""
    left, rest = np.zeros((len(people), 0)), np.ones(len(people))
    at = 0
    chosen: list[int] = []
    while len(chosen) < MOST_LANDMARKS and rest[at] > _NOTHING:
        chosen.append(at)
        new = (kernel(people, people[[at]], length)[:, 0] - left @ left[at]) / np.sqrt(rest[at])
        left, rest = np.column_stack([left, new]), np.maximum(rest - new**2, 0.0)
        at = int(np.argmax(np.round(rest, _ROUNDING)))
    return np.asarray(people[chosen])


def _tuples(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))
