r"""Predictions for any pair, with the exact posterior spread at the estimated variances.

The expected score of pair (c, t) is τ = h'b + v_c + w_p: h its row of the border, v_c the client's effect, w_p the
dyad's. With S_c, a_p, f_p, n_p and g_c as in the solver, and π_c = λ_c g_c, π_p = λ_d f_p, given b

    v_c ~ π_c (S_cy - S_c'b),  variance σ² π_c           w_p | v_c ~ π_p (a_py - a_p'b - n_p v_c),  variance σ² π_p

so that τ depends on b through one vector e, and b has posterior covariance σ² F, F = diag(ℓ) C⁻¹ diag(ℓ):

    Var τ = σ² (e'Fe + own)
    unseen dyad   e = h - π_c S_c                        own = π_c + λ_d
    seen dyad     e = h - π_p a_p - f_p π_c S_c           own = π_p + f_p² π_c

An unseen client has S_c = 0 and π_c = λ_c; each unseen therapist or level adds its λ_k times its squared value. The
contrast that ranks therapists for one client leaves out v_c and every column of the client's alone: τ' = h'b + w_p.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from matcher.alliance.fitted import Fitted, Nested
from matcher.alliance.forms import quadratic
from matcher.alliance.pairs import Pairs
from matcher.alliance.personal import personal_part
from matcher.alliance.scores import ScoreDistribution
from matcher.alliance.structure import RandomTerm, found_in
from matcher.alliance.tables import Codes, Floats
from matcher.alliance.terms import entries

BLOCK = 2048  # pairs at a time: with a thousand border columns 16 MB
Z80 = 1.2815515655446004  # the standard normal's 90th percentile


@dataclass(frozen=True)
class Forecast:
    """Predictions for ``n`` pairs, arrays of shape (n,), on the scale of the ratings.

    ``mean``, ``sd``, ``lower80``, ``upper80`` are of the pair's expected score in a typical session: the session's own
    noise is not in them. Where scores at the top are censored, it is the expected score as the scale shows it.
    ``contrast`` ranks therapists within one client (the client's own terms left out; 0 is an average therapist),
    ``contrast_sd`` is its spread; both are latent, and go beyond the top. ``personal`` is the part of the mean that is
    good for this client and not on average (zeros unless asked for). ``averaged`` counts, by column, pairs that
    count as the average: the column is not there, the level was never seen, or the value is missing where in the
    fitted ratings none was (or else what is missing has an effect of its own); ``unused`` names the columns that were
    given and that the model does not know.
    """

    mean: Floats
    sd: Floats
    lower80: Floats
    upper80: Floats
    contrast: Floats
    contrast_sd: Floats
    personal: Floats
    known_client: np.ndarray[tuple[int], np.dtype[np.bool_]]
    known_therapist: np.ndarray[tuple[int], np.dtype[np.bool_]]
    n_clients_of_therapist: Codes
    averaged: dict[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beforehand:
    """Of ``n`` pairs, latent and on the scale of the ratings: ``mean`` and ``sd`` (n,) of the alliance of their first
    session but for what is the session's own, ``trend`` (n,) what is gained where the session's number grows e-fold,
    the spread of single sessions, and whether scores at the top are censored."""

    mean: Floats
    sd: Floats
    trend: Floats
    session_sd: float
    censored: bool


@dataclass(frozen=True)
class _Targets:
    """Rows h of the border, and the prior ratio of what is not in it."""

    sparse: sparse.csr_array
    dense: Floats
    unseen: Floats


def forecast_pairs(fitted: Fitted, pairs: Pairs, *, personal: bool) -> Forecast:
    latent, sd, contrast, contrast_sd = _latent(fitted, pairs)
    counts, scores, noise = np.append(fitted.clients_of_therapist, 0), fitted.scores, fitted.noise
    spread, single = np.hypot(sd, noise), np.full(len(sd), noise)
    mean = scores.expected(latent, spread)
    lower, upper = (scores.within(scores.expected(latent + side * Z80 * sd, single)) for side in (-1, 1))
    part = personal_part(fitted, pairs) if personal else np.zeros(len(pairs))
    return Forecast(
        scores.within(mean),
        scores.spread(latent, sd, noise),
        lower,
        upper,
        contrast,
        contrast_sd,
        mean - scores.expected(latent - part, spread) if scores.censored else part,
        pairs.client >= 0,
        pairs.therapist >= 0,
        counts[pairs.therapist],
        pairs.averaged,
        pairs.unused,
    )


def distribution_of(fitted: Fitted, pairs: Pairs) -> ScoreDistribution:
    """Of single sessions' scores."""
    latent, sd, _, _ = _latent(fitted, pairs)
    return ScoreDistribution(latent, np.hypot(sd, fitted.noise), fitted.scores)


def beforehand_of(fitted: Fitted, first: Pairs, later: Pairs) -> Beforehand:
    """``later`` are the same pairs in the session whose number is e."""
    mean, sd, _, _ = _latent(fitted, first)
    return Beforehand(mean, sd, _latent(fitted, later)[0] - mean, fitted.noise, fitted.scores.censored)


def _latent(fitted: Fitted, pairs: Pairs) -> tuple[Floats, Floats, Floats, Floats]:
    """Latent mean and contrast, each with its sd."""
    blocks = [_block(fitted, pairs.block(slice(at, at + BLOCK))) for at in range(0, len(pairs), BLOCK)]
    mean, variance, contrast, contrast_variance = np.concatenate(blocks, axis=1) if blocks else np.zeros((4, 0))
    return mean, np.sqrt(np.maximum(variance, 0.0)), contrast, np.sqrt(np.maximum(contrast_variance, 0.0))


def _block(fitted: Fitted, pairs: Pairs) -> Floats:
    """(4, n): mean, its variance, contrast, its variance."""
    n_therapists = len(fitted.structure.therapists)
    both = (pairs.client >= 0) & (pairs.therapist >= 0)
    dyad = found_in(fitted.dyads, np.where(both, pairs.client * n_therapists + pairs.therapist, -1))
    full, side = _targets(fitted, pairs)
    pull_c = _taken(fitted.client.pull, pairs.client, fitted.client.ratio)
    pull_p, kept_p, weight_p = (
        _taken(fitted.dyad.pull, dyad, fitted.dyad.ratio), _taken(fitted.dyad.kept, dyad, 1.0),
        _taken(fitted.dyad.weight, dyad, 0.0),
    )  # fmt: skip
    effect_p = _taken(fitted.dyad.effect, dyad, 0.0)
    mean = fitted.centre + _along(full, fitted.coefficients) + effect_p
    mean += _taken(fitted.client.effect, pairs.client, 0.0)
    seen_p = np.where(dyad >= 0, pull_p, 0.0)
    carried = pull_p * weight_p
    variance = _quadratic(fitted, full, pairs.client, kept_p * pull_c, dyad, seen_p) + pull_p + kept_p**2 * pull_c
    contrast_variance = _quadratic(fitted, side, pairs.client, -carried * pull_c, dyad, seen_p)
    contrast_variance += pull_p + carried**2 * pull_c
    contrast = _along(side, fitted.coefficients) + effect_p
    return np.array([mean, fitted.variance * variance, contrast, fitted.variance * contrast_variance])


def _targets(fitted: Fitted, pairs: Pairs) -> tuple[_Targets, _Targets]:
    """The rows of the expected score, and those of the contrast."""
    structure, n = fitted.structure, len(pairs)
    dense = structure.dense_matrix(pairs.read, n)
    terms = list(zip(structure.random, structure.offsets, fitted.border_ratios.tolist(), strict=False))
    found = [(term, _entries(fitted, term, first, ratio, pairs)) for term, first, ratio in terms]
    every = [entry for _, own in found for entry in own]
    chosen = [entry for term, own in found if structure.ranks_therapists(term) for entry in own]
    ranking = structure.ranking()
    return _gathered(every, dense, fitted.n_sparse), _gathered(chosen, dense * ranking, fitted.n_sparse)


@dataclass(frozen=True)
class _Entries:
    """An entry of a random term in the rows: border column (-1 for an unseen level) and value; its prior if unseen."""

    column: Codes
    value: Floats
    unseen: Floats


def _entries(fitted: Fitted, term: RandomTerm, first: int, ratio: float, pairs: Pairs) -> list[_Entries]:
    levels, values = entries(term, pairs.therapist, fitted.structure.covariates, pairs.read)
    return [
        _Entries(np.where(level >= 0, level + first, -1), value, np.where(level < 0, ratio * value**2, 0.0))
        for level, value in zip(levels.T, values.T, strict=True)
    ]


def _gathered(entries: list[_Entries], dense: Floats, n_sparse: int) -> _Targets:
    n = len(dense)
    if not entries:
        return _Targets(sparse.csr_array((n, n_sparse)), dense, np.zeros(n))
    seen = [entry.column >= 0 for entry in entries]
    row = np.concatenate([np.flatnonzero(there) for there in seen])
    column = np.concatenate([entry.column[there] for entry, there in zip(entries, seen, strict=True)])
    value = np.concatenate([entry.value[there] for entry, there in zip(entries, seen, strict=True)])
    rows = sparse.csr_array((value, (row, column)), shape=(n, n_sparse))
    return _Targets(rows, dense, sum((entry.unseen for entry in entries), np.zeros(n)))


def _along(targets: _Targets, coefficients: Floats) -> Floats:
    split = targets.sparse.shape[1]
    return np.asarray(targets.sparse @ coefficients[:split] + targets.dense @ coefficients[split:])


def _quadratic(
    fitted: Fitted, targets: _Targets, client: Codes, from_client: Floats, dyad: Codes, from_dyad: Floats
) -> Floats:
    """e'Fe with e = h - from_client S_c - from_dyad a_p, and the prior ratios of unseen levels."""
    z, x = targets.sparse, targets.dense
    for nested, at, share in ((fitted.client, client, from_client), (fitted.dyad, dyad, from_dyad)):
        here = np.flatnonzero((at >= 0) & (share != 0))
        if len(here):  # nothing is known of somebody new
            z_pulled, x_pulled = _pulled(nested, at, share, here)
            z, x = z - z_pulled, x - x_pulled
    return quadratic(fitted.form, z, x) + targets.unseen


def _pulled(nested: Nested, at: Codes, share: Floats, here: Codes) -> tuple[sparse.csr_array, Floats]:
    chosen = sparse.csr_array((share[here], (here, at[here])), shape=(len(at), len(nested.weight)))
    return chosen @ nested.sparse, chosen @ nested.dense


def _taken(values: Floats, at: Codes, otherwise: float) -> Floats:
    return np.append(values, otherwise)[at]
