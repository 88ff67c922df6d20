"""``rapport people``: who works at a clinic, and what they may do there."""

from __future__ import annotations

import json
import sys

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now

ROLES = ("coordinator", "therapist", "clinic_lead", "administrator")
_role = click.Choice(ROLES)


@click.group()
def people() -> None:
    """The people who work at clinics."""


@people.command()
@click.argument("email")
@click.option("--role", type=_role, required=True, help="What they may do.")
@click.option("--name", help="The name that colleagues read: gives the role at once, without an invitation.")
@click.option("--link", "as_link", is_flag=True, help="Print the link of the invitation in place of sending it.")
@click.option("--therapist", metavar="ID", help="Which therapist of the directory they are.")
@click.option("--password-stdin", is_flag=True, help="Read the password of somebody new from standard input.")
@clinic_option
def invite(
    slug: str | None,
    email: str,
    role: str,
    name: str | None,
    as_link: bool,
    therapist: str | None,
    password_stdin: bool,
) -> None:
    """Invite somebody to a role at a clinic by mail. With --name they have it at once, with a password of theirs."""
    if name is None:
        _invite(slug, email, role, therapist, as_link=as_link)
        return
    from web.services import passwords
    from web.services import people as service

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with clinic_session(slug, writes=True) as (opened, clinic):
        known = service.is_known(opened, email)
        if not known and password is None:
            raise click.ClickException(
                "they are new here and need a password: leave --name away and use --link, so that they choose it, "
                "or hand it over with --password-stdin"
            )
        try:
            person_id = service.create(opened, email, name, role, password=password, now=now())
        except passwords.WeakPassword as weak:
            raise click.ClickException(str(weak)) from weak
        if therapist is not None:
            service.link_therapist(opened, person_id, therapist, now=now())
    if known:
        click.echo(f"They now have the role {role} at {clinic.name}, with the password that they had before.")
        return
    click.echo(f"They now have the role {role} at {clinic.name}, and sign in at /sign-in.")


def _invite(slug: str | None, email: str, role: str, therapist: str | None, *, as_link: bool) -> None:
    """An invitation: they choose name and password themselves."""
    from web import settings
    from web.services import invitations
    from web.services import people as service

    with clinic_session(slug, writes=True) as (opened, clinic):
        moment = now()
        person_id = invitations.invite(
            opened, clinic, email, [role], actor=invitations.COMMAND, now=moment, mail=not as_link
        )
        if therapist is not None:
            service.link_therapist(opened, person_id, therapist, now=moment)
        path = invitations.link(opened, person_id, now=moment) if as_link else ""
    if as_link:
        click.echo("Give them this link over a safe line; it opens once, within seven days.", err=True)
        click.echo(f"{settings.read().public_address or ''}{path}")
    else:
        click.echo(f"They get a mail from {clinic.name}, whose link opens once, within seven days.")


@people.command("second-factor")
@click.argument("email")
@clinic_option
def second_factor(slug: str | None, email: str) -> None:
    """Take the second factor of somebody who has lost it, and works at several clinics or alone as administrator."""
    from web.services import people as service
    from web.services import second_factors

    with clinic_session(slug, writes=True) as (opened, _):
        found = service.of_email(opened, email)
        if found is None:
            raise click.ClickException("nobody has this address; see: rapport people list")
        second_factors.take_away_by_command(opened, found.person_id, now=now())
    click.echo("Their second factor is gone, they are signed out, and they are told by mail.")


@people.command("list")
@clinic_option
@json_option
def list_people(slug: str | None, as_json: bool) -> None:
    """Everybody of a clinic, with roles and whether they hold."""
    from web.services import people as service

    with clinic_session(slug) as (opened, _):
        found = service.everybody(opened, now=now())
    if as_json:
        shown = [{"email": m.email, "name": m.name, "roles": dict(m.roles), "sign_ins": m.n_sign_ins} for m in found]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    for member in found:
        roles = ", ".join(f"{role} ({status})" for role, status in member.roles)
        click.echo(f"{member.email}  {member.name}: {roles}")
    if not found:
        click.echo("Nobody works here yet; begin with: rapport people invite EMAIL --role administrator --link")


@people.command()
@click.argument("email")
@click.option("--role", type=_role, help="This role alone; without it, every role that they have here.")
@clinic_option
def suspend(slug: str | None, email: str, role: str | None) -> None:
    """Take somebody's roles away for the time being; it works at once. Inviting them again gives a role back.

    Who has no other role is signed out everywhere.
    """
    from web.services import people as service

    with clinic_session(slug, writes=True) as (opened, clinic):
        n = service.change(opened, email, service.SUSPENDED, now=now(), role=role)
    click.echo(f"Suspended {n} {'role' if n == 1 else 'roles'} at {clinic.name}.")
