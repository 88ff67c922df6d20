"""The covariates that the alliance model sees: 33 columns once the families are spread, few enough for 900 clients.

Which and why. A clinic of 900 clients and 40 therapists supports about one column in twenty-five clients, and hardly
one in five therapists. So concerns enter as six families rather than twenty-four, hindrances and helps as counts, and
a therapist as eight numbers. Profession, gender and background of the therapist alone are left out: what is known of
them is close to nothing, and what a client wishes of them is in the match. Most columns go to the match, because only
there can one therapist be better for one client than for another.

What was not said is a stated neutral value (each function names its own), so that silence costs no column of its own.
Only ``hope``, ``client_age`` and ``years`` stay NaN: there the model puts the mean and one column for "not said".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matcher import vocabulary as v
from matcher.encoding.bits import Bits, Floats, popcount
from matcher.encoding.clients import TRAITS, ClientArrays
from matcher.encoding.directory import Directory
from matcher.entities import MAX_CONCERNS, Intake, Therapist

FEATURE_VERSION = 1
UNKNOWN_GAP = 16 / 7  # Σ|i − j| / 49 over i, j = −3 … 3
Column = NDArray[np.generic]
Rows = NDArray[np.intp]
Pairs = tuple[Rows, Rows]

CONCERN_FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anxiety": ("anxiety", "panic", "ocd", "sleep"),
        "mood": ("low_mood", "mood_swings", "self_esteem", "loneliness"),
        "loss_and_trauma": ("grief", "trauma"),
        "relationships": ("relationships", "family", "parenting", "anger"),
        "work_and_change": ("burnout", "work", "life_change", "identity", "sexuality"),
        "body_and_mind": ("eating", "alcohol_drugs", "health", "adhd", "autism"),
    }
)
_FAMILY_OF = {concern: family for family, concerns in CONCERN_FAMILIES.items() for concern in concerns}
_FAMILY = np.array([_FAMILY_OF[code] for code in v.CONCERNS.codes], dtype=object)


def client_features(intakes: Iterable[Intake] | ClientArrays) -> dict[str, Column]:
    """Covariates of clients, shape (n,) each, in the order given.

    ``client_id``; ``concern_family`` of the main concern (text); ``n_concerns`` 1 … 3; ``hope`` 0 … 10, NaN not said;
    ``had_therapy`` +1 yes, −1 no, 0 not said; ``client_age`` in years, NaN not said; ``n_helped`` and ``n_hindered``,
    how many were named, 0 for none.
    """
    clients = intakes if isinstance(intakes, ClientArrays) else ClientArrays.of(intakes)
    return {
        "client_id": np.array(clients.ids, dtype=object),
        "concern_family": _FAMILY[clients.concerns[:, 0]],
        "n_concerns": (clients.concerns >= 0).sum(axis=1).astype(float),
        "hope": clients.hope,
        "had_therapy": np.nan_to_num(2 * clients.had_therapy - 1),
        "client_age": clients.age,
        "n_helped": popcount(clients.helped).astype(float),
        "n_hindered": popcount(clients.hindered).astype(float),
    }


def therapist_features(therapists: Iterable[Therapist] | Directory) -> dict[str, Column]:
    """Covariates of therapists, shape (n,) each, in the order of their ids.

    ``therapist_id``; ``years`` in practice, NaN not said; ``n_modalities`` and ``n_trainings``, how many were named;
    ``breadth``, the mean depth over all concerns, 0 … 3; ``therapist_lead``, ``…_feeling``, ``…_time`` and
    ``…_challenge``, −3 … 3, 0 (the middle) not said.
    """
    directory = therapists if isinstance(therapists, Directory) else Directory.of(therapists)
    return {
        "therapist_id": directory.ids,
        "years": directory.years,
        "n_modalities": popcount(directory.trait("modality")).astype(float),
        "n_trainings": popcount(directory.trainings).astype(float),
        "breadth": directory.depth.mean(axis=1, dtype=np.float64),
        **{f"therapist_{scale}": np.nan_to_num(directory.style[:, k]) for k, scale in enumerate(v.STYLES.codes)},
    }


def match_features(clients: ClientArrays, directory: Directory, pairs: Pairs | None = None) -> dict[str, Floats]:
    """Covariates of pairs, shape (clients, therapists) each, or (n,) for ``pairs``: n client and n therapist rows.

    ``gap_lead`` … are distances on a style scale, 0 … 6, and 16/7 where either is not sure: the mean distance of two
    people anywhere on the scale. ``main_depth`` and ``mean_depth`` are the therapist's depth with the main and with all
    concerns, 0 … 3. ``wish_…`` is strength (1 … 3) times +1 met, −1 not met; 0 without a wish or where the therapist
    did not say; ``wish_identity`` adds background, faith and communities up. ``knows_community`` is the share of the
    client's communities that the therapist knows, 0 without any. ``first_language``, ``same_gender`` and
    ``same_background`` are +1 the same, −1 not, 0 where either did not say.
    """
    c, t = pairs or every_pair(clients, directory)
    gaps = np.nan_to_num(np.abs(clients.style[c] - directory.style[t]), nan=UNKNOWN_GAP)
    wishes = {trait: _wish(clients, directory, c, t, trait) for trait in TRAITS}
    return {
        **{f"gap_{scale}": gaps[..., k] for k, scale in enumerate(v.STYLES.codes)},
        "main_depth": depth(directory, clients.concerns[c, 0], t),
        "mean_depth": _mean_depth(clients, directory, c, t),
        "wish_gender": wishes["gender"],
        "wish_age_band": wishes["age_band"],
        "wish_modality": wishes["modality"],
        "wish_identity": wishes["background"] + wishes["faith"] + wishes["communities"],
        "knows_community": np.nan_to_num(_community_share(clients, directory, c, t)),
        "first_language": _same(clients.first_language[c], directory.languages[t]),
        "same_gender": _same(clients.gender[c], directory.trait("gender")[t]),
        "same_background": _same(clients.background[c], directory.trait("background")[t]),
    }


def every_pair(clients: ClientArrays, directory: Directory) -> Pairs:
    """The rows of every client beside those of every therapist, which broadcast to (clients, therapists)."""
    return np.arange(len(clients))[:, None], np.arange(len(directory))[None, :]


def depth(directory: Directory, concern: Rows, t: Rows) -> Floats:
    """The therapists' depth with a concern, 0 … 3; 0 for no concern (−1)."""
    return np.where(concern < 0, 0.0, directory.depth[t, concern])


