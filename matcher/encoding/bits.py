"""Sets of codes as one 64-bit word a row: what two rows share is then a single AND, whatever the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from matcher.vocabulary import FORMATS, Vocabulary

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WORD = 64


def bits_of(codes: Iterable[str], words: Vocabulary) -> int:
    """A set of codes as a number: bit k stands for the k-th term of the vocabulary."""
    return sum(1 << words.index(code) for code in codes)


def codes_of(bits: int, words: Vocabulary) -> tuple[str, ...]:
    """The codes in a number, in the order of the vocabulary."""
    return tuple(code for k, code in enumerate(words.codes) if bits >> k & 1)


def column(sets: Iterable[Iterable[str]], words: Vocabulary) -> Bits:
    """One word a row, shape (n,)."""
    return np.fromiter((bits_of(codes, words) for codes in sets), dtype=np.uint64)


def single(code: str | None) -> tuple[str, ...]:
    """A code that may be missing as a set."""
    return () if code is None else (code,)


def overlap(clients: Bits, therapists: Bits) -> Flags:
    """Whether a client's set and a therapist's share anything, shape (clients, therapists)."""
    return np.asarray(clients[:, None] & therapists[None, :], dtype=np.bool_)


def popcount(bits: Bits) -> NDArray[np.int64]:
    """How many codes each word holds, in any shape."""
    return np.bitwise_count(bits).astype(np.int64)


ONLINE = np.uint64(bits_of(("online",), FORMATS))
IN_PERSON = np.uint64(bits_of(("in_person",), FORMATS))
