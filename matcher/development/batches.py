"""What a therapist is told moves in batches, so that whoever knows who came when cannot tell who said what.

Five people in a batch are not enough by themselves: a mean of five that is known to the last digit says of each of them
what most of them said. Three things together keep a person hidden: the batch, its random moment, and a little chance in
each figure, as much as if the batch had been of ``hidden_among`` people. The band that is shown beside it is wider by
that chance, so that nothing is claimed which is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, pi, sin, sqrt

import numpy as np

from matcher.development.findings import FEWEST, Finding
from matcher.errors import InvalidInput

BETTER_BY = 0.05  # how much better than by the base rate may be guessed whether one person's rating was high
Z80 = 1.2815515655446004
STEPS: Mapping[str, float] = {"slider": 0.25, "concern": 0.25, "helped": 0.05, "hindered": 0.05}
TOPS: Mapping[str, float] = {"slider": 10.0, "concern": 10.0, "helped": 1.0, "hindered": 1.0}
_SHARED = 0.8  # the part of chance that the four scales share: their mean would else be four times as sharp


@dataclass(frozen=True, slots=True)
class Batches:
    """How releases are made.

    ``fewest`` new check-ins of as many clients; a moment between ``days`` after that, at random; at least
    ``days_apart`` since the last one; each person hidden as among ``hidden_among``.

    Who is one of n in a mean that is known exactly has a correlation of 1/√n with it, and whether they are above the
    middle is then guessed right with probability ½ + arcsin(1/√n)/π (Sheppard 1899, Phil. Trans. A 192, 101–167). That
    is ½ + ``BETTER_BY`` at n = 1/sin²(π · BETTER_BY), about 41.
    """

    fewest: int = FEWEST
    days: tuple[float, float] = (1.0, 5.0)
    days_apart: float = 14.0
    hidden_among: int = ceil(1 / sin(pi * BETTER_BY) ** 2)

    def moment(self, complete: datetime, last: datetime | None, rng: np.random.Generator) -> datetime:
        """When a batch that was ``complete`` at a moment is told; ``last`` is when the one before was."""
        begin = complete if last is None else max(complete, last + timedelta(days=self.days_apart))
        return begin + timedelta(days=float(rng.uniform(*self.days)))

    def chance(self, n_clients: int) -> float:
        """How much chance a figure gets that so many new people have moved, in units of one person's influence."""
        return sqrt(max(self.hidden_among - n_clients, 0))


BATCHES = Batches()


@dataclass(frozen=True, slots=True)
class Fresh:
    """Who is new in a batch: all clients that said something new, and those by main concern."""

    n_clients: int
    by_concern: Mapping[str, int]

    def of(self, finding: Finding) -> int:
        """How many new clients move a figure."""
        return self.by_concern.get(finding.code, 0) if finding.kind == "concern" else self.n_clients


def told(
    findings: Sequence[Finding],
    fresh: Fresh,
    rng: np.random.Generator,
    *,
    before: Sequence[Mapping[str, object]] = (),
    batches: Batches = BATCHES,
) -> list[dict[str, object]]:
    """The figures of a release as they are kept and shown: with chance, rounded, as plain documents.

    Parameters
    ----------
    findings : sequence of Finding
        From ``strengths``, over everything that was counted so far with this batch.
    fresh : Fresh
        How many clients are new in this batch, overall and by concern. Only those count whose words the therapist
        could not see (the others help to hide nobody). None at all where the therapist could see all that is new.
    rng : numpy.random.Generator
        For the chance. Its seed must be unknown to whoever reads the figures.
    before : sequence of mappings
        The figures of the last release. A concern in which too few are new keeps its old figure, to the last digit.
    batches : Batches
        How releases are made.

    Returns
    -------
    list of dict
        One a finding: ``kind``, ``code``, and ``mean``, ``lower``, ``upper`` (80 %), ``typical``, which are None below
        five clients; 0 to 10 in quarters, or shares in twentieths.

    Notes
    -----
    To each mean goes N(0, (c · influence)²), with c = √(hidden_among − n) for n new clients and ``influence`` what one
    client moves. The four scales share most of it: whoever averages them learns no more than from one. The band holds
    the truth four times in five with the chance counted in.

    Raises
    ------
    InvalidInput
        For a batch that is too small.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import strengths, told
    >>> from matcher.development import Fresh, Voice
    >>> scales = ("bond", "goals", "way", "overall")
    >>> clinic = [Voice("a", str(k), dict.fromkeys(scales, 5 + k % 4)) for k in range(8)]
    >>> release = told(strengths(clinic, "a"), Fresh(8, {}), np.random.default_rng(7))
    >>> release[0]["code"], release[0]["lower"] <= release[0]["mean"] <= release[0]["upper"]
    ('bond', True)
    """
    if 0 < fresh.n_clients < batches.fewest:
        raise InvalidInput("fresh.n_clients", fresh.n_clients, f"a release needs at least {batches.fewest} new clients")
    old = {(one["kind"], one["code"]): one for one in before}
    shared = float(rng.standard_normal())
    figures = []
    for finding in findings:
        z = float(rng.standard_normal())
        if finding.kind == "slider":
            z = _SHARED * shared + sqrt(1 - _SHARED**2) * z
        n, known = fresh.of(finding), old.get((finding.kind, finding.code))
        if finding.kind == "concern" and n < batches.fewest:
            figures.append(dict(known) if known is not None else _figure(replace(finding, estimate=None), 0.0, 0.0))
        else:
            figures.append(_figure(finding, batches.chance(n) * finding.influence, z))
    return figures


def _figure(finding: Finding, chance: float, z: float) -> dict[str, object]:
    found, top, step = finding.estimate, TOPS[finding.kind], STEPS[finding.kind]
    if found is None:
        return {"kind": finding.kind, "code": finding.code} | dict.fromkeys(("mean", "lower", "upper", "typical"))
    mean = found.mean + chance * z
    half = Z80 * sqrt(found.sd**2 + chance**2 + step**2 / 12)
    lower, upper, share = mean - half, mean + half, 1 / step

    def rounded(value: float) -> float:
        return round(round(min(max(value, 0.0), top) * share) / share, 4)

    return {
        "kind": finding.kind, "code": finding.code, "mean": rounded(mean), "lower": rounded(lower),
        "upper": rounded(upper), "typical": rounded(found.typical),
    }  # fmt: skip
