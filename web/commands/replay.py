"""``rapport replay``: a list that somebody was shown, made again from its record."""

from __future__ import annotations

import json
from uuid import UUID

import click

from web.commands.opened import clinic_option, clinic_session, json_option


@click.command()
@click.argument("list_id", type=click.UUID, metavar="LIST")
@clinic_option
@json_option
def replay(list_id: UUID, slug: str | None, as_json: bool) -> None:
    """Make a past list again from its record, and compare the two to the byte.

    Refused (exit code 1) where they differ, and where it cannot be made again; the answer says why.
    """
    from web.services import replays
    from web.wording.alternatives import say_replay

    with clinic_session(slug) as (opened, clinic):
        found = replays.replay(opened, clinic, list_id)
    if as_json:
        record, again = (json.loads(said) if said else None for said in (found.record, found.again))
        said = {"verdict": found.verdict, "text": say_replay(found.verdict), "record": record, "again": again}
        click.echo(json.dumps(said))
    if found.verdict != replays.SAME:
        raise click.ClickException(say_replay(found.verdict))
    if not as_json:
        click.echo(say_replay(found.verdict))
