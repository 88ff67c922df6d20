"""A clinic's recent intakes, kept as arrays once a process, so that weights can be tried on them while they are moved.

Clients stand in a panel as if nobody here had met them yet, which is how they stood when they asked for a list.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from sqlalchemy.orm import Session

from matcher import Panel, normalised
from matcher import preview as tried
from matcher.entities import Weights
from matcher.evaluation.preview import Preview, Reordered
from matcher.evaluation.showing import ClientCell, Showing, TherapistCell
from web.db import mapping
from web.db.queries import directory, recent
from web.services import matching, models
from web.services.clinics import Clinic

__all__ = ["MOST", "TOP", "ClientCell", "Preview", "Previewed", "Reordered", "Showing", "TherapistCell", "preview"]

MOST = 40
TOP = 5
LATELY = timedelta(weeks=4)
MOST_PAIRS = 500_000  # of one panel: 32 MB of factor values; a larger directory is tried on fewer intakes
MOST_BYTES = 128 * 2**20  # of all panels that a process keeps


@dataclass(frozen=True, slots=True)
class Kept:
    """A panel, what it was made of, the therapists' names, and where its intakes come from."""

    stamp: Hashable
    panel: Panel
    names: Mapping[str, str]
    n_sent: int
    n_brought_in: int


@dataclass(frozen=True, slots=True)
class Previewed:
    """What other weights would change, the names of all therapists, and where the intakes come from.

    ``n_sent`` of them were sent here, ``n_brought_in`` came in from files. Without ``has_model`` nothing is expected of
    any alliance. ``lately`` compares with what served four weeks ago, where that was something else: whoever is shut
    out in steps is shut out.
    """

    preview: Preview
    names: Mapping[str, str]
    n_sent: int
    n_brought_in: int
    has_model: bool
    lately: Preview | None = None

    @property
    def shut_out(self) -> dict[str, int]:
        """Therapists who lose every first place → in how many lists they stand now, or stood four weeks ago."""
        found: dict[str, int] = {}
        for seen in self._seen:
            before = {one.therapist_id: one.before for one in seen.showings}
            found = {key: before[key] for key in seen.shut_out} | found
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    @property
    def shut_out_groups(self) -> tuple[TherapistCell, ...]:
        """Groups of therapists that lose every first place that they have now, or had four weeks ago."""
        found = {(cell.kind, cell.code): cell for seen in self._seen for cell in seen.shut_out_groups}
        return tuple(found.values())

    @property
    def _seen(self) -> tuple[Preview, ...]:
        return (self.preview,) if self.lately is None else (self.preview, self.lately)


_kept: OrderedDict[UUID, Kept] = OrderedDict()
_making = Lock()


def preview(session: Session, clinic: Clinic, relative: Mapping[str, float], *, now: datetime) -> Previewed:
    """What these relative weights would change beside those that serve, on the clinic's recent intakes.

    Nothing is stored. InvalidInput for weights that cannot be normalised.
    """
    serves, served = (matching.serving_weights(session, now=then)[0] for then in (now, now - LATELY))
    found = between(session, clinic, serves, relative, now=now)
    if served.values == serves.values:
        return found
    return replace(found, lately=between(session, clinic, served, relative, now=now).preview)


def between(
    session: Session, clinic: Clinic, before: Weights, relative: Mapping[str, float], *, now: datetime
) -> Previewed:
    """What relative weights would change beside others than those that serve."""
    after = normalised(relative, version="draft")
    kept = _panel(session, clinic, now)
    found = tried(kept.panel, before, after, top=TOP)
    return Previewed(found, kept.names, kept.n_sent, kept.n_brought_in, kept.panel.has_model)


def _panel(session: Session, clinic: Clinic, now: datetime) -> Kept:
    """Made anew when directory, model, clients or the day have changed; the panel used longest ago makes room."""
    version, therapists = matching.directory_of(session, clinic.id)
    model = models.serving(session, clinic.id)
    stamp = (version, model and model.version, recent.stamp(session), now.date())
    with _making:
        kept = _kept.get(clinic.id)
        if kept is None or kept.stamp != stamp:
            most = min(MOST, max(MOST_PAIRS // max(len(therapists), 1), 1))
            rows = recent.clients(session, most)
            said = recent.answers(session, [row.id for row in rows])
            intakes = [mapping.intake_of(str(row.id), said[row.id]) for row in rows]
            panel = Panel.of(intakes, therapists, model=model, today=now.date())
            n_sent = sum(row.sent_at is not None for row in rows)
            kept = Kept(stamp, panel, directory.names(session), n_sent, len(rows) - n_sent)
            _kept[clinic.id] = kept
        _kept.move_to_end(clinic.id)
        while len(_kept) > 1 and sum(one.panel.n_bytes for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return kept
