"""A clinic's alliance model: ratings in, the expected alliance of any client with any therapist out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matcher.contrasts import Prepared, contrasts
from matcher.encoding import FEATURE_VERSION, ClientArrays, Directory, client_features, therapist_features
from matcher.encoding.bits import Floats
from matcher.encoding.features import match_features
from matcher.encoding.lines import Column, Line, only, together
from matcher.entities import CHECK_IN, Intake, Outlook, Rating, Scale, Therapist
from matcher.errors import InvalidInput
from matcher.evidence import Evidence
from matcher.rated import rows_of, scores_of
from matcher.standings import Standings

if TYPE_CHECKING:
    from matcher.alliance import AllianceModel
    from matcher.alliance.fitted import Fitted
    from matcher.alliance.predict import Forecast
    from matcher.trajectory.prior import CoursePrior

FORMAT = 1
OUTLOOK_GRID = 2**30
REFERENCE_THERAPISTS, REFERENCE_CLIENTS = 200, 100
Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class OutlookTable:
    """Outlooks of every pair, shape (clients, therapists); ``typical`` (clients,), ``n_clients`` (therapists,).

    ``doubt`` is the standard deviation of the contrast from typical, in the units of ``ClinicModel.standing``.
    """

    mean: Floats
    sd: Floats
    lower80: Floats
    upper80: Floats
    typical: Floats
    personal: Floats
    above_typical: Floats
    doubt: Floats
    n_clients: NDArray[np.int64]
    n_similar: NDArray[np.int64]

    def at(self, client: int, therapist: int) -> Outlook:
        """One pair's outlook, on the grid: its last bits depend on who else was asked about, and nobody needs them."""
        pair = (client, therapist)
        return Outlook(
            mean=_on_grid(self.mean[pair]),
            sd=_on_grid(self.sd[pair]),
            lower80=_on_grid(self.lower80[pair]),
            upper80=_on_grid(self.upper80[pair]),
            typical=_on_grid(self.typical[client]),
            personal=_on_grid(self.personal[pair]),
            above_typical=_on_grid(self.above_typical[pair]),
            n_clients=int(self.n_clients[therapist]),
            n_similar=int(self.n_similar[pair]),
        )


def _ends(scale: Scale) -> dict[str, float]:
    """A scale as the alliance model's parameters."""
    return {"lowest": scale.lowest, "top": scale.top, "step": scale.step}


def _on_grid(value: float) -> float:
    """A multiple of 2^-30: a sum of products differs in its last bits with the number of rows it is taken over."""
    return round(float(value) * OUTLOOK_GRID) / OUTLOOK_GRID


