// The waiting list by the keyboard: j and k (or the arrows) go from row to row, x ticks. Only while the focus is in it.

const list = document.querySelector("[data-keys]");
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

list?.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...list.querySelectorAll("[data-row]")];
  const here = rows.indexOf(document.activeElement.closest("[data-row]"));
  if (event.key in STEPS) {
    const next = rows[Math.min(Math.max(here + STEPS[event.key], 0), rows.length - 1)];
    next.querySelector("a").focus();
    event.preventDefault();
  } else if (event.key === "x" && here >= 0) {
    rows[here].querySelector('input[type="checkbox"]')?.click();
    event.preventDefault();
  }
});

// How many are ticked, said where something can be done with them.
const form = list?.closest("form");
const said = form?.querySelector("[data-ticked]");
const count = () => {
  said.textContent = said.dataset.ticked.replace("{n}", form.querySelectorAll('[name="case"]:checked').length);
};
if (said) {
  form.addEventListener("change", count);
  count();
}
