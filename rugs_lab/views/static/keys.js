// Keys of a focused cell. JupyterLab's own shortcuts stay away: the box carries data-lm-suppress-shortcuts.

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);

export function ownKeys(box, actions) {
  box.tabIndex = 0;
  box.dataset.lmSuppressShortcuts = "true";
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const target = event.composedPath()[0];
    if (TYPING.has(target?.tagName) || target?.isContentEditable) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) action();
  });
  // A click anywhere in the box, the chart included, gives it the keys.
  box.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().some((node) => node.matches?.("button, summary, a, input")))
      box.focus({ preventScroll: true });
  });
}
