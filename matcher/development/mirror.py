"""How well a therapist sees how a session was for the client: their own ratings beside the clients'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.development.batches import Z80
from matcher.errors import InvalidInput

FEWEST_CLIENTS = 5


@dataclass(frozen=True, slots=True)
class Mirror:
    """``gap`` is own minus client's, 0 to 10 points, with its 80 % interval; ``together`` how the two move together."""

    n_clients: int
    gap: float
    gap_lower: float
    gap_upper: float
    together: float
    together_lower: float
    together_upper: float


def self_view(pairs: Sequence[tuple[str, float, float]]) -> Mirror | None:
    """A therapist's own ratings of sessions beside their clients': the usual gap, and whether the two move together.

    Parameters
    ----------
    pairs : sequence of (client, own, theirs)
        One row (client, 0 to 10, 0 to 10) for each session that both rated.

    Returns
    -------
    Mirror or None
        None below five clients. A client counts once: the gap is the mean over clients of each one's mean gap. How the
        two move together is the correlation of the clients' mean ratings, own with theirs, −1 to 1; its interval is
        Fisher's, tanh(artanh r ± z₈₀/√(n − 3)), and an interval that holds 0 says that no better than chance was seen.

    Notes
    -----
    Therapists' views of the alliance agree only a little with their clients' (a mean correlation of .36 over 53
    studies: Tryon, Blackwell & Hammel 2007, Psychotherapy Research 17, 629–642), and therapists notice few of those who
    get worse (Hannan et al. 2005, Journal of Clinical Psychology 61, 155–163). This is a mirror, not a mark.

    Examples
    --------
    >>> from matcher import self_view
    >>> seen = self_view([(str(k), 7.0 + k % 3, 6.0 + k % 3) for k in range(9)])
    >>> seen.gap, round(seen.together, 6)
    (1.0, 1.0)
    >>> self_view([("one", 7.0, 6.0)]) is None
    True
    """
    for _client, own, theirs in pairs:
        for value in (own, theirs):
            if not 0 <= value <= 10:
                raise InvalidInput("pairs", value, "expected ratings from 0 to 10")
    names = sorted({client for client, _own, _theirs in pairs})
    n = len(names)
    if n < FEWEST_CLIENTS:
        return None
    means = np.array([np.mean([(a, b) for who, a, b in pairs if who == name], axis=0) for name in names])
    gaps = means[:, 0] - means[:, 1]
    half = Z80 * float(np.std(gaps, ddof=1)) / np.sqrt(n)
    flat = bool((np.ptp(means, axis=0) < 1e-9).any())
    r = 0.0 if flat else float(np.clip(np.corrcoef(means.T)[0, 1], -1, 1))
    z, width = float(np.arctanh(np.clip(r, -0.9999, 0.9999))), Z80 / np.sqrt(n - 3)
    gap = float(gaps.mean())
    return Mirror(n, gap, gap - half, gap + half, r, float(np.tanh(z - width)), float(np.tanh(z + width)))
