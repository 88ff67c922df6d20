"""From what is given to checked arrays: ids, a matrix or pairs of scores, capacities. Each raises InvalidInput."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher import checks
from matcher.errors import InvalidInput

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Codes = NDArray[np.int32]
Pairs = tuple[Rows, Codes, Floats]  # where each client's pairs begin, their therapists, their scores

LARGEST_SCORE = 1e12
LARGEST_CAPACITY = 10**6
_BLOCK = 2**22  # cells of a matrix that are looked at together


def ids(name: str, found: Sequence[str]) -> tuple[str, ...]:
    """Ids as text, each once."""
    given = tuple(found)
    for id_ in given:
        checks.text(id_, name, required=True)
    if len(set(given)) != len(given):
        seen: set[str] = set()
        twice = next(id_ for id_ in given if id_ in seen or seen.add(id_))  # type: ignore[func-returns-value]
        raise InvalidInput(name, twice, "this id stands twice; keep one")
    return given


def capacity(found: ArrayLike | Mapping[str, int], therapists: Sequence[str]) -> Rows:
    """Places of each therapist, whole and 0 or more."""
    by_id = found if isinstance(found, Mapping) else dict(zip(therapists, _row_of(found, len(therapists)), strict=True))
    unknown = (
        next((id_ for id_ in by_id if id_ not in set(therapists)), None) if len(by_id) != len(therapists) else None
    )
    if unknown is not None:
        raise InvalidInput("capacity", unknown, "not a therapist of the scores; correct the id, or remove it")
    places = np.zeros(len(therapists), dtype=np.int64)
    for row, id_ in enumerate(therapists):
        if id_ not in by_id:
            raise InvalidInput("capacity", id_, "this therapist has no capacity; give one, 0 if nobody fits")
        places[row] = _whole(by_id[id_], f"capacity[{id_!r}]")
    return places


def _row_of(found: ArrayLike, n: int) -> list[object]:
    values = np.asarray(found)
    if values.shape != (n,):
        raise InvalidInput("capacity", values.shape, f"expected {n} numbers in one row, one a therapist")
    return values.tolist()  # type: ignore[no-any-return]  # of a row


def _whole(value: object, name: str) -> int:
    if (isinstance(value, float | np.floating) and float(value).is_integer()) or isinstance(value, np.integer):
        value = int(value)
    checks.whole(value, name, 0, LARGEST_CAPACITY)
    return value  # type: ignore[return-value]  # whole by the line above


def matrix(scores: ArrayLike, clients: Sequence[str], therapists: Sequence[str]) -> Pairs:
    """The allowed pairs of a matrix, taken some clients at a time, so that no second one is made."""
    table = np.asarray(scores)
    if table.dtype.kind not in "fiu":
        raise InvalidInput("scores", table.dtype.name, "expected numbers, NaN where a pair is not allowed")
    if table.shape != (len(clients), len(therapists)):
        mend = f"expected one row a client and one column a therapist: {(len(clients), len(therapists))}"
        raise InvalidInput("scores", table.shape, mend)
    step = max(_BLOCK // max(len(therapists), 1), 1)
    starts = range(0, len(clients), step)
    first = np.zeros(len(clients) + 1, dtype=np.int64)
    for start in starts:
        first[start + 1 : start + step + 1] = (~np.isnan(table[start : start + step])).sum(axis=1)
    np.cumsum(first, out=first)
    therapist, score = np.empty(first[-1], dtype=np.int32), np.empty(first[-1])
    for start in starts:
        block = table[start : start + step]
        rows, columns = np.nonzero(~np.isnan(block))
        part = slice(first[start], first[start] + len(rows))
        therapist[part], score[part] = columns, block[rows, columns]
    _check_scores(score, first, therapist, clients, therapists)
    return first, therapist, score


def pairs(
    client_id: Sequence[str], therapist_id: Sequence[str], score: ArrayLike, clients: Sequence[str],
    therapists: Sequence[str],
) -> Pairs:  # fmt: skip
    """Pairs in any order, each once, as those of each client."""
    values = np.asarray(score, dtype=np.float64)
    if not len(client_id) == len(therapist_id) == len(values) or values.ndim != 1:
        mend = f"expected as many as ids of clients, {len(client_id)}, and of therapists, {len(therapist_id)}"
        raise InvalidInput("score", values.shape, mend)
    client = _rows_of("client_id", client_id, clients)
    therapist = _rows_of("therapist_id", therapist_id, therapists)
    key = client * max(len(therapists), 1) + therapist
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    if len(again):
        at = int(order[again[0] + 1])
        raise InvalidInput("score", (client_id[at], therapist_id[at]), "this pair stands twice; keep one")
    first = np.concatenate([[0], np.cumsum(np.bincount(client, minlength=len(clients)))]).astype(np.int64)
    sorted_therapist, sorted_score = therapist[order].astype(np.int32), values[order]
    _check_scores(sorted_score, first, sorted_therapist, clients, therapists)
    return first, sorted_therapist, sorted_score


def _rows_of(name: str, found: Sequence[str], known: Sequence[str]) -> Rows:
    rows = {id_: row for row, id_ in enumerate(known)}
    try:
        return np.fromiter((rows[id_] for id_ in found), dtype=np.int64, count=len(found))
    except KeyError as unknown:
        mend = "not in the list of those who wait" if name == "client_id" else "this therapist has no capacity"
        raise InvalidInput(name, unknown.args[0], f"{mend}; correct the id, or add it there") from None


def _check_scores(
    score: Floats, first: Rows, therapist: Codes, clients: Sequence[str], therapists: Sequence[str]
) -> None:
    fine = bool(np.isfinite(score.sum())) and (not len(score) or max(-score.min(), score.max()) <= LARGEST_SCORE)
    if not fine:
        at = int(np.flatnonzero(~(np.abs(score) <= LARGEST_SCORE))[0])
        client = int(np.searchsorted(first, at, side="right")) - 1
        name = f"score[{clients[client]!r}, {therapists[therapist[at]]!r}]"
        mend = f"expected a finite number within ±{LARGEST_SCORE:g}; leave the pair out where it is not allowed"
        raise InvalidInput(name, float(score[at]), mend)
