r"""The integrals of one dyad: what its sessions at the top say of its latent mean u, beside what is known of u.

Known is u ~ N(m, 1 / P). A session with weight ω and offset o from the dyad's mean row says ω log Φ(z) with
z = (u + o - κ) / σ:

    ψ = ω r(z) / σ        -ψ' = ω r(z) (z + r(z)) / σ²        r = φ / Φ

The product is log-concave with one mode; Gauss-Hermite nodes are placed around it in units of its curvature there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from matcher.alliance.tables import Codes, Floats

_NODES, _NEWTON = 11, 60  # with 11 nodes variances are within 1e-4 of those with 31
_CLOSE = 1e-3  # to the mode, in units of the curvature: the nodes need not stand on it exactly
_node, _weight = np.polynomial.hermite_e.hermegauss(_NODES)
_LOG_WEIGHT = np.log(_weight) - 0.5 * math.log(2 * math.pi) + 0.5 * _node**2


@dataclass(frozen=True)
class Tops:
    """The sessions at the top, in the order of their dyads: ``rows`` (k,) among all, ``dyads`` (m,) that have any,
    ``at`` (k,) each session's place among those, ``first`` (m,) each dyad's first session; ``weight`` (k,)."""

    rows: Codes
    dyads: Codes
    at: Codes
    first: Codes
    weight: Floats

    @classmethod
    def of(cls, rows: Codes, dyad: Codes, weight: Floats) -> Tops:
        rows = rows[np.argsort(dyad[rows], kind="stable")]
        own = dyad[rows]
        first = np.flatnonzero(np.diff(own, prepend=-1))
        return cls(rows, own[first], np.cumsum(np.diff(own, prepend=-1) > 0) - 1, first, weight[rows])

    def summed(self, values: Floats) -> Floats:
        """Sums over each dyad's sessions, (m, ...)."""
        return np.asarray(np.add.reduceat(values, self.first, axis=0))


@dataclass(frozen=True)
class Known:
    """What is known of each dyad's latent mean without its sessions at the top, N(centre, 1 / precision), (m,); and
    how each of those sessions differs from it, ``offset`` (k,)."""

    centre: Floats
    precision: Floats
    offset: Floats


@dataclass(frozen=True)
class Tilted:
    """With the sessions at the top: the log of their joint probability, mean and variance of u, each (m,); E ψ, E -ψ'
    and E ω z r of every such session, each (k,)."""

    log_mass: Floats
    mean: Floats
    variance: Floats
    gradient: Floats
    curvature: Floats
    widening: Floats


def tilt(tops: Tops, known: Known, cut: float, sd: float) -> Tilted:
    """Multiply and integrate, every dyad at once; ``sd`` is a session's σ, ``cut`` is κ."""
    above = known.offset - cut
    mode, bend = _mode(tops, known, above, sd)
    unit = 1 / np.sqrt(bend)
    u = mode[:, None] + unit[:, None] * _node
    z = (u[tops.at] + above[:, None]) / sd
    log_phi = log_ndtr(z)
    log = tops.summed(tops.weight[:, None] * log_phi) + _LOG_WEIGHT
    log += np.log(unit * np.sqrt(known.precision))[:, None]
    log -= 0.5 * known.precision[:, None] * (u - known.centre[:, None]) ** 2
    peak = log.max(axis=1)
    share = np.exp(log - peak[:, None])
    mass = share.sum(axis=1)
    share /= mass[:, None]
    mean = np.sum(share * u, axis=1)
    ratio, share_k = mills(z, log_phi), share[tops.at]
    return Tilted(
        peak + np.log(mass),
        mean,
        np.sum(share * (u - mean[:, None]) ** 2, axis=1),
        tops.weight * np.sum(share_k * ratio, axis=1) / sd,
        tops.weight * np.sum(share_k * ratio * (z + ratio), axis=1) / sd**2,
        tops.weight * np.sum(share_k * ratio * z, axis=1),
    )


def _mode(tops: Tops, known: Known, above: Floats, sd: float) -> tuple[Floats, Floats]:
    """Each dyad's mode and the curvature there. The slope falls and is convex: from the left no step passes the mode,
    and from the right the first one leads to the left."""
    mode = known.centre
    for _ in range(_NEWTON):
        z = (mode[tops.at] + above) / sd
        ratio = mills(z, log_ndtr(z))
        slope = known.precision * (known.centre - mode) + tops.summed(tops.weight * ratio) / sd
        bend = known.precision + tops.summed(tops.weight * ratio * (z + ratio)) / sd**2
        mode = mode + slope / bend
        if np.max(np.abs(slope) / np.sqrt(bend)) < _CLOSE:
            break
    return mode, bend


def mills(z: Floats, log_phi: Floats) -> Floats:
    """φ(z) / Φ(z), which for a very low z is about -z."""
    return np.asarray(np.exp(-0.5 * z**2 - 0.5 * math.log(2 * math.pi) - log_phi))
