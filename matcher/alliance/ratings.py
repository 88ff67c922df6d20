"""Ratings as they come in, checked: who rated whom, with which score and weight; what is left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matcher.alliance.tables import WHOLE, Codes, Flags, Floats, Values, coded, columns, no_number, numbers, texts
from matcher.errors import InvalidInput

# recognised columns of a ratings file that are no covariates, and where they go instead
RESERVED = {
    "score": "no covariate: scores are given apart, as y",
    "rated_at": "no covariate: it counts where a drift or a half-life is asked for",
    "weight": "no covariate: weights are given apart, as sample_weight",
}
LARGEST_SCORE = 1e12
LARGEST_WEIGHT = 1e6


@dataclass(frozen=True)
class Ratings:
    """The ratings used: places among the sorted ids, scores, weights, further columns; and what was left out."""

    clients: tuple[str, ...]
    therapists: tuple[str, ...]
    client: Codes
    therapist: Codes
    score: Floats
    weight: Floats
    columns: Mapping[str, Values]
    n_read: int
    left_out: Mapping[str, int]
    set_aside: Mapping[str, str]  # columns that are no covariates, with the reason
    rows: Flags | slice  # which of the rows read are used, (n_read,); all of them as a slice, which takes no memory
    moment: Values | None = None  # when each was rated, as given

    @cached_property
    def dyads(self) -> tuple[Codes, Codes, Codes]:
        """The ratings' places in the order of client and therapist; client * n_therapists + therapist of every dyad, in
        order; and each rating's place among the dyads."""
        keys = self.client * np.int64(len(self.therapists)) + self.therapist
        order = np.argsort(keys, kind="stable").astype(np.int32)
        keys = keys[order]
        first = np.append(True, keys[1:] != keys[:-1])
        dyad = np.empty(len(order), dtype=np.int32)
        dyad[order] = np.cumsum(first, dtype=np.int32) - 1
        return order, keys[first], dyad

    @property
    def repeated(self) -> int:
        """How many ratings repeat a session of their pair that another rating has already."""
        if "session" not in self.columns:
            return 0
        session = texts(self.columns["session"]).tolist()
        seen = set(zip(self.client.tolist(), self.therapist.tolist(), session, strict=True))
        return len(self.score) - len(seen)


def read_ratings(table: Any, score: Any, weight: Any) -> Ratings:
    found = columns(table, "ratings")
    for name in ("client_id", "therapist_id"):
        if name not in found:
            raise InvalidInput("ratings", sorted(found), f"expected a column named {name}")
    client, therapist = _ids(found.pop("client_id")), _ids(found.pop("therapist_id"))
    n = len(client)
    scores, weights = read_scores(score, weight, n)
    faults = {
        "no score": np.isnan(scores),
        "no client_id": _absent(client),
        "no therapist_id": _absent(therapist),
        "weight 0": weights == 0,
    }
    used, left_out = np.ones(n, dtype=bool), {}
    for reason, fault in faults.items():
        if np.any(fault & used):
            left_out[reason] = int(np.sum(fault & used))
        used &= ~fault
    if used.sum() < 2:
        mend = "expected at least two ratings with a score, a client and a therapist"
        said = "".join(f"; {count} left out: {reason}" for reason, count in left_out.items())
        raise InvalidInput("ratings", int(used.sum()), mend + said)
    kept = slice(None) if used.all() else used  # a slice copies nothing
    (clients, client), (therapists, therapist) = coded(client[kept]), coded(therapist[kept])
    return Ratings(
        clients,
        therapists,
        client,
        therapist,
        scores[kept],
        weights[kept],
        {name: values[kept] for name, values in found.items() if name not in RESERVED},
        n,
        left_out,
        {name: RESERVED[name] for name in found if name in RESERVED},
        kept,
        found["rated_at"][kept] if "rated_at" in found else None,
    )


def read_scores(score: Any, weight: Any, n: int) -> tuple[Floats, Floats]:
    """The scores of ``n`` ratings, NaN where one is missing, and what each counts."""
    return _scores(score, n), _weights(weight, n)


def _ids(values: Values) -> Values:
    """Whole numbers as they are, of which none is missing; anything else as text."""
    return values if values.dtype.kind in WHOLE else texts(values)


def _absent(ids: Values) -> Flags:
    return np.zeros(len(ids), dtype=bool) if ids.dtype.kind in WHOLE else np.asarray(ids == "", dtype=bool)


def _scores(score: Any, n: int) -> Floats:
    found = _numbers(score, "score", n)
    wrong = np.flatnonzero(np.abs(found) > LARGEST_SCORE)
    if len(wrong):
        place = f"score, row {wrong[0] + 1}"
        raise InvalidInput(place, found[wrong[0]], "expected a score on the questionnaire's scale")
    return found


def _weights(weight: Any, n: int) -> Floats:
    if weight is None:
        return np.broadcast_to(np.float64(1), n)  # one number in memory, however many ratings
    found = _numbers(weight, "weight", n)
    wrong = np.flatnonzero(~((found >= 0) & (found <= LARGEST_WEIGHT)))
    if len(wrong):
        place = f"weight, row {wrong[0] + 1}"
        raise InvalidInput(place, found[wrong[0]], f"expected a number from 0 to {LARGEST_WEIGHT:g}")
    if n and not found.any():
        raise InvalidInput("weight", 0, "all weights are zero, so that no rating counts; give one above 0")
    return found


def _numbers(values: Any, name: str, n: int) -> Floats:
    if values is None:
        raise InvalidInput(name, None, "expected one number a rating")
    found = columns({name: values}, "ratings")[name]
    if len(found) != n:
        raise InvalidInput(name, len(found), f"expected one number a rating, {n} in all")
    as_numbers = numbers(found, name)
    if as_numbers is None:
        raise InvalidInput(name, no_number(found), "expected a number")
    return as_numbers
