"""``rapport backup`` and ``rapport restore``: the whole database as one sealed file."""

from __future__ import annotations

from pathlib import Path

import click

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
def backup(file: Path) -> None:
    """Write the whole database into a new FILE, sealed with the current key, while others go on working.

    Keep the file of keys (RAPPORT_KEYS) in another place than the backups: who has both reads everything, and who has
    lost the keys reads nothing.
    """
    from web.commands import opened
    from web.services import backups

    try:
        n_rows = backups.make(opened.chosen().database_url, file, now=opened.now())
    except OSError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Wrote {n_rows} rows into {file}.")


@click.command()
@_file
def restore(file: Path) -> None:
    """Read the backup in FILE into an empty database (DATABASE_URL), of either engine; all or nothing."""
    from web.commands import opened
    from web.services import backups

    try:
        n_rows = backups.restore(opened.chosen().database_url, file, now=opened.now())
    except (backups.NotEmpty, backups.BadBackup, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(
        f"Read {n_rows} rows. Everybody has to sign in anew; tokens of programs, recovery codes, mailed "
        "links of staff and tablets of before open nothing."
    )
