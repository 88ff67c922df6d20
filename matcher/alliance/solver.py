r"""The mixed-model equations, with clients and dyads integrated out in closed form.

Paper first. In units of the residual variance σ², ratings y = Xβ + Σ_k Z_k u_k + e with u_k ~ N(0, λ_k I) and
e ~ N(0, Ω⁻¹), Ω the rows' weights. Two kinds of random terms are told apart:

* *nested* terms, integrated out: dyads p, and the clients c that they lie in;
* *border* terms, solved for: therapists, slopes by therapist, further groupings. With X they make the border.

**Integrating out.** Let a_p = Σ_{i∈p} ω_i a_i be a dyad's sums of a border row a_i (with the score as last entry), and
n_p = Σ ω_i. By the Woodbury identity, with M = (Ω⁻¹ + λ_d Z_d Z_d' + λ_c Z_c Z_c')⁻¹ and A the rows a_i,

    f_p = 1 / (1 + λ_d n_p)        N_c = Σ_{p∈c} f_p n_p        S_c = Σ_{p∈c} f_p a_p        g_c = 1 / (1 + λ_c N_c)
    A'MA = A'ΩA - Σ_p λ_d f_p a_p a_p' - Σ_c λ_c g_c S_c S_c'
    log|M⁻¹| + log|Ω| = -Σ_p log f_p - Σ_c log g_c

so a step costs sums over dyads and clients, and never a matrix of their size.

**Border.** Write W = [Z_1 .. Z_K, X] and scale its columns by ℓ = √λ_k (1 for X). Then

    C = diag(ℓ) W'MW diag(ℓ) + diag(1 for random, 0 for X),    b̂ = diag(ℓ) C⁻¹ diag(ℓ) W'My

is dense and small (one column a therapist), positive definite at λ = 0 too, and one Cholesky factor gives all:
log|V| + log|X'V⁻¹X| = log|M⁻¹| + log|C| and y'Py = y'My - y'MW b̂, with V = M⁻¹ + Σ Z_k λ_k Z_k' over border terms and
P = V⁻¹ - V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹. (Henderson 1975, Biometrics 31; Bates, Mächler, Bolker, Walker 2015, J. Stat. Softw. 67.)

**Derivatives** need, for each term, the scores Z_k'Py, the trace tr(Z_k'PZ_k) and the products y'P H_k P H_l P y with
H_k = Z_k Z_k'. For nested terms z'Mz and W'Mz are scalars and rescaled sums, by the same two sweeps:

    client:  z'Mz = N_c g_c                         W'Mz = g_c S_c
    dyad:    z'Mz = f_p n_p - (f_p n_p)² λ_c g_c      W'Mz = f_p (a_p - n_p λ_c g_c S_c)
    tr(Z_k'PZ_k) = Σ z'Mz - Σ (W'Mz)' diag(ℓ) C⁻¹ diag(ℓ) (W'Mz)

and Σ (W'Mz)'F(W'Mz) is F contracted with a weighted gram matrix of the same sums: exact, no sampling.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg import lapack

from matcher.alliance.moments import Gram, Moments, Sums
from matcher.alliance.tables import Codes, Flags, Floats

_SMALL = 1e-2  # of λ_k Z_k'MZ_k: below it a trace is summed, since the difference that gives it cancels


@dataclass(frozen=True)
class System:
    """What stays the same over all variances. Terms are numbered: the nested ones (finest first), then the border's.

    ``term_of_column`` is each border column's term, -1 for an unpenalised one; those come last.
    """

    moments: Moments
    nested: tuple[str, ...]
    border: tuple[str, ...]
    term_of_column: Codes

    @property
    def terms(self) -> tuple[str, ...]:
        return self.nested + self.border

    @property
    def n_random(self) -> int:
        return int(np.sum(self.term_of_column >= 0))

    @property
    def n_fixed(self) -> int:
        return len(self.term_of_column) - self.n_random

    def without(self, names: Collection[str]) -> System:
        """The same ratings without some of the border's terms, whose columns must be dense ones."""
        if not names:
            return self
        kept = [term for term, name in enumerate(self.terms) if term < len(self.nested) or name not in names]
        new_term = np.full(len(self.terms) + 1, -1)  # the last entry, -1, is the unpenalised columns'
        new_term[kept] = np.arange(len(kept))
        stays = self.staying(names)
        terms = tuple(self.terms[term] for term in kept[len(self.nested) :])
        return System(self.moments.taken(stays), self.nested, terms, new_term[self.term_of_column[stays]])

    def staying(self, names: Collection[str]) -> Flags:
        """The border's columns that do not belong to these terms."""
        return np.append([name not in names for name in self.terms], True)[self.term_of_column]

    def columns(self, term: int) -> slice:
        found = np.flatnonzero(self.term_of_column == term)
        return slice(int(found[0]), int(found[-1]) + 1)


