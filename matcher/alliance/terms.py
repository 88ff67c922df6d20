"""Which unpenalised columns and random terms the ratings can tell apart; those that they cannot have their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product as every_choice

import numpy as np

from matcher.alliance.declared import DYAD, Declared, Source
from matcher.alliance.draft import SAME_THROUGHOUT, Draft
from matcher.alliance.structure import (
    CLIENT,
    INTERCEPT,
    THERAPIST,
    Covariate,
    FixedColumn,
    RandomTerm,
    Structure,
    codes_of,
    product,
)
from matcher.alliance.tables import Codes, Floats, blocks_of_rows, mean_and_deviation

_MADE_UP = 1e-8  # share of a group's weight that the fixed columns leave
_COLLINEAR = 1e-10  # share of a standardised column's square that the columns before it leave


def fixed_columns(draft: Draft, terms: Iterable[tuple[Source, ...]]) -> list[FixedColumn]:
    """The unpenalised columns, the intercept first; constant and collinear ones are left out."""
    columns = [FixedColumn(INTERCEPT, (), 0.0, 1.0)]
    for name, parts in _choices(draft, terms):
        mean, scale, largest = _spread_of(draft, parts)
        if scale <= SAME_THROUGHOUT * largest:
            draft.columns_left_out[name] = "the same in every rating"
            continue
        columns.append(FixedColumn(name, parts, mean, scale))
    return _independent(draft, columns, products_of(draft, columns, draft.ratings.weight))


def _spread_of(draft: Draft, parts: tuple[tuple[int, int], ...]) -> tuple[float, float, float]:
    """Mean, standard deviation and largest size of a product of columns over the ratings."""
    covariates, weight = tuple(draft.covariates), draft.ratings.weight
    raw = np.empty(len(weight))
    for rows in blocks_of_rows(len(weight)):
        raw[rows] = product(covariates, parts, draft.rows(rows), len(raw[rows]))
    return *mean_and_deviation(raw, weight), float(max(raw.max(), -raw.min()))


def products_of(draft: Draft, columns: Sequence[FixedColumn], weight: Floats) -> Floats:
    """The cross-products of the unpenalised columns."""
    structure = Structure(tuple(draft.covariates), (), (), tuple(columns), (), ())
    gram = np.zeros((len(columns), len(columns)))
    for rows in blocks_of_rows(len(weight)):
        matrix = structure.dense_matrix(draft.rows(rows), len(weight[rows]))
        gram += (matrix.T * weight[rows]) @ matrix
    return gram


def _choices(draft: Draft, terms: Iterable[tuple[Source, ...]]) -> Iterable[tuple[str, tuple[tuple[int, int], ...]]]:
    for term in terms:
        places = [place for source in term if (place := draft.covariate(source)) is not None]
        if len(places) < len(term):
            continue
        parts = [[(place, part, name) for part, name in draft.covariates[place].parts()] for place in places]
        if not all(parts):
            draft.columns_left_out[":".join(source.place for source in term)] = "the same in every rating"
        for choice in every_choice(*parts):
            yield ":".join(name for _, _, name in choice), tuple((place, part) for place, part, _ in choice)


def _independent(draft: Draft, columns: list[FixedColumn], gram: Floats) -> list[FixedColumn]:
    """Rank-revealing Cholesky in the given order: a column that earlier ones make up is left out and says so."""
    kept: list[int] = []
    for at, column in enumerate(columns):
        inner, own = gram[np.ix_(kept, kept)], gram[kept, at]
        made_of = np.linalg.solve(inner, own)
        if gram[at, at] - own @ made_of > _COLLINEAR * gram[at, at]:
            kept.append(at)
            continue
        share = np.abs(made_of) * np.sqrt(np.diag(inner))
        parts = [columns[k].name for k, size in zip(kept, share, strict=True) if size > 1e-6 * share.max()]
        draft.columns_left_out[column.name] = f"a combination of {', '.join(parts[:5])}{' ...' * (len(parts) > 5)}"
    return [columns[at] for at in kept]


def random_terms(
    draft: Draft, terms: Declared, dyad: Codes, fixed: Sequence[FixedColumn]
) -> tuple[list[RandomTerm], tuple[str, ...]]:
    """The border's random terms, and the nested terms, finest first; ``fixed`` are the unpenalised columns."""
    ratings = draft.ratings
    candidates = [RandomTerm(THERAPIST, None, True, len(ratings.therapists))]
    candidates += [term for source in terms.groupings if (term := _grouping(draft, source)) is not None]
    candidates += [term for source in terms.slopes if (term := _slope(draft, source)) is not None]
    partitions: dict[str, Codes] = {}
    client = _estimable(draft, CLIENT, ratings.client, partitions, fixed)
    kept: list[RandomTerm] = []
    for term in candidates:
        covariate = None if term.covariate is None else draft.covariates[term.covariate]
        found = entries(term, ratings.therapist, draft.covariates, draft.read)
        levels, values = found[0][:, 0], found[1][:, 0]
        if covariate is not None and term.by_therapist and covariate.levels is None:
            if _spread(draft, term.name, values):
                kept.append(term)
        elif _estimable(draft, term.name, levels, partitions, fixed):
            kept.append(term)
    has_dyad = terms.dyad and _estimable(draft, DYAD, dyad, partitions, fixed)
    nested = tuple(name for name, there in ((DYAD, has_dyad), (CLIENT, client)) if there)
    return kept, nested


