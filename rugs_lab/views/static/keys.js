// Keys of a focused cell. JupyterLab's own shortcuts stay away: the box carries data-lm-suppress-shortcuts.

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const PRESSED_BY = new Set([" ", "enter"]);

// `actions()`: key -> function, or [function] for one that a held key repeats.
export function ownKeys(box, actions) {
  box.tabIndex = 0;
  box.dataset.lmSuppressShortcuts = "true";
  box.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && key !== "+")) return;
    const target = event.composedPath()[0];
    if ((TYPING.has(target?.tagName) && target.type !== "range") || target?.isContentEditable) return;
    if (PRESSED_BY.has(key) && target?.matches?.("button, summary")) return;
    const action = actions()[key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (Array.isArray(action)) action[0]();
    else if (!event.repeat) action();
  });
  // A button pressed with the mouse gives the keys back, so that the space bar does not press it again.
  box.addEventListener("click", (event) => {
    const pressed = event.composedPath().some((node) => node.matches?.("button"));
    if (event.detail > 0 && pressed) box.focus({ preventScroll: true });
  });
  // A click anywhere in the box, the chart included, gives it the keys.
  box.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().some((node) => node.matches?.("button, summary, a, input, select, label")))
      box.focus({ preventScroll: true });
  });
}
