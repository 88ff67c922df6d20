"""``rapport token``: a program's way in."""

from __future__ import annotations

import json
from uuid import UUID

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now


@click.group()
def token() -> None:
    """Tokens for the API."""


@token.command()
@clinic_option
@click.option("--days", type=click.IntRange(1, 3_650), default=90, show_default=True, help="How long it is valid.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What it may do: matches (the default), weights:read, weights:write. May be given several times.",
)
def issue(slug: str | None, days: int, scopes: tuple[str, ...]) -> None:
    """Make a token for a program of a clinic. It is shown this once."""
    from web.services import tokens

    with clinic_session(slug, writes=True) as (opened, _):
        made = tokens.issue(opened, now=now(), days=days, scopes=scopes or tokens.USUAL)
    click.echo(f"Keep it like a password; it cannot be shown again, and is valid for {days} days.", err=True)
    click.echo(made)


@token.command("list")
@clinic_option
@json_option
def list_tokens(slug: str | None, as_json: bool) -> None:
    """The tokens of a clinic by their ids: what each may do, and until when. A token itself is never shown again."""
    from web.services import tokens

    with clinic_session(slug) as (opened, _):
        found = tokens.every(opened)
    if as_json:
        shown = [
            {"id": str(one.id), "scopes": list(one.scopes), "created_at": one.created_at.isoformat(),
             "expires_at": one.expires_at.isoformat(),
             "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None}
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps(shown, indent=1))
        return
    for one in found:
        until = f"until {one.expires_at:%Y-%m-%d}" if one.revoked_at is None else f"revoked {one.revoked_at:%Y-%m-%d}"
        click.echo(f"{one.id}  {until}  {', '.join(one.scopes)}")
    if not found:
        click.echo("No program has a token yet; make one with: rapport token issue")


@token.command()
@click.argument("token_id", type=click.UUID, required=False, metavar="ID")
@click.option("--every", is_flag=True, help="All that are still valid, instead of one.")
@clinic_option
def revoke(slug: str | None, token_id: UUID | None, every: bool) -> None:
    """End the token with an ID (rapport token list) now; its program is refused from its next call on."""
    from web.services import tokens

    if every == (token_id is not None):
        raise click.UsageError("Name the ID of one token, or say --every.")
    with clinic_session(slug, writes=True) as (opened, clinic):
        n = tokens.revoke(opened, token_id, now=now())
    click.echo(f"Revoked {n} {'token' if n == 1 else 'tokens'} of {clinic.name}.")
