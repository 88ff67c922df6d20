"""Small invented clinics for the model's tests."""

from __future__ import annotations

import numpy as np

from matcher import Directory
from matcher.contrasts import Prepared, contrasts
from matcher.encoding import ClientArrays, client_features, match_features, therapist_features

NEW = {"client_id": ["a", "new"], "therapist_id": ["s", "new"]}


def clinic(seed=0, *, n=160, n_clients=24, n_therapists=6, n_rooms=4):
    """Crossed ratings with effects of therapist, client, dyad, room and a slope of worry by therapist."""
    rng = np.random.default_rng(seed)
    client, therapist = rng.integers(0, n_clients, n), rng.integers(0, n_therapists, n)
    therapist[:30] = client[:30] % n_therapists  # so that dyads repeat
    room = rng.integers(0, n_rooms, n)
    worry, warmth, fit = rng.normal(size=n_clients), rng.normal(size=n_therapists), rng.normal(size=n)
    dyad = rng.normal(0, 0.8, (n_clients, n_therapists))
    slope = rng.normal(0, 0.6, n_therapists)
    score = (
        5 + rng.normal(0, 1, n_clients)[client] + (rng.normal(0, 0.7, n_therapists) + 0.3 * warmth)[therapist]
        + dyad[client, therapist] + slope[therapist] * worry[client] + rng.normal(0, 0.5, n_rooms)[room]
        + 0.5 * fit + rng.normal(0, 1, n)
    )  # fmt: skip
    ratings = {
        "client_id": [f"c{at:02d}" for at in client],
        "therapist_id": [f"t{at}" for at in therapist],
        "room": [f"room {at}" for at in room],
        "fit": fit,
    }
    clients = {"client_id": [f"c{at:02d}" for at in range(n_clients)], "worry": worry}
    therapists = {"therapist_id": [f"t{at}" for at in range(n_therapists)], "warmth": warmth}
    return {"ratings": ratings, "score": score, "clients": clients, "therapists": therapists}


def of(table, key, name, ids):
    """A column of a table of clients or therapists for these ids."""
    return np.asarray(table[name])[[list(table[key]).index(text) for text in ids]]


def rows(table, which):
    return {name: [values[at] for at in which] for name, values in table.items()}


def ratings(text, **more):
    """``"as at bs"``: client a with therapist s, ..."""
    pairs = text.split()
    return {"client_id": [p[0] for p in pairs], "therapist_id": [p[1] for p in pairs], **more}


def answered(model, pairs=NEW):
    """The forecast of the pairs, all of whose numbers, and all of the model's, are finite."""
    found = model.forecast(pairs, personal=True)
    for name in ("mean", "sd", "lower80", "upper80", "contrast", "contrast_sd", "personal"):
        assert np.isfinite(getattr(found, name)).all(), name
    for part in model.components_:
        assert np.isfinite([part.variance, part.share, part.upper95]).all()
    assert np.isfinite([value for each in model.coefficients_ for value in (each.estimate, each.se)]).all()
    return found


def asked_both_ways(model, simulated, new):
    """Contrasts of new clients (rows ``new`` of a simulated clinic) with every therapist, (clients, therapists), as the
    ranking has them; the same pairs as a table, and what a forecast of them needs besides."""
    clients, directory = ClientArrays.of(simulated.intakes).take(new), Directory.of(simulated.therapists)
    nobody_known = np.full(len(new), -1)
    fast = contrasts(model._fitted, clients, nobody_known, directory, Prepared.of(model._fitted, directory))
    c, t = np.divmod(np.arange(fast.size), len(directory))
    features = client_features(clients)
    table = {"client_id": features["client_id"][c], "therapist_id": directory.ids[t]}
    sides = {"clients": features, "therapists": therapist_features(directory)}
    return fast, table | match_features(clients, directory, (c, t)), sides
