"""``rapport erase``: a client gone, from the database at once and from the models within a week."""

from __future__ import annotations

import click

from web.commands.opened import clinic_option, clinic_session, now


@click.command()
@click.argument("client")
@clinic_option
@click.option("--yes", is_flag=True, help="Without being asked whether you are sure.")
@click.option("--files", is_flag=True, help="Write the files of the database anew after it; nobody can work meanwhile.")
def erase(client: str, slug: str | None, yes: bool, files: bool) -> None:
    """Erase everything that is known of CLIENT, by the clinic's own id.

    It cannot be undone. A new model without them serves within a week; backups keep them until they are thrown away.
    """
    from web.commands import opened
    from web.db import schema
    from web.services import erasing

    with clinic_session(slug, writes=True) as (session, clinic):
        found = erasing.by_external_id(session, client)
        if found is None:
            raise click.ClickException(f"{client}: the clinic {clinic.slug} has no client with this id.")
        if not yes:
            click.confirm("Erase everything that is known of this client, for good?", abort=True, err=True)
        n_rows = erasing.erase(session, clinic, found, asked_by="command line", now=now())
    if files:
        schema.scrub(opened.chosen().database_url)
    click.echo(f"{n_rows} rows were erased. A model without them serves within a week; rapport fit makes one now.")
