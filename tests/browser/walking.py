"""Ways through the product that several states and tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from web.cookies import BROWSER
from web.services import demo_people

STEPS = ("concerns", "safety", "practicalities", "about", "wishes", "style", "before", "expectations")
WORDS = "My mother died in April. I am fine at work and then I lie there."
LONG = "a" * 10_000
_KNOWN: dict[tuple[str, str], list[Any]] = {}


def be(page: Page, address: str, persona: str) -> None:
    """One click on the strip."""
    page.goto(address + "/tour/")
    page.locator(f'.strip button[value="{persona}"]').click()
    page.locator(f'.strip button[value="{persona}"][aria-current]').wait_for()


def come_back(page: Page, address: str, persona: str) -> None:
    """By the private link of one of the invented clients."""
    page.goto(f"{address}/intake/link/{demo_people.link(persona)}")
    page.get_by_role("button", name="Carry on").click()
    page.wait_for_url(lambda url: "/intake/link/" not in url)


def sign_in(page: Page, address: str, role: str, password: str = demo_people.PASSWORD) -> None:
    """At the door, by hand, in a browser that remembers whose it is: strangers may try ten times in five minutes."""
    page.context.add_cookies(_KNOWN.get((address, role), []))
    page.goto(address + "/sign-in")
    page.fill("#email", demo_people.STAFF[role].email)
    page.fill("#password", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    _KNOWN[address, role] = [
        {"name": kept["name"], "value": kept["value"], "url": address}
        for kept in page.context.cookies() if kept["name"] == BROWSER.name
    ]  # fmt: skip


def begin(page: Page, address: str) -> None:
    """From the first page into the first question."""
    page.goto(address + "/")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/intake/concerns")


def go_on(page: Page) -> None:
    """The one filled button of a step."""
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()


def answer_concerns(page: Page) -> None:
    page.select_option("#first", "grief")
    page.select_option("#second", "sleep")
    page.fill("#concern_text", WORDS)


def answer_everything(page: Page, address: str) -> None:
    """All steps, up to the page on which the answers are checked."""
    begin(page, address)
    answer_concerns(page)
    go_on(page)
    page.get_by_label("No", exact=True).check()
    go_on(page)
    page.get_by_label("Either is fine").check()
    page.locator('input[name="times"][value="mon_evening"]').check()
    page.locator('input[name="times"][value="tue_evening"]').check()
    page.get_by_label("Within six weeks").check()
    page.fill("#max_fee", "70,50")
    go_on(page)
    page.select_option("#age_band", "from_35")
    go_on(page)
    page.locator('input[name="gender_strength"][value="matters"]').check()
    page.locator('input[name="gender_options"][value="woman"]').check()
    go_on(page)
    page.locator('input[name="lead"][value="1"]').check()
    page.locator('input[name="challenge"][value=""]').check()
    go_on(page)
    page.get_by_label("I felt heard").check()
    go_on(page)
    page.locator('input[name="hope"][value="6"]').check()
    page.fill("#goal_1", "Sleep through the night")
    go_on(page)
    page.wait_for_url("**/intake/check")


def send(page: Page) -> None:
    """Agree, and see the list."""
    page.locator("#consent").check()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/matches/")


def ask_in_haste(page: Page, address: str, wish: Callable[[Page], None] = lambda page: None) -> None:
    """Only what is needed, and perhaps a wish: a list in a few steps."""
    begin(page, address)
    answer_concerns(page)
    go_on(page)
    page.goto(address + "/intake/wishes?checked")
    wish(page)
    go_on(page)
    send(page)


def wish_for_nobody(page: Page) -> None:
    """Two things that nobody of the demo is, as musts."""
    for trait, kind in (("faith", "sikh"), ("age_band", "from_65")):
        page.locator(f'input[name="{trait}_strength"][value="must"]').check()
        page.locator(f'input[name="{trait}_options"][value="{kind}"]').check()


def save(page: Page) -> None:
    """The one filled button of a topic of the profile."""
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()


def tune(page: Page, address: str, **numbers: str) -> None:
    """A draft of the weights with these numbers, in place of any that there is, saved."""
    set_aside(page, address)
    for code, number in numbers.items():
        page.fill(f"#{code}", number)
    page.get_by_role("button", name="Save draft").click()
    page.locator(".govuk-notification-banner").wait_for()


def set_aside(page: Page, address: str) -> None:
    """No draft of the weights, whatever was there before."""
    page.goto(address + "/weights/")
    if page.locator(".set-aside").count():
        page.locator(".set-aside > summary").click()
        page.get_by_role("button", name="Set it aside").click()
        page.wait_for_load_state()


def publish_weights(page: Page, address: str, note: str = "People wait too long") -> None:
    """New weights that serve, other than those before."""
    page.goto(address + "/weights/history")
    number = 20 + page.locator("tbody tr").count() % 40
    tune(page, address, access=str(number))
    page.get_by_role("link", name="Publish …").click()
    page.fill("#note", note)
    if page.locator("#seen").count():
        page.locator("#seen").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/weights/?done=published")


def go_back(page: Page, address: str) -> None:
    """The weights that Rapport brings, by the history."""
    page.goto(address + "/weights/back/release")
    if page.locator("#seen").count():
        page.locator("#seen").check()
    page.get_by_role("button", name="Go back to it").click()
    page.wait_for_url("**/weights/?done=rolled_back")


def open_case(page: Page, name: str) -> None:
    """From the waiting list to the case of somebody invented."""
    page.locator("#cases").get_by_role("link", name=name, exact=True).click()
    page.wait_for_load_state()


def overtake_case(page: Page) -> None:
    """Send a form that was made before somebody else changed the case."""
    for field in page.locator('.offer.first [name="revision"]').all():
        field.evaluate("field => (field.value = '99999')")
    page.locator(".offer.first").get_by_role("button", name="Assign").click()
    page.wait_for_load_state()


def overtake_list(page: Page) -> None:
    """Take two off the list, of whom one was changed meanwhile."""
    for box in page.locator('[name="case"]').all()[:2]:
        box.check()
    page.locator('[name="case"]').first.evaluate("box => (box.value = box.value.replace(/[.].*/, '.99999'))")
    page.get_by_role("button", name="Take off the list").click()
    page.wait_for_load_state()


def order_of(page: Page) -> list[str]:
    """The therapists of the list, first first."""
    page.wait_for_load_state()
    return [item.get_attribute("data-therapist") or "" for item in page.locator("[data-therapist]").all()]


def look_until(page: Page, selector: str, seconds: int = 60) -> None:
    """Load the page again and again until something stands there: work beside the requests takes its time."""
    for _ in range(seconds):
        page.reload()
        if page.locator(selector).count():
            return
        page.wait_for_timeout(1000)
