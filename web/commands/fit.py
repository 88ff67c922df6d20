"""``rapport fit``: the clinic's model, estimated anew, tried on later sessions, and put into service if it is fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from web.commands.opened import clinic_option, clinic_session, json_option, now, sessions

if TYPE_CHECKING:
    from web.services.models import Fitted


@click.command()
@clinic_option
@json_option
def fit(slug: str | None, as_json: bool) -> None:
    """Estimate the alliance model from the clinic's ratings, try it, and let it serve.

    It is tried on the latest fifth of the ratings, by what was learned from those before. If it predicts them clearly
    worse than the model that serves, or than a plain mean, it is kept but does not serve.
    """
    from web.commands.fit_words import document, words

    found = run(slug)
    click.echo(json.dumps(document(found), indent=2) if as_json else words(found))


def run(slug: str | None) -> Fitted:
    """The fit that the clinic lead's page asks for too; nothing is open while the model is estimated and tried."""
    from web.services import refit

    with clinic_session(slug) as (_, clinic):
        pass
    return refit.run(sessions(), clinic, now=now)
