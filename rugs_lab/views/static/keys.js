// Keys of a focused widget. JupyterLab's own shortcuts stay away: the box carries data-lm-suppress-shortcuts.
/** @import { Keys } from "./page" */
import { button, make, write } from "./dom.js";

const TYPING = "input:not([type=range]), textarea, select";
const STEP_KEYS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 });
const KEY_NAMES = /** @type {Record<string, string>} */ ({ " ": "space", arrowleft: "←", arrowright: "→" });

// Returns a button and the list of the keys that it shows.
/** @param {HTMLElement} box @param {() => Keys} keys */
export function ownKeys(box, keys) {
  const list = Object.assign(make("div", "rl-message rl-keys"), { hidden: true });
  /** @returns {Keys} */
  const all = () => ({ ...keys(), "?": ["show or hide this list", toggle] });
  const toggle = () => {
    list.hidden = !list.hidden;
    const lines = Object.entries(all()).map(([key, [words]]) => `${KEY_NAMES[key] ?? key.toUpperCase()}\u2003${words}`);
    write(list, lines.join("\n"));
  };
  box.tabIndex = 0;
  box.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && key !== "+" && key !== "?")) return;
    const target = event.composedPath()[0];
    if (!(target instanceof HTMLElement) || target.matches(TYPING) || target.isContentEditable) return;
    if ((key === " " || key === "enter") && target.matches("button, summary")) return;
    const [, action, held] = all()[key] ?? [];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (held || !event.repeat) action();
  });
  // A button pressed with the mouse gives the keys back, so that the space bar does not press it again.
  box.addEventListener("click", (event) => {
    if (event.detail > 0 && within(event, "button")) box.focus({ preventScroll: true });
  });
  // A click anywhere in the box, the chart included, gives it the keys.
  box.addEventListener("pointerdown", (event) => {
    if (!within(event, "button, summary, a, input, select, label")) box.focus({ preventScroll: true });
  });
  return { list, help: button("rl-page", "keys (?)", toggle, "?") };
}

// Many buttons, one tab stop: the arrow keys move among them.
/** @template {HTMLElement} E @param {E} box */
export function oneStop(box) {
  let at = 0; // place of the button that has or had the focus
  const buttons = () => [...box.querySelectorAll("button")];
  const settle = () => {
    const all = buttons();
    for (const [i, each] of all.entries()) each.tabIndex = i === Math.min(at, all.length - 1) ? 0 : -1;
  };
  box.addEventListener("focusin", ({ target }) => {
    at = buttons().indexOf(/** @type {HTMLButtonElement} */ (target));
    settle();
  });
  box.addEventListener("keydown", (event) => {
    const by = STEP_KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    buttons()[at + by]?.focus();
  });
  new MutationObserver(settle).observe(box, { childList: true, subtree: true });
  settle();
  return box;
}

/** @param {Event} event @param {string} selector */
function within(event, selector) {
  return event.composedPath().some((node) => node instanceof Element && node.matches(selector));
}
