"""Why something about the weights cannot be done as things stand; the words are in ``web.wording.weights``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.services.weights import Draft, ShutOut


class WeightsTrouble(Exception):
    """What was asked for cannot be done as things stand; nothing was changed. ``params`` are put into the words."""

    def __init__(self, code: str, **params: str | int | None) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


class DraftConflict(WeightsTrouble):
    """The draft is not what the caller has seen; ``draft`` is how it is now, None where there is none any more."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        if draft is None:
            super().__init__("no_draft")
        else:
            super().__init__("draft_changed", who=draft.edited_by, revision=draft.revision)


class Overtaken(WeightsTrouble):
    """Since the draft was begun from ``drafted_from``, ``serving`` has begun to serve, or will before the draft would.

    None stands for the release's own weights.
    """

    def __init__(self, drafted_from: str | None, serving: str | None) -> None:
        self.drafted_from, self.serving = drafted_from, serving
        super().__init__("overtaken", drafted_from=drafted_from, serving=serving)


class SecondPersonNeeded(WeightsTrouble):
    """Nobody can do this alone: it has to be proposed, and approved by somebody else."""


class NotAcknowledged(WeightsTrouble):
    """The weights would shut somebody out, and the caller has not said that they know."""

    def __init__(self, shuts_out: Sequence[ShutOut]) -> None:
        self.shuts_out = tuple(shuts_out)
        super().__init__("not_acknowledged", n=len(shuts_out))
