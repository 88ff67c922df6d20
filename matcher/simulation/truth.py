"""The true alliance of every pair.

In standard deviations of one session's alliance, at session 3 and before any ceiling,

    alliance(c, t) = client_c + therapist_t + match(c, t) + dyad(c, t)

and a session s adds trend · ln(s / 3) + ε, ε ~ N(0, session share). ``match`` is what the features of the two explain
(``matcher.simulation.effects``), centred over the clinic's clients and therapists, so that it is "good for you" and
never "good on average"; ``dyad`` is what no feature explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.encoding.bits import Floats
from matcher.simulation.effects import client_effect, match_effect, standard, therapist_effect

THERAPIST_SHARE = 0.055  # Johns et al. 2019: about 5 % of outcome, 6 % of alliance
SESSION_SHARE = 0.23  # Crits-Christoph et al. 2011
TREND = 0.12  # a slight rise: .12 · ln 8 is a quarter of a standard deviation from the first to the eighth session

# Guesses: of each share, what features explain
EXPLAINED_OF_DYAD = 0.6
EXPLAINED_OF_CLIENT = 0.2
EXPLAINED_OF_THERAPIST = 0.15


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance of one session's alliance over every pair; they sum to 1.

    ``match`` and ``dyad`` are the dyad's share: what features explain of it, and what they do not.
    """

    therapist: float
    match: float
    dyad: float
    client: float
    session: float

    @classmethod
    def of(cls, dyad_share: float) -> Shares:
        """The shares of MODEL's section 1 with a dyad share as asked; the client takes the rest."""
        match = EXPLAINED_OF_DYAD * dyad_share
        client = 1 - THERAPIST_SHARE - SESSION_SHARE - dyad_share
        return cls(THERAPIST_SHARE, match, dyad_share - match, client, SESSION_SHARE)


@dataclass(frozen=True, eq=False)
class Truth:
    """The parts of the true alliance, in standard deviations of one session's alliance.

    ``client`` (n_clients,), ``therapist`` (n_therapists,), ``match`` and ``dyad`` (n_clients, n_therapists).
    """

    shares: Shares
    client: Floats
    therapist: Floats
    match: Floats
    dyad: Floats

    @property
    def alliance(self) -> Floats:
        """All parts together, shape (n_clients, n_therapists)."""
        return np.asarray(self.client[:, None] + self.therapist + self.match + self.dyad)

    @property
    def session_sd(self) -> float:
        """Spread of single sessions around what is usual for the two."""
        return float(np.sqrt(self.shares.session))


def draw_truth(
    rng: np.random.Generator, clients: ClientArrays, directory: Directory, shares: Shares, *, curved: bool
) -> Truth:
    """What features say and normal noise for the rest, each part of its share."""
    x, h = client_effect(clients), therapist_effect(directory)
    return Truth(
        shares=shares,
        client=_with_noise(rng, x, EXPLAINED_OF_CLIENT) * np.sqrt(shares.client),
        therapist=_with_noise(rng, h, EXPLAINED_OF_THERAPIST) * np.sqrt(shares.therapist),
        match=match_effect(clients, directory, curved=curved) * np.sqrt(shares.match),
        dyad=rng.normal(0, np.sqrt(shares.dyad), (len(clients), len(directory))),
    )


def _with_noise(rng: np.random.Generator, explained: Floats, share: float) -> Floats:
    """Explained and unexplained parts together, mean 0 and variance 1 over exactly these people."""
    noise = standard(rng.normal(size=explained.shape))
    return standard(np.sqrt(share) * explained + np.sqrt(1 - share) * noise)