def community_share(clients: ClientArrays, directory: Directory) -> Floats:
    """The share of a client's communities that a therapist knows, 0 … 1; NaN where the client named none."""
    return _community_share(clients, directory, *every_pair(clients, directory))


def _community_share(clients: ClientArrays, directory: Directory, c: Rows, t: Rows) -> Floats:
    named = popcount(clients.communities[c]).astype(float)
    shared = popcount(clients.communities[c] & directory.trait("communities")[t])
    return np.asarray(shared / np.where(named == 0, np.nan, named))


def _mean_depth(clients: ClientArrays, directory: Directory, c: Rows, t: Rows) -> Floats:
    concerns = [clients.concerns[c, k] for k in range(MAX_CONCERNS)]
    named = sum((concern >= 0).astype(float) for concern in concerns)
    return np.asarray(sum(depth(directory, concern, t) for concern in concerns) / named)


def _wish(clients: ClientArrays, directory: Directory, c: Rows, t: Rows, trait: str) -> Floats:
    k = TRAITS.index(trait)
    offered = directory.traits[t, k]
    met = np.where(clients.wish_options[c, k] & offered, 1.0, -1.0)
    return np.asarray(met * (offered != 0) * clients.wish_strength[c, k])


def _same(ours: Bits, theirs: Bits) -> Floats:
    said = (ours != 0) & (theirs != 0)
    return np.where(said, np.where(ours & theirs, 1.0, -1.0), 0.0)
