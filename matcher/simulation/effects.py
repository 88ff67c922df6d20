"""What people's features do to the alliance in a simulated clinic: every coefficient, straight, bent and crossed.

The features are those of ``matcher.encoding``; what was not said counts as they have it, and as the mean where they
leave it open. The sizes are our guesses, relative to each other alone. Their order keeps to what is known: preferences
met matter (Swift et al. 2018), the same gender does not, and experience is flat or slightly negative (Goldberg et al.
2016).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import ClientArrays, Directory, client_features, match_features, therapist_features
from matcher.encoding.bits import Floats
from matcher.encoding.features import CONCERN_FAMILIES

Features = Mapping[str, NDArray[Any]]

CLIENT_EFFECTS = MappingProxyType({"hope": 0.12, "n_hindered": -0.15, "had_therapy": -0.06, "n_concerns": -0.12})
THERAPIST_EFFECTS = MappingProxyType({"years": -0.012, "therapist_challenge": -0.10, "n_modalities": 0.0})
MATCH_EFFECTS = MappingProxyType(
    {
        "gap_lead": -0.11,
        "gap_feeling": -0.13,
        "gap_time": -0.06,
        "gap_challenge": -0.12,
        "main_depth": 0.16,
        "mean_depth": 0.08,
        "wish_gender": 0.09,
        "wish_age_band": 0.05,
        "wish_modality": 0.10,
        "wish_identity": 0.09,
        "knows_community": 0.35,
        "first_language": 0.10,
        "same_gender": 0.0,
        "same_background": 0.05,
    }
)

# What straight lines alone cannot see.
# (client feature, therapist feature, effect of the product of the two around their means)
CROSSINGS = (
    ("loss_and_trauma", "therapist_challenge", -0.28),
    ("anxiety", "therapist_lead", -0.22),
    ("relationships", "therapist_feeling", -0.22),
    ("work_and_change", "therapist_time", 0.20),
    ("had_therapy", "therapist_lead", 0.12),
    ("hope", "therapist_challenge", 0.05),
    ("client_age", "years", 0.0035),
)
# (match feature, the value that suits best, effect of the squared distance from it): a little friction is good
CURVES = (("gap_challenge", 2.0, -0.07), ("gap_lead", 1.5, -0.05))
# (two match features, effect of their product): depth helps less where the two feel far apart
CROSSED_MATCH = (("main_depth", "gap_feeling", -0.05),)
BENT_SHARE = 0.6  # of what the features of a pair explain in a curved truth


def client_effect(clients: ClientArrays) -> Floats:
    """How easily a client forms an alliance as far as features say, (n,), mean 0 and variance 1."""
    return _weighted(client_features(clients), CLIENT_EFFECTS)


def therapist_effect(directory: Directory) -> Floats:
    """How well a therapist does on average as far as features say, (n,), mean 0 and variance 1."""
    return _weighted(therapist_features(directory), THERAPIST_EFFECTS)


def match_effect(clients: ClientArrays, directory: Directory, *, curved: bool) -> Floats:
    """What features say about pairs, (clients, therapists), centred both ways and of variance 1."""
    m = match_features(clients, directory)
    straight = _sum(effect * m[name] for name, effect in MATCH_EFFECTS.items())
    if not curved:
        return standard(doubly_centred(straight))
    parts = ((1 - BENT_SHARE, straight), (BENT_SHARE, _bent(clients, directory, m)))
    return standard(_sum(np.sqrt(share) * standard(doubly_centred(part)) for share, part in parts))


def doubly_centred(values: Floats) -> Floats:
    """A matrix less its row and column means."""
    rows, columns = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - rows - columns + values.mean())


def standard(values: Floats) -> Floats:
    """The same around 0 with variance 1; all 0 where nothing differs."""
    centred = values - values.mean()
    spread = float(centred.std())
    return np.asarray(centred / spread if spread > 0 else centred)


def _bent(clients: ClientArrays, directory: Directory, m: Mapping[str, Floats]) -> Floats:
    x, h = _around_mean(client_features(clients)), _around_mean(therapist_features(directory))
    crossings = _sum(effect * np.outer(x[ours], h[theirs]) for ours, theirs, effect in CROSSINGS)
    curves = _sum(effect * (m[name] - best) ** 2 for name, best, effect in CURVES)
    return np.asarray(crossings + curves + _sum(effect * m[a] * m[b] for a, b, effect in CROSSED_MATCH))


def _weighted(features: Features, effects: Mapping[str, float]) -> Floats:
    numbers = _around_mean(features)
    return standard(_sum(effect * numbers[name] for name, effect in effects.items()))


def _around_mean(features: Features) -> dict[str, Floats]:
    """Features around their mean, 0 where not said; a column for each family of concerns."""
    numeric = {name: values.astype(float) for name, values in features.items() if values.dtype != object}
    if "concern_family" in features:
        numeric |= {family: (features["concern_family"] == family).astype(float) for family in CONCERN_FAMILIES}
    return {name: _centred(values) for name, values in numeric.items()}


def _centred(values: Floats) -> Floats:
    said = ~np.isnan(values)
    mean = values[said].mean() if said.any() else 0.0
    return np.where(said, values - mean, 0.0)


def _sum(parts: Iterable[Floats]) -> Floats:
    return np.asarray(np.sum(list(parts), axis=0))
