"""A clinic of one's own, with the parts of town that its clients choose from."""

from __future__ import annotations

import pytest

from tests.web.conftest import Clinic
from tests.web.desk import Desk, desk_of
from web import folders
from web.db.queries import clinics as rows
from web.exchange.places import read_places
from web.services import clinics, places


@pytest.fixture(scope="module")
def desk(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_of(clinic, tmp_path_factory.mktemp("desk"))
    with made.session() as session:
        found = clinics.find(session, None)
        assert rows.by_id(session, found.id)
        places.replace(session, found, read_places(folders.seed_data() / "places.csv"))
    return made
