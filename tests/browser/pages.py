"""Every page in every designed state, as ``make screenshots`` takes them and the tests look at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser import (
    checking_in,
    held,
    intake_walks,
    models,
    mydata_walks,
    overviews,
    people_walks,
    proposing,
    request_walks,
    therapist_walks,
    trailing,
    waitlist,
    walking,
    wellbeing_walks,
    working_on,
)
from web.services import demo_people

Prepare = Callable[[Page, str], None]
WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class State:
    """A page in one state: its name, the way there, and what proves that one has arrived.

    ``refused``: the answer is one that browsers complain about. ``leave`` puts back what the way there has changed.
    """

    name: str
    prepare: Prepare
    refused: bool = False
    shows: str = "h1"
    leave: Callable[[str], None] = lambda address: None

    def reach(self, page: Page, address: str) -> None:
        """Walk there, and see that it is this state and no other."""
        self.prepare(page, address)
        expect(page.locator(self.shows).first).to_be_visible()


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


def compare_one(page: Page) -> None:
    page.locator('input[name="with"]').first.check()
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


def back_as(persona: str, then: Callable[[Page], None] = lambda page: None) -> Prepare:
    """By the private link of one of the invented clients."""

    def prepare(page: Page, address: str) -> None:
        walking.come_back(page, address, persona)
        then(page)

    return prepare


def no_match(page: Page, address: str) -> None:
    walking.ask_in_haste(page, address, walking.wish_for_nobody)


def model_card(change: Callable[[str], None] = lambda address: None) -> Prepare:
    """The card of the models, with the demo's models in another state."""

    def prepare(page: Page, address: str) -> None:
        walking.be(page, address, "clinic_lead")
        change(address)
        page.goto(address + "/insights/model")

    return prepare


def wrong_password(page: Page, address: str) -> None:
    walking.sign_in(page, address, "coordinator", "not the password")


def administrator(page: Page, address: str) -> None:
    walking.sign_in(page, address, "administrator")


def taken_on(page: Page, address: str) -> None:
    begun("/intake/safety", intake_walks.leave_number)(page, address)
    walking.be(page, address, "coordinator")
    urgent = page.locator("tr", has=page.locator(".chip.risk")).filter(has=page.get_by_role("button"))
    urgent.last.get_by_role("button").click()
    page.goto(address + "/queue/")


def case_of(name: str, then: Callable[[Page], None] = lambda page: None) -> Prepare:
    """The case of somebody invented, as the coordinator sees it."""
    found = f"/queue/?state=all&words={name}"
    return as_("coordinator", found, lambda page: (walking.open_case(page, name), then(page)))


def first_case(page: Page) -> None:
    page.locator("main table a").first.click()
    page.wait_for_load_state()


def hostile_statement(page: Page) -> None:
    page.locator("textarea").first.fill(walking.LONG)
    walking.save(page)


def wrong_time(page: Page) -> None:
    page.locator('#openings input[inputmode="numeric"]').first.fill("25:99")
    walking.save(page)


def with_lead(walk: Prepare) -> Prepare:
    """As the one who leads the clinic."""

    def prepare(page: Page, address: str) -> None:
        walking.be(page, address, "clinic_lead")
        walk(page, address)

    return prepare


def edit_weights(page: Page, address: str) -> None:
    """A saved draft that is being changed, as its effect is seen."""
    walking.tune(page, address, access="24")
    page.goto(address + "/weights/")
    page.fill("#access", "60")
    page.locator(".evidence > summary").first.click()
    if page.evaluate("document.body.classList.contains('js-enabled')"):
        page.locator(".unkept").wait_for()
        page.locator("#later-list").wait_for()
    else:
        page.locator("button.without-script").click()


def wrong_weights(page: Page, address: str) -> None:
    walking.set_aside(page, address)
    page.fill("#access", "a lot")
    page.get_by_role("button", name="Save draft").click()


def weights_of_two(page: Page, address: str) -> None:
    """Two windows on one draft: what was saved in the other is not overwritten in this one."""
    walking.tune(page, address, access="24")
    page.goto(address + "/weights/")
    other = page.context.new_page()
    other.goto(address + "/weights/")
    other.fill("#access", "31")
    other.get_by_role("button", name="Save draft").click()
    other.locator(".govuk-notification-banner").wait_for()
    other.close()
    page.fill("#access", "47")
    page.get_by_role("button", name="Save draft").click()


def ready_to_publish(page: Page, address: str) -> None:
    walking.tune(page, address, access="80", alliance="5")
    page.get_by_role("link", name="Publish …").click()


def published_weights(page: Page, address: str) -> None:
    walking.publish_weights(page, address)


def rolled_back(page: Page, address: str) -> None:
    walking.publish_weights(page, address)
    walking.go_back(page, address)


def weights_history(page: Page, address: str) -> None:
    rolled_back(page, address)
    page.goto(address + "/weights/history")


def ask_to_go_back(page: Page, address: str) -> None:
    walking.publish_weights(page, address)
    page.goto(address + "/weights/back/release")


