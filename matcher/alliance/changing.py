"""Whether ratings of long ago say what holds now: no change, a drift, or less weight for old ones; later data decide.

Ignoring a drift is the dearer mistake: in simulated clinics whose therapists wandered, the 80 % intervals of their
effects today held .35 to .65 of the truths without one and .65 to .85 with it, and a drift that is not there is
estimated as none. So a drift is taken where it raises the likelihood of all ratings by what chance would bring about in
one of twenty cases, unless later ratings speak against it: each way of meeting change is fitted to the earlier four
fifths of the ratings and predicts the later fifth, session by session. Its log score chooses the pace, and refuses a
drift that predicts clearly worse than no change, the ratings of one therapist counting as one piece of evidence.

Half-life weights forget what was learned of everyone, a drift only what may have changed. They are taken only where a
drift is refused or is too large to be solved, and where they are clearly better than no change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.alliance.days import days_of, span
from matcher.alliance.design import LARGEST_BORDER
from matcher.alliance.drift import COLUMN, knots_of
from matcher.alliance.ratings import read_ratings
from matcher.alliance.tables import Flags, Floats, Values, columns, texts
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.alliance.model import AllianceModel

EARLIER = 0.8  # of the ratings
SHORTEST = 180.0  # days: nobody is said to have changed in less
FEWEST_THERAPISTS = 5  # among the later ratings
SIGN = 2.71  # of 2 log L: without a drift, one in twenty (Self, Liang 1987, J. Am. Stat. Assoc. 82)
CLEARLY = 1.96  # standard errors, of which a refusal or half-life weights need so many
PACES, HALF_LIVES = (0.5, 2.0), (0.25, 1.0)  # of the span


@dataclass(frozen=True)
class Tried:
    """One way of meeting change, ``days`` long: what it gains in log score a later rating over none, and its standard
    error by therapists."""

    way: str
    days: float
    gain: float
    se: float


@dataclass(frozen=True)
class Changing:
    """The model with the way that was chosen, fitted to all ratings; what to say of the choice, and what was tried."""

    model: AllianceModel
    because: str
    tried: tuple[Tried, ...] = ()

    def note(self) -> str:
        """The choice in words."""
        stays = self.model.drift is None and self.model.half_life is None
        return f"{'Effects are taken to stay as they are' if stays else 'Change over time was chosen'}: {self.because}."

    def document(self) -> dict[str, Any]:
        """As JSON values; days."""
        chosen = {"drift": self.model.drift, "half_life": self.model.half_life}
        return {**chosen, "because": self.because, "tried": [asdict(one) for one in self.tried]}


@dataclass(frozen=True)
class _Given:
    """The ratings as they came, and what every fit to a part of them gets besides."""

    like: AllianceModel
    table: dict[str, Values]
    score: Values
    weight: Floats | None
    sides: dict[str, Any]

    def fitted(
        self, rows: Flags | None, start: AllianceModel | None, way: str | None = None, days: float | None = None
    ) -> AllianceModel:
        change = {"drift": None, "half_life": None} | ({} if way is None else {way: days})
        model = type(self.like)(**{**self.like.get_params(), **change})
        part = slice(None) if rows is None else rows
        table = {name: values[part] for name, values in self.table.items()}
        weight = None if self.weight is None else self.weight[part]
        return model.fit(table, self.score[part], sample_weight=weight, start=start, **self.sides)


def decided(
    like: AllianceModel, X: Any, y: Any, *, clients: Any, therapists: Any, sample_weight: Any,
    start: AllianceModel | None,
) -> Changing:  # fmt: skip
    """The model with the way that the later ratings speak for, fitted to all of them."""
    read_ratings(X, y, sample_weight)  # what is wrong with the ratings is said before any of them is used
    table = columns(X, "ratings")
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    given = _Given(like, table, np.asarray(y), weight, {"clients": clients, "therapists": therapists})
    plain = given.fitted(None, start)
    if COLUMN not in table:
        return Changing(plain, f"the ratings have no column {COLUMN}")
    days = days_of(table[COLUMN], COLUMN)
    length = span(days)
    if length < SHORTEST:
        return Changing(plain, f"the ratings span {length:.0f} days, of which at least {SHORTEST:.0f} are needed")
    later = days >= np.nanquantile(days, EARLIER)
    whose = texts(table["therapist_id"])[later]
    if len(set(whose.tolist())) < FEWEST_THERAPISTS:
        return Changing(plain, f"fewer than {FEWEST_THERAPISTS} therapists were rated in the latest fifth")
    paces = [pace for share in PACES if _can_be_solved(plain, length, pace := round(share * length))]
    if not paces:
        return _by_later(given, plain, later, days, ())
    signs = [_gain(plain, given.fitted(None, plain, "drift", pace)) for pace in paces]
    if max(signs) <= SIGN:
        return Changing(plain, f"a drift raises 2 log L by {max(signs):.1f}, which is no sign of one")
    return _by_later(given, plain, later, days, paces)


def _can_be_solved(plain: AllianceModel, length: float, pace: float) -> bool:
    fitted = plain._known()
    wanted = len(fitted.coefficients) + knots_of(length, pace) * (1 + len(fitted.structure.therapists))
    return bool(wanted <= LARGEST_BORDER)


def _gain(plain: AllianceModel, other: AllianceModel) -> float:
    before, after = plain.report_["criterion"], other.report_["criterion"]
    return 0.0 if before is None or after is None else float(before - after)


def _by_later(
    given: _Given, plain: AllianceModel, later: Flags, days: Floats, paces: Sequence[float]
) -> Changing:  # fmt: skip
    """Each way fitted to the earlier ratings and judged on the later ones."""
    earlier, length = ~later & np.isfinite(days), span(days)
    try:
        before = given.fitted(earlier, plain)
    except InvalidInput as refusal:
        return Changing(plain, f"the earlier ratings cannot be fitted alone: {refusal}")
    known = _log_scores(before, given, later)
    whose = np.unique(texts(given.table["therapist_id"])[later], return_inverse=True)[1]

    def tried(way: str, long: float) -> Tried:
        gains = _log_scores(given.fitted(earlier, before, way, long), given, later) - known
        gain = float(np.nanmean(gains))
        sums = np.bincount(whose, np.nan_to_num(gains - gain))
        return Tried(way, long, gain, math.sqrt(float(sums @ sums)) / int(np.isfinite(gains).sum()))

    def chosen(best: Tried, all_tried: Sequence[Tried], because: str) -> Changing:
        said = f"{because}: log score {best.gain:+.4f} ± {best.se:.4f} a rating in the latest fifth"
        return Changing(given.fitted(None, plain, best.way, best.days), said, tuple(all_tried))

    drifts = [tried("drift", pace) for pace in paces]
    best = max(drifts, key=lambda one: one.gain, default=None)
    if best is not None and best.gain > -CLEARLY * best.se:
        return chosen(best, drifts, "the likelihood speaks for it and later ratings not against it")
    weighted = [tried("half_life", round(share * length)) for share in HALF_LIVES]
    best = max(weighted, key=lambda one: one.gain)
    if best.gain > CLEARLY * best.se:
        return chosen(best, [*drifts, *weighted], "later ratings are predicted clearly better with it")
    return Changing(plain, "no way of meeting change helps to predict the latest fifth", (*drifts, *weighted))


def _log_scores(model: AllianceModel, given: _Given, later: Flags) -> Floats:
    """Of each later rating, NaN for one without a score."""
    table = {name: values[later] for name, values in given.table.items()}
    found = model.distribution(table, **given.sides)
    return found.log_probability(np.asarray(given.score[later], dtype=np.float64))
