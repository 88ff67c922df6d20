"""The trial of a clinic's model: fitted anew on the past alone, judged on what came later, and put before the gate.

**What is judged is the method, not the file.** The model that would serve has seen every rating, so nothing is left to
judge it on. Its *method* (its specification, fitted by this code to this clinic's ratings) is fitted once more to the
ratings before a cut, and predicts those after it, as the model will have to predict next month's.

**How the model that serves is judged.** There are two honest ways, and which one is open depends on its age:

- ``as_served``: it was fitted before the cut. Then it cannot have seen a later rating, and it is judged as it stands,
  old data and old code included, which is the very choice that the clinic has.
- ``refitted``: it was fitted after the cut, so it knows some of the later ratings and would look better than it is.
  Its specification is fitted to the same past instead. What a change of the code itself does is not seen that way.
- ``same_method``: as before, but its specification is the new model's. Fitted to the same past, the two are one, and
  there is nothing to compare: only the baselines can refuse the new one. This is the usual case of a weekly fit.

Where it can be neither read nor fitted (``unreadable``), or there is none (``none``), the baselines alone judge.
Never is a model compared by predictions that may have seen the ratings they are judged on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from matcher.encoding import ClientArrays, Directory
from matcher.entities import CHECK_IN, Intake, Rating, Scale, Therapist
from matcher.errors import InvalidInput
from matcher.evaluation.baselines import BASELINES
from matcher.evaluation.checked import Floats, Rows
from matcher.evaluation.findings import MODEL
from matcher.evaluation.gate import (
    CHAMPION,
    FEWEST_CLIENTS,
    NO_DATES,
    TOO_FEW_EARLIER,
    TOO_FEW_LATER,
    Verdict,
    judge,
)
from matcher.evaluation.predictive import Expected, expected_of
from matcher.evaluation.report import HeldOut, Report, split_report
from matcher.evaluation.splits import SHARE, Split, by_time
from matcher.outlook import ClinicModel
from matcher.rated import rows_of, scores_of

NONE, AS_SERVED, REFITTED, SAME_METHOD, UNREADABLE = "none", "as_served", "refitted", "same_method", "unreadable"
HOW_JUDGED = (NONE, AS_SERVED, REFITTED, SAME_METHOD, UNREADABLE)
NOT_SAID = "not_said"
TRAITS = ("gender", "age_band", "background")


@dataclass(frozen=True, eq=False)
class Champion:
    """The model that serves, as far as it can be read.

    Parameters
    ----------
    fitted_at : datetime
        The moment of its fit; what was rated later it has not seen.
    specification : mapping or None
        Its ``ClinicModel.specification``; None where nobody knows.
    model : ClinicModel or None
        Itself; None where this release cannot read it.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from matcher import Champion
    >>> Champion(datetime(2026, 3, 2, tzinfo=UTC), None, None).model is None
    True
    """

    fitted_at: datetime
    specification: Mapping[str, Any] | None
    model: ClinicModel | None


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of it. ``report`` is None where nothing could be judged; ``cut`` is the first later moment."""

    verdict: Verdict
    report: Report | None = None
    cut: datetime | None = None

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "verdict": self.verdict.document(),
            "report": self.report and self.report.document(),
            "cut": self.cut and self.cut.isoformat(),
        }


def trial(
    intakes: Sequence[Intake],
    therapists: Sequence[Therapist],
    ratings: Sequence[Rating],
    *,
    scale: Scale = CHECK_IN,
    champion: Champion | None = None,
    specification: Mapping[str, Any] | None = None,
    share: float = SHARE,
    seed: int = 0,
) -> Trial:
    """Judge what ``ClinicModel.fit`` makes of these ratings, before its model serves.

    Parameters
    ----------
    intakes : sequence of Intake
        Every client who rated, as they are given to ``ClinicModel.fit``.
    therapists : sequence of Therapist
        Everybody who was rated.
    ratings : sequence of Rating
        All ratings. Those without ``rated_at`` are in neither part.
    scale : Scale
        The scale of the scores.
    champion : Champion, optional
        The model that serves. Without one the baselines alone judge.
    specification : mapping, optional
        As in ``ClinicModel.fit``; None for the model of this release.
    share : float
        How much of the dated ratings is held out, the latest, above 0 and below 1.
    seed : int
        Of the randomised PIT.

    Returns
    -------
    Trial
        The report on the later ratings, and the verdict of the gate.

    Raises
    ------
    InvalidInput
        As ``ClinicModel.fit``, for a rating whose client or therapist is not given, or with a score off the scale.

    Examples
    --------
    >>> import numpy as np
    >>> from matcher import simulate, trial
    >>> clinic = simulate(np.random.default_rng(1), n_therapists=10, n_clients=150)
    >>> found = trial(clinic.intakes, clinic.therapists, clinic.ratings, scale=clinic.scale)
    >>> found.verdict.serves, found.verdict.reason, [row.name for row in found.report.splits[0].rows]
    (True, 'not_worse', ['model', 'overall_mean', 'client_only', 'therapist_mean', 'shrunken_therapist_mean'])
    """
    clinic = _Clinic.of(intakes, therapists, ratings, scale)
    how = NONE if champion is None else UNREADABLE
    try:
        (split,) = by_time(clinic.moment, share=share)
    except InvalidInput:
        dated = bool(np.isfinite(clinic.moment).any())
        return Trial(Verdict(True, TOO_FEW_LATER if dated else NO_DATES, how, 0, 0))
    cut = datetime.fromtimestamp(float(clinic.moment[split.test].min()), UTC)
    n_earlier, n_later = (len(np.unique(clinic.client[part])) for part in (split.train, split.test))
    if min(n_earlier, n_later) < FEWEST_CLIENTS:
        reason = TOO_FEW_LATER if n_later < FEWEST_CLIENTS else TOO_FEW_EARLIER
        return Trial(Verdict(True, reason, how, len(split.test), n_later), cut=cut)
    return _judged(clinic, split, cut, champion, specification, seed)


