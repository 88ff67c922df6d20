"""A hold that is over is a free place, and its client waits, before the clock has come by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.web.conftest import NOW, keep_directory
from tests.web.waiting_room import client_of, place_of, seen, sent, the_clinic, therapist, with_places
from web.db.queries import overview
from web.db.tables import TherapistRow
from web.services import (
    casework,
    departures,
    dossiers,
    free_places,
    lists,
    loads,
    matching,
    openings,
    placing,
    proposal_material,
    proposal_people,
    requests,
)
from web.services.casework import By, Choice
from web.services.conflicts import Conflict
from web.services.departures import Departure
from web.services.intakes import KeptIntake
from web.services.placing import HELD, Wanted
from web.services.proposal_settings import Settings

SOON = NOW + timedelta(hours=2)


@pytest.fixture
def session(at_harbour: Session) -> Session:
    return at_harbour


def held_for(session: Session) -> tuple[str, KeptIntake, KeptIntake]:
    """The last place of all is held for one until soon, and another would like it."""
    holder, other = sent(session, name="Anu"), sent(session, name="Bela")
    id_ = seen(session, other)[0]
    session.execute(update(TherapistRow).values(capacity=0))
    keep_directory(session)
    key = with_places(session, id_, 1).id
    placing.place(session, the_clinic(session), [Wanted(client_of(holder), key, HELD, until=SOON)], actor="a", now=NOW)
    return id_, holder, other


def test_everything_that_shows_free_places_has_it_from_the_moment_on_at_which_the_hold_ends(session: Session) -> None:
    id_, holder, other = held_for(session)
    clinic = the_clinic(session)
    for now, free in ((SOON - timedelta(seconds=1), 0), (SOON, 1)):
        assert free_places.of(session, [id_], now=now) == {id_: free}
        load = loads.every(session, now=now)[id_]
        assert (load.left, load.kept) == (free, 1 - free)
        assert requests.with_places(session, other, now=now) == ((id_,) if free else ())
        assert casework.first_free(session, client_of(other), now=now) == (id_ if free else None)
        assert overview.free_places(session, now) == free
        standing = proposal_people.standing(session, now=now)
        assert (standing.n_waiting, standing.n_places, standing.n_therapists) == (1 + free, free, free)
        dossier = dossiers.of_intake(session, clinic, other.id, most=5, now=now)
        assert (
            dossier is not None and dossier.offers is not None and dossier.offers.first_free == (id_ if free else None)
        )
        known = matching.grounds(session, clinic.id, now=now).directory
        assert known.capacity[known.row(id_)] == free
        material = proposal_material.gather(session, clinic, Settings(), now=now)
        assert {one.client for one in material.waiting} >= {str(client_of(other))}
        assert material.held.get(id_, 0) == 1 - free
        [shown] = [one for one in departures.everybody(session, now=now) if one.id == id_]
        assert shown.n_clients == 1 - free
        assert (str(client_of(holder)) in {one.client for one in material.waiting}) is bool(free)
        opening = openings.of_therapist(session, clinic, id_, "fit", now=now)
        assert opening is not None and opening.n_waiting == 1 + free


def test_what_it_shows_it_gives(session: Session) -> None:
    id_, holder, other = held_for(session)
    clinic, key = the_clinic(session), client_of(other)
    row = dossiers.of_intake(session, clinic, other.id, most=5, now=NOW)
    assert row is not None
    early = By("a", SOON - timedelta(seconds=1), row.revision)
    with pytest.raises(Conflict, match="no_place"):
        casework.assign(session, clinic, key, Choice(id_), early)
    casework.assign(session, clinic, key, Choice(id_), By("a", SOON, row.revision))
    place = place_of(session, other)
    assert place is not None and place.state == "given" and place_of(session, holder) is None


def test_a_list_is_made_by_a_version_of_the_directory_in_which_it_was_given_back(session: Session) -> None:
    id_, holder, other = held_for(session)
    lists.make(session, the_clinic(session), other, now=SOON)
    assert place_of(session, holder) is None and therapist(session, id_).capacity == 1
    assert seen(session, other) == [id_]


def test_what_comes_back_to_somebody_who_is_away_is_not_free(session: Session) -> None:
    id_, _holder, _other = held_for(session)
    key, said = therapist(session, id_).id, Departure("leaves", NOW.date(), None)
    departures.announce(session, the_clinic(session), key, said, actor="a", now=NOW)
    assert free_places.of(session, [id_], now=SOON) == {id_: 0}
    assert not free_places.overdue(session, now=SOON)
