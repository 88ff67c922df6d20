"""``rapport alliance``: the model on files alone, no database."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.commands.options import SeveralNames, names

if TYPE_CHECKING:
    from web.services.alliance_files import Account, Predicted, Tables

_FILE = click.Path(path_type=Path, dir_okay=False)
_clients = click.option("--clients", type=_FILE, help="Covariates of clients: client_id and columns of any name.")
_therapists = click.option("--therapists", type=_FILE, help="Covariates of therapists: therapist_id and columns.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_model = click.option("--model", type=_FILE, required=True, help="What `rapport alliance fit` wrote.")


@click.group()
def alliance() -> None:
    """Fit the alliance model to files, predict pairs, and say what it found.

    Files are CSV in UTF-8 with a header, or Parquet by its suffix. Ids are text, an empty cell is missing, and columns
    of any other name are covariates.
    """


def _number(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and abs(value) <= 1e12):
        raise click.BadParameter("expected a finite number")
    return value


def _step(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if _number(context, option, value) is not None and not value > 0:
        raise click.BadParameter("expected a number above 0")
    return value


def _drift(_context: click.Context, _option: click.Parameter, value: str | None) -> float | str | None:
    if value is None or value == "auto":
        return value
    try:
        days = float(value)
    except ValueError:
        days = math.nan
    if not 0 < days <= 1e6:
        raise click.BadParameter("expected a number of days above 0, or auto")
    return days


@alliance.command(cls=SeveralNames)
@click.option("--ratings", type=_FILE, required=True, help="client_id, therapist_id, score; session, weight …")
@_clients
@_therapists
@click.option("--top-score", type=float, callback=_number, help="The highest possible score; none may be above it.")
@click.option("--gaussian", is_flag=True, help="Take scores at the top as numbers, not as at least so good.")
@click.option("--step", type=float, callback=_step, help="The step between two neighbouring scores.")
@click.option(
    "--drift",
    callback=_drift,
    metavar="DAYS|auto",
    help="Effects change over so many days of rated_at; auto: if at all.",
)
@click.option("--vary-by", multiple=True, callback=names, metavar="COLUMN …", help="Its effect differs by therapist.")
@click.option(
    "--fixed", multiple=True, callback=names, metavar="COLUMN …", help="An unpenalised effect; a:b a product."
)
@click.option("--random", multiple=True, callback=names, metavar="COLUMN …", help="A grouping with its own variance.")
@click.option("--only-declared", is_flag=True, help="Clients, therapists, and nothing else but what is named.")
@click.option("--model", "out", type=_FILE, required=True, help="The file to write.")
@_json
def fit(
    ratings: Path,
    clients: Path | None,
    therapists: Path | None,
    out: Path,
    as_json: bool,
    **terms: Any,
) -> None:
    """Fit a model to ratings and write it to a file.

    Every column is a covariate unless --only-declared is given. COLUMN may be several names, with spaces or commas.
    """
    if terms["gaussian"] and terms["top_score"] is not None:
        raise click.UsageError("--top-score and --gaussian exclude each other: a Gaussian scale has no top.")
    from web.services import alliance_files

    with _answering(), _progress("reading ratings") as advance:
        tables = alliance_files.Tables(ratings, clients, therapists)
        account = alliance_files.fit(tables, alliance_files.Terms(**terms), out, advance)
    _print_account(account, out, as_json)


@alliance.command()
@_model
@click.option("--pairs", type=_FILE, required=True, help="client_id, therapist_id, and the ratings' match covariates.")
@_clients
@_therapists
@click.option("--out", type=_FILE, required=True, help="The file to write: CSV, or Parquet by its suffix.")
@_json
def predict(model: Path, pairs: Path, clients: Path | None, therapists: Path | None, out: Path, as_json: bool) -> None:
    """Predict the expected score of pairs, with its sd and 80 % interval, into a file.

    Clients and therapists who were not in the ratings are predicted too, from their covariates and with wider
    intervals.
    """
    from web.services import alliance_files

    with _answering(), _progress("predicting pairs") as advance:
        tables: Tables = alliance_files.Tables(pairs, clients, therapists)
        predicted = alliance_files.predict(model, tables, out, advance)
    _print_predicted(predicted, out, as_json)


@alliance.command()
@_model
@_json
def report(model: Path, as_json: bool) -> None:
    """Print a model's variance components, coefficients and evidence."""
    from web.services import alliance_files

    with _answering():
        account = alliance_files.report(model)
    _print_account(account, model, as_json)


@contextmanager
def _answering() -> Iterator[None]:
    """What a service refuses is the command's answer."""
    from web.services.alliance_files import Refused

    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


@contextmanager
def _progress(work: str) -> Iterator[Callable[[int], object]]:
    """A bar on stderr, where somebody looks at it."""
    from tqdm import tqdm

    with tqdm(desc=work, unit=" rows", disable=not sys.stderr.isatty(), file=sys.stderr, leave=False) as bar:
        yield bar.update


def _print_account(account: Account, model: Path, as_json: bool) -> None:
    from web.commands import alliance_words

    document = alliance_words.document(account, model) if as_json else None
    click.echo(json.dumps(document, indent=2) if as_json else alliance_words.words(account, model))


def _print_predicted(predicted: Predicted, out: Path, as_json: bool) -> None:
    from web.commands import alliance_words

    if as_json:
        click.echo(json.dumps(alliance_words.predicted_document(predicted, out), indent=2))
    else:
        click.echo(alliance_words.predicted_words(predicted, out))
