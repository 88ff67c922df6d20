"""What was shown stays shown: after another model, other weights and another directory; and who stands side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import permutations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.web.conftest import keep_directory, let_serve
from tests.web.desk import Desk
from tests.web.intake import walking
from tests.web.intake.looking import everything
from tests.web.matches.test_matches import bare, computed, order
from web.db.queries import directory
from web.db.tables import ModelRow
from web.matches import routes
from web.pages import KeptPages
from web.services import clinics, lists


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    """Somebody who has just seen their list."""
    made = walking.begun(desk)
    walking.answer_all(made)
    walking.send(made)
    return made


def bounded(desk: Desk, **bounds: tuple[float, float]) -> None:
    """Publish weights that let clients move only so far, and let the second pass within which they are not seen."""
    desk.app.extensions.pop("rapport_movable", None)
    version = f"v{len(everything(desk.url)['weights_versions'])}"
    weights = {"alliance": 0.5, "access": 0.3, "concern_expertise": 0.2}
    with desk.session() as session:
        let_serve(session, version, weights, bounds=bounds)


def test_a_list_stays_the_same_to_the_byte_whatever_changes_after(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    walking.post(client, "/matches/order", {"access": "2", "alliance": "-1"})
    first, second = _ids(client)[:2]
    pages = ["/matches/", "/matches/?more", f"/matches/compare?with={first}&with={second}"]
    before = [bare(client.get(path).text) for path in pages]

    def full() -> None:
        with desk.session() as session:
            for row in directory.every(session):
                row.capacity, row.name = 0, f"Not {row.name}"
            keep_directory(session)

    def no_model() -> None:
        with desk.session() as session:
            session.execute(update(ModelRow).values(serving=False))

    changes: list[Callable[[], None]] = [no_model, lambda: bounded(desk, access=(0.5, 2.0)), full]
    for change in changes:
        change()
        desk.app.extensions["rapport_match_pages"] = KeptPages()  # as in another worker
        sliders = r'<details class="panel" id="what-matters".*?</details>'  # these are what can be asked for now
        for path, was in zip(pages, before, strict=True):
            now = bare(client.get(path).text)
            assert re.sub(sliders, "", now, flags=re.S) == re.sub(sliders, "", was, flags=re.S), path
    with desk.session() as session:
        for row in directory.every(session):
            row.capacity, row.name = 3, row.name.removeprefix("Not ")
        session.execute(update(ModelRow).values(serving=True))
        let_serve(session, None)
        keep_directory(session)
    tried(len(changes) * len(pages))


def _ids(client: FlaskClient) -> list[str]:
    return order(client.get("/matches/").text)


@pytest.mark.S15
def test_what_matters_is_held_within_the_bounds_of_the_clinic(
    desk: Desk, client: FlaskClient, tried: Callable[[int], None]
) -> None:
    """Weights .5, .3, .2; access may be moved to 1/2 … 2 times, expertise not at all, alliance as usual."""
    bounded(desk, access=(0.5, 2.0), concern_expertise=(1.0, 1.0))
    walking.post(client, "/matches/again", {})
    offered = set(re.findall(r'<input type="radio" name="(\w+)"', client.get("/matches/").text))
    assert offered == {"access", "alliance"}
    # twice access: .5, .6, .2 of 1.3; half of it: .5, .15, .2 of .85; expertise is held, whatever is asked for
    cases = {"2": (5 / 13, 6 / 13, 2 / 13), "-2": (50 / 85, 15 / 85, 20 / 85), "0": (0.5, 0.3, 0.2)}
    for step, expected in cases.items():
        walking.post(client, "/matches/order", {"access": step, "concern_expertise": "2"})
        weights = _weights_of_newest(desk, client)
        found = [weights[code] for code in ("alliance", "access", "concern_expertise")]
        assert found == pytest.approx(expected, abs=1e-7), step
        assert order(client.get("/matches/").text) == [
            match.therapist_id for match in computed(desk, client, access=int(step)).matches[:5]
        ]
    tried(len(cases))


def test_what_the_bounds_forbid_cannot_be_chosen_and_counts_for_nothing(desk: Desk, client: FlaskClient) -> None:
    """Access may only be moved up, alliance only down: the other radios are there, but greyed out."""
    bounded(desk, access=(1.0, 2.0), alliance=(0.5, 1.0))
    walking.post(client, "/matches/order", {"access": "-2", "alliance": "2"})
    assert "chip moved" not in client.get("/matches/").text
    walking.post(client, "/matches/order", {"access": "2", "alliance": "2"})
    page = client.get("/matches/").text
    radios = re.findall(r'<input type="radio" name="(access|alliance)" value="(-?\d)"([^>]*)>', page)
    greyed = {(name, int(value)) for name, value, more in radios if "disabled" in more}
    assert greyed == {("access", -2), ("access", -1), ("alliance", 1), ("alliance", 2)}
    assert {(name, int(value)) for name, value, more in radios if "checked" in more} == {("access", 2), ("alliance", 0)}
    # alliance .5, access .6, expertise .2, together 1.3
    assert _weights_of_newest(desk, client)["access"] == pytest.approx(6 / 13, abs=1e-7)


def _weights_of_newest(desk: Desk, client: FlaskClient) -> dict[str, float]:
    kept = walking.kept_by(desk, client)
    with desk.session() as session:
        stored = lists.latest(session, clinics.find(session, None), kept)
        assert stored is not None
        for match in stored.matches.matches:
            assert sum(c.points for c in match.contributions) == match.score  # exactly
        return {c.factor: c.weight for c in stored.matches.matches[0].contributions}


def test_who_stands_side_by_side_does_not_depend_on_the_order_of_asking(
    client: FlaskClient, tried: Callable[[int], None]
) -> None:
    first = _ids(client)[:4]

    def compared(*keys: str) -> tuple[int, list[str]]:
        answer = client.get("/matches/compare", query_string=[("with", key) for key in keys])
        return answer.status_code, re.findall(r'class="name">([^<]+)<', answer.text)

    names = compared(*first[:3])[1]
    cases = 0
    for n in range(5):
        for keys in permutations(first, n):
            status, found = compared(*keys)
            chosen = [key for key in first if key in keys][: routes.AT_ONCE]
            assert status == (200 if n in {2, 3} else 422), keys
            assert len(found) == len(chosen), keys
            if n == 4:
                assert found == names  # the first three of the list, as the page says
            elif set(keys) <= set(first[:3]):
                assert found == [names[first.index(key)] for key in chosen], keys
            cases += 1
    for unknown in ("", "nobody", "\x00", "\u202e", "x" * 5_000, "<script>", "t99"):
        status, found = compared(unknown, first[0])
        assert (status, found) == (422, names[:1])
        cases += 1
    tried(cases)