@dataclass(frozen=True, eq=False)
class ClinicModel:
    """A clinic's fitted alliance model, with all that turns it into outlooks.

    Parameters
    ----------
    alliance : AllianceModel
        The fitted mixed model of ratings on client, therapist and match features.
    scale : Scale
        The scale of the ratings; every mean and interval is on it.
    reference : Directory
        The therapists (at most 200) over whom "typical" is the average. Stored with the model, so that no outlook
        depends on who else is offered.
    spread : float
        Standard deviation of true contrasts between pairs of the reference, the unit of ``standing``; above 0.
    evidence : Evidence
        How many clients rated each therapist, by main concern.

    Examples
    --------
    >>> from matcher import ClinicModel, Directory, rank
    >>> from matcher.entities import Intake, Rating, Therapist
    >>> people = [Therapist(id=id_, name=id_, profession="counsellor", licence_regions=("DE",), concerns={},
    ...                     languages=("de",), formats=("online",), capacity=1) for id_ in ("ana", "ben", "cem")]
    >>> clients = [Intake(id=f"c{k}", concerns=("grief",)) for k in range(12)]
    >>> scores = {"ana": 0.9, "ben": 0.5, "cem": 0.7}
    >>> ratings = [Rating(client_id=f"c{k}", therapist_id=people[k % 3].id, session=session,
    ...                   score=scores[people[k % 3].id] + 0.05 * (session - 2) * (-1) ** (k // 3))
    ...            for k in range(12) for session in (1, 2, 3)]
    >>> model = ClinicModel.fit(clients, people, ratings)
    >>> [match.therapist_id for match in rank(Intake(id="new", concerns=("grief",)), Directory.of(people),
    ...                                       model=model).matches]
    ['ana', 'cem', 'ben']
    """

    alliance: AllianceModel
    scale: Scale
    reference: Directory
    spread: float
    evidence: Evidence
    _prepared: WeakKeyDictionary[Directory, Prepared] = field(default_factory=WeakKeyDictionary, init=False, repr=False)

    @classmethod
    def fit(
        cls,
        intakes: Iterable[Intake],
        therapists: Iterable[Therapist],
        ratings: Iterable[Rating],
        *,
        scale: Scale = CHECK_IN,
        specification: Mapping[str, Any] | None = None,
        start: ClinicModel | None = None,
    ) -> ClinicModel:
        """Fit the alliance model to a clinic's ratings.

        Each rating's client and therapist must be among ``intakes`` and ``therapists``, and each score on ``scale``;
        InvalidInput names the first that is not. Clients and therapists without ratings are welcome. ``specification``
        is another model's, to be fitted to these ratings; None for the one of this release. ``start`` is a model of
        nearly the same ratings, such as the one that serves: the search goes on from it as in ``AllianceModel.fit``
        where it is of this scale and specification and each of its clients has ratings still, so that nothing stays of
        somebody who was erased. Else all begins anew.
        """
        from matcher.alliance import AllianceModel
        from matcher.alliance.archive import params_from_json

        clients, directory, rows = ClientArrays.of(intakes), Directory.of(therapists), tuple(ratings)
        c, t = rows_of(rows, clients, directory)
        pairs = match_features(clients, directory, (c, t))
        table = {
            "client_id": client_features(clients)["client_id"][c],
            "therapist_id": directory.ids[t],
            "session": np.array([row.session for row in rows], dtype=float),
            **pairs,
        }
        chosen = params_from_json(specification or {}) | _ends(scale)
        if any(chosen.get(name) is not None for name in ("drift", "half_life")):
            table["rated_at"] = np.array([row.rated_at for row in rows], dtype=object)
        alliance = AllianceModel().set_params(**chosen)
        goes_on = start is not None and start._leads_to(alliance, rows)
        alliance.fit(
            table, scores_of(rows, scale), clients=client_features(clients), therapists=therapist_features(directory),
            start=start.alliance if start is not None and goes_on else None,
        )  # fmt: skip
        reference = directory.take(_evenly(len(directory), REFERENCE_THERAPISTS))
        spread = _spread(alliance, clients.take(_evenly(len(clients), REFERENCE_CLIENTS)), reference)
        return cls(alliance, scale, reference, spread, Evidence.of(clients, directory, c, t))

    def _leads_to(self, other: AllianceModel, ratings: Sequence[Rating]) -> bool:
        """Whether another model, to be fitted to these ratings, may go on from this one."""
        if self.alliance.get_params() != other.get_params():
            return False
        return self._client_places.keys() <= {rating.client_id for rating in ratings}

    @cached_property
    def version(self) -> str:
        """The first 12 hexadecimal digits of a SHA-256 over everything that the model is."""
        digest = hashlib.sha256(json.dumps(self.meta(), sort_keys=True).encode())
        for name, array in sorted(self.to_arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:12]

    @property
    def specification(self) -> dict[str, Any]:
        """The alliance model's parameters as JSON values, without the range of scores, which the scale decides."""
        found = {name: value for name, value in self.alliance.get_params().items() if name not in _ends(self.scale)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}

    def standing(self, clients: ClientArrays, directory: Directory, rows: Rows | None = None) -> Floats:
        """Contrast from typical in units of ``spread``, shape (clients, therapists); Φ of it is the alliance factor.

        ``rows`` asks for some therapists of the directory only; what the model reads of the directory is kept for it.
        """
        prepared = self._of(directory)
        part, own = directory, prepared.own
        if rows is not None:
            part, own = directory.part(rows), own[rows]
        if self._standings is not None:
            each = zip(clients.one_by_one(), self._codes(clients).tolist(), strict=True)
            lines = [self._standings.of(client, code, part, own) for client, code in each]
            return np.asarray(np.reshape(lines, (len(clients), len(own))) / self.spread)
        if rows is not None:
            prepared = prepared.take(rows)
        found = contrasts(self._fitted, clients, self._codes(clients), part, prepared)
        return np.asarray((found - self._typical_contrast(clients)[:, None]) / self.spread)

    def line(self, client: ClientArrays) -> tuple[Line, list[str]] | None:
        """``standing`` of one client as a line, and the ids of those for whom it is another: the client rated them.

        None where the model bends what it reads of a pair, so that no sum of columns gives it.
        """
        if self._standings is None:
            return None
        code = int(self._codes(client)[0])
        found = together([self._standings.line(client, code), only(Column(self._own, low=-inf, high=inf))])
        return found.times(1 / self.spread), [id_ for id_, _ in self._standings.rated(code)]

    def outlook(self, clients: ClientArrays, directory: Directory) -> OutlookTable:
        """The expected alliance of every pair, shape (clients, therapists)."""
        forecast = _forecast(self.alliance, clients, directory, personal=True)
        typical = _forecast(self.alliance, clients, self.reference).mean.reshape(len(clients), -1).mean(axis=1)
        shape = (len(clients), len(directory))
        counts = self.evidence.of_therapists(directory)
        mean, sd = forecast.mean.reshape(shape), forecast.sd.reshape(shape)
        contrast = forecast.contrast.reshape(shape) - self._typical_contrast(clients)[:, None]
        contrast_sd = forecast.contrast_sd.reshape(shape)
        return OutlookTable(
            mean=mean,
            sd=sd,
            lower80=forecast.lower80.reshape(shape),
            upper80=forecast.upper80.reshape(shape),
            typical=typical,
            personal=forecast.personal.reshape(shape),
            above_typical=_chance(contrast, contrast_sd),
            doubt=contrast_sd / self.spread,
            n_clients=counts.sum(axis=1),
            n_similar=counts[:, clients.concerns[:, 0]].T,
        )

    def course_prior(self, clients: ClientArrays, directory: Directory, rows: Rows) -> CoursePrior:
        """What is believed of the course of each client with the therapist in their row of ``rows``, before session 1.

        Nothing that these clients said is in it, so that their scores can be judged by it.
        """
        from matcher.trajectory.beforehand import prior_of

        return prior_of(self.alliance, self.scale, clients, directory, rows)

    def summary(self) -> dict[str, Any]:
        """What the model is made of, as plain values: counts, components, coefficients, and what was left out."""
        counts = self.evidence.counts
        return {
            "version": self.version,
            "scale": [self.scale.lowest, self.scale.top, self.scale.step],
            "n_therapists": int((counts.sum(axis=1) > 0).sum()),
            "n_dyads": int(counts.sum()),
            "spread": self.spread,
            "specification": self.specification,
            "components": [asdict(part) for part in self.alliance.components_],
            "coefficients": [asdict(part) for part in self.alliance.coefficients_],
            "report": self.alliance.report_,
        }

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Every array of the model, by name, for an ``npz`` without pickle."""
        parts = {
            "alliance": self.alliance.to_arrays(),
            "reference": self.reference.to_arrays(),
            "evidence": self.evidence.to_arrays(),
        }
        return {f"{part}/{name}": array for part, arrays in parts.items() for name, array in arrays.items()}

    def meta(self) -> dict[str, Any]:
        """What is not an array, as JSON values."""
        return {
            "format": FORMAT,
            "features": FEATURE_VERSION,
            "scale": [self.scale.lowest, self.scale.top, self.scale.step],
            "spread": self.spread,
            "alliance": self.alliance.metadata(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], meta: Mapping[str, Any]) -> ClinicModel:
        """The model that ``to_arrays`` and ``meta`` wrote; InvalidInput for one of another format."""
        from matcher.alliance import AllianceModel

        for name, expected in (("format", FORMAT), ("features", FEATURE_VERSION)):
            if meta.get(name) != expected:
                raise InvalidInput(f"model.{name}", meta.get(name), f"expected {expected}: fit the model again")
        parts: dict[str, dict[str, NDArray[np.generic]]] = {"alliance": {}, "reference": {}, "evidence": {}}
        for key, array in arrays.items():
            part, _, name = key.partition("/")
            parts[part][name] = array
        return cls(
            AllianceModel.from_arrays(parts["alliance"], meta["alliance"]),
            Scale(*meta["scale"]),
            Directory.from_arrays(parts["reference"]),
            float(meta["spread"]),
            Evidence.from_arrays(parts["evidence"]),
        )

    @cached_property
    def _fitted(self) -> Fitted:
        from matcher.alliance.archive import fitted_from, structure_from_json

        meta = self.alliance.metadata()
        structure = structure_from_json(meta["structure"])
        return fitted_from(self.alliance.to_arrays(), structure, meta["scores"], len(meta["components"]))

    def _of(self, directory: Directory) -> Prepared:
        if directory not in self._prepared:
            self._prepared[directory] = Prepared.of(self._fitted, directory)
        return self._prepared[directory]

    def _own(self, directory: Directory) -> Floats:
        whole, rows = directory.origin
        own = self._of(whole).own
        return own if rows is None else own[rows]

    @cached_property
    def _standings(self) -> Standings | None:
        prepared = self._of(self.reference)
        found = prepared.straight
        return None if found is None else Standings(self._fitted, found, self.reference, prepared)

    def _typical_contrast(self, clients: ClientArrays) -> Floats:
        if self._standings is not None:
            each = zip(clients.one_by_one(), self._codes(clients).tolist(), strict=True)
            return np.array([self._standings.typical(client, code) for client, code in each])
        prepared = self._of(self.reference)
        found = contrasts(self._fitted, clients, self._codes(clients), self.reference, prepared)
        return np.asarray(found.mean(axis=1))

    @cached_property
    def _client_places(self) -> dict[str, int]:
        return {id_: place for place, id_ in enumerate(self._fitted.structure.clients)}

    def _codes(self, clients: ClientArrays) -> NDArray[np.int64]:
        return np.array([self._client_places.get(id_, -1) for id_ in clients.ids], dtype=np.int64)


def _evenly(n: int, most: int) -> Rows:
    """At most ``most`` of n rows, ascending and evenly spaced."""
    return np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.intp)


def _forecast(
    alliance: AllianceModel, clients: ClientArrays, directory: Directory, *, personal: bool = False
) -> Forecast:
    """The forecast of every pair in one column each, clients outermost."""
    c, t = np.divmod(np.arange(len(clients) * len(directory)), max(len(directory), 1))
    features = client_features(clients)
    table = {"client_id": features["client_id"][c], "therapist_id": directory.ids[t]}
    return alliance.forecast(
        table | match_features(clients, directory, (c, t)),
        clients=features,
        therapists=therapist_features(directory),
        personal=personal,
    )


def _spread(alliance: AllianceModel, clients: ClientArrays, reference: Directory) -> float:
    """√(variance of predicted contrasts within clients + mean posterior variance): how much pairs truly differ."""
    forecast = _forecast(alliance, clients, reference)
    predicted = forecast.contrast.reshape(len(clients), -1)
    within = np.var(predicted, axis=1).mean()
    return float(np.sqrt(within + np.mean(forecast.contrast_sd**2))) or 1.0


def _chance(contrast: Floats, sd: Floats) -> Floats:
    """Φ(contrast / sd): the chance of being above typical; a half where nothing is known and nothing differs."""
    from scipy.special import ndtr

    return np.asarray(np.where(sd > 0, ndtr(contrast / np.where(sd > 0, sd, 1.0)), 0.5 + 0.5 * np.sign(contrast)))