@dataclass(frozen=True)
class Level:
    """A nested term at given variances: its groups' sums after the finer term is gone, and 1 / (1 + λn)."""

    ratio: float
    sums: Sums
    kept: Floats

    @property
    def pull(self) -> Floats:
        """λ / (1 + λn): how far a group's sum moves its own effect, and that effect's variance given the border."""
        return self.ratio * self.kept


@dataclass(frozen=True)
class Eliminated:
    """A'MA, log|M⁻¹| and the levels (finest first) that give the way back to dyads and clients."""

    gram: Gram
    log_determinant: float
    levels: tuple[Level, ...]
    parent: Codes | None

    def scores(self, coefficients: Floats) -> tuple[Floats, ...]:
        """Z'Py of each nested term, given the border's coefficients."""
        if not self.levels:
            return ()
        top = self.levels[-1]
        above = top.kept * top.sums.along(coefficients)
        if self.parent is None:
            return (above,)
        fine = self.levels[0]
        carried = fine.sums.weight * (top.ratio * above)[self.parent]
        return fine.kept * (fine.sums.along(coefficients) - carried), above

    def traces(self, form: Floats) -> tuple[float, ...]:
        """tr(Z'PZ) of each nested term; ``form`` is diag(ℓ) C⁻¹ diag(ℓ)."""
        if not self.levels:
            return ()
        top = self.levels[-1]
        above = float(top.sums.weight @ top.kept) - top.sums.gram(top.kept**2).contract(form)
        return (above,) if self.parent is None else (self._fine_trace(form), above)

    def _fine_trace(self, form: Floats) -> float:
        fine, top = self.levels
        assert self.parent is not None
        reduced = fine.kept * fine.sums.weight
        squares = np.bincount(self.parent, reduced**2, minlength=len(top.kept))
        crossed = fine.sums.grouped(self.parent, len(top.kept), fine.kept * reduced)
        spread = fine.sums.gram(fine.kept**2).contract(form)
        spread -= 2 * top.sums.crossed(top.pull, form, crossed)
        spread += top.sums.gram(top.pull**2 * squares).contract(form)
        return float(reduced.sum() - squares @ top.pull) - spread

    def swept(self, cross: Floats, inner: Floats, sums: Floats) -> tuple[Floats, Floats]:
        """(A'MF, F'MF) of further columns F: their products with the rows, and their sums over the finest groups."""
        for at, level in enumerate(self.levels):
            pulled = level.pull[:, None] * sums
            cross = cross - np.vstack([level.sums.sparse.T @ pulled, level.sums.dense.T @ pulled])
            inner = inner - sums.T @ pulled
            if at == 0 and self.parent is not None:
                sums = summed(self.parent, level.kept[:, None] * sums, len(self.levels[1].kept))
        return cross, inner


def eliminate(moments: Moments, ratios: Floats) -> Eliminated:
    """Integrate the nested terms out at these variance ratios, finest first."""
    gram, log_determinant, levels = moments.gram, 0.0, []
    sums = moments.finest
    for at, ratio in enumerate(ratios):
        assert sums is not None
        kept = 1 / (1 + ratio * sums.weight)
        levels.append(Level(float(ratio), sums, kept))
        if ratio > 0:
            gram = gram - sums.gram(ratio * kept)
            log_determinant -= float(np.log(kept).sum())
        if at == 0 and moments.parent is not None:
            sums = sums.grouped(moments.parent, moments.n_parents, kept)
    return Eliminated(gram, log_determinant, tuple(levels), moments.parent)


