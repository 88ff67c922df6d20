"""From declared terms to the arrays that the solver sees; each column or term left out is named with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.alliance import blocks as blocks_of
from matcher.alliance import drift
from matcher.alliance.blocks import SIDES, Block, kinds, straight
from matcher.alliance.declared import DYAD, Declared, Source, declared
from matcher.alliance.draft import Draft, sources_of
from matcher.alliance.moments import Moments, Rows, Share, collect
from matcher.alliance.partitions import made_of, partitions
from matcher.alliance.ratings import Ratings
from matcher.alliance.separation import told_at_the_top_alone
from matcher.alliance.solver import System
from matcher.alliance.structure import (
    CLIENT,
    MATCH,
    SESSION,
    RandomTerm,
    Structure,
)
from matcher.alliance.tables import Codes, Flags, Floats, Keyed
from matcher.alliance.terms import entries, fixed_columns, products_of, random_terms
from matcher.errors import InvalidInput

LARGEST_BORDER = 8_000  # dense columns: the inverse of so many takes half a gigabyte


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
    below: Flags | None = None  # the ratings that are taken as numbers, where others are taken as "at least the top"
    told_at_the_top: tuple[str, ...] = ()  # what made some at the top numbers (``matcher.alliance.separation``)

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


def build(
    ratings: Ratings, clients: Keyed, therapists: Keyed, *,
    vary_by: Iterable[str], fixed: Iterable[str], random: Iterable[str], only_declared: bool,
    blocks: Sequence[str] | None, pace: float | None = None, below: Flags | None = None,
) -> Design:  # fmt: skip
    """The model with its sums; ``below`` says which ratings are below a ceiling, None where there is none."""
    sources = sources_of(ratings, clients, therapists)
    terms = declared(sources, vary_by=vary_by, fixed=fixed, random=random, only=only_declared)
    draft = Draft(ratings, below, columns_left_out=_undeclared(sources, terms))
    wanted = (() if only_declared else kinds()) if blocks is None else tuple(blocks)
    ridges, rest = _ridges(draft, terms.free, wanted)
    alone = [parts for parts in terms.fixed if len(parts) == 1]
    products = [parts for parts in terms.fixed if len(parts) > 1]
    columns = fixed_columns(draft, [*alone, *((source,) for source in rest), *products])
    found = [*ridges, *_bent(draft, wanted)]
    if blocks is not None:
        made = [block.name for block in found]
        draft.terms_left_out |= {name: "too few columns that differ" for name in wanted if name not in made}
    _check_freedom(ratings, len(columns))
    _, dyads, dyad = ratings.dyads
    grouped, nested = random_terms(draft, terms, dyad, columns)
    if pace is not None:
        grouped += drift.terms(draft, pace)
    ids = (ratings.clients, ratings.therapists)
    structure = Structure(tuple(draft.covariates), tuple(grouped), tuple(found), tuple(columns), *ids)
    centre = _centre(ratings)
    whole = Whole(draft, structure, centre)
    system = _system(whole, [*grouped, *found], nested, len(columns))
    unrated = {
        f"{table.place} without ratings": n
        for table, known in ((clients, ratings.clients), (therapists, ratings.therapists))
        if (n := len(table.rows.keys() - set(known)))
    }
    left_out = draft.columns_left_out, draft.terms_left_out, unrated
    told: list[str] = []
    if below is not None:
        numbers, told = told_at_the_top_alone(draft, columns, products_of(draft, columns, ratings.weight * below))
        below = below | numbers
    return Design(structure, system, centre, tuple(draft.values), dyads, whole, dyad, *left_out, below, tuple(told))


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
        levels, values = np.zeros((2, len(part), len(structure.sizes)))
        at = 0
        for term in structure.random:
            entry = slice(at, at := at + term.width)
            level, values[:, entry] = entries(term, ratings.therapist[part], structure.covariates, read)
            levels[:, entry] = level - term.size // term.width * np.arange(term.width)  # counted within each entry
        dense = np.column_stack([structure.dense_matrix(read, len(part)), ratings.score[part] - self.centre])
        return Rows(levels.astype(np.int32), values, structure.sizes, dense, ratings.weight[part])

    @property
    def may_vary(self) -> Codes:
        """The dense columns that may differ within a dyad: those of the pair or the session."""
        structure = self.structure
        sides = [(block.sides(structure.covariates), block.size) for block in structure.blocks]
        sides += [(structure.sides(column), 1) for column in structure.fixed]
        return np.flatnonzero(np.repeat([bool(of & {MATCH, SESSION}) for of, _ in sides], [size for _, size in sides]))


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
    n_groups = {DYAD: len(dyads), CLIENT: len(ratings.clients)}[nested[0]] if nested else 0

    def share(part: Codes) -> Share:
        return collect(whole.rows(part), None if groups is None else groups[part])

    shares = made_of(partitions(ratings.client, order), share)
    moments = Moments.joined(shares, n_groups, parent, len(ratings.clients))
    term_of_column = np.repeat(np.arange(len(sizes)) + len(nested), sizes)
    term_of_column = np.append(term_of_column, np.full(n_fixed, -1)).astype(np.int64)
    return System(moments, nested, tuple(term.name for term in terms), term_of_column)


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
