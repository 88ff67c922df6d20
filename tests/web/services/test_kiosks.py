"""The clinic's tablet: six digits open one hour once, wrong ones make it rest, and it forgets whom it has shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.checking_in import GOOD, HARD, OVER, attended, link_to
from tests.web.waiting_room import person_of, the_clinic
from web.db.tables import CheckInRow, KioskCodeRow
from web.services import check_ins, kiosks
from web.services.check_ins import Said
from web.services.kiosks import CODE, FORM, NONE, RESTS, THANKS, WRONG

MINUTE = timedelta(minutes=1)
NOBODY = "A" * 22
DESK = "t30"  # somebody who works here and has no hours


def shown(session: Session, with_whom: str = "t01") -> tuple[str, UUID]:
    who = attended(session, with_whom)
    person = person_of(session, DESK)
    _hour, code, _link = kiosks.show(session, the_clinic(session), who.session_id, person, OVER)
    return code, who.session_id


def say(session: Session, tablet: str, said: Said, now: datetime, opening: str | None = None) -> str:
    """Send the form that stands on a tablet, or one that was opened before."""
    clinic = the_clinic(session)
    opening = kiosks.screen(session, clinic, tablet, now).opening if opening is None else opening
    return kiosks.say(session, clinic, tablet, opening, said, now)


def test_a_code_opens_the_form_once_and_the_tablet_forgets(at_harbour: Session) -> None:
    clinic, (code, key) = the_clinic(at_harbour), shown(at_harbour)
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    assert kiosks.screen(at_harbour, clinic, tablet, OVER).state == CODE
    assert kiosks.enter(at_harbour, clinic, tablet, f" {code[:3]} {code[3:]} ", OVER) == FORM
    screen = kiosks.screen(at_harbour, clinic, tablet, OVER)
    assert screen.state == FORM and screen.page is not None and screen.page.session_id == key
    assert [say(at_harbour, tablet, GOOD, OVER) for _ in range(2)] == ["said", "said"]  # a double click
    assert len(at_harbour.scalars(select(CheckInRow).where(CheckInRow.session_id == key)).all()) == 1
    assert kiosks.screen(at_harbour, clinic, tablet, OVER + timedelta(seconds=29)).state == THANKS
    later = kiosks.screen(at_harbour, clinic, tablet, OVER + timedelta(seconds=30))
    assert (later.state, later.page) == (CODE, None)
    assert kiosks.enter(at_harbour, clinic, tablet, code, OVER + MINUTE) == WRONG  # it was used
    assert at_harbour.scalars(select(KioskCodeRow)).all() == []


def test_a_form_that_was_left_over_is_kept_as_nobody_elses(at_harbour: Session) -> None:
    clinic, (code, first), (other, second) = the_clinic(at_harbour), shown(at_harbour), shown(at_harbour, "t02")
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    kiosks.enter(at_harbour, clinic, tablet, code, OVER)
    left_over = kiosks.screen(at_harbour, clinic, tablet, OVER).opening
    kiosks.leave(at_harbour, tablet, OVER)
    assert say(at_harbour, tablet, HARD, OVER, left_over) == CODE
    kiosks.enter(at_harbour, clinic, tablet, other, OVER)  # at the same moment
    for opening in (left_over, "", "é", "x" * 5_000):
        assert say(at_harbour, tablet, HARD, OVER, opening) == CODE
    assert kiosks.screen(at_harbour, clinic, tablet, OVER).state == FORM  # and the second goes on
    assert say(at_harbour, tablet, GOOD, OVER) == "said"
    assert say(at_harbour, tablet, HARD, OVER, left_over) == CODE
    kept = at_harbour.scalars(select(CheckInRow)).all()
    assert [(row.session_id, row.overall) for row in kept] == [(second, GOOD.overall)] and first != second


def test_the_same_hour_opened_anew_is_another_opening_and_another_tablet_knows_none(at_harbour: Session) -> None:
    clinic, (code, key) = the_clinic(at_harbour), shown(at_harbour)
    one, two = (kiosks.begin(at_harbour, by="c", now=OVER) for _ in range(2))
    openings = []
    for tablet, minutes in ((one, 0), (one, 1), (two, 1)):
        if openings:
            _hour, code, _link = kiosks.show(at_harbour, clinic, key, person_of(at_harbour, DESK), OVER)
        kiosks.enter(at_harbour, clinic, tablet, code, OVER + minutes * MINUTE)
        openings.append(kiosks.screen(at_harbour, clinic, tablet, OVER + minutes * MINUTE).opening)
    assert len(set(openings)) == 3 and all(len(one) == 64 for one in openings)


def test_done_forgets_at_once(at_harbour: Session) -> None:
    clinic, (code, _key) = the_clinic(at_harbour), shown(at_harbour)
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    kiosks.enter(at_harbour, clinic, tablet, code, OVER)
    kiosks.leave(at_harbour, tablet, OVER)
    assert kiosks.screen(at_harbour, clinic, tablet, OVER).state == CODE
    assert say(at_harbour, tablet, GOOD, OVER) == CODE
    assert at_harbour.scalars(select(CheckInRow)).all() == []


def test_a_form_that_is_left_open_closes_by_itself(at_harbour: Session) -> None:
    clinic, (code, _key) = the_clinic(at_harbour), shown(at_harbour)
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    kiosks.enter(at_harbour, clinic, tablet, code, OVER)
    assert kiosks.screen(at_harbour, clinic, tablet, OVER + 9 * MINUTE).state == FORM
    assert kiosks.screen(at_harbour, clinic, tablet, OVER + 10 * MINUTE).state == CODE
    assert say(at_harbour, tablet, GOOD, OVER + 10 * MINUTE) == CODE


def test_five_wrong_codes_and_the_tablet_rests_for_the_right_one_too(at_harbour: Session) -> None:
    clinic, (code, _key) = the_clinic(at_harbour), shown(at_harbour)
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    wrong = "000000" if code != "000000" else "000001"
    assert [kiosks.enter(at_harbour, clinic, tablet, wrong, OVER) for _ in range(6)] == [WRONG] * 5 + [RESTS]
    assert kiosks.enter(at_harbour, clinic, tablet, code, OVER + 9 * MINUTE) == RESTS
    assert kiosks.screen(at_harbour, clinic, tablet, OVER + 9 * MINUTE).left == MINUTE
    assert kiosks.enter(at_harbour, clinic, tablet, wrong, OVER + 10 * MINUTE) == WRONG
    assert kiosks.screen(at_harbour, clinic, tablet, OVER + 10 * MINUTE).state == CODE


@pytest.mark.parametrize("wrong", ["", "abc", "1234567", "\x00", "١٢٣٤٥٦"])
def test_what_is_no_code_opens_nothing(at_harbour: Session, wrong: str) -> None:
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    assert kiosks.enter(at_harbour, the_clinic(at_harbour), tablet, wrong, OVER) == WRONG


def test_codes_run_out_and_a_new_one_voids_the_old(at_harbour: Session) -> None:
    clinic, (code, key) = the_clinic(at_harbour), shown(at_harbour)
    tablet, person = kiosks.begin(at_harbour, by="c", now=OVER), person_of(at_harbour, DESK)
    assert kiosks.enter(at_harbour, clinic, tablet, code, OVER + 10 * MINUTE) == WRONG
    _hour, new, _link = kiosks.show(at_harbour, clinic, key, person, OVER)
    if new != code:
        assert kiosks.enter(at_harbour, clinic, tablet, code, OVER) == WRONG
    assert kiosks.enter(at_harbour, clinic, tablet, new, OVER) == FORM


def test_no_code_works_but_on_a_tablet_of_the_clinic(at_harbour: Session) -> None:
    clinic, (code, _key) = the_clinic(at_harbour), shown(at_harbour)
    tablet = kiosks.begin(at_harbour, by="c", now=OVER)
    for token in (NOBODY, "", "x"):
        assert kiosks.enter(at_harbour, clinic, token, code, OVER) == NONE
        assert kiosks.screen(at_harbour, clinic, token, OVER).state == NONE
    assert kiosks.enter(at_harbour, clinic, tablet, code, OVER + kiosks.LASTS) == NONE
    kiosks.end(at_harbour, tablet, by="c", now=OVER)
    assert kiosks.enter(at_harbour, clinic, tablet, code, OVER) == NONE


def test_nobody_shows_codes_for_their_own_hours_or_for_rated_ones(at_harbour: Session) -> None:
    """A coordinator who also works as a therapist neither rates themselves nor sees who of theirs has answered."""
    clinic, one, two = the_clinic(at_harbour), attended(at_harbour), attended(at_harbour, "t02")
    both, desk = person_of(at_harbour, "t01"), person_of(at_harbour, DESK)
    assert [hour.session_id for hour in kiosks.hours(at_harbour, both, OVER)] == [two.session_id]
    assert len(kiosks.hours(at_harbour, desk, OVER)) == 2
    with pytest.raises(LookupError):
        kiosks.show(at_harbour, clinic, one.session_id, both, OVER)
    check_ins.say(at_harbour, clinic, link_to(at_harbour, one), HARD, OVER)
    assert [hour.session_id for hour in kiosks.hours(at_harbour, desk, OVER)] == [two.session_id]
    with pytest.raises(LookupError):
        kiosks.show(at_harbour, clinic, one.session_id, desk, OVER)


def test_what_was_said_meanwhile_by_a_link_is_not_said_again_on_the_tablet(at_harbour: Session) -> None:
    clinic, who = the_clinic(at_harbour), attended(at_harbour)
    tablet, person = kiosks.begin(at_harbour, by="c", now=OVER), person_of(at_harbour, DESK)
    _hour, code, link = kiosks.show(at_harbour, clinic, who.session_id, person, OVER)
    kiosks.enter(at_harbour, clinic, tablet, code, OVER)
    assert check_ins.say(at_harbour, clinic, link, GOOD, OVER).state == check_ins.SAID
    assert say(at_harbour, tablet, HARD, OVER) == check_ins.USED
    assert kiosks.screen(at_harbour, clinic, tablet, OVER).state == CODE
