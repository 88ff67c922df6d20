"""``rapport people sign-out``: whoever is signed in somewhere has to come in anew."""

from __future__ import annotations

import click

from web.commands.opened import clinic_option, clinic_session, now


@click.command("sign-out")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="All who work at the clinic, instead of one.")
@clinic_option
def sign_out(slug: str | None, email: str | None, everybody: bool) -> None:
    """End every sign-in of somebody, in every browser and at every clinic, from the next request on."""
    from web.services import people as service

    if everybody == (email is not None):
        raise click.UsageError("Name the address of one person, or say --everybody.")
    with clinic_session(slug, writes=True) as (opened, clinic):
        moment = now()
        wanted = service.normal_email(email or "")
        found = [one for one in service.everybody(opened, now=moment) if everybody or one.email == wanted]
        for one in found:
            service.end_all(opened, one.person_id, now=moment)
    if not found:
        raise click.ClickException("Nobody with this address works here; see: rapport people list")
    click.echo(f"Signed out {len(found)} {'person' if len(found) == 1 else 'people'} of {clinic.name}.")
