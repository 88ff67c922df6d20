"""Quadratic forms of many rows, each with a sparse part (a level or a few) and a dense one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from matcher.alliance.tables import Codes, Floats

_DEAR = 60  # how much more a look-up costs than a step of a product


def quadratic(form: Floats, z: sparse.sparray, x: Floats) -> Floats:
    """a'Fa of the rows a = [z, x], (n,), for a symmetric F."""
    z = sparse.csr_array(z)
    split, lengths = z.shape[1], np.diff(z.indptr)
    crossed = np.sum((2 * (z @ form[:split, split:]) + x @ form[split:, split:]) * x, axis=1)
    if _DEAR * int(lengths @ (lengths + 1)) < 2 * z.nnz * split:
        return np.asarray(_by_cells(form, z) + crossed)
    return np.asarray(z.multiply(z @ form[:split, :split]).sum(axis=1) + crossed)


def entry_pairs(indptr: Codes) -> tuple[Codes, Codes, Codes]:
    """Every entry of a row with each of those before it and with itself: both places, and the row."""
    lengths, kind = np.diff(indptr), indptr.dtype
    start = np.repeat(indptr[:-1], lengths)
    counts = np.arange(len(start), dtype=kind) - start + 1
    first = np.repeat(np.arange(len(start), dtype=kind), counts)
    second = np.arange(len(first), dtype=kind) - np.repeat(np.cumsum(counts) - counts - start, counts)
    return first, second, np.repeat(np.arange(len(lengths), dtype=kind), lengths * (lengths + 1) // 2)


def _by_cells(form: Floats, z: sparse.csr_array) -> Floats:
    """z'Fz of rows that have few entries each: every two of them look up their cell."""
    first, second, row = entry_pairs(z.indptr)
    found = z.data[first] * z.data[second] * form[z.indices[first], z.indices[second]]
    found[first != second] *= 2
    return np.bincount(row, found, minlength=z.shape[0]).astype(np.float64)
