"""What is believed of a pair before its first session, as the clinic's model has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from tests.matcher.test_outlook import a_clinic, a_directory, fitted, some_clients


def strangers() -> ClientArrays:
    clients = some_clients()
    return replace(clients, ids=tuple(f"stranger {row}" for row in range(len(clients.ids))))


def test_it_is_what_is_expected_of_strangers_like_them() -> None:
    clients, directory, model = some_clients(), a_directory(), fitted()
    rows = np.arange(len(clients.ids)) % len(directory)
    prior = model.course_prior(clients, directory, rows)
    new = strangers()
    table = {"client_id": client_features(new)["client_id"], "therapist_id": directory.ids[rows]}
    table |= match_features(new, directory, (np.arange(len(rows)), rows))
    sides = {"clients": client_features(new), "therapists": therapist_features(directory)}
    for session in (1, 2, 8):
        said = model.alliance.distribution(table | {"session": np.full(len(rows), float(session))}, **sides)
        assert prior.usual(session) == pytest.approx(said.mean)
        assert np.hypot(prior.sd, prior.session_sd) == pytest.approx(
            said.sd, rel=0.01
        )  # how sure the trend is, is left out


def test_what_a_client_said_is_not_in_it() -> None:
    intakes, therapists, ratings = a_clinic()
    directory = Directory.of(therapists)
    known = ClientArrays.of([row for row in intakes if row.id == ratings[0].client_id])
    at = np.array([directory.row(ratings[0].therapist_id)])
    stranger = replace(known, ids=("somebody else",))
    found, other = (fitted().course_prior(who, directory, at) for who in (known, stranger))
    assert (found.mean, found.sd) == (other.mean, other.sd)


def test_one_client_with_two_therapists_has_two_courses() -> None:
    directory, clients = a_directory(), some_clients()
    twice = clients.take(np.array([0, 0]))
    found = fitted().course_prior(twice, directory, np.array([0, 1]))
    alone = fitted().course_prior(clients.take(np.array([0])), directory, np.array([1]))
    assert found.mean[1] == pytest.approx(alone.mean[0])
    assert found.scale == fitted().scale
