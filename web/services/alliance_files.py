"""The alliance model on files alone: fit it to tables, predict pairs with it, say what it found. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher import AllianceModel, threads
from matcher.errors import InvalidInput, shown
from web.exchange.frames import (
    CLIENTS,
    PAIRS,
    RATINGS,
    THERAPISTS,
    BadFrame,
    Frame,
    Kind,
    Wanted,
    read_blocks,
    read_frame,
    writing_predictions,
)
from web.exchange.frames.kinds import NUMBER, TEXT
from web.exchange.frames.reading import column_names
from web.exchange.frames.refusal import refusal
from web.exchange.model_file import DamagedModel, pack, unpack, write_model
from web.exchange.replacing import NoPlace, check_place
from web.settings import processors

_FORECAST = ("mean", "sd", "lower80", "upper80", "personal")
_OPTIONS = {"fixed": "--fixed", "random": "--random", "vary_by": "--vary-by"}
Advance = Callable[[int], object]


class Refused(Exception):
    """What was asked cannot be done; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The files of ratings or pairs, and of those whom they are about."""

    main: Path
    clients: Path | None = None
    therapists: Path | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the model is to have, and the scale of its scores."""

    vary_by: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    random: tuple[str, ...] = ()
    only_declared: bool = False
    top_score: float | None = None
    gaussian: bool = False
    step: float | None = None
    drift: float | str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What a model says of itself: its terms and scale, variance components, coefficients, and evidence."""

    terms: Mapping[str, Any]
    components: list[dict[str, Any]]
    coefficients: list[dict[str, Any]]
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Predicted:
    """How many pairs were predicted, how many of them for newcomers, and what the tables had or lacked."""

    n_pairs: int
    n_new_client: int
    n_new_therapist: int
    averaged: Mapping[str, int]  # column -> pairs without a value that the model knows
    unused_columns: tuple[str, ...]


def fit(tables: Tables, terms: Terms, out: Path, advance: Advance | None = None) -> Account:
    """Fit a model to the ratings and write it. Raises Refused."""
    with _in_words():
        _check_out(out, tables)
        ratings = read_frame(tables.main, RATINGS, text=_groupings("match", terms), advance=advance)
        clients = _covariates(tables.clients, CLIENTS, text=_groupings("client", terms))
        therapists = _covariates(tables.therapists, THERAPISTS, text=_groupings("therapist", terms))
        _check_top(ratings, terms.top_score)
        model = _fitted(ratings.columns, clients, therapists, terms)
        meta = model.metadata()
        write_model(out, pack(model.to_arrays(), meta))
    return _account(meta)


def predict(model_file: Path, tables: Tables, out: Path, advance: Advance | None = None) -> Predicted:
    """Predict every pair, some at a time, and write the predictions. Raises Refused."""
    with _in_words():
        _check_out(out, tables, model_file)
        model, meta = _loaded(model_file)
        known = _known_columns(meta)
        unused = _unused(tables, known)
        clients = _covariates(tables.clients, CLIENTS, wanted=known["client"])
        therapists = _covariates(tables.therapists, THERAPISTS, wanted=known["therapist"])
        counts, averaged = Counter[str](), Counter[str]()
        with writing_predictions(out) as write:
            for block in read_blocks(tables.main, PAIRS, wanted=known["match"], advance=advance):
                found = model.forecast(block.columns, clients=clients, therapists=therapists, personal=True)
                ids = {name: block.columns[name] for name in PAIRS.required}
                write(ids | {name: getattr(found, name) for name in _FORECAST})
                counts["pairs"] += len(block)
                counts["client"] += int((~found.known_client).sum())
                counts["therapist"] += int((~found.known_therapist).sum())
                averaged.update(found.averaged)
    return Predicted(counts["pairs"], counts["client"], counts["therapist"], dict(averaged), unused)


def report(model_file: Path) -> Account:
    """What a model file says of itself. Raises Refused."""
    with _in_words():
        return _account(_loaded(model_file)[1])


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever files and the model refuse, as one sentence."""
    try:
        yield
    except (BadFrame, DamagedModel, NoPlace) as error:
        raise Refused(str(error)) from error
    except InvalidInput as error:
        place = _OPTIONS.get(error.field, error.field)
        raise Refused(f"{place}: {shown(error.value)}: {error.mend}") from error
    except OSError as error:
        raise Refused(f"{error.filename or 'file'}: {error.strerror or error}") from error


