"""From declared terms to the arrays that the solver sees; each column or term left out is named with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product as every_choice

import numpy as np

from matcher.alliance import blocks as blocks_of
from matcher.alliance.blocks import SIDES, Block, kinds, straight
from matcher.alliance.declared import DYAD, Declared, Source, declared, learn
from matcher.alliance.moments import Moments, Rows, collect
from matcher.alliance.ratings import Ratings
from matcher.alliance.solver import System
from matcher.alliance.structure import (
    CLIENT,
    INTERCEPT,
    MATCH,
    SESSION,
    THERAPIST,
    Covariate,
    FixedColumn,
    RandomTerm,
    Structure,
    codes_of,
    product,
)
from matcher.alliance.tables import Codes, Floats, Keyed, blocks_of_rows, mean_and_deviation
from matcher.errors import InvalidInput

PARTITION = 20_000  # ratings whose columns are in memory at once
LARGEST_BORDER = 8_000  # dense columns: the inverse of so many takes half a gigabyte
_CONSTANT = 1e-10
_COLLINEAR = 1e-10  # share of a standardised column's square that the columns before it leave


@dataclass(frozen=True)
class Design:
    """A model ready to be solved, with what prediction needs to know of the fitted pairs."""

    structure: Structure
    system: System
    centre: float
    read: tuple[Floats, ...]  # every covariate by client, therapist or rating, as its side has it
    dyads: Codes  # client * n_therapists + therapist, sorted
    whole: Whole
    dyad: Codes  # each rating's place among the dyads
    columns_left_out: dict[str, str]
    terms_left_out: dict[str, str]
    people_left_out: dict[str, int]

    @property
    def optional(self) -> tuple[str, ...]:
        """The blocks that stay only where the ratings speak clearly for them."""
        return tuple(block.name for block in self.structure.blocks if not block.is_straight)

    def with_terms(self, system: System, gains: Mapping[str, float]) -> Design:
        """The model with the terms of ``system``; the blocks that are not among them are named with their reason."""
        kept = tuple(block for block in self.structure.blocks if block.name in system.terms)
        left = {
            name: f"they raise 2 log L by {gain:.1f}, which is no clear sign"
            for name, gain in gains.items()
            if name not in system.terms
        }
        structure = replace(self.structure, blocks=kept)
        return replace(self, structure=structure, system=system, terms_left_out=self.terms_left_out | left)


@dataclass
class Draft:
    """The columns and terms found so far."""

    ratings: Ratings
    covariates: list[Covariate] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    read: list[Floats] = field(default_factory=list)  # by rating
    columns_left_out: dict[str, str] = field(default_factory=dict)
    terms_left_out: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[Source, bool], int | None] = field(default_factory=dict)

    def covariate(self, source: Source, *, grouping: bool = False) -> int | None:
        """The place of the source's covariate, learned at first sight; None where every rating lacks it."""
        key = (source, grouping)
        if key not in self.places:
            self.places[key] = self._learned(source, grouping=grouping)
        return self.places[key]

    def rows(self, rows: slice) -> list[Floats]:
        """Every covariate of some of the ratings."""
        return [values[rows] for values in self.read]

    def _learned(self, source: Source, *, grouping: bool) -> int | None:
        learned = learn(source, self.ratings.weight, grouping=grouping)
        if learned is None:
            self.columns_left_out[source.place] = "missing in every rating"
            return None
        if learned not in self.covariates:
            self.covariates.append(learned)
            self.sources.append(source)
            self.read.append(source.by_rating(learned.read(source.values)))
        return self.covariates.index(learned)


def sources_of(ratings: Ratings, clients: Keyed, therapists: Keyed) -> list[Source]:
    """Session order first, then the pair's, the client's and the therapist's columns."""
    found = [
        Source(SESSION if name == "session" else MATCH, name, values, None) for name, values in ratings.columns.items()
    ]
    found.sort(key=lambda source: source.side != SESSION)
    for side, table, ids, at in (
        (CLIENT, clients, ratings.clients, ratings.client),
        (THERAPIST, therapists, ratings.therapists, ratings.therapist),
    ):
        keys = np.array(ids, dtype=object)
        found += [Source(side, name, table.aligned(name, keys), at) for name in table.columns]
    return found


