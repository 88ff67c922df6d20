"""Faults put into the arithmetic on purpose, one at a time: the checks that are named with each must see it.

A mutation replaces one piece of a function's source. Its code is exchanged in place, so that whoever imported the
function runs the fault too. Where the line has been rewritten since, the mutation says so and wants a new one.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from matcher.alliance import ceiling, evidence, moments, nearby, predict, reml, solver
from matcher.evaluation import calibration
from tests.matcher.alliance import (
    test_blocks,
    test_ceiling,
    test_model,
    test_predict,
    test_properties,
    test_reml,
    test_scale,
)
from tests.matcher.evaluation import test_calibration

Check = Callable[..., None]


@dataclass(frozen=True)
class Mutation:
    """``was``, in the source of the function of that name in a module or class, becomes ``now``."""

    of: Any
    function: str
    was: str
    now: str
    seen_by: tuple[Check, ...]


def ways() -> None:
    test_properties.test_integrated_out_or_solved_for_is_the_same_likelihood()


def weights() -> None:
    test_properties.test_a_row_of_weight_three_is_three_rows_to_the_likelihood()


def criterion() -> None:
    test_reml.test_criterion_is_the_dense_one(True)


def gradient() -> None:
    test_reml.test_gradient_is_that_of_the_dense_criterion(True)


def behind_a_ceiling() -> None:
    test_ceiling.test_the_slope_is_that_of_the_criterion(True, True, 0.8)


def sandwich() -> None:
    test_calibration.test_the_lines_errors_are_those_of_the_sandwich(40)


information = test_reml.test_average_information_is_the_dense_one
partitions = test_reml.test_partitions_of_clients_add_up_in_any_order
balanced = test_reml.test_one_way_balanced
columns = test_blocks.test_the_criterion_with_products_is_that_of_the_plain_model
bound = test_model.test_the_bound_of_a_zero_component_is_where_the_profile_likelihood_has_fallen
posterior = test_predict.test_mean_and_sd_are_the_dense_posterior
contrast = test_predict.test_contrast_is_the_dense_posterior_without_the_clients_terms
band = test_ceiling.test_the_band_is_from_a_tenth_to_nine_tenths_of_the_latent_mean_read_on_the_scale
personal = test_ceiling.test_the_personal_part_is_what_the_expected_score_would_lose_without_it
teams = test_scale.test_nearby_traces_hold_what_therapists_of_one_team_share
newcomer = test_predict.test_a_therapist_without_ratings_has_exactly_the_prior_of_her_terms

MUTATIONS = {
    "clients are not swept out": Mutation(
        solver, "eliminate", "if ratio > 0:", "if ratio > 0 and at == 0:", (ways, criterion, gradient, information)),
    "the determinant forgets the weights": Mutation(
        solver, "eliminate", "np.log(kept).sum()", "np.log(1 / (1 + ratio + 0 * kept)).sum()", (ways, criterion)),
    "clients' sums are of dyads not yet shrunk": Mutation(
        solver, "eliminate", "moments.n_parents, kept)", "moments.n_parents, kept**0)", (ways, criterion, gradient)),
    "half the dyads' trace": Mutation(
        solver.Eliminated, "traces", "._fine_trace(form), above", "._fine_trace(form) / 2, above", (ways, gradient)),
    "the dyads' trace without half of what they share with clients": Mutation(
        solver.Eliminated, "_fine_trace", "spread -= 2 *", "spread -= 1 *", (ways, gradient)),
    "dyads keep what is their client's": Mutation(
        solver.Eliminated, "scores", "- carried", "- 0 * carried", (ways, gradient, information)),
    "half the border's determinant": Mutation(
        solver.Solution, "log_determinant", "+ 2 * float", "+ 1 * float", (ways, criterion)),
    "half the border's trace": Mutation(
        solver.Solution, "_border_trace", "/ ratio) / ratio)", "/ ratio) / ratio / 2)", (ways, gradient)),
    "unpenalised columns are shrunk": Mutation(
        solver, "solve", "+= system.term_of_column >= 0", "+= 1", (criterion, gradient, information)),
    "an inverse with its diagonal twice": Mutation(
        solver, "_complete", "np.tril(own, -1).T", "np.tril(own).T", (ways, gradient)),
    "weights squared in the sparse sums": Mutation(
        moments.Sums, "gram", "(self.sparse, k).T", "(self.sparse, k**2).T", (ways, weights, criterion)),
    "groups summed without their weights": Mutation(
        moments.Sums, "grouped", "(scale, places)", "(scale**0, places)", (ways, weights, criterion)),
    "rows counted, not weights": Mutation(
        moments, "collect", "float(rows.weight.sum())", "float(len(rows.weight))", (weights, criterion)),
    "the last partition is forgotten": Mutation(
        moments.Moments, "joined", "chain([first], each)", "chain([first], list(each)[:-1])", (partitions,)),
    "cells off the diagonal once": Mutation(
        moments.Gram, "contract", "2 * float(zz.data", "1 * float(zz.data", (ways, gradient)),
    "fixed effects cost no degree of freedom": Mutation(
        reml.Criterion, "freedom", "if self.restricted else 0", "if False else 0", (criterion, balanced)),
    "the columns' scales are not in the criterion": Mutation(
        reml.Criterion, "value", "2 * self.log_scale", "0 * self.log_scale", (columns,)),
    "half the scores in the gradient": Mutation(
        reml, "in_variances", "- squares / variance", "- squares / variance / 2", (gradient, balanced)),
    "a bound at another quantile": Mutation(
        evidence, "_profile_bound", "estimate.criterion + Z95**2", "estimate.criterion + Z95", (bound,)),
    "a new dyad is certain": Mutation(
        predict, "_block", "+ pull_p + kept_p**2", "+ 0 * pull_p + kept_p**2", (posterior, newcomer)),
    "a seen dyad does not discount its client": Mutation(
        predict, "_block", "kept_p * pull_c, dyad", "pull_c, dyad", (posterior,)),
    "levels never seen are certain": Mutation(
        predict, "_quadratic", "+ targets.unseen", "", (posterior, contrast, newcomer)),
    "a band of 83 %": Mutation(
        predict, "forecast_pairs", "side * Z80", "side * 1.36", (posterior, band)),
    "what is personal is added twice": Mutation(
        predict, "forecast_pairs", "latent - part", "latent + part", (personal,)),
    "the ceiling's residual does not know of columns that differ within a dyad": Mutation(
        ceiling.Censored, "_slope", " + within * float", " + 0 * within * float", (behind_a_ceiling,)),
    "couplings of the border with the other sign": Mutation(
        nearby.Nearby, "_contract", "total -= 2 *", "total += 2 *", (teams,)),
    "the slope's error is added to the intercept's": Mutation(
        calibration, "calibration_line", "- middle * pull", "+ middle * pull", (sandwich,)),
}  # fmt: skip


def code_of(mutation: Mutation) -> tuple[Any, Any]:
    """The function as it is, and the code that it would have."""
    found = inspect.getattr_static(mutation.of, mutation.function)
    found = found.func if isinstance(found, cached_property) else getattr(found, "__func__", found)
    source = textwrap.dedent(inspect.getsource(found))
    source = source[source.index("def ") :]  # without decorators
    assert source.count(mutation.was) == 1, f"{mutation.function} no longer has this once: {mutation.was}"
    space: dict[str, Any] = {}
    exec(compile(source.replace(mutation.was, mutation.now), "<a mutation>", "exec"), space)
    return found, space[mutation.function].__code__


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    function, code = code_of(mutation)
    before, function.__code__ = function.__code__, code
    try:
        yield
    finally:
        function.__code__ = before


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_fault_in_the_arithmetic_is_seen(name: str) -> None:
    mutation = MUTATIONS[name]
    with mutated(mutation):
        unseen = [check.__name__ for check in mutation.seen_by if passes(check)]
    assert not unseen, f"{name}: {unseen} saw nothing"


def passes(check: Check) -> bool:
    """A factorisation that fails is seen as well as a figure that is wrong."""
    try:
        check()
    except (AssertionError, ArithmeticError, ValueError):
        return False
    return True


def test_a_mutation_ends_with_its_block() -> None:
    mutation = MUTATIONS["clients are not swept out"]
    with mutated(mutation):
        assert not passes(criterion)
    assert passes(criterion)
