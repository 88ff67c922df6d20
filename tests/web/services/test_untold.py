"""What a client says moves no card before the release that hides it among others: the model reads what was told."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.development import Batches
from tests.web.conftest import NOW, fitted_to
from tests.web.speaking import spoke
from tests.web.waiting_room import the_clinic
from web.db.queries import held, ratings
from web.db.tables import DyadRow, RatingRow, SessionRow
from web.services import holding, model_card, models, movements, releases

AT_ONCE = Batches(days=(0.0, 0.0), days_apart=0.0)


def depends_on(session: Session, clients: list[UUID]) -> bool:
    """Whether the model that is fitted now, and so any card, is another one where these clients rate otherwise."""
    found = select(RatingRow).join(SessionRow, SessionRow.id == RatingRow.session_id)
    found = found.join(DyadRow, DyadRow.id == SessionRow.dyad_id).where(DyadRow.client_id.in_(clients))
    versions = set()
    for shift in (-0.05, 0.05):  # and back to what it was
        for row in session.scalars(found):
            row.score += shift
        session.flush()
        versions.add(fitted_to(models.material(session), the_clinic(session)).version)
    return len(versions) > 1


def tell(session: Session) -> int:
    return releases.release_due(session, the_clinic(session), now=NOW, batches=AT_ONCE)


@pytest.mark.P2
def test_no_card_tells_of_anybody_before_the_fifth_client(at_harbour: Session) -> None:
    n, said = ratings.count(at_harbour), spoke(at_harbour, 4, n_times=3)
    assert tell(at_harbour) == 0 and not depends_on(at_harbour, said)
    said += spoke(at_harbour, 1)
    assert not depends_on(at_harbour, said)  # until the therapist is told
    assert (ratings.count(at_harbour), ratings.count_untold(at_harbour)) == (n, 13)
    assert tell(at_harbour) == 1 and depends_on(at_harbour, said)
    assert (ratings.count(at_harbour), ratings.count_untold(at_harbour)) == (n + 13, 0)


@pytest.mark.P2
def test_what_was_held_and_then_counts_waits_for_a_batch_of_its_own(at_harbour: Session) -> None:
    one = spoke(at_harbour, 6)[:1]
    dyad = at_harbour.scalars(select(DyadRow).where(DyadRow.client_id.in_(one))).one()
    assert held.hold(at_harbour, {dyad.id}, holding.HOUSEHOLD) == 1
    assert tell(at_harbour) == 1
    held.judge(at_harbour, dyad.therapist_id, holding.HOUSEHOLD, counts=True, now=NOW)
    assert tell(at_harbour) == 0 and not depends_on(at_harbour, one)
    spoke(at_harbour, 4)
    assert tell(at_harbour) == 1 and depends_on(at_harbour, one)


def test_what_is_watched_for_floods_and_movements_is_read_at_once(at_harbour: Session) -> None:
    n = len(ratings.rows(at_harbour))
    spoke(at_harbour, 3)
    assert len(ratings.rows(at_harbour, untold=True)) == n + 3 == len(ratings.rows(at_harbour)) + 3
    assert movements.of_clinic(at_harbour, now=NOW) is None


def test_the_page_of_the_model_says_what_does_not_count_yet(at_harbour: Session) -> None:
    assert model_card.fitting_of(at_harbour, now=NOW).n_untold == 0
    spoke(at_harbour, 2, n_times=2)
    assert model_card.fitting_of(at_harbour, now=NOW).n_untold == 4