def build(
    ratings: Ratings, clients: Keyed, therapists: Keyed, *,
    vary_by: Iterable[str], fixed: Iterable[str], random: Iterable[str], only_declared: bool,
    blocks: Sequence[str] | None,
) -> Design:  # fmt: skip
    sources = sources_of(ratings, clients, therapists)
    terms = declared(sources, vary_by=vary_by, fixed=fixed, random=random, only=only_declared)
    draft = Draft(ratings, columns_left_out=_undeclared(sources, terms))
    wanted = (() if only_declared else kinds()) if blocks is None else tuple(blocks)
    ridges, rest = _ridges(draft, terms.free, wanted)
    alone = [parts for parts in terms.fixed if len(parts) == 1]
    products = [parts for parts in terms.fixed if len(parts) > 1]
    columns = _fixed(draft, [*alone, *((source,) for source in rest), *products])
    found = [*ridges, *_bent(draft, wanted)]
    if blocks is not None:
        made = [block.name for block in found]
        draft.terms_left_out |= {name: "too few columns that differ" for name in wanted if name not in made}
    _check_freedom(ratings, len(columns))
    _, dyads, dyad = ratings.dyads
    random_terms, nested = _random(draft, terms, dyad)
    ids = (ratings.clients, ratings.therapists)
    structure = Structure(tuple(draft.covariates), tuple(random_terms), tuple(found), tuple(columns), *ids)
    centre = _centre(ratings)
    whole = Whole(draft, structure, centre)
    system = _system(whole, [*random_terms, *found], nested, len(columns))
    read = tuple(
        covariate.read(source.values) for covariate, source in zip(draft.covariates, draft.sources, strict=True)
    )
    unrated = {
        f"{table.place} without ratings": n
        for table, known in ((clients, ratings.clients), (therapists, ratings.therapists))
        if (n := len(table.rows.keys() - set(known)))
    }
    left_out = draft.columns_left_out, draft.terms_left_out, unrated
    return Design(structure, system, centre, read, dyads, whole, dyad, *left_out)


def _undeclared(sources: Iterable[Source], terms: Declared) -> dict[str, str]:
    named = {source for term in (*terms.fixed, terms.free, terms.slopes, terms.groupings) for source in term}
    return {source.place: "not declared" for source in sources if source not in named}


def _check_freedom(ratings: Ratings, n_fixed: int) -> None:
    """What the unpenalised columns leave must be something, or there is no variance to estimate."""
    if ratings.weight.sum() <= n_fixed:
        weight = ratings.weight.sum()
        mend = f"{n_fixed} unpenalised effects need more ratings than that; leave columns out, or bring more ratings"
        said = "" if weight == len(ratings.score) else f" (they weigh {weight:g} together)"
        raise InvalidInput("ratings", len(ratings.score), mend + said)


def _centre(ratings: Ratings) -> float:
    """The mean score; taken from any one of them when all are equal, so that the rest is zero to the bit."""
    if np.ptp(ratings.score) == 0:
        return float(ratings.score[0])
    return float(np.average(ratings.score, weights=ratings.weight))


@dataclass(frozen=True)
class Whole:
    """All ratings, of which the sums are taken part by part, since the blocks' columns are many."""

    draft: Draft
    structure: Structure
    centre: float

    def rows(self, part: Codes) -> Rows:
        """Some of the ratings."""
        ratings, structure, read = self.draft.ratings, self.structure, [values[part] for values in self.draft.read]
        levels, values = np.zeros((2, len(part), len(structure.random)))
        for at, term in enumerate(structure.random):
            levels[:, at], values[:, at] = located(term, ratings.therapist[part], structure.covariates, read)
        dense = np.column_stack([structure.dense_matrix(read, len(part)), ratings.score[part] - self.centre])
        sizes = tuple(term.size for term in structure.random)
        return Rows(levels.astype(np.int64), values, sizes, dense, ratings.weight[part])

    @property
    def may_vary(self) -> Codes:
        """The dense columns that may differ within a dyad: those of the pair or the session."""
        structure = self.structure
        sides = [(block.sides(structure.covariates), block.size) for block in structure.blocks]
        sides += [(structure.sides(column), 1) for column in structure.fixed]
        return np.flatnonzero(np.repeat([bool(of & {MATCH, SESSION}) for of, _ in sides], [size for _, size in sides]))


