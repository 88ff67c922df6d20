"""A fitted model as named arrays and JSON, and back, equal to the bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy import sparse

from matcher.alliance.blocks import Basis, Block, Primitive
from matcher.alliance.evidence import Coefficient, Component
from matcher.alliance.fitted import Fitted, Nested
from matcher.alliance.nearness import Nearness
from matcher.alliance.parameters import plain
from matcher.alliance.scores import Scores
from matcher.alliance.structure import CLIENT, THERAPIST, Covariate, FixedColumn, RandomTerm, Structure
from matcher.alliance.tables import Values
from matcher.errors import InvalidInput

FORMAT = "rapport-alliance"
VERSION = 5  # 1: no blocks; 2: no ceiling; 3: no drift; 4: no smooth blocks
_PLAIN = (
    "border_ratios",
    "coefficients",
    "form",
    "dyads",
    "clients_of_therapist",
    "client_values",
    "therapist_values",
    "curvature",
)
_NESTED = ("effect", "weight", "kept", "dense")


def arrays_of(fitted: Fitted) -> dict[str, Values]:
    found: dict[str, Values] = {name: getattr(fitted, name) for name in _PLAIN}
    found["scalars"] = np.array([fitted.centre, fitted.variance, fitted.client.ratio, fitted.dyad.ratio])
    for side, nested in (("client", fitted.client), ("dyad", fitted.dyad)):
        found |= {f"{side}_{name}": getattr(nested, name) for name in _NESTED}
        found |= {f"{side}_{name}": getattr(nested.sparse, name) for name in ("data", "indices", "indptr")}
    return found


def fitted_from(
    arrays: Mapping[str, Values], structure: Structure, scores: Mapping[str, Any], n_components: int
) -> Fitted:
    try:
        _check_shapes(arrays, structure, n_components)
        centre, variance, client_ratio, dyad_ratio = arrays["scalars"].tolist()
        return Fitted(
            structure=structure,
            centre=centre,
            variance=variance,
            client=_nested(arrays, "client", client_ratio, structure.offsets[-1]),
            dyad=_nested(arrays, "dyad", dyad_ratio, structure.offsets[-1]),
            scores=Scores(**scores),
            **{name: arrays[name] for name in _PLAIN},
        )
    except KeyError as missing:
        raise InvalidInput("model", missing.args[0], "the model lacks this array; fit it again") from None


def _check_shapes(arrays: Mapping[str, Values], structure: Structure, n_components: int) -> None:
    """Raises InvalidInput for an array that does not fit the structure, before a prediction stumbles over it."""
    n_clients, n_therapists, n_dyads = len(structure.clients), len(structure.therapists), arrays["dyads"].size
    border = structure.offsets[-1] + structure.n_dense
    sides = [covariate.side for covariate in structure.covariates]
    expected: dict[str, tuple[int, ...]] = {
        "scalars": (4,),
        "border_ratios": (len(structure.random) + len(structure.blocks),),
        "coefficients": (border,),
        "form": (border, border),
        "dyads": (n_dyads,),
        "clients_of_therapist": (n_therapists,),
        "client_values": (n_clients, sides.count(CLIENT)),
        "therapist_values": (n_therapists, sides.count(THERAPIST)),
        "curvature": (n_components if arrays["curvature"].size else 0,) * 2,  # only where there is a ceiling
    }
    for side, n in (("client", n_clients), ("dyad", n_dyads)):
        expected |= {f"{side}_{name}": (n,) for name in _NESTED} | {f"{side}_dense": (n, structure.n_dense)}
        entries = (arrays[f"{side}_data"].size,)
        expected |= {f"{side}_data": entries, f"{side}_indices": entries, f"{side}_indptr": (n + 1,)}
    for name, shape in expected.items():
        if arrays[name].shape != shape or arrays[name].dtype.kind not in "iuf":
            found = f"{arrays[name].dtype} of shape {arrays[name].shape}"
            raise InvalidInput("model", name, f"expected numbers of shape {shape}, not {found}; fit the model again")


def _nested(arrays: Mapping[str, Values], side: str, ratio: float, n_sparse: int) -> Nested:
    plain = {name: arrays[f"{side}_{name}"] for name in _NESTED}
    parts = tuple(arrays[f"{side}_{name}"] for name in ("data", "indices", "indptr"))
    try:
        found = sparse.csr_array(parts, shape=(len(plain["weight"]), n_sparse))
        found.check_format(full_check=True)  # an index beyond would read whatever lies there in memory
    except ValueError as error:
        raise InvalidInput("model", f"{side}_indices", f"no sparse array ({error}); fit the model again") from None
    return Nested(ratio=ratio, sparse=found, **plain)


def structure_to_json(structure: Structure) -> dict[str, Any]:
    return asdict(structure)


def structure_from_json(found: Mapping[str, Any]) -> Structure:
    return Structure(
        tuple(Covariate(**{**entry, "levels": _tuple(entry["levels"]), "shares": tuple(entry["shares"])})
              for entry in found["covariates"]),
        tuple(RandomTerm(**{**entry, "pairs": tuple(entry["pairs"]), "knots": tuple(entry["knots"])})
              for entry in found["random"]),
        tuple(_block(entry) for entry in found["blocks"]),
        tuple(FixedColumn(**{**entry, "parts": tuple(map(tuple, entry["parts"]))}) for entry in found["fixed"]),
        tuple(found["clients"]),
        tuple(found["therapists"]),
    )  # fmt: skip


def _block(found: Mapping[str, Any]) -> Block:
    left, right = (None if found[side] is None else _basis(found[side]) for side in ("left", "right"))
    assert left is not None
    return Block(found["name"], left, right, tuple(map(tuple, found["pairs"])), tuple(found["means"]), found["scale"])


def _basis(found: Mapping[str, Any]) -> Basis:
    primitives = tuple(Primitive(**entry) for entry in found["primitives"])
    return Basis(primitives, _rows(found["turn"]), tuple(found["means"]), _nearness(found["nearness"]))


def _nearness(found: Mapping[str, Any] | None) -> Nearness | None:
    if found is None:
        return None
    return Nearness(_rows(found["landmarks"]), found["length"], _rows(found["turn"]), tuple(found["means"]))


def _rows(found: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, found))


def params_from_json(params: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; parameters are tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def metadata_of(
    structure: Structure, scores: Scores, params: Mapping[str, Any], report: Mapping[str, Any],
    components: list[Component], coefficients: list[Coefficient],
) -> dict[str, Any]:  # fmt: skip
    return {
        "format": FORMAT,
        "version": VERSION,
        "params": plain(params),
        "structure": structure_to_json(structure),
        "scores": asdict(scores),
        "report": dict(report),
        "components": [asdict(part) for part in components],
        "coefficients": [asdict(part) for part in coefficients],
    }


def check_format(meta: Mapping[str, Any]) -> None:
    if meta.get("format") != FORMAT:
        raise InvalidInput("model", meta.get("format"), f"expected a model of format {FORMAT}")
    if meta.get("version") != VERSION:
        raise InvalidInput(
            "model", meta.get("version"), f"this release reads version {VERSION}; update Rapport or fit the model again"
        )