@dataclass(frozen=True, eq=False)
class _Clinic:
    """The ratings as arrays, (n,) each, and whom they are of."""

    intakes: Sequence[Intake]
    therapists: Sequence[Therapist]
    ratings: Sequence[Rating]
    scale: Scale
    clients: ClientArrays
    directory: Directory
    client: Rows
    therapist: Rows
    session: Floats
    score: Floats
    moment: Floats

    @classmethod
    def of(
        cls, intakes: Sequence[Intake], therapists: Sequence[Therapist], ratings: Sequence[Rating], scale: Scale
    ) -> _Clinic:
        clients, directory = ClientArrays.of(intakes), Directory.of(therapists)
        client, therapist = rows_of(ratings, clients, directory)
        return cls(
            intakes, therapists, ratings, scale, clients, directory, client, therapist,
            np.array([rating.session for rating in ratings], dtype=np.float64),
            scores_of(ratings, scale),
            np.array([_moment(rating.rated_at) for rating in ratings], dtype=np.float64),
        )  # fmt: skip

    def fitted(self, train: Rows, specification: Mapping[str, Any] | None) -> ClinicModel:
        past = [self.ratings[row] for row in train.tolist()]
        return ClinicModel.fit(self.intakes, self.therapists, past, scale=self.scale, specification=specification)

    def expected(self, model: ClinicModel, test: Rows) -> Expected:
        at = (self.client[test], self.therapist[test], self.session[test])
        return expected_of(model, self.clients, self.directory, *at)

    def groups(self, split: Split) -> dict[str, list[str]]:
        """Labels of the later ratings: what the client said of themself, and who was known before."""
        people = {client.id: client for client in self.intakes}
        later = [people[self.ratings[row].client_id] for row in split.test.tolist()]
        found = {trait: [str(getattr(client, trait) or NOT_SAID) for client in later] for trait in TRAITS}
        found["concern"] = [client.concerns[0] for client in later]
        for name, codes in (("client", self.client), ("therapist", self.therapist)):
            known = np.isin(codes[split.test], codes[split.train])
            found[name] = ["known" if one else "new" for one in known.tolist()]
        return found


def _judged(
    clinic: _Clinic,
    split: Split,
    cut: datetime,
    champion: Champion | None,
    specification: Mapping[str, Any] | None,
    seed: int,
) -> Trial:
    model = clinic.fitted(split.train, specification)
    how, theirs = _of_champion(clinic, split, cut, champion, model)
    expected = {MODEL: clinic.expected(model, split.test)}
    if theirs is not None:
        expected[CHAMPION] = theirs
    client, therapist, score = clinic.client[split.test], clinic.therapist[split.test], clinic.score[split.test]
    for fit in BASELINES:
        baseline = fit(clinic.client[split.train], clinic.therapist[split.train], clinic.score[split.train])
        expected[baseline.name] = baseline.predict(client, therapist)
    others = {name: found.mean for name, found in expected.items() if name != MODEL}
    verdict = judge(client, score, expected[MODEL].mean, others, champion=how)
    held = HeldOut("time", len(split.train), client, therapist, score, expected, clinic.groups(split))
    return Trial(verdict, Report((split_report(held, clinic.scale, seed=seed),)), cut)


def _of_champion(
    clinic: _Clinic, split: Split, cut: datetime, champion: Champion | None, challenger: ClinicModel
) -> tuple[str, Expected | None]:
    """How the model that serves is judged, and what it expected of the later ratings where that can be compared."""
    if champion is None:
        return NONE, None
    model = champion.model
    if model is not None and model.scale == clinic.scale and _moment(champion.fitted_at) <= _moment(cut):
        return AS_SERVED, clinic.expected(model, split.test)
    if champion.specification is None:
        return UNREADABLE, None
    if dict(champion.specification) == challenger.specification:
        return SAME_METHOD, None
    try:
        return REFITTED, clinic.expected(clinic.fitted(split.train, champion.specification), split.test)
    except (InvalidInput, TypeError):  # parameters of another release
        return UNREADABLE, None


def _moment(at: datetime | None) -> float:
    """Seconds since 1970; a moment without a zone counts as UTC, the same on every machine. NaN for none."""
    return float("nan") if at is None else (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
