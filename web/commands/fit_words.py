"""What ``rapport fit`` prints: the model, how it was tried beside plain means, and whether it serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from web.wording.trials import say_champion, say_finding, say_held_out, say_row, say_verdict

if TYPE_CHECKING:
    from web.services.models import Fitted


def document(found: Fitted) -> dict[str, Any]:
    """All of it as JSON values."""
    said = {"version": found.version, "is_new": found.is_new, "serves": found.serves, "serving": found.serving}
    return found.summary | said


def words(found: Fitted) -> str:
    """All of it in a few lines."""
    said, report = found.summary, found.summary["report"]
    shares = ", ".join(f"{part['name']} {part['share']:.0%}" for part in said["components"])
    lines = [
        _served(found),
        f"  {report['rows_used']:,} ratings of {report['n_dyads']:,} pairs: {report['n_clients']:,} clients, "
        f"{report['n_therapists']:,} therapists; {report['share_at_top']:.0%} at the top of the scale",
        f"  variance: {shares}",
        *(f"  note: {note}" for note in report["notes"]),
    ]
    return "\n".join([*lines, *(f"  {line}" for line in tried(said["trial"]))] if "trial" in said else lines)


def tried(trial: Mapping[str, Any]) -> list[str]:
    """A trial in lines: what was judged on what, the table, what it comes to, and the verdict."""
    verdict, parts = trial["verdict"], (trial["report"] or {"splits": []})["splits"]
    lines = [line for part in parts for line in _judged(part)]
    if parts:
        lines.append(say_champion(verdict["champion"]))
    return [*lines, say_verdict(verdict["reason"])]


def _served(found: Fitted) -> str:
    if found.serves:
        return f"Model {found.version} serves{'' if found.is_new else ', as before'}."
    if found.serving is None:
        return f"Model {found.version} does NOT serve. No model does: lists are made by the rules alone."
    return f"Model {found.version} does NOT serve. Model {found.serving} keeps serving."


def _judged(part: Mapping[str, Any]) -> list[str]:
    named = [(say_row(row["name"]), row) for row in part["rows"]]
    width = max(len(name) for name, _ in named)
    return [
        say_held_out(part["n_train"], part["n_ratings"], part["n_clients"]),
        f"  {'':<{width}}  RMSE    MAE     log score",
        *(f"  {name:<{width}}  {row['rmse']:<6.4g}  {row['mae']:<6.4g}  {row['log_score']:.4g}" for name, row in named),
        *(say_finding(found["aspect"], found["code"]) for found in part["findings"]),
    ]
