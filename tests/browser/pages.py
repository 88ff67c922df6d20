"""Every page in every designed state, as ``make screenshots`` takes them and the tests look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser import walking
from web.services import demo_people

Prepare = Callable[[Page, str], None]
WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class State:
    """A page in one state: its name, and the way there. ``refused``: the answer is one that browsers complain about."""

    name: str
    prepare: Prepare
    refused: bool = False


def at(path: str) -> Prepare:
    return lambda page, address: page.goto(address + path)


def as_(persona: str, path: str | None = None, then: Callable[[Page], None] = lambda page: None) -> Prepare:
    """As one of the five, on their first page or another."""

    def prepare(page: Page, address: str) -> None:
        walking.be(page, address, persona)
        if path is not None:
            page.goto(address + path)
        then(page)

    return prepare


def begun(path: str, then: Callable[[Page], None] = lambda page: None) -> Prepare:
    """In a new intake."""

    def prepare(page: Page, address: str) -> None:
        walking.begin(page, address)
        page.goto(address + path)
        then(page)

    return prepare


def too_long(page: Page) -> None:
    page.fill("#concern_text", walking.LONG)
    walking.go_on(page)


def wrong_amount(page: Page) -> None:
    page.fill("#max_fee", "seventy")
    walking.go_on(page)


def send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def say_yes(page: Page) -> None:
    page.get_by_label("Yes", exact=True).check()
    walking.go_on(page)


def open_points(page: Page) -> None:
    page.locator("details.order > summary").first.click()


def reorder(page: Page) -> None:
    page.locator("#what-matters > summary").click()
    page.locator('#what-matters input[name="access"][value="2"]').check()
    page.get_by_role("button", name="Put in my order").click()
    page.locator(".chip.moved").first.wait_for()


def compare(page: Page) -> None:
    for k in range(3):
        page.locator('input[name="with"]').nth(k).check()
    page.get_by_role("button", name="Compare side by side").click()
    page.wait_for_url("**/compare?**")


def unknown_link(page: Page, address: str) -> None:
    page.goto(address + "/intake/carry-on")
    page.fill("#link", "nothing of ours")
    page.get_by_role("button", name="Carry on").click()


def open_everybody(page: Page) -> None:
    for person in page.locator("details.person").all():
        if person.get_attribute("open") is None:
            person.locator("> summary").click()


def no_match(page: Page, address: str) -> None:
    walking.come_back(page, address, demo_people.NO_MATCH)


def wrong_password(page: Page, address: str) -> None:
    walking.sign_in(page, address, "coordinator", "not the password")


def administrator(page: Page, address: str) -> None:
    walking.sign_in(page, address, "administrator")


def first_case(page: Page) -> None:
    page.locator("main table a").first.click()
    page.wait_for_load_state()


def hostile_statement(page: Page) -> None:
    page.locator("textarea").first.fill(walking.LONG)
    page.locator("main form button").first.click()


STATES = (
    State("start", at("/")),
    State("start-under-way", begun("/")),
    State("how-it-works", at("/how-it-works")),
    State("therapists", at("/therapists")),
    State("examples", lambda page, address: (page.goto(address + "/examples"), open_everybody(page))),
    State("help-now", at("/help-now")),
    State("api-reference", at("/api/v1/")),
    State("not-found", at("/nothing-here"), refused=True),
    *(State(f"intake-{k}-{name}", begun(f"/intake/{name}")) for k, name in enumerate(walking.STEPS, start=1)),
    State("intake-1-error", begun("/intake/concerns", too_long), refused=True),
    State("intake-3-error", begun("/intake/practicalities", wrong_amount), refused=True),
    State("intake-9-check", lambda page, address: walking.answer_everything(page, address)),
    State("intake-9-error", begun("/intake/check", send_nothing), refused=True),
    State("intake-overview", begun("/intake/")),
    State("intake-own-link", begun("/intake/link")),
    State("intake-carry-on", at("/intake/carry-on")),
    State("intake-carry-on-unknown", unknown_link, refused=True),
    State("intake-link-open", at(f"/intake/link/{demo_people.link(demo_people.CLIENT)}")),
    State("intake-link-unknown", at("/intake/link/abcdefghijklmnopqrstuv"), refused=True),
    State("intake-without-link", at("/intake/concerns"), refused=True),
    State("safety-told", begun("/intake/safety", say_yes)),
    State("matches", as_(demo_people.CLIENT, "/matches/")),
    State("matches-contributions", as_(demo_people.CLIENT, "/matches/", open_points)),
    State("matches-more", as_(demo_people.CLIENT, "/matches/?more")),
    State("matches-reordered", lambda page, address: (walking.come_back(page, address, "choose"), reorder(page))),
    State("compare", as_(demo_people.CLIENT, "/matches/", compare)),
    State("compare-nobody", as_(demo_people.CLIENT, "/matches/compare"), refused=True),
    State("no-match", no_match),
    State("tour", at("/tour/")),
    State("sign-in", at("/sign-in")),
    State("sign-in-wrong", wrong_password, refused=True),
    State("signed-out", at("/queue/")),
    State("home-client-in-therapy", as_(demo_people.IN_THERAPY)),
    State("home-therapist", as_("therapist")),
    State("home-coordinator", as_("coordinator")),
    State("home-clinic-lead", as_("clinic_lead")),
    State("home-administrator", administrator),
    State("not-allowed", as_("therapist", "/queue/"), refused=True),
    State("case", as_("coordinator", "/queue/", first_case)),
    State("profile", as_("therapist", "/caseload/profile")),
    State("profile-style", as_("therapist", "/caseload/profile/style")),
    State("profile-openings", as_("therapist", "/caseload/profile/openings")),
    State("profile-error", as_("therapist", "/caseload/profile/about", hostile_statement), refused=True),
)  # fmt: skip