def _grouping(draft: Draft, source: Source) -> RandomTerm | None:
    place = draft.covariate(source, grouping=True)
    if place is None:
        return None
    covariate = draft.covariates[place]
    return RandomTerm(covariate.key, place, False, len(covariate.levels or ()))


def _slope(draft: Draft, source: Source) -> RandomTerm | None:
    place = draft.covariate(source)
    if place is None:
        return None
    covariate, name, therapist = draft.covariates[place], f"{THERAPIST}:{source.name}", draft.ratings.therapist
    if covariate.levels is None:
        return RandomTerm(name, place, True, len(draft.ratings.therapists))
    pairs = np.unique(therapist * np.int64(len(covariate.levels)) + codes_of(draft.read[place]))
    return RandomTerm(name, place, True, len(pairs), tuple(pairs.tolist()))


def _spread(draft: Draft, name: str, values: Floats) -> bool:
    if np.ptp(values) > SAME_THROUGHOUT:
        return True
    draft.terms_left_out[name] = "the column is the same in every rating"
    return False


def _estimable(
    draft: Draft, name: str, codes: Codes, partitions: dict[str, Codes], fixed: Sequence[FixedColumn]
) -> bool:
    """Whether these groups can be told from the fixed columns, from the residual and from the groups before them."""
    count = np.bincount(codes)
    heaviest = max(count.max(), np.bincount(codes, draft.ratings.weight).max())
    reason = None
    if np.count_nonzero(count) < 2:
        reason = "there is only one, which cannot be told from the mean"
    elif heaviest <= 1:
        reason = "no one has two ratings, so that it cannot be told from the residual"
    elif np.count_nonzero(count) <= len(fixed) and _made_up(draft, codes, fixed):
        reason = "the unpenalised columns tell every one apart, so that nothing is left to tell how much they differ"
    else:
        same = (other for other, seen in partitions.items() if _same(codes, seen))
        if (twin := next(same, None)) is not None:
            reason = f"its groups are those of {twin}, from which it cannot be told"
    if reason is not None:
        draft.terms_left_out[name] = reason
        return False
    partitions[name] = codes
    return True


def _made_up(draft: Draft, codes: Codes, fixed: Sequence[FixedColumn]) -> bool:
    """Whether the groups' indicators are combinations of the fixed columns: Z'Z = Z'X (X'X)⁻¹ X'Z."""
    structure = Structure(tuple(draft.covariates), (), (), tuple(fixed), (), ())
    weight, both = draft.ratings.weight, np.zeros((int(codes.max()) + 1, len(fixed)))
    for rows in blocks_of_rows(len(weight)):
        matrix = structure.dense_matrix(draft.rows(rows), len(weight[rows])) * weight[rows][:, None]
        both += np.column_stack([np.bincount(codes[rows], column, len(both)) for column in matrix.T])
    size = np.bincount(codes, weight, len(both))
    made = np.sum(both.T * np.linalg.solve(products_of(draft, fixed, weight), both.T), axis=0)
    return bool(np.all(size - made <= _MADE_UP * size))


def _same(a: Codes, b: Codes) -> bool:
    """Whether two groupings are one: as many groups, and each of the one within one of the other."""
    if np.count_nonzero(np.bincount(a)) != np.count_nonzero(np.bincount(b)):
        return False
    leads = np.empty(int(a.max()) + 1, dtype=b.dtype)
    leads[a] = b
    return bool(np.array_equal(leads[a], b))


def entries(
    term: RandomTerm, therapist: Codes, covariates: Sequence[Covariate], read: Sequence[Floats]
) -> tuple[Codes, Floats]:
    """(level, value) of each row, with a last axis of the term's width."""
    if term.covariate is None:
        return term.entries(therapist, None, None)
    return term.entries(therapist, covariates[term.covariate], read[term.covariate])
