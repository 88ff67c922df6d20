"""A therapist's strengths and edges: what clients said helped or got in the way, the four scales, and by concern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher import vocabulary as v
from matcher.development.shrinkage import Floats, Groups, Shrunken, shrunken_mean, shrunken_share
from matcher.errors import InvalidInput

FEWEST = 5  # below so many clients a figure could point at a person
SLIDERS = ("bond", "goals", "way", "overall")
KINDS = ("slider", "helped", "hindered", "concern")


@dataclass(frozen=True, slots=True)
class Voice:
    """One client of one therapist, counted once: the means over all their check-ins.

    ``sliders`` are 0 to 10; ``helped`` and ``hindered`` the part of the check-ins, 0 to 1, that had each tag (absent is
    never); ``concern`` the main one, None where none was said.
    """

    therapist_id: str
    client_id: str
    sliders: Mapping[str, float]
    helped: Mapping[str, float] = field(default_factory=dict)
    hindered: Mapping[str, float] = field(default_factory=dict)
    concern: str | None = None

    def __post_init__(self) -> None:
        for name in SLIDERS:
            if not 0 <= self.sliders.get(name, -1) <= 10:
                raise InvalidInput(f"sliders.{name}", self.sliders.get(name), "expected a number from 0 to 10")
        for name, words in (("helped", v.HELPS), ("hindered", v.HINDRANCES)):
            for code, share in getattr(self, name).items():
                words.check(code, name)
                if not 0 <= share <= 1:
                    raise InvalidInput(f"{name}.{code}", share, "expected a share from 0 to 1")
        if self.concern is not None:
            v.CONCERNS.check(self.concern, "concern")


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of a therapist: 0 to 10 for a ``slider`` or ``concern``, a share for ``helped`` and ``hindered``.

    ``estimate`` is None below five clients. ``influence`` is how far one more client, as different as clients usually
    are, moves its mean.
    """

    kind: str
    code: str
    n_clients: int
    estimate: Shrunken | None = None

    @property
    def influence(self) -> float:
        """How far one client usually moves the mean; 0 where there is none."""
        found = self.estimate
        return 0.0 if found is None else found.weight * found.spread / self.n_clients


def strengths(voices: Sequence[Voice], therapist_id: str) -> tuple[Finding, ...]:
    """What a therapist's clients said, each client counted once, drawn towards what is typical of the clinic.

    Parameters
    ----------
    voices : sequence of Voice
        Every client of every therapist of the clinic who has said something, one a pair.
    therapist_id : str
        Whose strengths and edges are asked for.

    Returns
    -------
    tuple of Finding
        The four scales, each tag of ``HELPS`` and ``HINDRANCES``, and each main concern that any client of this
        therapist has, in the order of the vocabularies. A figure with fewer than five clients has no estimate. There is
        no rank, and nobody else is named: ``typical`` is the clinic as a whole.

    Notes
    -----
    Means are shrunken as normal, shares as beta-binomial (``matcher.development.shrinkage``). A concern is compared
    with what is typical for that concern, so that hard work does not look like weak work. Concerns that are told never
    leave a rest of one to four clients, who could be found by subtraction: the smallest is then withheld, too.

    Source: Efron & Morris 1975, JASA 70, 311–319; Gelman et al. 2013, Bayesian Data Analysis, chapter 5.

    Examples
    --------
    >>> from matcher import strengths
    >>> from matcher.development import Voice
    >>> def voice(who, k, score):
    ...     return Voice(who, f"{who}{k}", dict.fromkeys(("bond", "goals", "way", "overall"), score), {"heard": 1.0})
    >>> clinic = [voice("a", k, 9) for k in range(5)] + [voice("b", k, 6 + k % 3) for k in range(12)]
    >>> found = {(one.kind, one.code): one for one in strengths(clinic, "a")}
    >>> 7 < found["slider", "bond"].estimate.mean < 9
    True
    >>> [one.n_clients for one in strengths(clinic[1:], "a") if one.estimate is not None]
    []
    """
    names = sorted({voice.therapist_id for voice in voices})
    if therapist_id not in names:
        return ()
    groups = np.array([names.index(voice.therapist_id) for voice in voices], dtype=np.intp)
    of = names.index(therapist_id)
    return (*_of_all(voices, groups, of), *_of_concerns(voices, groups, of))


def _of_all(voices: Sequence[Voice], groups: Groups, of: int) -> Iterator[Finding]:
    n = int((groups == of).sum())
    for name in SLIDERS:
        values = np.array([voice.sliders[name] for voice in voices], dtype=float)
        yield Finding("slider", name, n, shrunken_mean(values, groups, of) if n >= FEWEST else None)
    for kind, words in (("helped", v.HELPS), ("hindered", v.HINDRANCES)):
        for code in words.codes:
            shares = np.array([getattr(voice, kind).get(code, 0.0) for voice in voices], dtype=float)
            yield Finding(kind, code, n, shrunken_share(shares, groups, of) if n >= FEWEST else None)


def _of_concerns(voices: Sequence[Voice], groups: Groups, of: int) -> Iterator[Finding]:
    scores: Floats = np.array([np.mean([voice.sliders[name] for name in SLIDERS]) for voice in voices])
    mine = [voice.concern for voice, group in zip(voices, groups, strict=True) if group == of]
    sizes = {code: mine.count(code) for code in v.CONCERNS.codes if code in mine}
    shown = _shown(sizes, len(mine))
    for code, n in sizes.items():
        here = np.array([voice.concern == code for voice in voices])
        yield Finding("concern", code, n, shrunken_mean(scores[here], groups[here], of) if code in shown else None)


def _shown(sizes: Mapping[str, int], n_clients: int) -> set[str]:
    """The concerns that are told: from five clients up, and never so that one to four clients are left over."""
    shown = [code for code, n in sorted(sizes.items(), key=lambda pair: pair[1], reverse=True) if n >= FEWEST]
    while shown and 0 < n_clients - sum(sizes[code] for code in shown) < FEWEST:
        shown.pop()
    return set(shown)
