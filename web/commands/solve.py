"""``rapport solve``: an assignment on files alone, no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from web.services.solving import Short, Solved

_FILE = click.Path(path_type=Path, dir_okay=False)
_REASONS = {
    "too_few_places": "there are more clients than places for them, however they are placed",
    "nobody_open": "those whom they could see have no place",
    "taken": "others came before; rapport solve --policy optimal can place as many as fit",
}


@click.command()
@click.option(
    "--scores", type=_FILE, required=True, help="client_id, therapist_id, score; a pair without is not allowed."
)
@click.option("--capacity", type=_FILE, required=True, help="therapist_id, capacity: how many clients fit.")
@click.option(
    "--policy",
    type=click.Choice(["optimal", "stable", "first-come"]),
    default="optimal",
    show_default=True,
    help="As many as fit with the best sum; nobody would rather swap; or one after the other.",
)
@click.option("--locks", type=_FILE, help="client_id, therapist_id: pairs that must be.")
@click.option("--out", type=_FILE, required=True, help="The file to write: CSV, or Parquet by its suffix.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def solve(scores: Path, capacity: Path, policy: str, locks: Path | None, out: Path, as_json: bool) -> None:
    """Give the clients of a scores file their therapists, under capacity, and write who goes to whom.

    Files are CSV in UTF-8 with a header, or Parquet by its suffix. Clients come in the order of their first row.
    Whoever cannot be placed is written too, with a reason.
    """
    from web.services import solving

    try:
        with _progress() as advance:
            solved = solving.solve(solving.Files(scores, capacity, locks), policy, out, advance)
    except solving.Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(json.dumps(_document(solved, out), indent=2) if as_json else _words(solved, out))


@contextmanager
def _progress() -> Iterator[Callable[[int], object]]:
    """A bar on stderr, where somebody looks at it."""
    from tqdm import tqdm

    shown = sys.stderr.isatty()
    with tqdm(desc="reading scores", unit=" rows", disable=not shown, file=sys.stderr, leave=False) as bar:
        yield bar.update


def _document(solved: Solved, out: Path) -> dict[str, object]:
    return {
        "assignment": str(out),
        "policy": solved.policy,
        "clients": solved.n_clients,
        "placed": solved.n_placed,
        "locked": solved.n_locked,
        "unplaced": dict(solved.unplaced),
        "total_score": solved.total_score,
        "share_of_best": solved.share_of_best,
        "worst_tenth_share": solved.worst_tenth,
        "could_be_better_by": solved.gap,
        "short": [
            {
                "clients": list(group.clients),
                "therapists": list(group.therapists),
                "places": group.n_places,
                "missing": group.n_missing,
            }
            for group in solved.short
        ],
    }


def _words(solved: Solved, out: Path) -> str:
    lines = [
        f"Placed {solved.n_placed:,} of {solved.n_clients:,} clients ({solved.policy}) into {out}; "
        f"the scores add up to {solved.total_score:.6g}.",
    ]
    if solved.gap == 0:
        lines.append("No other assignment places more, or as many with a higher sum: proved by prices over all pairs.")
    for code, n in solved.unplaced.items():
        lines.append(f"{n:,} not placed: {_REASONS.get(code, code)}.")
    return "\n".join([*lines, *map(_short, solved.short)])


def _short(group: Short) -> str:
    places = f"{group.n_places:,} place{'' if group.n_places == 1 else 's'}"
    who = f"{len(group.clients):,} clients can see only {_named(group.therapists)}"
    return f"  {who}, with {places}: {group.n_missing:,} more would do."


def _named(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5:,} others" if len(ids) > 5 else "")
