r"""What is good for this client, apart from what is good on average.

*Personal* is the doubly centred part of the linear prediction: over the reference populations, the clients' and
therapists' of the fitted ratings, its mean is zero for each client and for each therapist. Columns of the client's or
of the therapist's alone cancel; left are match covariates, products of client's and therapist's columns, slopes by
therapist and the dyad's own effect:

    Σ_j β_j Π (column - its mean)  +  (b_t - b̄)(d_c - d̄)  +  (w_ct - w_c. - w_.t + w_..)

A match covariate is known for given pairs only, so its means by client and by therapist are taken to be its mean over
the fitted ratings. A newcomer's own effects are at their prior mean, zero.
"""

from __future__ import annotations

import numpy as np

from matcher.alliance.fitted import Fitted
from matcher.alliance.pairs import Pairs
from matcher.alliance.structure import CLIENT, MATCH, THERAPIST, RandomTerm, codes_of, found_in
from matcher.alliance.tables import Codes, Floats


def personal_part(fitted: Fitted, pairs: Pairs) -> Floats:
    part = _fixed(fitted, pairs) + _dyads(fitted, pairs)
    for term, first in zip(fitted.structure.random, fitted.structure.offsets, strict=False):
        effects = fitted.coefficients[first : first + term.size]
        if term.covariate is not None and not term.knots:
            part += _term(fitted, term, effects, pairs)
    for block, coefficients in fitted.block_coefficients():
        sides = block.sides(fitted.structure.covariates)
        if MATCH in sides or {CLIENT, THERAPIST} <= sides:
            part += block.along(fitted.structure.covariates, pairs.read, coefficients)
    return part


def _fixed(fitted: Fitted, pairs: Pairs) -> Floats:
    structure, part = fitted.structure, np.zeros(len(pairs))
    for column, coefficient in zip(structure.fixed, fitted.coefficients[fitted.first_fixed :], strict=True):
        sides = structure.sides(column)
        if MATCH not in sides and not {CLIENT, THERAPIST} <= sides:
            continue
        centred = np.full(len(pairs), coefficient / column.scale)
        for at, level in column.parts:
            covariate = structure.covariates[at]
            centred *= covariate.column(pairs.read[at], level) - covariate.average(level)
        part += centred
    return part


def _term(fitted: Fitted, term: RandomTerm, effects: Floats, pairs: Pairs) -> Floats:
    assert term.covariate is not None
    covariate, read = fitted.structure.covariates[term.covariate], pairs.read[term.covariate]
    if not term.by_therapist:
        if covariate.side != MATCH:
            return np.zeros(len(pairs))
        return _or_zero(effects - effects @ np.array(covariate.shares), codes_of(read))
    if covariate.levels is None:
        return _or_zero(effects - effects.mean(), pairs.therapist, -effects.mean()) * covariate.standardised(read)
    return _table(fitted, term, effects, pairs.therapist, codes_of(read))


def _table(fitted: Fitted, term: RandomTerm, effects: Floats, therapist: Codes, level: Codes) -> Floats:
    """Therapist by level: centred over therapists, and over levels by their shares; a new row or level is zero."""
    assert term.covariate is not None
    shares = np.array(fitted.structure.covariates[term.covariate].shares)
    table = np.zeros((len(fitted.structure.therapists) + 1, len(shares) + 1))
    pairs = np.array(term.pairs)
    table[pairs // len(shares), pairs % len(shares)] = effects
    table[:, :-1] -= table[:-1, :-1].mean(axis=0)
    table[:, :-1] -= (table[:, :-1] @ shares)[:, None]
    table[:, -1] = 0.0
    return np.asarray(table[therapist, level])


def _dyads(fitted: Fitted, pairs: Pairs) -> Floats:
    n_clients, n_therapists = len(fitted.structure.clients), len(fitted.structure.therapists)
    effect = fitted.dyad.effect
    client, therapist = fitted.dyads // n_therapists, fitted.dyads % n_therapists
    by_client = np.bincount(client, effect, minlength=n_clients) / n_therapists
    by_therapist = np.bincount(therapist, effect, minlength=n_therapists) / n_clients
    both = (pairs.client >= 0) & (pairs.therapist >= 0)
    at = found_in(fitted.dyads, np.where(both, pairs.client * n_therapists + pairs.therapist, -1))
    means = _or_zero(by_client, pairs.client) + _or_zero(by_therapist, pairs.therapist)
    return np.asarray(_or_zero(effect, at) - means + effect.sum() / (n_clients * n_therapists))


def _or_zero(values: Floats, at: Codes, otherwise: float = 0.0) -> Floats:
    return np.append(values, otherwise)[at]
