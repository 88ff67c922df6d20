// What the pages do in a browser that runs scripts. Every page works without; this file is all that is our own.

const PARTS = "./vendor/govuk-frontend-6.6.0/govuk-frontend.min.js";
const MOVE = { duration: 200, easing: "ease-out" };
const NAMES = ["ErrorSummary", "Radios", "Checkboxes", "Button", "CharacterCount", "ExitThisPage", "NotificationBanner", "PasswordInput"];
const SETTINGS = { Button: { preventDoubleClick: true } };

// The demo's strip scrolls sideways on a phone: as whom one looks around stays in sight.
const here = document.querySelector(".strip [aria-current]");
if (here) here.closest("ul").scrollLeft = here.offsetLeft - here.closest("ul").offsetLeft - 18;

document.body.classList.add("js-enabled", "govuk-frontend-supported");
start(document);

// A button that copies what a field holds; without a script, or where the browser forbids it, the field alone is there.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const said = button.parentElement.querySelector("[data-copied]");
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    said.textContent = said.dataset.copied;
  });
}

// The parts of GOV.UK Frontend that stand in `root` and have not been started; it is fetched only where there are some.
async function start(root) {
  if (!root.querySelector('[data-module^="govuk-"]')) return;
  const parts = await import(PARTS);
  for (const name of NAMES) {
    const Part = parts[name];
    const module = Part.moduleName;
    for (const element of root.querySelectorAll(`[data-module="${module}"]:not([data-${module}-init])`)) {
      try {
        new Part(element, SETTINGS[name]);
        if (name === "Radios") withoutExpanded(element);
      } catch (error) {
        console.warn(`${module} did not start: ${error.message}`);
      }
    }
  }
}

// GOV.UK says aria-expanded on a radio button, which ARIA does not know there; what it opens comes next in the page anyhow.
function withoutExpanded(element) {
  const drop = () => element.querySelectorAll("[aria-expanded]").forEach((input) => input.removeAttribute("aria-expanded"));
  drop();
  element.addEventListener("click", drop);
}

// A slider beside a number: each follows the other, and the shares beside all of them follow both.
const sliders = [...document.querySelectorAll("[data-mirrors]")];
const typed = (slider) => document.getElementById(slider.dataset.mirrors);
const read = (text) => (/^\d{1,3}([.,]\d+)?\s*%?$/.test(text.trim()) ? parseFloat(text.replace(",", ".")) : NaN);
function share() {
  const numbers = sliders.map((slider) => read(typed(slider).value));
  sliders.forEach((slider) => slider.style.setProperty("--at", `${slider.value}%`));
  const total = numbers.reduce((sum, number) => sum + (number || 0), 0);
  sliders.forEach((slider, k) => {
    const part = (100 * numbers[k]) / total;
    const words = Number.isFinite(part) ? part.toFixed(part >= 9.95 || Math.abs(part - Math.round(part)) < 0.05 ? 0 : 1) : "–";
    document.querySelector(`#${slider.dataset.mirrors}-share b`).textContent = words;
    slider.setAttribute("aria-valuetext", `${typed(slider).value}, ${document.getElementById(`${slider.dataset.mirrors}-share`).textContent}`);
  });
}
const touched = () => {
  document.querySelectorAll(".unkept").forEach((note) => (note.hidden = false));
  document.querySelectorAll("[data-when-kept]").forEach((way) => (way.hidden = true)); // what would be published is not this
  share();
};
if (sliders.length) share();
for (const slider of sliders) {
  slider.addEventListener("input", () => {
    typed(slider).value = slider.value;
    touched();
  });
  typed(slider).addEventListener("input", () => {
    if (read(typed(slider).value) <= 100) slider.value = read(typed(slider).value);
    touched();
  });
}

// A list in a new order moves into place: where each person stood is noted before the swap, and played back after it.
const places = () =>
  new Map([...document.querySelectorAll("#matches [data-therapist]")].map((item) => [item.dataset.therapist, item]));
let before = new Map();
let ticked = [];

// What could not be fetched is said, and what was there stays.
const tell = (failed) =>
  document.querySelectorAll("[data-failed]").forEach((note) => (note.textContent = failed ? note.dataset.failed : ""));
document.addEventListener("htmx:response:error", () => tell(true));
document.addEventListener("htmx:error", () => tell(true));
document.addEventListener("htmx:before:request", () => tell(false));

document.addEventListener("htmx:before:swap", () => {
  before = new Map([...places()].map(([key, item]) => [key, item.getBoundingClientRect().top]));
  ticked = [...document.querySelectorAll('#matches [name="with"]:checked')].map((box) => box.value);
});

document.addEventListener("htmx:after:swap", () => {
  start(document);
  const moved = document.querySelector(".said-moves");
  document.querySelectorAll(".heard").forEach((note) => (note.textContent = moved ? moved.textContent : ""));
  for (const box of document.querySelectorAll('#matches [name="with"]')) box.checked = ticked.includes(box.value);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [key, item] of places()) {
    const now = item.getBoundingClientRect().top;
    if (!before.has(key)) {
      if (before.size) item.animate([{ opacity: 0 }, { opacity: 1 }], MOVE);
    } else if (before.get(key) !== now) {
      item.animate([{ transform: `translateY(${before.get(key) - now}px)` }, { transform: "none" }], MOVE);
    }
  }
  before = new Map();
});

// What the note of saving says (components/saved.html); a page without one has nothing to say.
const say = (state) => {
  for (const note of document.querySelectorAll(".saved")) note.dataset.state = state;
};
addEventListener("offline", () => say("offline"));
addEventListener("online", () => say("none"));
