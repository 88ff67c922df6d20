"""What other weights would change, as a JSON document: counts of lists and of therapists, and nobody's list."""

from __future__ import annotations

from pydantic import Field

from matcher.evaluation.preview import BeforeAfter
from web.answers import Answer
from web.services.panels import Previewed
from web.wording.evidence import FEWEST


class BeforeAfterOut(Answer):
    """A mean over the first five of all lists."""

    before: float
    after: float


class ShowingOut(Answer):
    """In how many first fives a therapist stands."""

    therapist_id: str
    before: int = Field(ge=0)
    after: int = Field(ge=0)


class WeightsPreviewOut(Answer):
    """What relative weights would change beside those that serve, on the clinic's most recent intakes."""

    n_lists: int | None = Field(description="Intakes with a list; null for fewer than five, and then nothing is told")
    n_changed: int | None = Field(description="Lists whose first five change")
    n_other_first: int | None = Field(description="Lists with somebody else first")
    median_move: float | None = Field(description="Places, of those who stand in a first five")
    largest_move: int | None = Field(description="Places")
    alliance: BeforeAfterOut | None = Field(description="The alliance factor of the first five; null without a model")
    wait_days: BeforeAfterOut | None = Field(description="Days until a first session with the first five")
    gini: BeforeAfterOut | None = Field(description="How unevenly first places are spread: 0 all alike, 1 one has all")
    showings: list[ShowingOut] = Field(description="Whoever is shown more or less often")
    shut_out: list[str] = Field(description="Therapists who would lose every first place, of now or four weeks ago")


def preview_out(found: Previewed) -> WeightsPreviewOut:
    """The document; empty where fewer than five intakes have a list."""
    seen = found.preview
    if seen.n_lists < FEWEST:
        nothing = dict.fromkeys(("n_lists", "n_changed", "n_other_first", "median_move", "largest_move"))
        return WeightsPreviewOut(**nothing, alliance=None, wait_days=None, gini=None, showings=[], shut_out=[])
    return WeightsPreviewOut(
        n_lists=seen.n_lists,
        n_changed=seen.n_changed,
        n_other_first=seen.n_other_first,
        median_move=seen.median_move,
        largest_move=seen.largest_move,
        alliance=_pair(seen.alliance),
        wait_days=_pair(seen.wait_days),
        gini=BeforeAfterOut(before=seen.exposure_before.gini, after=seen.exposure_after.gini),
        showings=[
            ShowingOut(therapist_id=one.therapist_id, before=one.before, after=one.after)
            for one in seen.showings
            if one.before != one.after
        ],
        shut_out=list(found.shut_out),
    )


def _pair(found: BeforeAfter | None) -> BeforeAfterOut | None:
    return None if found is None else BeforeAfterOut(before=found.before, after=found.after)