def weights_on_past_data(page: Page, address: str) -> None:
    walking.tune(page, address, access="60")
    page.get_by_role("button", name="Look at past data").click()
    page.locator("#past[data-state=waiting]").wait_for()
    models.work(address)  # unless the served worker has taken it up already
    walking.look_until(page, "#past .verdict")


def learned_weights(change: Callable[[str], None]) -> Prepare:
    """What the clinic's own ratings propose, in this state."""

    def prepare(page: Page, address: str) -> None:
        walking.set_aside(page, address)
        change(address)
        page.goto(address + "/weights/")

    return prepare


def compared_weights(page: Page, address: str) -> None:
    walking.tune(page, address, access="60")
    page.get_by_role("link", name="Compare with what serves").click()


# What proves that one has arrived, where a heading does not
WRONG, SAID, LIST = ".govuk-error-summary", "main .govuk-inset-text", "#matches [data-therapist]"
SAVED, STYLE = ".govuk-notification-banner", "/caseload/profile/style"
OPENINGS = "/caseload/profile/openings"


def now_as(persona: str) -> str:
    return f'.strip button[value="{persona}"][aria-current]'


STATES = (
    State("start", at("/"), shows="main button"),
    State("start-under-way", begun("/"), shows='main a[href^="/intake/"]'),
    State("how-it-works", at("/how-it-works")),
    State("therapists", at("/therapists"), shows="main li h2, main li h3"),
    State("examples", lambda page, address: (page.goto(address + "/examples"), open_everybody(page))),
    State("help-now", at("/help-now"), shows='main a[href^="tel:"]'),
    State("api-reference", at("/api/v1/")),
    State("not-found", at("/nothing-here"), refused=True),
    *(
        State(f"intake-{k}-{name}", begun(f"/intake/{name}"), shows="main .govuk-button")
        for k, name in enumerate(walking.STEPS, start=1)
    ),
    State("intake-1-error", begun("/intake/concerns", intake_walks.too_long), refused=True, shows=WRONG),
    State("intake-3-error", begun("/intake/practicalities", intake_walks.wrong_amount), refused=True, shows=WRONG),
    State("intake-9-check", lambda page, address: walking.answer_everything(page, address), shows="#consent"),
    State("intake-9-error", begun("/intake/check", intake_walks.send_nothing), refused=True, shows=WRONG),
    State("intake-overview", begun("/intake/"), shows='main a[href="/intake/concerns"]'),
    State("intake-own-link", begun("/intake/link"), shows="#own-link"),
    State("intake-carry-on", at("/intake/carry-on"), shows="#link"),
    State("intake-carry-on-unknown", unknown_link, refused=True, shows=WRONG),
    State("intake-link-open", at(f"/intake/link/{demo_people.link(demo_people.CLIENT)}"), shows="main button"),
    State("intake-link-unknown", at("/intake/link/abcdefghijklmnopqrstuv"), refused=True, shows="main .state"),
    State("intake-without-link", at("/intake/concerns"), refused=True),
    State("safety-told", begun("/intake/safety", intake_walks.say_yes), shows=SAID),
    State("safety-told-number-left", begun("/intake/safety", intake_walks.leave_number), shows=SAID + "[role=status]"),
    State("matches", as_(demo_people.CLIENT), shows=LIST),
    State("matches-contributions", as_(demo_people.CLIENT, "/matches/", open_points), shows="details.order[open]"),
    State("matches-more", as_(demo_people.CLIENT, "/matches/?more"), shows=LIST + ":nth-child(10)"),
    State("matches-reordered", back_as("choose", reorder), shows=".chip.moved"),
    State("matches-asked", back_as("choose"), shows="#asked [role=status]"),
    State("matches-changed", intake_walks.change_an_answer, shows=SAID),
    State("compare", as_(demo_people.CLIENT, "/matches/", compare), shows=".compare"),
    State("compare-one", as_(demo_people.CLIENT, "/matches/", compare_one), refused=True, shows=".compare"),
    State("compare-nobody", as_(demo_people.CLIENT, "/matches/compare"), refused=True),
    State("no-match", no_match, shows="#asked button"),
    State("no-match-asked", back_as(demo_people.NO_MATCH), shows="#asked [role=status]"),
    *(
        State(name, walk, **more)
        for name, walk, more in (
            *request_walks.WALKS, *therapist_walks.WALKS, *wellbeing_walks.WALKS, *mydata_walks.WALKS,
            *people_walks.WALKS,
        )
    ),
    State("tour", at("/tour/")),
    State("sign-in", at("/sign-in"), shows="#password"),
    State("sign-in-wrong", wrong_password, refused=True, shows=WRONG),
    State("signed-out", at("/queue/"), shows="#password"),
    State("home-client-in-therapy", as_(demo_people.IN_THERAPY), shows=now_as(demo_people.IN_THERAPY)),
    State("home-therapist", as_("therapist"), shows=now_as("therapist")),
    State("home-coordinator", as_("coordinator"), shows="main .chip.risk"),
    State("home-coordinator-taken-on", taken_on, shows="#seen-title"),
    State("home-clinic-lead", as_("clinic_lead"), shows=now_as("clinic_lead")),
    State("model-card", model_card(), shows=".calibration"),
    State("model-card-fitting", model_card(models.fitting), shows="[data-state=running]", leave=models.restore),
    State("model-card-held", model_card(held.waiting), shows="#held", leave=held.restore),
    State("model-card-refused", model_card(models.refused), shows="[data-state=kept]", leave=models.restore),
    State("rare-places", as_("clinic_lead", "/insights/rare-places"), shows="main .card"),
    State("model-card-no-model", model_card(models.none), shows="main .state", leave=models.restore),
    *(State(name, walk, shows=shows, leave=leave) for name, walk, shows, leave in overviews.WALKS),
    State("weights", with_lead(walking.set_aside), shows="#tune"),
    State("weights-editing", with_lead(edit_weights), shows=".slope"),
    State("weights-error", with_lead(wrong_weights), refused=True, shows=WRONG),
    State("weights-conflict", with_lead(weights_of_two), refused=True, shows=".conflict"),
    State("weights-publish", with_lead(ready_to_publish), shows="#note"),
    State("weights-published", with_lead(published_weights), shows=SAVED),
    State("weights-rolled-back", with_lead(rolled_back), shows=SAVED),
    State("weights-history", with_lead(weights_history), shows="#history-title"),
    State("weights-back", with_lead(ask_to_go_back), shows="main .button"),
    State("weights-learned", with_lead(learned_weights(models.learned)), shows=".taught", leave=models.forgotten),
    State("weights-learning", with_lead(learned_weights(models.learning)), shows="#learned progress",
          leave=models.forgotten),
    State("weights-compare", with_lead(compared_weights), shows=".differences"),
    State("weights-past", with_lead(weights_on_past_data), shows="#past .verdict", leave=models.restore),
    State("home-administrator", administrator, shows="main table"),
    State("not-allowed", as_("therapist", "/queue/"), refused=True),
    State("case", as_("coordinator", "/queue/", first_case), shows="main .chip.risk"),
    State("proposals", as_("coordinator", "/proposals/"), shows="#last-title"),
    State("proposal", proposing.proposal(), shows="table.lines", leave=waitlist.leave),
    State("proposal-open", proposing.proposal(proposing.open_proposal), shows=".acts[open]", leave=waitlist.leave),
    State("proposal-changed", proposing.proposal(proposing.change_proposal), shows=".notice.caution",
          leave=waitlist.leave),
    State("proposal-sure", proposing.proposal(path="/commit"), shows="main form .button", leave=waitlist.leave),
    State("proposal-carried-out", proposing.proposal(proposing.carry_out, "/commit"), shows=".notice",
          leave=waitlist.leave),
    State("proposal-conflict", proposing.proposal(proposing.meet_a_conflict, "/commit"), refused=True, shows=".against",
          leave=waitlist.leave),
    State("departures", as_("coordinator", "/departures/"), shows="main table"),
    State("departure", proposing.departure, shows="#begins_on", leave=waitlist.leave_all),
    State("departure-announced", proposing.departing, shows=".notice", leave=waitlist.leave_all),
    State("handing-on", as_("therapist", "/handover/notes"), shows="main .state"),
    State("queue-filtered", as_("coordinator", "/queue/?over=y&order=waiting"), shows=".narrow-down[open]"),
    State("queue-filtered-to-nothing", as_("coordinator", "/queue/?words=nobody+at+all"), shows="#list .state"),
    State("queue-changed-meanwhile", as_("coordinator", "/queue/", walking.overtake_list), refused=True, shows=WRONG),
    State("case-waiting", case_of("Mirela"), shows=".offer.first"),
    State("case-held", case_of("Tomasz"), shows="#place-title"),
    State("case-asked", case_of("Amara"), shows="#place-title"),
    State("case-placed", case_of("Petra"), shows="#place-title"),
    State("case-closed", case_of("Hanne"), shows="#history-title"),
    State("case-nobody", case_of("Yusuf"), shows="#not-offered-title"),
    State("case-conflict", case_of("Mirela", walking.overtake_case), refused=True, shows=WRONG),
    State("openings", as_("coordinator", "/queue/openings"), shows="#therapist"),
    State("openings-fitting", as_("coordinator", "/queue/openings?therapist=t02"), shows="#fitting-title"),
    State("at-risk", as_("coordinator", "/queue/at-risk"), shows="main section h2"),
    State("at-risk-not-taken-up", working_on.not_taken_up, shows="#not_settled-title"),
    State("profile", as_("therapist", "/caseload/profile")),
    State("profile-style", as_("therapist", STYLE), shows=".scale"),
    State("profile-openings", as_("therapist", OPENINGS), shows="#openings"),
    State("profile-saved", as_("therapist", STYLE, walking.save), shows=SAVED),
    State("profile-error", as_("therapist", "/caseload/profile/about", hostile_statement), refused=True, shows=WRONG),
    *(State(*walk) for walk in checking_in.WALKS),
    *(State(*walk) for walk in trailing.WALKS),
    State("profile-openings-error", as_("therapist", OPENINGS, wrong_time), refused=True, shows=WRONG),
)  # fmt: skip
