"""A licensed questionnaire as a FHIR document, invented: four items, one of them turned around, one set of numbers."""

from __future__ import annotations

import json
from typing import Any

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
BOUNDS = "http://hl7.org/fhir/StructureDefinition"


def coded(worth: float, words: str) -> dict[str, Any]:
    return {"valueCoding": {"code": words, "display": words, "extension": [{"url": ORDINAL, "valueDecimal": worth}]}}


NEVER_TO_ALWAYS = [coded(0, "never"), coded(1, "sometimes"), coded(2, "always")]
WHOLE: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "status": "active",
    "name": "rest-4",
    "version": "2.1",
    "title": "Rest",
    "description": "How have you rested this week?",
    "copyright": "Nobody in particular",
    "item": [
        {"linkId": "intro", "type": "display", "text": "Please answer all."},
        {
            "linkId": "g",
            "type": "group",
            "text": "Sleep",
            "item": [
                {"linkId": "1", "type": "choice", "text": "I lay awake", "answerOption": NEVER_TO_ALWAYS},
                {"linkId": "2", "type": "choice", "text": "I slept well", "answerOption": NEVER_TO_ALWAYS},
            ],
        },
        {
            "linkId": "3",
            "type": "integer",
            "text": "Bad nights",
            "answerOption": [{"valueInteger": k} for k in range(4)],
        },
        {
            "linkId": "4",
            "type": "integer",
            "text": "Nights",
            "extension": [
                {"url": f"{BOUNDS}/minValue", "valueInteger": 0},
                {"url": f"{BOUNDS}/maxValue", "valueInteger": 7},
            ],
        },
    ],
    "scoring": {
        "method": "sum",
        "items": ["1", "2", "3"],
        "reverse": ["2"],
        "lowest": 0,
        "top": 7,
        "better": "lower",
        "required": 3,
        "safety": ["3"],
        "bands": [{"lowest": 0, "words": "rested"}, {"lowest": 4, "words": "tired"}],
        "sd": 2.0,
        "reliability": 0.875,
        "source": "an invented study",
    },
}


def whole(**scoring: Any) -> dict[str, Any]:
    """The document, with other words about its scoring; None takes a word away."""
    made = json.loads(json.dumps(WHOLE))  # no two items share their answers
    made["scoring"] = {name: value for name, value in (made["scoring"] | scoring).items() if value is not None}
    return made


def as_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()