@dataclass
class Solution:
    """The equations solved at given variance ratios λ (nested terms first, then the border's).

    ``factor`` is there until ``form`` turns it into the inverse in the same memory: there is no room for both.
    """

    system: System
    ratios: Floats
    eliminated: Eliminated
    scale: Floats
    factor: Floats | None
    coefficients: Floats
    residual: float  # y'Py
    log_diagonal: Floats  # of the factor

    def log_determinant(self, *, restricted: bool) -> float:
        """log|V| + log|X'V⁻¹X|, without the last part unless ``restricted``."""
        upto = len(self.scale) if restricted else self.system.n_random
        return self.eliminated.log_determinant + 2 * float(self.log_diagonal[:upto].sum())

    def form(self, *, restricted: bool = True) -> Floats:
        """diag(ℓ) C⁻¹ diag(ℓ); where the fixed columns are known (ML), from the inverse of the random block."""
        n, upto = len(self.scale), len(self.scale) if restricted else self.system.n_random
        factor = self.factor
        assert factor is not None
        if restricted:
            self.factor = None
        form = np.zeros((0, 0))
        if upto:
            form, _ = lapack.dpotri(factor[:upto, :upto], lower=1, overwrite_c=restricted)
        if upto < n:
            form = np.pad(form, (0, n - upto))
        _complete(form, self.scale)
        return form

    def scores(self) -> list[Floats]:
        """Z_k'Py of every term; times λ_k they are the predicted effects."""
        return scores_at(self.system, self.eliminated, self.coefficients)

    def traces(self, form: Floats) -> Floats:
        """tr(Z_k'PZ_k) of every term from ``form()``."""
        nested = self.eliminated.traces(form)
        own = range(len(nested), len(self.ratios))
        return np.array([*nested, *(self._border_trace(term, form) for term in own)])

    def _border_trace(self, term: int, form: Floats) -> float:
        at, ratio, gram = self.system.columns(term), self.ratios[term], self.eliminated.gram
        own = gram.diagonal[at]
        if ratio * own.max(initial=0.0) > _SMALL:  # Z'PZ = (I - C⁻¹) / λ, which cancels when λ is small
            return float(np.sum(1 - np.diag(form)[at] / ratio) / ratio)
        columns = gram.times(np.eye(len(self.scale))[:, at])[:-1]
        return float(own.sum() - np.sum(columns * (form @ columns)))


def scores_at(system: System, eliminated: Eliminated, coefficients: Floats) -> list[Floats]:
    """Z_k'Py of every term, given the border's coefficients."""
    gram = eliminated.gram
    border = (gram.with_score - gram.times(coefficients))[:-1]
    nested = eliminated.scores(coefficients)
    own = range(len(nested), len(system.terms))
    return [*nested, *(border[system.columns(term)] for term in own)]


def solve(system: System, ratios: Floats) -> Solution:
    """Build and factorise C at the given variance ratios, and solve for the border's coefficients."""
    eliminated = eliminate(system.moments, ratios[: len(system.nested)])
    column_ratio = np.append(ratios, 1.0)[system.term_of_column]  # the last entry, -1, is the unpenalised columns'
    scale, gram = np.sqrt(column_ratio), eliminated.gram
    matrix = gram.lower(scale)
    matrix[np.diag_indices(len(scale))] += system.term_of_column >= 0
    factor, failed = lapack.dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
    if failed:
        raise linalg.LinAlgError("the mixed-model equations are not positive definite")
    half = linalg.solve_triangular(factor, scale * gram.with_score[:-1], lower=True, check_finite=False)
    coefficients = scale * linalg.solve_triangular(factor, half, lower=True, trans=1, check_finite=False)
    residual = float(gram.with_score[-1] - half @ half)
    return Solution(system, ratios, eliminated, scale, factor, coefficients, residual, np.log(np.diag(factor)))


def _complete(matrix: Floats, scale: Floats) -> None:
    """Scale the lower half and write it into the upper one, square by square, so that each is in the cache once."""
    n, side = len(matrix), 128
    for left in range(0, n, side):
        own = matrix[left : left + side, left : left + side]
        own[:] = np.tril(own) + np.tril(own, -1).T
        for top in range(left, n, side):
            block = matrix[top : top + side, left : left + side]
            block *= scale[left : left + side]
            block *= scale[top : top + side, None]
            matrix[left : left + side, top : top + side] = block.T


def summed(group: Codes, values: Floats, n_groups: int) -> Floats:
    """Column-wise sums of (n, k) values over groups."""
    return np.column_stack([np.bincount(group, column, minlength=n_groups) for column in values.T])
