"""The alliance model as an estimator in the manner of scikit-learn."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from matcher.alliance.tables import Values, columns
from matcher.errors import InvalidInput, NotFitted

if TYPE_CHECKING:
    from matcher.alliance.evidence import Coefficient, Component
    from matcher.alliance.predict import Beforehand, Forecast
    from matcher.alliance.scores import ScoreDistribution


class AllianceModel:
    r"""A crossed mixed model of alliance ratings, its variances estimated by restricted maximum likelihood.

    The score of client c with therapist t in one session is

        y = x'β + z'γ + u_t + v_c + w_ct + b_t'd + ... + ε

    with unpenalised effects β (intercept, order of sessions, what is named in ``fixed``), blocks z'γ of many columns
    that share a variance (see ``matcher.alliance.blocks``: ridges of the pair's, the client's and the therapist's
    columns, curves of their numbers, products of clients' with therapists' columns), and independent normal effects,
    each with its own variance: therapist u, client v, dyad w, slopes b that differ by therapist, further groupings,
    session ε. A block of curves or products stays where it raises 2 log L by more than 6. A variance may come out as
    zero; that is a result, and it is reported with an upper bound. A term that the ratings cannot tell from another
    one, or do not ask for, is left out and named in ``report_``.

    The order of sessions enters as the log of the session's number, since the alliance moves most at the beginning.
    Numbers are standardised; a missing one is set to the mean and marked by a column of its own. Text is a category
    with its most frequent level as reference, and "missing" is a level. A level first met in prediction counts as the
    average level.

    Parameters
    ----------
    method : {"reml", "ml"}
        Restricted maximum likelihood, or maximum likelihood.
    vary_by : sequence of str, or None for none
        Columns of the clients or the pairs whose effect differs by therapist (a number: a slope; text: an effect for
        each level).
    fixed : sequence of str, or None for none
        Columns with unpenalised effects; ``"a:b"`` is the column of that name, or else the product of two. Without
        ``only_declared`` a column that is not named anywhere is in the ridge of its side; where a side has fewer than
        five, they are unpenalised too.
    random : sequence of str, or None for none
        Columns that are groupings with a variance of their own.
    only_declared : bool
        Only the intercept, therapists, clients and what is named; ``"dyad"`` in ``random`` asks for dyads.
    blocks : sequence of str, optional
        The blocks that there may be, some of ``matcher.alliance.blocks.kinds()``, such as ``"client x therapist"``.
        None for all of them, or with ``only_declared`` for none.
    typical_session : float
        The session whose expected score is predicted, from 1.
    lowest : float, optional
        The lowest possible score. Means and intervals do not go below, and a score that does is refused.
    top : float, optional
        The highest possible score, in the same way.
    step : float, optional
        The distance between two neighbouring scores; None for the smallest that the ratings show.
    ceiling : {"auto", "censored", "gaussian"}
        Whether a score at the top says "at least this good" (``matcher.alliance.ceiling``) or is taken as a number.
        "auto" takes it as censored where a twentieth of the scores stand at the top, or at the highest score where no
        top is declared.
    influence : float, optional
        From how many standard deviations on the influence of one dyad is bounded (``matcher.alliance.influence``),
        where the model has dyads. None for no bound.
    drift : float or "auto", optional
        The days within which a therapist's effect, and the clinic's, may change (``matcher.alliance.drift``), by the
        ratings' column ``rated_at``; predictions are as of the latest. "auto" lets later ratings decide whether
        there is a drift, or less weight for old ratings (``matcher.alliance.changing``). None for effects that stay.
    half_life : float, optional
        The days in which a rating loses half of its weight, which counts in the degrees of freedom.
    max_iter : int
        Most steps of the estimation, from 1.
    tol : float
        The estimation ends when a step promises to improve -2 log L by less than this: at 1e-7 variances are off by
        less than a thousandth of their standard errors.

    Attributes
    ----------
    components_ : list of Component
        Variance, sd, share, whether it is zero, and one-sided 95 % upper bound of each random term and the residual.
    coefficients_ : list of Coefficient
        Estimate and standard error of each unpenalised effect and of each ridge's, in the units of its column.
    report_ : dict
        Rows read, used and left out with reasons; columns and terms left out with reasons; clients and therapists
        of the tables whom no rating names; counts; criterion; notes in words, and ``noted``, their codes and figures.

    Raises
    ------
    InvalidInput
        Where a table lacks an id column, an id occurs twice in a table of clients or therapists, a number is infinite,
        a score or weight is no number, fewer than two ratings are left, or there are more effects than ratings. NaN
        and empty values are missing values: a rating without score or id is left out and counted.

    Notes
    -----
    Weights count ratings: a row of weight 2 is two equal rows, and weights below 1 discount evidence.
    The posterior spread is exact at the estimated variances; it does not include their own uncertainty.

    References
    ----------
    Henderson (1975), Best linear unbiased estimation and prediction under a selection model, Biometrics 31.
    Patterson, Thompson (1971), Recovery of inter-block information when block sizes are unequal, Biometrika 58.
    Bates, Mächler, Bolker, Walker (2015), Fitting linear mixed-effects models using lme4, J. Statistical Software 67.

    Examples
    --------
    >>> from matcher import AllianceModel
    >>> ratings = {"client_id": ["a", "a", "b", "b", "c", "c", "d", "d"],
    ...            "therapist_id": ["s", "t", "s", "s", "t", "t", "t", "s"]}
    >>> model = AllianceModel(only_declared=True).fit(ratings, [9, 5, 8, 9, 5, 4, 5, 9])
    >>> [part.name for part in model.components_]
    ['client', 'therapist', 'residual']
    >>> found = model.forecast({"client_id": ["a", "new"], "therapist_id": ["s", "s"]})
    >>> found.known_client.tolist()
    [True, False]
    >>> bool(found.sd[1] >= found.sd[0])
    True
    """

    components_: list[Component]
    coefficients_: list[Coefficient]
    report_: dict[str, Any]

    def __init__(
        self,
        *,
        method: str = "reml",
        vary_by: Sequence[str] | None = (),
        fixed: Sequence[str] | None = (),
        random: Sequence[str] | None = (),
        only_declared: bool = False,
        blocks: Sequence[str] | None = None,
        typical_session: float = 3,
        lowest: float | None = None,
        top: float | None = None,
        step: float | None = None,
        ceiling: str = "auto",
        influence: float | None = 4.0,
        drift: float | str | None = None,
        half_life: float | None = None,
        max_iter: int = 200,
        tol: float = 1e-7,
    ) -> None:
        self.method = method
        self.vary_by = vary_by
        self.fixed = fixed
        self.random = random
        self.only_declared = only_declared
        self.blocks = blocks
        self.typical_session = typical_session
        self.lowest = lowest
        self.top = top
        self.step = step
        self.ceiling = ceiling
        self.influence = influence
        self.drift = drift
        self.half_life = half_life
        self.max_iter = max_iter
        self.tol = tol

    def fit(
        self, X: Any, y: Any, *, clients: Any = None, therapists: Any = None, sample_weight: Any = None,
        start: AllianceModel | None = None,
    ) -> Self:  # fmt: skip
        """Estimate all variances and effects.

        ``X`` is a table of ratings (a mapping, or any data frame) with ``client_id``, ``therapist_id``, perhaps
        ``session`` (1, 2, ...), and columns of the pair; ``y`` their scores; ``clients`` and ``therapists`` tables with
        one row an id; ``sample_weight`` how many ratings a row stands for. ``start`` is a model that was fitted to
        nearly the same ratings, such as all but the latest: the search goes on from its variances with its blocks, and
        ends in fewer steps where it would have ended without, unless another block, or another way of meeting change,
        would be chosen by now. Where more than a tenth of the ratings are new since they were chosen, or other blocks
        were asked for, all is chosen anew; ``report_["warm"]`` says whether it was gone on from, and ``"chosen_of"`` of
        how many ratings the choice is.
        """
        from matcher.alliance import evidence, fitted, fitting, parameters, ratings, report
        from matcher.alliance.scores import Scores
        from matcher.alliance.tables import Keyed

        asked = parameters.checked(self.get_params())
        if start is not None and not isinstance(start, AllianceModel):
            raise InvalidInput("start", start, "expected a fitted AllianceModel, or None")
        if self.drift == "auto":
            return self._fit_changing(X, y, clients, therapists, sample_weight, start)
        pace = None if self.drift is None else float(self.drift)
        words = {name: asked[name] for name in ("vary_by", "fixed", "random", "only_declared", "blocks", "half_life")}
        used = ratings.read_ratings(X, y, sample_weight)
        scale = {name: asked[name] for name in ("lowest", "top", "step", "ceiling")}
        scores = Scores.of(used.score, used.weight, **scale)
        found = fitting.fit(
            used,
            Keyed.read(clients, "clients", "client_id"),
            Keyed.read(therapists, "therapists", "therapist_id"),
            scores,
            fitting.Terms(pace=pace, **words),
            fitting.Search(self.method == "reml", asked["tol"], asked["max_iter"]),
            bound=asked["influence"],
            start=None if start is None else start._start_of(self),
        )
        self._fitted = fitted.fitted_of(found)
        self.components_ = evidence.components(found.estimate, found.criterion)
        self.coefficients_ = evidence.coefficients(self._fitted)
        self.report_ = report.report(found, self.components_)
        self._name_columns(list(columns(X, "ratings")))
        return self

    def predict(self, X: Any, *, clients: Any = None, therapists: Any = None, return_std: bool = False) -> Any:
        """Expected score of each pair in a typical session, (n,); with its posterior sd where ``return_std``."""
        found = self.forecast(X, clients=clients, therapists=therapists)
        return (found.mean, found.sd) if return_std else found.mean

    def forecast(self, X: Any, *, clients: Any = None, therapists: Any = None, personal: bool = False) -> Forecast:
        """Mean, spread, ranking contrast and, where asked for, personal part of each pair of ``X``.

        Ids that were fitted keep their covariates; a row given here for an id goes before the stored one. Clients and
        therapists never met, and whoever has no id, are predicted with their prior spread.
        """
        from matcher.alliance.pairs import read_pairs
        from matcher.alliance.predict import forecast_pairs

        pairs = read_pairs(self._known(), X, clients, therapists, self.typical_session)
        return forecast_pairs(self._known(), pairs, personal=personal)

    def distribution(self, X: Any, *, clients: Any = None, therapists: Any = None) -> ScoreDistribution:
        """The distribution of one session's score of each pair of ``X``, the session's own noise included.

        Where ``X`` has a column ``session``, it is that session's and not a typical one's.
        """
        from matcher.alliance.pairs import read_pairs
        from matcher.alliance.predict import distribution_of

        pairs = read_pairs(self._known(), X, clients, therapists, self.typical_session, own_session=True)
        return distribution_of(self._known(), pairs)

    def beforehand(self, X: Any, *, clients: Any = None, therapists: Any = None) -> Beforehand:
        """What is believed of each pair of ``X`` before its first session, and how sessions spread and rise.

        A client whom the ratings know brings what they said with them; a client without that is one with another id.
        """
        from matcher.alliance.pairs import read_pairs
        from matcher.alliance.predict import beforehand_of

        first, later = (read_pairs(self._known(), X, clients, therapists, session) for session in (1.0, math.e))
        return beforehand_of(self._known(), first, later)

    def score(self, X: Any, y: Any, *, sample_weight: Any = None) -> float:
        """R² of the predictions, as scikit-learn's regressors report it; ratings that a fit leaves out do not count.

        Of scores that are all the same it is 1 where they are met exactly, and else 0.
        """
        from matcher.alliance.ratings import read_scores

        predicted = self.predict(X)
        scores, weight = read_scores(y, sample_weight, len(predicted))
        there = ~np.isnan(scores) & (weight > 0)
        if not there.any():
            return float("nan")
        scores, weight, predicted = scores[there], weight[there], predicted[there]
        missed = np.average((scores - predicted) ** 2, weights=weight)
        spread = np.average((scores - np.average(scores, weights=weight)) ** 2, weights=weight)
        if np.ptp(scores) == 0:
            return float(missed == 0)
        return float(1 - missed / spread)

    def to_arrays(self) -> dict[str, Values]:
        """The fitted model's arrays by name; with ``metadata()`` they are the whole model."""
        from matcher.alliance.archive import arrays_of

        return arrays_of(self._known())

    def metadata(self) -> dict[str, Any]:
        """What the arrays do not hold, as JSON can: parameters, names, report, components, coefficients."""
        from matcher.alliance.archive import metadata_of

        known = self._known()
        found = metadata_of(
            known.structure, known.scores, self.get_params(), self.report_, self.components_, self.coefficients_
        )
        return found | {"columns": self.feature_names_in_.tolist()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Values], meta: Mapping[str, Any]) -> Self:
        """A fitted model from ``to_arrays()`` and ``metadata()``; its predictions are equal to the bit."""
        from matcher.alliance import archive
        from matcher.alliance.evidence import Coefficient, Component

        archive.check_format(meta)
        model = cls().set_params(**archive.params_from_json(meta["params"]))
        model.components_ = [Component(**part) for part in meta["components"]]
        structure = archive.structure_from_json(meta["structure"])
        model._fitted = archive.fitted_from(arrays, structure, meta["scores"], len(model.components_))
        model.coefficients_ = [Coefficient(**part) for part in meta["coefficients"]]
        model.report_ = dict(meta["report"])
        if "columns" in meta:
            model._name_columns(meta["columns"])
        return model

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters by name."""
        return {name: getattr(self, name) for name in _parameters()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name."""
        for name, value in params.items():
            if name not in _parameters():
                raise InvalidInput("set_params", name, f"expected one of {', '.join(_parameters())}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, RegressorTags, Tags, TargetTags

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(two_d_array=False, string=True, allow_nan=True),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    def __repr__(self) -> str:
        return f"AllianceModel({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def _name_columns(self, names: Sequence[str]) -> None:
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)

    def _fit_changing(self, X: Any, y: Any, clients: Any, therapists: Any, weight: Any, start: Any) -> Self:
        """As the later ratings have it: no change, a drift, or half-life weights."""
        from matcher.alliance import changing
        from matcher.alliance.notes import documents

        found = changing.decided(
            self, X, y, clients=clients, therapists=therapists, sample_weight=weight, start=start
        )  # fmt: skip
        self._fitted, self.components_ = found.model._fitted, found.model.components_
        self.coefficients_ = found.model.coefficients_
        report = found.model.report_
        notes = {name: [*report[name], *added] for name, added in documents([found.note]).items()}
        self.report_ = report | notes | {"drift": found.document()}
        self._name_columns(list(columns(X, "ratings")))
        return self

    def _known(self) -> Any:
        if not hasattr(self, "_fitted"):
            raise NotFitted("this AllianceModel has seen no ratings yet: call fit first")
        return self._fitted

    def _start_of(self, other: AllianceModel) -> Any:
        """Where another model's search that goes on from this one begins; None where its blocks were to be others."""
        from matcher.alliance.fitting import Start
        from matcher.alliance.parameters import plain

        known = self._known()
        mine, theirs = plain(self.get_params()), plain(other.get_params())
        if any(mine[name] != theirs[name] for name in ("fixed", "only_declared", "blocks")):
            return None
        variances = {part.name: part.variance for part in self.components_}
        curvature = known.curvature if known.scores.censored else None
        names = tuple(block.name for block in known.structure.blocks)
        return Start(names, variances, curvature, self.report_.get("chosen_of", self.report_["rows_used"]))


def _parameters() -> list[str]:
    return [name for name in inspect.signature(AllianceModel.__init__).parameters if name != "self"]
