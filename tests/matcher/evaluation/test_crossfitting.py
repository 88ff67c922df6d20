"""No expectation has seen its own client."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.errors import InvalidInput
from matcher.evaluation import Expectations, cross_fitted

CLIENTS = np.array([7, 7, 3, 3, 3, 9, 1, 4, 4, 8])


def test_what_is_learned_comes_from_other_clients() -> None:
    def predict(train: np.ndarray, test: np.ndarray) -> Expectations:
        assert not set(CLIENTS[train].tolist()) & set(CLIENTS[test].tolist())
        return Expectations(test, test + 100, test + 200)

    found = cross_fitted(CLIENTS, predict, folds=3)
    taken, judged, logged = found.rows(len(CLIENTS))
    assert taken.tolist() == list(range(10))
    assert (judged - taken == 100).all() and (logged - taken == 200).all()


@pytest.mark.parametrize("folds", [1, 7])
def test_as_many_parts_as_there_are_clients_to_deal(folds: int) -> None:
    with pytest.raises(InvalidInput):
        cross_fitted(CLIENTS, lambda train, test: Expectations(test, test, test), folds=folds)


def test_predictions_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        cross_fitted(CLIENTS, lambda train, test: Expectations(test, test[1:], test), folds=2)
    assert refused.value.field == "expected.judged"


def test_tables_of_chances_by_hand() -> None:
    """Expected 1, 2, 4 of three therapists and 3, 3, 3: attended the last and the first."""
    found = Expectations.over(
        [[1, 2, 4], [3, 3, 3]], [2, 0], [[0, 0.5, 0.5], [1, 0, 0]], [[0.25, 0.5, 0.25], [0, 0.5, 0.5]]
    )
    assert [values.tolist() for values in found.rows(2)] == [[4, 3], [3, 3], [2.25, 3]]


@pytest.mark.parametrize("shape", [(2, 2), (1, 3), (3,)])
def test_a_table_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Expectations.over(np.zeros((2, 3)), [0, 0], np.zeros((2, 3)), np.zeros(shape))
    assert refused.value.field == "logged"


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        Expectations([1.0], [1.0], [np.nan]).rows(1)
    assert refused.value.field == "expected.logged"
