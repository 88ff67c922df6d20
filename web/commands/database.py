"""``rapport db``: the tables brought to a version, and looked at."""

from __future__ import annotations

import click


@click.group("db")
def database() -> None:
    """The tables of the database (DATABASE_URL): make, look at, take back."""


@database.command()
def upgrade() -> None:
    """Bring the tables to the version of this release; all or nothing."""
    from web.db import schema

    click.echo(f"The database is at version {schema.upgrade(_url())}.")


@database.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Also where there are clinics, whose rows go with the tables.")
@click.option("--lose-answers", is_flag=True, help="Also where check-ins, scores, goals or appointments are lost.")
def downgrade(revision: str, yes: bool, lose_answers: bool) -> None:
    """Take the tables back to a REVISION; `base` removes them with all that they hold."""
    from web.db import schema

    if not yes:
        _refuse_with_clinics(_url())
    click.echo(f"The database is at version {schema.downgrade(_url(), revision, losing=lose_answers)}.")


@database.command()
def check() -> None:
    """Whether this release can work with the database."""
    from web.db import schema

    schema.require_current(_url())
    click.echo(f"The database is at version {schema.head()}, as this release needs it.")


def _refuse_with_clinics(url: str) -> None:
    from web.services import readiness

    n_clinics = readiness.count_clinics(url)
    if n_clinics:
        holds = f"{n_clinics} {'clinic' if n_clinics == 1 else 'clinics'}"
        raise click.ClickException(f"The database holds {holds}; what newer tables hold is lost. Say --yes to go on.")


def _url() -> str:
    from web.commands import opened

    return opened.chosen().database_url
