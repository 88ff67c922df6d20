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
from matcher.alliance.tables import Codes, Floats, Keyed
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
    columns, matrix = _fixed(draft, [*alone, *((source,) for source in rest), *products])
    found = [*ridges, *_bent(draft, wanted)]
    if blocks is not None:
        made = [block.name for block in found]
        draft.terms_left_out |= {name: "too few columns that differ" for name in wanted if name not in made}
    _check_freedom(ratings, len(columns))
    dyads, dyad = np.unique(ratings.client * len(ratings.therapists) + ratings.therapist, return_inverse=True)
    random_terms, levels, values, nested = _random(draft, terms, dyad)
    ids = (ratings.clients, ratings.therapists)
    structure = Structure(tuple(draft.covariates), tuple(random_terms), tuple(found), tuple(columns), *ids)
    centre = _centre(ratings)
    whole = _Whole(draft, structure, levels, values, matrix, centre)
    system = _system(whole, [*random_terms, *found], nested, len(columns), dyads, dyad)
    read = tuple(
        covariate.read(source.values) for covariate, source in zip(draft.covariates, draft.sources, strict=True)
    )
    unrated = {
        f"{table.place} without ratings": n
        for table, known in ((clients, ratings.clients), (therapists, ratings.therapists))
        if (n := len(table.rows.keys() - set(known)))
    }
    return Design(structure, system, centre, read, dyads, draft.columns_left_out, draft.terms_left_out, unrated)


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
class _Whole:
    """All ratings, of which the sums are taken part by part, since the blocks' columns are many."""

    draft: Draft
    structure: Structure
    levels: Codes
    values: Floats
    matrix: Floats
    centre: float

    def rows(self, part: Codes) -> Rows:
        """Some of the ratings."""
        ratings, read = self.draft.ratings, [values[part] for values in self.draft.read]
        bent = [block.columns(self.structure.covariates, read) for block in self.structure.blocks]
        dense = np.column_stack([*bent, self.matrix[part], ratings.score[part] - self.centre])
        sizes = tuple(term.size for term in self.structure.random)
        return Rows(self.levels[part], self.values[part], sizes, dense, ratings.weight[part])


def partitions(client: Codes, most: int = PARTITION) -> list[Codes]:
    """The ratings in the order of their clients, cut between clients into parts of about ``most`` rows."""
    order = np.argsort(client, kind="stable")
    first = np.flatnonzero(np.diff(client[order], prepend=-1))
    cuts = np.unique(first[np.searchsorted(first, np.arange(most, len(order), most), side="right") - 1])
    return [part for part in np.split(order, cuts) if len(part)]


def _system(
    whole: _Whole, terms: Sequence[RandomTerm | Block], nested: tuple[str, ...], n_fixed: int,
    dyads: Codes, dyad: Codes,
) -> System:  # fmt: skip
    ratings = whole.draft.ratings
    sizes = [term.size for term in terms]
    if sum(sizes) + n_fixed > LARGEST_BORDER:
        counts = {term.name: term.size for term in terms}
        mend = f"at most {LARGEST_BORDER} therapists and levels together can be solved; join rare levels of a grouping"
        raise InvalidInput("random", counts, mend)
    groups = {DYAD: dyad, CLIENT: ratings.client}[nested[0]] if nested else None
    parent = (dyads // len(ratings.therapists), len(ratings.clients)) if len(nested) == 2 else (None, 0)
    parts = [collect(whole.rows(part), _within(groups, part)) for part in partitions(ratings.client)]
    moments = Moments.joined(parts, *parent)
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


def _fixed(draft: Draft, terms: Iterable[tuple[Source, ...]]) -> tuple[list[FixedColumn], Floats]:
    """The unpenalised columns, the intercept first; constant and collinear ones are left out."""
    weight, n = draft.ratings.weight, len(draft.ratings.score)
    columns, filled = [FixedColumn(INTERCEPT, (), 0.0, 1.0)], [np.ones(n)]
    for name, parts in _choices(draft, terms):
        raw = product(tuple(draft.covariates), parts, draft.read, n)
        mean = float(np.average(raw, weights=weight))
        scale = float(np.sqrt(np.average((raw - mean) ** 2, weights=weight)))
        if scale <= _CONSTANT * np.abs(raw).max():
            draft.columns_left_out[name] = "the same in every rating"
            continue
        columns.append(FixedColumn(name, parts, mean, scale))
        filled.append((raw - mean) / scale)
    matrix = np.column_stack(filled)
    kept = _independent(draft, columns, (matrix.T * weight) @ matrix)
    return [columns[at] for at in kept], matrix[:, kept]


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


def _random(draft: Draft, terms: Declared, dyad: Codes) -> tuple[list[RandomTerm], Codes, Floats, tuple[str, ...]]:
    """The border's random terms with level and value of each rating, and the nested terms, finest first."""
    ratings, n = draft.ratings, len(draft.ratings.score)
    candidates = [RandomTerm(THERAPIST, None, True, len(ratings.therapists))]
    candidates += [term for source in terms.groupings if (term := _grouping(draft, source)) is not None]
    candidates += [term for source in terms.slopes if (term := _slope(draft, source)) is not None]
    partitions: dict[str, Codes] = {}
    client = _estimable(draft, CLIENT, ratings.client, partitions)
    kept: list[tuple[RandomTerm, Codes, Floats]] = []
    for term in candidates:
        covariate = None if term.covariate is None else draft.covariates[term.covariate]
        read = None if term.covariate is None else draft.read[term.covariate]
        levels, values = term.located(ratings.therapist, covariate, read)
        if covariate is not None and term.by_therapist and covariate.levels is None:
            if _spread(draft, term.name, values):
                kept.append((term, levels, values))
        elif _estimable(draft, term.name, levels, partitions):
            kept.append((term, levels, values))
    has_dyad = terms.dyad and _estimable(draft, DYAD, dyad, partitions)
    nested = tuple(name for name, there in ((DYAD, has_dyad), (CLIENT, client)) if there)
    levels = np.column_stack([codes for _, codes, _ in kept]) if kept else np.zeros((n, 0), dtype=np.int64)
    values = np.column_stack([value for _, _, value in kept]) if kept else np.zeros((n, 0))
    return [term for term, _, _ in kept], levels, values, nested


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
    pairs = np.unique(therapist * len(covariate.levels) + codes_of(draft.read[place]))
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
    n_a, n_b = len(np.unique(a)), len(np.unique(b))
    return n_a == n_b == len(np.unique(a * (b.max() + 1) + b))
