// The row over the chart: which game, as a line or candles, how many earlier games behind it, pause.
import { button, make, write } from "./dom.js";

const CANDLE_WIDTHS = [1, 4, 8, 20]; // ticks
const GHOST_WORDS = { 0: "no earlier game", 1: "previous game" };

export class ChartControls {
  // `actions`: draw, pause, follow.
  constructor(store, actions) {
    this.store = store;
    this.candles = 0; // width in ticks; 0 is a line
    this.pausable = false;
    this.kind = make("select", "rl-kind");
    for (const [value, text] of [[0, "line"], ...CANDLE_WIDTHS.map((width) => [width, `${width}-tick candles`])])
      this.kind.append(Object.assign(make("option", "", text), { value: String(value) }));
    this.kind.title = "a candle: first, highest, lowest and last price of so many ticks; hollow: it rose, filled: it fell";
    this.kind.addEventListener("change", () => {
      this.candles = Number(this.kind.value);
      actions.draw();
    });
    this.ghosts = make("select", "rl-ghosts");
    this.ghosts.addEventListener("change", () => store.do("ghosts.show", { count: Number(this.ghosts.value) }));
    this.ghostBox = make("label", "rl-control", make("span", "rl-label", "behind"), this.ghosts);
    this.pause = button("rl-pause", "hold the picture while data go on (key P)", () => actions.pause(), "Pause");
    this.passed = make("span", "rl-passed");
    this.passed.setAttribute("role", "status");
    this.box = make("div", "rl-chart-controls", make("label", "rl-control", make("span", "rl-label", "as"), this.kind), this.ghostBox);
  }

  // Put in what only some views have.
  place(gallery, pausable) {
    if (gallery) this.box.prepend(gallery.box);
    this.pausable = pausable;
    if (pausable) this.box.append(make("span", "rl-hold", this.pause, this.passed));
  }

  show(picture) {
    const state = this.store.parts.ghosts;
    this.ghostBox.hidden = !state;
    if (state && state !== this.shown) this.showGhosts(state);
    if (!this.pausable) return;
    const held = picture?.held != null;
    this.pause.setAttribute("aria-pressed", String(held));
    write(this.pause, held ? "Go on" : "Pause");
    this.pause.dataset.is = held ? "held" : "going";
    write(this.passed, held ? heldWords(picture) : "");
  }

  showGhosts(state) {
    if (!this.ghosts.childElementCount)
      for (const count of state.choices)
        this.ghosts.append(Object.assign(make("option", "", GHOST_WORDS[count] ?? `${count} earlier games`), { value: String(count) }));
    this.shown = state;
    this.ghosts.value = String(state.count);
  }
}

function heldWords({ path, passed }) {
  const tick = path.price.length - 1;
  return `paused${tick >= 0 ? ` at tick ${tick}` : ""}; ${passed} ${passed === 1 ? "tick" : "ticks"} came since`;
}
