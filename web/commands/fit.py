"""``rapport fit``: the clinic's model, estimated anew and put into service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now

if TYPE_CHECKING:
    from web.services.models import Fitted


@click.command()
@clinic_option
@json_option
def fit(slug: str | None, as_json: bool) -> None:
    """Estimate the alliance model from the clinic's ratings and let it serve."""
    found = run(slug)
    click.echo(json.dumps({"version": found.version, "is_new": found.is_new} | found.summary, indent=2)
               if as_json else words(found))  # fmt: skip


def run(slug: str | None) -> Fitted:
    """Read, estimate, publish: no transaction is open while the model is estimated."""
    from web.services import models

    with clinic_session(slug) as (opened, clinic):
        material = models.material(opened)
    model = models.estimate(material, clinic)
    with clinic_session(clinic.slug, writes=True) as (opened, clinic):
        return models.publish(opened, clinic, model, now=now())


def words(found: Fitted) -> str:
    """The model in a few lines."""
    said, report = found.summary, found.summary["report"]
    shares = ", ".join(f"{part['name']} {part['share']:.0%}" for part in said["components"])
    lines = [
        f"Model {found.version} serves{'' if found.is_new else ', as before'}.",
        f"  {report['rows_used']:,} ratings of {report['n_dyads']:,} pairs: {report['n_clients']:,} clients, "
        f"{report['n_therapists']:,} therapists; {report['share_at_top']:.0%} at the top of the scale",
        f"  variance: {shares}",
    ]
    return "\n".join([*lines, *(f"  note: {note}" for note in report["notes"])])