def _check_out(out: Path, tables: Tables, *others: Path) -> None:
    """Raises where nothing can be written, before anybody waits for it, and rather than write over what is read."""
    check_place(out)
    read = [path for path in (tables.main, tables.clients, tables.therapists, *others) if path is not None]
    if out.exists() and any(path.exists() and out.samefile(path) for path in read):
        raise NoPlace(f"{shown(str(out))} is one of the files to read; name another file to write")


def _groupings(side: str, terms: Terms) -> set[str]:
    """Columns of a side that are levels whatever they look like: 007 is not 7."""
    as_numbers = {part for name in (*terms.fixed, *terms.vary_by) for part in (name, *name.split(":"))}
    return {name.removeprefix(f"{side}.") for name in terms.random if name not in as_numbers}


def _covariates(
    path: Path | None, kind: Kind, *, wanted: Wanted | None = None, text: Collection[str] = ()
) -> dict[str, np.ndarray] | None:
    return None if path is None else read_frame(path, kind, wanted=wanted, text=text).columns


def _check_top(ratings: Frame, top: float | None) -> None:
    """Raises BadFrame for a score above the declared top, with its row in the file."""
    score = ratings.columns["score"]
    above = np.flatnonzero(score > top) if top is not None else []
    if len(above):
        row, value = int(ratings.rows[above[0]]), f"{score[above[0]]:.12g}"
        mend = f"above --top-score {top:g}; correct the score or the option"
        raise refusal(ratings.file, "above_top", mend, row=row, column="score", value=value)


def _fitted(
    ratings: Mapping[str, np.ndarray],
    clients: Mapping[str, np.ndarray] | None,
    therapists: Mapping[str, np.ndarray] | None,
    terms: Terms,
) -> AllianceModel:
    model = AllianceModel(
        vary_by=terms.vary_by,
        fixed=terms.fixed,
        random=terms.random,
        only_declared=terms.only_declared,
        top=terms.top_score,
        step=terms.step,
        ceiling="gaussian" if terms.gaussian else "auto",
        drift=terms.drift,
    )
    table = {name: values for name, values in ratings.items() if name not in ("score", "weight")}
    weight = ratings.get("weight")
    with threads(processors()):
        return model.fit(table, ratings["score"], clients=clients, therapists=therapists, sample_weight=weight)


def _loaded(path: Path) -> tuple[AllianceModel, dict[str, Any]]:
    try:
        arrays, meta = unpack(path.read_bytes())
        return AllianceModel.from_arrays(arrays, meta), meta
    except FileNotFoundError:
        raise Refused(f"{path.name}: there is no such file; `rapport alliance fit` makes one") from None
    except (DamagedModel, InvalidInput) as error:
        raise Refused(f"{path.name}: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Refused(f"{path.name}: this is not a model of alliance; fit it again") from error


def _known_columns(meta: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By side, the columns that the model uses, and whether they are numbers or text."""
    known: dict[str, dict[str, str]] = {"match": {}, "client": {}, "therapist": {}, "session": {}, "moment": {}}
    for covariate in meta["structure"]["covariates"]:
        form = NUMBER if covariate["levels"] is None else TEXT
        side = known[covariate["side"]]
        side[covariate["name"]] = NUMBER if NUMBER in (form, side.get(covariate["name"])) else TEXT
    return known


def _unused(tables: Tables, known: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Columns of the tables that the model does not know."""
    found = []
    for path, kind, side in (
        (tables.main, PAIRS, "match"),
        (tables.clients, CLIENTS, "client"),
        (tables.therapists, THERAPISTS, "therapist"),
    ):
        if path is not None:
            names = column_names(path, kind)
            found += [f"{kind.name}.{name}" for name in names if name not in kind.own and name not in known[side]]
    return tuple(found)


def _account(meta: Mapping[str, Any]) -> Account:
    params, found = meta["params"], dict(meta["report"])
    named = ("method", "vary_by", "fixed", "random", "only_declared", "typical_session", "step", "drift")
    terms = {name: params[name] for name in named} | {"top_score": params["top"], "share_at_top": found["share_at_top"]}
    return Account(terms, meta["components"], meta["coefficients"], found)