def located(
    term: RandomTerm, therapist: Codes, covariates: Sequence[Covariate], read: Sequence[Floats]
) -> tuple[Codes, Floats]:
    """(level, value) of each rating."""
    if term.covariate is None:
        return term.located(therapist, None, None)
    return term.located(therapist, covariates[term.covariate], read[term.covariate])


def partitions(client: Codes, order: Codes, most: int = PARTITION) -> list[Codes]:
    """The ratings in their order, which is that of their clients, cut between clients into parts of about ``most``."""
    there = client[order]
    first = np.flatnonzero(np.append(True, there[1:] != there[:-1]))
    cuts = np.unique(first[np.searchsorted(first, np.arange(most, len(order), most), side="right") - 1])
    return [part for part in np.split(order, cuts) if len(part)]


def _system(
    whole: Whole, terms: Sequence[RandomTerm | Block], nested: tuple[str, ...], n_fixed: int
) -> System:  # fmt: skip
    ratings = whole.draft.ratings
    order, dyads, dyad = ratings.dyads
    sizes = [term.size for term in terms]
    if sum(sizes) + n_fixed > LARGEST_BORDER:
        counts = {term.name: term.size for term in terms}
        mend = f"at most {LARGEST_BORDER} therapists and levels together can be solved; join rare levels of a grouping"
        raise InvalidInput("random", counts, mend)
    groups = {DYAD: dyad, CLIENT: ratings.client}[nested[0]] if nested else None
    parent = dyads // len(ratings.therapists) if len(nested) == 2 else None
    parts = (collect(whole.rows(part), _within(groups, part)) for part in partitions(ratings.client, order))
    n_groups = {DYAD: len(dyads), CLIENT: len(ratings.clients)}[nested[0]] if nested else 0
    moments = Moments.joined(parts, parent, len(ratings.clients), n_groups)
    term_of_column = np.repeat(np.arange(len(sizes)) + len(nested), sizes)
    term_of_column = np.append(term_of_column, np.full(n_fixed, -1)).astype(np.int64)
    return System(moments, nested, tuple(term.name for term in terms), term_of_column)


def _within(groups: Codes | None, part: Codes) -> tuple[Codes, int] | None:
    """The groups of some ratings, counted from 0; a group never lies in two parts."""
    if groups is None:
        return None
    first = int(groups[part].min())
    return groups[part] - first, int(groups[part].max()) - first + 1


def _ridges(draft: Draft, free: Sequence[Source], wanted: Sequence[str]) -> tuple[list[Block], list[Source]]:
    """A ridge for each side that has enough columns which nobody named; the sources that are left are fixed."""
    found, rest = [], list(free)
    for side in SIDES:
        own = [source for source in free if source.side == side]
        if straight(side) not in wanted or not own:
            continue
        places = {source: place for source in own if (place := draft.covariate(source)) is not None}
        block = blocks_of.learn(straight(side), draft.covariates, draft.read, draft.ratings.weight, places.values())
        if block is None:
            continue
        found.append(block)
        rest = [source for source in rest if source not in own]
        there = {primitive.covariate for primitive in block.left.primitives}
        draft.columns_left_out |= {
            source.place: "the same in every rating" for source, place in places.items() if place not in there
        }
    return found, rest


def _bent(draft: Draft, wanted: Sequence[str]) -> Iterable[Block]:
    """The blocks of curves and products, over all columns that are there by now."""
    places = range(len(draft.covariates))
    for name in wanted:
        if name not in [straight(side) for side in SIDES]:
            block = blocks_of.learn(name, draft.covariates, draft.read, draft.ratings.weight, places)
            if block is not None:
                yield block


