"""Whatever names a thing, in an address or a form, names nothing where the thing is somebody else's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.routing import Rule

from tests.trust.town import House, Town, served
from tests.trust.townsfolk import FIELDS, THINGS, WORDS, caller, own, path_of, rules, send
from web import access
from web.services import shared_courses

NOTHING = {403, 404}
GUESSES = (UUID(int=1), UUID(int=2**128 - 1), uuid4())
CRAFTED = ("1", "null", "..%2f", "0' OR '1'='1", "%00", "[]")


def copy_of(town: Town, folder: Path) -> Town:
    """The same town, to be changed."""
    path = folder / "copy.sqlite"
    with sqlite3.connect(town.url.removeprefix("sqlite:///")) as whole, sqlite3.connect(path) as copy:
        whole.backup(copy)
    url = f"sqlite:///{path}"
    return replace(town, url=url, app=served(url), watch=None, known={})


def test_every_part_of_an_address_is_known_to_name_a_thing_or_a_word(town: Town) -> None:
    """A new parameter is declared here before it is served, so that the tests below try it."""
    unknown = {
        f"{rule.rule}: {name}" for rule, _ in rules(town) for name in rule.arguments - THINGS - set(WORDS)
    }  # fmt: skip
    assert not unknown, unknown


@pytest.mark.S2
def test_an_address_of_another_clinic_leads_nowhere(town: Town, tried: Callable[[int], None]) -> None:
    """Keys of the other clinic, keys that nobody has, and what is no key: not there, nothing told, nothing changed."""
    north, south = town.houses["north"], town.houses["south"]
    n, wrong, before = 0, [], town.state()
    for rule, method in rules(town):
        if not rule.arguments & THINGS or rule.endpoint in ASKED_OTHERWISE:
            continue
        browser, headers = caller(town, north, rule.endpoint)
        for what, filled in strangers(rule, north, south):
            answer = send(browser, method, path_of(rule, filled), rule.endpoint, headers)
            n += 1
            before, is_same = town.is_as(before)
            expected = {SAYS_NOTHING.get(rule.endpoint), *NOTHING}
            if answer.status_code not in expected or told(answer, south) or not is_same:
                wrong.append(f"{method} {rule.rule} ({what}): {answer.status_code}, same: {is_same}")
    assert not wrong, "\n".join(wrong)
    tried(n)


# a link or a token names somebody by itself, and the page that it leads to says that it is not valid
ASKED_OTHERWISE = frozenset(
    {
        "checkins.arrive", "checkins.reminders", "checkins.stop_reminders", "intake.linked", "intake.come_back",
        "wellbeing.linked", "people.join_link", "people.reset_link", "weights.back", "weights.go_back",
        "insights.serve_again",
    }
)  # fmt: skip


# said alike of what is another's, of nobody's, and of what was done already: a second press of the button is no error
SAYS_NOTHING = {"insights.judge_held": 303, "weights.call_off": 409}


def strangers(rule: Rule, north: House, south: House) -> Iterator[tuple[str, dict[str, object]]]:
    """(kind, parts) of addresses in which at least one part is not the caller's own."""
    theirs, mine = own(south, rule), own(north, rule)
    if theirs:
        yield "the other clinic's", theirs
    for name in rule.arguments & THINGS:
        for guess in GUESSES:
            yield f"guessed {name}", mine | {name: guess}
        for text in CRAFTED:
            yield f"crafted {name}", mine | {name: text}
        if name in theirs and len(rule.arguments & THINGS) > 1:
            yield f"own but {name}", mine | {name: theirs[name]}


@pytest.mark.S2
def test_an_address_of_somebody_else_leads_nowhere(town: Town, tried: Callable[[int], None]) -> None:
    """Therapists and clients of one clinic: the whole address of another, and own ones with one part of another's."""
    north, n, wrong, before = town.houses["north"], 0, [], town.state()
    for rule, method in rules(town):
        if not is_owned(rule) or rule.endpoint in ASKED_OTHERWISE:
            continue
        browser, headers = caller(town, north, rule.endpoint)
        mine, theirs = own(north, rule), own(north, rule, therapist="therapist1", client="client9")
        mixed = [mine | {name: theirs[name]} for name in theirs if len(rule.arguments & THINGS) > 1]
        for filled in [theirs, *mixed] if theirs else []:
            if filled == mine:
                continue
            answer = send(browser, method, path_of(rule, filled), rule.endpoint, headers)
            n += 1
            before, is_same = town.is_as(before)
            if answer.status_code not in NOTHING or not is_same:
                other = sorted(name for name in filled if filled[name] != mine.get(name))
                wrong.append(f"{method} {rule.rule}: {answer.status_code}, same: {is_same}, other {other}")
    assert not wrong, "\n".join(wrong)
    tried(n)


def is_owned(rule: Rule) -> bool:
    """Whether what the address names belongs to one therapist or one client."""
    policy = access.ROUTES[rule.endpoint]
    return bool(rule.arguments & THINGS) and (policy.roles == ("therapist",) or policy.intake)


