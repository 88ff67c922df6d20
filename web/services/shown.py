"""A list as it is kept: one document that is stored, and that is made again to the byte from the same grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from matcher import moves, seed_of
from matcher.entities import Intake, Opening, Outlook, RankedMatch, Remedy, Therapist
from matcher.moving import Move
from web.services import matching
from web.services.matching import Grounds

STRICT = 0  # in place of a seed: the order was not drawn
STORED = 20  # nobody reads further, and "more on request" ends somewhere


@dataclass(frozen=True, slots=True)
class ShownTherapist:
    """What a card says of a therapist, as it was when the list was made; fields as in ``matcher.entities``."""

    id: str
    name: str
    profession: str
    gender: str | None
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    modalities: tuple[str, ...]
    statement: str
    fee_cents: int | None
    sliding_fee_cents: int | None
    openings: tuple[Opening, ...]
    available_from: date | None
    portrait: Mapping[str, str]

    @classmethod
    def of(cls, therapist: Therapist) -> ShownTherapist:
        """The part of a profile that is shown."""
        return cls(**{name: getattr(therapist, name) for name in cls.__slots__})

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "openings": [[opening.weekday, opening.minute, opening.format] for opening in self.openings],
            "available_from": self.available_from and self.available_from.isoformat(),
            "portrait": dict(self.portrait),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ShownTherapist:
        """From what the store kept."""
        free = document["available_from"]
        return cls(
            **{
                **document,
                **{name: tuple(document[name]) for name in ("languages", "formats", "modalities")},
                "openings": tuple(Opening(*opening) for opening in document["openings"]),
                "available_from": free and date.fromisoformat(free),
            }
        )


@dataclass(frozen=True, slots=True)
class Making:
    """Who asks for a list: the intake, what matters most to them, and the key of this version of their answers.

    ``guarded``: they have said at some time that they are in danger, so that nothing is drawn, and no place that suits
    them is left to others.
    """

    intake: Intake
    wanted: Mapping[str, int]
    version: str
    guarded: bool

    def by(self, session: Session, grounds: Grounds) -> dict[str, Any]:
        """The list by these grounds, as columns of its row and, under ``places``, of the rows of its places."""
        seed = None if self.guarded else self._seed(grounds)
        grounds = replace(grounds, forecast=None) if self.guarded else grounds
        found = matching.by_grounds(session, grounds, self.intake, top=STORED, wanted=self.wanted, seed=seed)
        moved: dict[str, Move] = {}
        if self.wanted:
            before = matching.by_grounds(session, grounds, self.intake, top=STORED, seed=seed)
            moved = {move.therapist_id: move for move in moves(before.matches.matches, found.matches.matches)}
        return {
            "weights_version": found.matches.weights_version,
            "model_version": found.matches.model_version,
            "directory_version": grounds.directory_version,
            "seed": STRICT if seed is None else seed,
            "forecast_id": grounds.forecast and grounds.forecast.id,
            "refusals": {refusal.therapist_id: list(refusal.codes) for refusal in found.matches.refusals},
            "remedies": [_remedy(remedy) for remedy in found.matches.remedies],
            "notes": list(found.matches.notes),
            "wanted": dict(self.wanted),
            "places": [
                _place(match, found.therapists[match.therapist_id], moved.get(match.therapist_id))
                for match in found.matches.matches
            ],
        }

    def _seed(self, grounds: Grounds) -> int:
        """What belongs to these answers, this model and these weights."""
        return seed_of(self.version, grounds.model.version if grounds.model else "", grounds.weights.version)


def _place(match: RankedMatch, therapist: Therapist, move: Move | None) -> dict[str, Any]:
    return {
        "id": match.therapist_id,
        "place": match.place,
        "score": match.score,
        "propensity": match.propensity,
        "contributions": {c.factor: [c.value, c.weight, c.points] for c in match.contributions},
        "explanation": _explanation(match, therapist, move),
    }


def _explanation(match: RankedMatch, therapist: Therapist, move: Move | None) -> dict[str, Any]:
    """Why, how sure, and who it was: all that a card says, so that it says the same later."""
    outlook = match.outlook
    said = {
        "therapist": ShownTherapist.of(therapist).document(),
        "reasons": [[reason.code, dict(reason.params)] for reason in match.reasons],
        "caution": match.caution and [match.caution.code, dict(match.caution.params)],
        "outlook": outlook and {name: getattr(outlook, name) for name in Outlook.__slots__},
    }
    return said if move is None else said | {"moved": {"was": move.was, "factor": move.factor}}


def _remedy(remedy: Remedy) -> dict[str, Any]:
    also = remedy.also and [remedy.also.code, dict(remedy.also.params)]
    return {"code": remedy.code, "params": dict(remedy.params), "opens": remedy.opens, "also": also}