def _fixed(draft: Draft, terms: Iterable[tuple[Source, ...]]) -> list[FixedColumn]:
    """The unpenalised columns, the intercept first; constant and collinear ones are left out."""
    columns = [FixedColumn(INTERCEPT, (), 0.0, 1.0)]
    for name, parts in _choices(draft, terms):
        mean, scale, largest = _spread_of(draft, parts)
        if scale <= _CONSTANT * largest:
            draft.columns_left_out[name] = "the same in every rating"
            continue
        columns.append(FixedColumn(name, parts, mean, scale))
    kept = _independent(draft, columns, _products(draft, columns))
    return [columns[at] for at in kept]


def _spread_of(draft: Draft, parts: tuple[tuple[int, int], ...]) -> tuple[float, float, float]:
    """Mean, standard deviation and largest size of a product of columns over the ratings."""
    covariates, weight = tuple(draft.covariates), draft.ratings.weight
    raw = np.empty(len(weight))
    for rows in blocks_of_rows(len(weight)):
        raw[rows] = product(covariates, parts, draft.rows(rows), len(raw[rows]))
    return *mean_and_deviation(raw, weight), float(max(raw.max(), -raw.min()))


def _products(draft: Draft, columns: list[FixedColumn]) -> Floats:
    """The cross-products of the unpenalised columns."""
    structure = Structure(tuple(draft.covariates), (), (), tuple(columns), (), ())
    gram, weight = np.zeros((len(columns), len(columns))), draft.ratings.weight
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


def _independent(draft: Draft, columns: list[FixedColumn], gram: Floats) -> list[int]:
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
    return kept


def _random(draft: Draft, terms: Declared, dyad: Codes) -> tuple[list[RandomTerm], tuple[str, ...]]:
    """The border's random terms, and the nested terms, finest first."""
    ratings = draft.ratings
    candidates = [RandomTerm(THERAPIST, None, True, len(ratings.therapists))]
    candidates += [term for source in terms.groupings if (term := _grouping(draft, source)) is not None]
    candidates += [term for source in terms.slopes if (term := _slope(draft, source)) is not None]
    partitions: dict[str, Codes] = {}
    client = _estimable(draft, CLIENT, ratings.client, partitions)
    kept: list[RandomTerm] = []
    for term in candidates:
        covariate = None if term.covariate is None else draft.covariates[term.covariate]
        levels, values = located(term, ratings.therapist, draft.covariates, draft.read)
        if covariate is not None and term.by_therapist and covariate.levels is None:
            if _spread(draft, term.name, values):
                kept.append(term)
        elif _estimable(draft, term.name, levels, partitions):
            kept.append(term)
    has_dyad = terms.dyad and _estimable(draft, DYAD, dyad, partitions)
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
    if np.ptp(values) > _CONSTANT:
        return True
    draft.terms_left_out[name] = "the column is the same in every rating"
    return False


def _estimable(draft: Draft, name: str, codes: Codes, partitions: dict[str, Codes]) -> bool:
    """Whether these groups can be told from the mean, from the residual and from the groups before them."""
    count = np.bincount(codes)
    heaviest = max(count.max(), np.bincount(codes, draft.ratings.weight).max())
    reason = None
    if np.count_nonzero(count) < 2:
        reason = "there is only one, which cannot be told from the mean"
    elif heaviest <= 1:
        reason = "no one has two ratings, so that it cannot be told from the residual"
    else:
        same = (other for other, seen in partitions.items() if _same(codes, seen))
        if (twin := next(same, None)) is not None:
            reason = f"its groups are those of {twin}, from which it cannot be told"
    if reason is not None:
        draft.terms_left_out[name] = reason
        return False
    partitions[name] = codes
    return True


def _same(a: Codes, b: Codes) -> bool:
    """Whether two groupings are one: as many groups, and each of the one within one of the other."""
    if np.count_nonzero(np.bincount(a)) != np.count_nonzero(np.bincount(b)):
        return False
    leads = np.empty(int(a.max()) + 1, dtype=b.dtype)
    leads[a] = b
    return bool(np.array_equal(leads[a], b))
