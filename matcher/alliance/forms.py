"""Quadratic forms of many rows, each with a sparse part (a level or a few) and a dense one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from matcher.alliance.tables import Floats

_DEAR = 60  # how much more a look-up costs than a step of a product


def quadratic(form: Floats, z: sparse.sparray, x: Floats) -> Floats:
    """a'Fa of the rows a = [z, x], (n,), for a symmetric F."""
    z = sparse.csr_array(z)
    split, lengths = z.shape[1], np.diff(z.indptr)
    crossed = np.sum((2 * (z @ form[:split, split:]) + x @ form[split:, split:]) * x, axis=1)
    if _DEAR * int(lengths @ (lengths + 1)) < 2 * z.nnz * split:
        return np.asarray(_by_cells(form, z) + crossed)
    return np.asarray(z.multiply(z @ form[:split, :split]).sum(axis=1) + crossed)


def _by_cells(form: Floats, z: sparse.csr_array) -> Floats:
    """z'Fz of rows that have few entries each: every two of them look up their cell."""
    lengths = np.diff(z.indptr)
    start = np.repeat(z.indptr[:-1], lengths)
    counts = np.arange(z.nnz) - start + 1  # an entry meets those before it in its row, and itself
    first = np.repeat(np.arange(z.nnz), counts)
    second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts - start, counts)
    found = z.data[first] * z.data[second] * form[z.indices[first], z.indices[second]]
    found[first != second] *= 2
    row = np.repeat(np.arange(len(lengths)), lengths * (lengths + 1) // 2)
    return np.bincount(row, found, minlength=len(lengths)).astype(np.float64)
