"""Quadratic forms of many rows, each with a sparse part (one level a random term) and a dense one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from matcher.alliance.tables import Floats


def quadratic(form: Floats, z: sparse.csr_array, x: Floats) -> Floats:
    """a'Fa of the rows a = [z, x], (n,), for a symmetric F."""
    split = z.shape[1]
    through = z @ form[:split]
    crossed = np.sum((2 * through[:, split:] + x @ form[split:, split:]) * x, axis=1)
    return np.asarray(z.multiply(through[:, :split]).sum(axis=1) + crossed)
