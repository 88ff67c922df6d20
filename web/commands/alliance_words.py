"""What the alliance commands print: a model's account and what was predicted, as words and as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from web.services.alliance_files import Account, Predicted

_LIKELIHOODS = {"gaussian": "scores as numbers", "censored": "scores at the top as censored"}
_METHODS = {"reml": "restricted maximum likelihood", "ml": "maximum likelihood"}


def document(account: Account, model: Path) -> dict[str, Any]:
    """JSON has no NaN or infinity: such a number is null."""
    found = {
        "model": str(model),
        "likelihood": account.evidence["likelihood"],
        "terms": dict(account.terms),
        "components": account.components,
        "coefficients": account.coefficients,
        "evidence": dict(account.evidence),
    }
    return {name: _finite(value) for name, value in found.items()}


def words(account: Account, model: Path) -> str:
    evidence = account.evidence
    converged = f"converged in {evidence['iterations']} steps" if evidence["converged"] else "did NOT converge"
    lines = [
        f"Alliance model {model}: {_METHODS[evidence['method']]}, {_LIKELIHOODS[evidence['likelihood']]}, {converged}.",
        f"{evidence['rows_used']:,} of {evidence['rows_read']:,} ratings: {evidence['n_clients']:,} clients, "
        f"{evidence['n_therapists']:,} therapists, {evidence['n_dyads']:,} pairs; "
        f"{evidence['n_clients_with_two_therapists']:,} clients with two therapists or more.",
    ]
    if evidence["log_likelihood"] is not None:
        lines.append(f"Log-likelihood {evidence['log_likelihood']:.4f} (-2 log L {evidence['criterion']:.4f}).")
    lines += ["", "Variance components", *_components(account.components)]
    lines += ["", "Coefficients", *_coefficients(account.coefficients)]
    lines += _counted("Left out ratings", evidence["rows_left_out"])
    lines += _counted("Left out columns", evidence["columns_left_out"])
    lines += _counted("Left out terms", evidence["terms_left_out"])
    lines += _counted("Left out people", evidence.get("people_left_out", {}))
    lines += _counted("Ratings without a value", evidence["missing"])
    lines += ["", "Notes", *(f"  {note}" for note in evidence["notes"])] if evidence["notes"] else []
    return "\n".join(lines)


def predicted_document(predicted: Predicted, out: Path) -> dict[str, Any]:
    return {
        "predictions": str(out),
        "pairs": predicted.n_pairs,
        "pairs_of_new_clients": predicted.n_new_client,
        "pairs_of_new_therapists": predicted.n_new_therapist,
        "averaged": dict(predicted.averaged),
        "unused_columns": list(predicted.unused_columns),
    }


def predicted_words(predicted: Predicted, out: Path) -> str:
    lines = [
        f"Predicted {predicted.n_pairs:,} pairs into {out}; {predicted.n_new_client:,} of them with a client and "
        f"{predicted.n_new_therapist:,} with a therapist who was not in the ratings.",
        *(f"{column}: missing, or new to the model, in {n:,} of the pairs; it counts as the average."
          for column, n in predicted.averaged.items()),
    ]  # fmt: skip
    if predicted.unused_columns:
        lines.append(f"Columns that the model does not use: {', '.join(predicted.unused_columns)}.")
    return "\n".join(lines)


def _components(found: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        (part["name"], _shown(part["variance"]), _shown(part["sd"]), f"{part['share']:.1%}", _shown(part["upper95"]))
        for part in found
    ]
    return _table(("", "variance", "sd", "share", "at most (95 %)"), rows)


def _coefficients(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return _table(
        ("", "estimate", "se"), [(part["name"], _shown(part["estimate"]), _shown(part["se"])) for part in found]
    )


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Names to the left, figures to the right."""
    widths = [max(len(row[k]) for row in (header, *rows)) for k in range(len(header))]
    return [
        "  "
        + "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
        for row in (header, *rows)
    ]


def _counted(title: str, found: Mapping[str, Any]) -> list[str]:
    return ["", title, *(f"  {name}: {value}" for name, value in found.items())] if found else []


def _shown(value: float) -> str:
    return f"{value:.6g}"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
