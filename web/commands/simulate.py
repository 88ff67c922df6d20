"""``rapport simulate``: a clinic with known truth, as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from web.services.simulation_files import Written


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write, new or empty.")
@click.option("--therapists", type=click.IntRange(2, 5_000), default=60, show_default=True, help="How many.")
@click.option("--clients", type=click.IntRange(10, 1_000_000), default=1_500, show_default=True, help="How many.")
@click.option(
    "--dyad-share",
    type=click.FloatRange(0, 0.6),
    default=0.15,
    show_default=True,
    help="How much of a session's alliance belongs to the two together.",
)
@click.option("--curved", is_flag=True, help="Features have curved and crossed effects too.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same clinic.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def simulate(
    out: Path, therapists: int, clients: int, dyad_share: float, curved: bool, seed: int, as_json: bool
) -> None:
    """Invent a clinic whose true alliances are known, and write its files.

    The files at the top are for `rapport alliance fit` and `predict`, truth.csv says what they should find, and
    those in import/ are for `rapport import`.
    """
    from web.services.simulation_files import FolderTaken, Wanted, write_simulation

    wanted = Wanted(therapists, clients, dyad_share, curved, seed)
    try:
        written = write_simulation(out, wanted)
    except FolderTaken as taken:
        raise click.ClickException(str(taken)) from taken
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or out}: {error.strerror}") from error
    click.echo(json.dumps(_document(written), indent=2) if as_json else _words(written))


def _document(written: Written) -> dict[str, object]:
    return {
        "folder": str(written.folder),
        "rows": dict(written.rows),
        "dyads": written.n_dyads,
        "new_clients": written.n_new_clients,
        "ceiling_share": round(written.ceiling_share, 4),
        "left_early_share": round(written.left_early_share, 4),
        "missing_share": round(written.missing_share, 4),
    }


def _words(written: Written) -> str:
    files = [f"  {name:<22} {n:>9,} {'row' if n == 1 else 'rows'}" for name, n in written.rows.items()]
    return "\n".join(
        [
            f"Wrote a simulated clinic to {written.folder}:",
            *files,
            f"{written.n_dyads:,} pairs met; {written.n_new_clients:,} clients have met nobody yet.",
            f"{written.ceiling_share:.1%} of the forms are perfect, {written.missing_share:.1%} are missing, and "
            f"{written.left_early_share:.1%} of the courses ended early.",
            "`rapport alliance` takes the files at the top, `rapport import` and `rapport match` those in import/.",
        ]
    )
