"""The small mixed model, beside closed forms and beside the same thing written down densely."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.learning.crossed import Dyads, crossed_fit

NONE = np.array([False])


def full_table(n_clients: int, n_therapists: int, seed: int) -> tuple[Dyads, np.ndarray]:
    """Everybody met everybody once."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_clients, 1)) + 0.7 * rng.normal(size=n_therapists)
    table = table + 0.5 * rng.normal(size=(n_clients, n_therapists))
    client, therapist = np.divmod(np.arange(table.size), n_therapists)
    return Dyads(table.ravel(), client, therapist, np.zeros(table.size)), table


def test_variances_of_a_full_table_are_those_of_its_mean_squares() -> None:
    """Balanced REML is the analysis of variance: τ²_client = (MS_client − MS_rest) / therapists, and so on."""
    dyads, table = full_table(14, 9, 3)
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = np.sum((table - rows[:, None] - columns + mean) ** 2) / (13 * 8)
    found = crossed_fit(dyads, np.ones((table.size, 1)), NONE)
    assert found.variances["dyad"] == pytest.approx(rest, rel=1e-3)
    assert found.variances["client"] == pytest.approx((9 * np.sum((rows - mean) ** 2) / 13 - rest) / 9, rel=1e-3)
    assert found.variances["therapist"] == pytest.approx((14 * np.sum((columns - mean) ** 2) / 8 - rest) / 14, rel=1e-3)
    assert found.coefficients[0] == pytest.approx(mean)


def test_coefficients_and_covariance_are_those_of_the_dense_formula() -> None:
    """(X'V⁻¹X + P)⁻¹ X'V⁻¹y with V written out, at the variances that were found."""
    rng = np.random.default_rng(5)
    n = 80
    client, therapist = rng.integers(0, 50, n), rng.integers(0, 8, n)
    client, therapist = np.unique(client, return_inverse=True)[1], np.unique(therapist, return_inverse=True)[1]
    columns = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    noise = rng.uniform(0, 0.5, n)
    outcome = columns @ [0.4, 1.0, -0.2] + rng.normal(size=50)[client] + rng.normal(size=n)
    ridge = np.array([False, True, True])
    found = crossed_fit(Dyads(outcome, client, therapist, noise), columns, ridge)
    part = found.variances
    dense = np.diag(part["dyad"] + noise) + part["client"] * (client[:, None] == client)
    inverse = np.linalg.inv(dense + part["therapist"] * (therapist[:, None] == therapist))
    precision = columns.T @ inverse @ columns + np.diag(ridge / part["ridge"])
    assert found.covariance == pytest.approx(np.linalg.inv(precision), rel=1e-6)
    assert found.coefficients == pytest.approx(np.linalg.solve(precision, columns.T @ inverse @ outcome), rel=1e-6)


def test_the_variance_of_penalised_columns_has_a_floor() -> None:
    dyads, table = full_table(12, 6, 4)
    columns = np.column_stack([np.ones(table.size), np.random.default_rng(1).normal(size=table.size)])
    ridge = np.array([False, True])
    assert crossed_fit(dyads, columns, ridge, least=0.3).variances["ridge"] == pytest.approx(0.09)
    assert crossed_fit(dyads, columns, ridge).variances["ridge"] < 0.02


def test_many_therapists_are_needed_for_what_only_therapists_differ_in() -> None:
    """A column of therapists has the error of a mean over therapists, however many clients rated them."""
    rng = np.random.default_rng(2)
    dyads, table = full_table(100, 12, 6)
    own = rng.normal(size=12)
    columns = np.column_stack([np.ones(table.size), own[dyads.therapist]])
    found = crossed_fit(dyads, columns, np.array([False, False]))
    least = found.variances["therapist"] / np.sum((own - own.mean()) ** 2)
    assert found.covariance[1, 1] > 0.99 * least
