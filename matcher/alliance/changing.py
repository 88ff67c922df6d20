"""Whether ratings of long ago say what holds now: no change, a drift, or less weight for old ones; later data decide.

Ignoring a drift is the dearer mistake: in simulated clinics whose therapists wandered, the 80 % intervals of their
effects today held .41 of the truths without one and .78 with it, and where there is none its variance comes out small
(``make bench ONLY=drift``). So a drift is taken where it raises the likelihood of all ratings by what chance brings
about in one of ten to twenty cases, unless later ratings speak against it: each way of meeting change is fitted to the
earlier four fifths of the ratings and predicts the later fifth, session by session. Its log score chooses the pace, and
refuses a drift that predicts clearly worse than no change, the ratings of one therapist counting as one piece of
evidence. Ratings that a fit leaves out say nothing here either.

Half-life weights forget what was learned of everyone, a drift only what may have changed. They are taken only where a
drift is refused or is too large to be solved, and where they are clearly better than no change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.alliance.days import days_of, ends
from matcher.alliance.days import latest as latest_of
from matcher.alliance.design import LARGEST_BORDER
from matcher.alliance.drift import COLUMN, knots_of
from matcher.alliance.notes import Note
from matcher.alliance.ratings import read_ratings
from matcher.alliance.tables import Codes, Flags, Floats, Values, columns, texts
from matcher.errors import InvalidInput

if TYPE_CHECKING:
    from matcher.alliance.model import AllianceModel

LATER = 0.2  # of the ratings
SHORTEST = 180.0  # days: nobody is said to have changed in less
FEWEST_THERAPISTS = 5  # among the later ratings
SIGN = 2.71  # of 2 log L: for one variance one in twenty (Self, Liang 1987, J. Am. Stat. Assoc. 82); here there are two
CLEARLY = 1.96  # standard errors, of which a refusal or half-life weights need so many
PACES, HALF_LIVES = (0.5, 2.0), (0.25, 1.0)  # of the span
STAYS = "Nothing suggests that therapists, or the clinic, have changed over time: old ratings count like new ones."
CHANGED = "Therapists, or the clinic, have changed over time: the older a rating, the less it says of today."
REFUSED = (
    "Something may have changed over time, but the latest ratings are not better predicted where that is taken into "
    "account: old ratings count like new ones."
)
_STAYS, _CHANGED, _REFUSED = (
    Note(f"change_{code}", words) for code, words in (("stays", STAYS), ("found", CHANGED), ("refused", REFUSED))
)


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
    """The model with the way that was chosen, fitted to all ratings; the reason, with its figures; what was tried; and
    the choice in a sentence for whoever reads no figures."""

    model: AllianceModel
    because: str
    note: Note
    tried: tuple[Tried, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON values; days."""
        chosen = {"drift": self.model.drift, "half_life": self.model.half_life}
        return {**chosen, "because": self.because, "tried": [asdict(one) for one in self.tried]}


@dataclass(frozen=True)
class _Given:
    """The ratings as they came, what every fit to a part of them gets besides, and of those that are used (all others
    are NaN, or count nothing) the moments in days and the weights."""

    like: AllianceModel
    table: dict[str, Values]
    score: Values
    weight: Floats | None
    sides: dict[str, Any]
    days: Floats
    counts: Floats

    @classmethod
    def of(cls, like: AllianceModel, X: Any, y: Any, weight: Any, sides: dict[str, Any]) -> _Given:
        table, score = columns(X, "ratings"), columns({"score": y}, "ratings")["score"]
        used = read_ratings(table, score, weight)
        days, counts = np.full(used.n_read, np.nan), np.zeros(used.n_read)
        counts[used.rows] = used.weight
        if used.moment is not None:
            days[used.rows] = days_of(used.moment, COLUMN)
        weights = None if weight is None else np.asarray(weight, dtype=np.float64)
        return cls(like, table, score, weights, sides, days, counts)

    def fitted(
        self, rows: Flags | None, start: AllianceModel | None, way: str | None = None, days: float | None = None
    ) -> AllianceModel:
        change = {"drift": None, "half_life": None} | ({} if way is None else {way: days})
        model = type(self.like)(**{**self.like.get_params(), **change})
        part = slice(None) if rows is None else rows
        weight = None if self.weight is None else self.weight[part]
        return model.fit(self.rows(part), self.score[part], sample_weight=weight, start=start, **self.sides)

    def rows(self, part: slice | Flags) -> dict[str, Values]:
        return {name: values[part] for name, values in self.table.items()}

    def log_scores(self, model: AllianceModel, part: Flags) -> Floats:
        found = model.distribution(self.rows(part), **self.sides)
        return found.log_probability(self.score[part].astype(np.float64))

    def whose(self, part: Flags) -> Codes:
        return np.unique(texts(self.table["therapist_id"])[part], return_inverse=True)[1]