@pytest.mark.S2
def test_a_field_that_names_a_thing_of_another_names_nothing(town: Town, tried: Callable[[int], None]) -> None:
    """Forms, queries and bodies: other clinic's, nobody's, twice, a list, an object."""
    north, south, n = town.houses["north"], town.houses["south"], 0
    before, wrong = town.state(), []
    for rule, method in rules(town):
        for name, kind in FIELDS.get(rule.endpoint, ()):
            browser, headers = caller(town, north, rule.endpoint)
            for value in fields_of(kind, south, is_json=rule.endpoint.startswith("api_v1.")):
                path = path_of(rule, own(north, rule))
                answer = send(browser, method, path, rule.endpoint, headers, **{name: value})
                n += 1
                before, is_same = town.is_as(before)
                is_same = is_same or rule.endpoint in MAKE
                if answer.status_code >= 500 or told(answer, south) or not is_same:
                    wrong.append(f"{method} {rule.rule} {name}={value!r}: {answer.status_code}, same: {is_same}")
    assert not wrong, "\n".join(wrong)
    tried(n)


MAKE = frozenset({"api_v1.begin_proposal"})  # makes a draft, from which nobody of those named is left out


def fields_of(kind: str, house: House, *, is_json: bool) -> list[Any]:
    """What a field may be made to say of another clinic's things, and what is none."""
    things = house.things
    found: list[Any] = {
        "placement_id": [things["placement_id"]["therapist0"], things["placement_id"]["therapist1"]],
        "client_id": [things["client_id"]["client8"], things["client_id"]["client4"]],
        "external_id": [f"{house.slug}-t0", f"{house.slug}-t1"],
        "ticked": [f"{things['intake_id']['client4']}:1", f"{things['intake_id']['client8']}:1"],
        "link": [house.links[8], house.links[4]],
    }[kind]
    found = [str(one) for one in found]
    crafted: list[Any] = [str(uuid4()), "", "1", "' OR 1=1", "x" * 300, "\u202e"]
    if is_json:
        crafted += [found, {"$ne": None}, [found], None, 7]
    else:
        crafted += [found]
    return [*found, *crafted]


def told(answer: Any, house: House) -> list[str]:
    """The words of a clinic that stand in an answer, its headers included."""
    whole = answer.get_data(as_text=True) + str(answer.headers)
    return [word for word in house.canaries if word in whole] if f"zq{house.slug}" in whole else []


@pytest.mark.S2
def test_what_is_ones_own_is_there(town: Town, tmp_path: Path, tried: Callable[[int], None]) -> None:
    """The same calls with one's own things are answered: what was refused above was refused for whose it is."""
    mine = copy_of(town, tmp_path)
    north, n, missing = mine.houses["north"], 0, []
    for rule, method in rules(mine):
        if not rule.arguments & THINGS or rule.endpoint in ASKED_OTHERWISE | NOT_IN_TOWN:
            continue
        browser, headers = caller(mine, north, rule.endpoint)
        answer = send(browser, method, path_of(rule, own(north, rule)), rule.endpoint, headers)
        n += 1
        if answer.status_code in {403, 404, 500}:
            missing.append(f"{method} {rule.rule}: {answer.status_code}")
    assert not missing, "\n".join(missing)
    tried(n)


NOT_IN_TOWN = frozenset(
    {
        "weights.call_off", "jobs_page.again", "insights.judge_held", "wellbeing.show_to", "caseload.calendar",
        "kiosk.show", "people.invite_again", "people.take_back", "people.reset_factors", "people.end_sign_in",
        "people.rename_passkey", "people.remove_passkey",
    }
)  # fmt: skip


@pytest.mark.S2
def test_a_service_that_forgot_to_ask_whose_it_is_would_be_seen(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tried: Callable[[int], None]
) -> None:
    """A planted hole: courses of everybody are shown to every therapist."""
    north = town.houses["north"]
    other = north.staff["therapist1"].id
    whole = shared_courses.of_place
    monkeypatch.setattr(
        shared_courses, "of_place", lambda session, person, key, **more: whole(session, other, key, **more)
    )
    with pytest.raises(AssertionError, match=r"GET /courses/<uuid:placement_id>: 200"):
        test_an_address_of_somebody_else_leads_nowhere(town, lambda n: None)
    tried(1)


@pytest.mark.S2
def test_no_answer_at_one_clinic_holds_a_word_of_another(town: Town, tried: Callable[[int], None]) -> None:
    """Every page that can be read, by everybody who may, at each clinic: no canary of the two others."""
    n = 0
    for house in town.houses.values():
        others = [other for other in town.houses.values() if other is not house]
        for rule, method in rules(town):
            if method != "GET" or rule.endpoint == "static":
                continue
            browser, headers = caller(town, house, rule.endpoint)
            answer = send(browser, method, path_of(rule, own(house, rule)), rule.endpoint, headers)
            n += 1
            assert answer.status_code < 500, rule.rule
            assert [told(answer, other) for other in others] == [[], []], rule.rule
    tried(n)
