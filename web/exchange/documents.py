"""A JSON document of an intake or of weights, strictly read: every problem by its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from matcher.entities import Intake
from web.exchange.problems import BadInput
from web.exchange.schema import IntakeIn, WeightsIn
from web.exchange.schema.explain import problems_of
from web.exchange.strict_json import read_json


def intake_from_json(source: Mapping[str, Any] | str | bytes) -> Intake:
    """The intake of a JSON text or of a mapping that was read from one. Raises BadInput with every problem.

    >>> intake_from_json('{"client_id": "c017", "concerns": ["grief"]}').concerns
    ('grief',)
    """
    value = read_json(source) if isinstance(source, str | bytes) else source
    try:
        return IntakeIn.model_validate(value).entity()
    except ValidationError as error:
        raise BadInput(problems_of(error, IntakeIn)) from None


def weights_from_json(source: str | bytes) -> WeightsIn:
    """The weights of a JSON text. Raises BadInput with every problem.

    >>> weights_from_json('{"weights": {"alliance": 3, "access": 1}}').weights
    {'alliance': 3.0, 'access': 1.0}
    """
    try:
        return WeightsIn.model_validate(read_json(source))
    except ValidationError as error:
        raise BadInput(problems_of(error, WeightsIn)) from None