def decided(
    like: AllianceModel, X: Any, y: Any, *, clients: Any, therapists: Any, sample_weight: Any,
    start: AllianceModel | None,
) -> Changing:  # fmt: skip
    """The model with the way that the later ratings speak for, fitted to all of them."""
    given = _Given.of(like, X, y, sample_weight, {"clients": clients, "therapists": therapists})
    kept = None if start is None else _kept(given, start)
    if kept is not None:
        return kept
    plain = given.fitted(None, start)
    first, latest = ends(given.days)
    if np.isnan(first):
        return _unknown(plain, f"no rating has a moment in a column {COLUMN}")
    length = latest - first
    if length < SHORTEST:
        return _unknown(plain, f"the ratings span {length:.0f} days, of which at least {SHORTEST:.0f} are needed")
    later = latest_of(given.days, given.counts, LATER)
    if given.whose(later).max() + 1 < FEWEST_THERAPISTS:
        return _unknown(plain, f"fewer than {FEWEST_THERAPISTS} therapists were rated in the latest fifth")
    paces = [pace for share in PACES if _can_be_solved(plain, length, pace := round(share * length))]
    if paces:
        gain = max(_gain(plain, given.fitted(None, plain, "drift", pace)) for pace in paces)
        if gain <= SIGN:
            return Changing(plain, f"a drift raises 2 log L by {max(gain, 0):.1f}, which is no sign of one", _STAYS)
    return _by_later(given, plain, later, [("drift", pace) for pace in paces], length)


def _kept(given: _Given, start: AllianceModel) -> Changing | None:
    """The way that was chosen for a start; None where none was, or where so many ratings are new that its blocks are
    chosen anew, and the way with them."""
    codes = {note["code"] for note in start.report_["noted"]}
    note = next((note for note in (_STAYS, _CHANGED, _REFUSED) if note.code in codes), None)
    if start.drift != "auto" or note is None:
        return None
    before = start.report_["drift"]
    ways = [(name, before[name]) for name in ("drift", "half_life") if before[name] is not None]
    model = given.fitted(None, start, *ways[0]) if ways else given.fitted(None, start)
    if not model.report_["warm"]:
        return None
    return Changing(model, before["because"], note, tuple(Tried(**one) for one in before["tried"]))


def _unknown(plain: AllianceModel, because: str) -> Changing:
    words = f"Whether anything has changed over time cannot be told: {because}."
    return Changing(plain, because, Note("change_unknown", words))


def _can_be_solved(plain: AllianceModel, length: float, pace: float) -> bool:
    fitted = plain._known()
    wanted = len(fitted.coefficients) + knots_of(length, pace) * (1 + len(fitted.structure.therapists))
    return bool(wanted <= LARGEST_BORDER)


def _gain(plain: AllianceModel, other: AllianceModel) -> float:
    before, after = plain.report_["criterion"], other.report_["criterion"]
    return 0.0 if before is None or after is None else float(before - after)


def _by_later(
    given: _Given, plain: AllianceModel, later: Flags, drifts: Sequence[tuple[str, float]], length: float
) -> Changing:
    """Each way fitted to the earlier ratings and judged on the later ones."""
    earlier = ~later & np.isfinite(given.days)
    try:
        before = given.fitted(earlier, plain)
        known = given.log_scores(before, later)
    except InvalidInput as refusal:
        return _unknown(plain, f"the later ratings cannot be predicted from the earlier ones: {refusal}")
    weight, whose = given.counts[later], given.whose(later)

    def tried(ways: Sequence[tuple[str, float]]) -> Iterator[Tried]:
        for way, days in ways:
            try:
                gains = given.log_scores(given.fitted(earlier, before, way, days), later) - known
            except InvalidInput:  # half-lives may leave too few ratings
                continue
            gain = float(np.average(gains, weights=weight))
            sums = np.bincount(whose, weight * (gains - gain))
            yield Tried(way, days, gain, math.sqrt(float(sums @ sums)) / float(weight.sum()))

    def chosen(best: Tried, among: Sequence[Tried], because: str) -> Changing:
        said = f"{because}: log score {best.gain:+.4f} ± {best.se:.4f} a rating in the latest fifth"
        return Changing(given.fitted(None, plain, best.way, best.days), said, _CHANGED, tuple(among))

    among = list(tried(drifts))
    best = max(among, key=_by_gain, default=None)
    if best is not None and best.gain > -CLEARLY * best.se:
        return chosen(best, among, "the likelihood speaks for it and later ratings not against it")
    weighted = list(tried([("half_life", round(share * length)) for share in HALF_LIVES]))
    best = max(weighted, key=_by_gain, default=None)
    if best is not None and best.gain > CLEARLY * best.se:
        return chosen(best, [*among, *weighted], "later ratings are predicted clearly better with it")
    because = "no way of meeting change helps to predict the latest fifth"
    return Changing(plain, because, _REFUSED, (*among, *weighted))


def _by_gain(one: Tried) -> float:
    return one.gain
