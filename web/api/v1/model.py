"""The card of a clinic's models as a JSON document: what the page tells, in figures. A count under five is null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from web.answers import FEWEST, Answer, NoteOut, ScaleOut
from web.services import model_card
from web.services.model_card import Card, Learned
from web.wording.model_card import say_note, say_part
from web.wording.trials import say_finding, say_row, say_verdict


class DataOut(Answer):
    """What a model learned from; a count under five is null."""

    n_ratings: int | None = Field(ge=FEWEST, description="Sessions that were rated")
    n_clients: int | None = Field(ge=FEWEST)
    n_therapists: int | None = Field(ge=FEWEST)
    n_pairs: int | None = Field(ge=FEWEST, description="Pairs of a client and a therapist")
    n_clients_with_two_therapists: int | None = Field(ge=FEWEST, description="Clients who saw two or more")
    first_rated_at: datetime | None = Field(description="null where the ratings have no dates")
    last_rated_at: datetime | None


class ShareOut(Answer):
    """A part of what makes scores differ."""

    part: str = Field(examples=["client"], description="One of client, therapist, pair, time, session")
    label: str = Field(examples=["The client"])
    share: float = Field(ge=0, le=1, description="Of all that differs; the shares sum to 1")


class ErrorOut(Answer):
    """How far one way of expecting was from later scores."""

    name: str = Field(examples=["model"], description="`model`, `champion` (what served before), or a plain mean")
    label: str = Field(examples=["this model"])
    rmse: float = Field(description="Root mean squared error, on `scale`")
    mae: float = Field(description="Mean absolute error, on `scale`")
    log_score: float = Field(description="Mean log probability of what was observed; higher is better")


class PointOut(Answer):
    """Scores that were expected alike: what was expected and what came, with its standard error."""

    expected: float
    observed: float
    se: float | None
    n_clients: int = Field(ge=FEWEST)


class FindingOut(Answer):
    """What the figures of one aspect come to."""

    aspect: str = Field(examples=["accuracy"])
    code: str = Field(examples=["better"])
    text: str = Field(description="In words")


class TrialOut(Answer):
    """How the model did on later sessions that it had not seen."""

    n_earlier_ratings: int
    n_later_ratings: int
    n_clients: int = Field(description="Clients among the later ratings")
    errors: list[ErrorOut]
    calibration_slope: float | None = Field(description="1 is right; below: expectations lie too far apart")
    calibration: list[PointOut]
    tenths: list[float] = Field(description="Shares of later scores in each tenth of what was expected of them")
    in_middle_80: float = Field(ge=0, le=1, description="The share within the middle 80 % of what was expected")
    findings: list[FindingOut]


class VerdictOut(Answer):
    """What the gate decided."""

    serves: bool
    reason: str = Field(examples=["not_worse"])
    text: str = Field(description="In words")


class ShiftOut(Answer):
    """How far expectations moved from the model before."""

    mean: float = Field(description="The mean distance over pairs, on `scale`")
    most: float = Field(description="The distance that one pair in twenty exceeds")
    same_first: float = Field(ge=0, le=1, description="The share of clients whose first therapist is the same")


class ServingOut(Answer):
    """The model that serves."""

    version: str
    fitted_at: datetime
    readable: bool = Field(description="False: its file is damaged, and lists are made by the rules alone")
    data: DataOut
    shares: list[ShareOut]
    verdict: VerdictOut | None = Field(description="null where it serves without a trial")
    trial: TrialOut | None = Field(description="null where there was nothing to judge on")
    shift: ShiftOut | None = Field(description="null for the first model")
    notes: list[NoteOut]


class PastOut(Answer):
    """A model that was fitted."""

    version: str
    fitted_at: datetime
    serves: bool
    verdict: VerdictOut | None


class ModelOut(Answer):
    """The card of the clinic's models."""

    scale: ScaleOut
    serving: ServingOut | None = Field(description="null where no model serves")
    models: list[PastOut] = Field(description="The last fits, the newest first")


def document(found: Card) -> ModelOut:
    """The card in figures."""
    scale = found.scale
    return ModelOut(
        scale=ScaleOut(lowest=scale.lowest, top=scale.top, step=scale.step),
        serving=_serving(found.serving, found.is_readable) if found.serving else None,
        models=[
            PastOut(version=one.version, fitted_at=one.fitted_at, serves=one.serves, verdict=_verdict(one))
            for one in found.models
        ],
    )


def _serving(model: Learned, readable: bool) -> ServingOut:
    shift = model.summary.get("shift")
    return ServingOut(
        version=model.version,
        fitted_at=model.fitted_at,
        readable=readable,
        data=_data(model),
        shares=[
            ShareOut(part=part, label=say_part(part)[0], share=min(share, 1.0))
            for part, share in model_card.shares(model.summary).items()
        ],
        verdict=_verdict(model),
        trial=_trial(model.judged) if model.judged else None,
        shift=shift and ShiftOut(**{name: shift[name] for name in ShiftOut.model_fields}),
        notes=[NoteOut(code=one["code"], text=say_note(one)) for one in model.report.get("noted", ())],
    )


def _data(model: Learned) -> DataOut:
    report, span = model.report, model.summary.get("span") or {}
    return DataOut(
        n_ratings=_told(report, "rows_used"),
        n_clients=_told(report, "n_clients"),
        n_therapists=_told(report, "n_therapists"),
        n_pairs=_told(report, "n_dyads"),
        n_clients_with_two_therapists=_told(report, "n_clients_with_two_therapists"),
        first_rated_at=span.get("first"),
        last_rated_at=span.get("last"),
    )


def _trial(found: Mapping[str, Any]) -> TrialOut:
    return TrialOut(
        n_earlier_ratings=found["n_train"],
        n_later_ratings=found["n_ratings"],
        n_clients=found["n_clients"],
        errors=[ErrorOut(label=say_row(row["name"]), **row) for row in found["rows"]],
        calibration_slope=found["line"]["slope"],
        calibration=[
            PointOut(expected=p["predicted"], observed=p["observed"], se=p["se"], n_clients=p["n_clients"])
            for p in found["curve"]
        ],
        tenths=found["pit"]["shares"],
        in_middle_80=model_card.in_range(found["pit"]),
        findings=[
            FindingOut(aspect=one["aspect"], code=one["code"], text=say_finding(one["aspect"], one["code"]))
            for one in found["findings"]
        ],
    )


def _verdict(model: Learned) -> VerdictOut | None:
    said = model.verdict
    return said and VerdictOut(serves=said["serves"], reason=said["reason"], text=say_verdict(said["reason"]))


def _told(report: Mapping[str, Any], name: str) -> int | None:
    found = report.get(name, 0)
    return found if found >= FEWEST else None
