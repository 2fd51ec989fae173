// The row over the chart: which game, as a line or candles, how many earlier games behind it, pause.
/** @import { FeedStore, PanelActions, PartStates, ShownGame } from "./page" */
import { button, input, labelled, make, option, select, status, write } from "./dom.js";
import { count } from "./formats.js";
import { Part } from "./part_base.js";

const CANDLE_WIDTHS = [1, 4, 8, 20]; // ticks
const GHOST_WORDS = ["no earlier games", "previous game"];

/** @extends {Part<"ghosts">} */
export class ChartControls extends Part {
  candles = 0; // width in ticks; 0 is a line
  pausable = false;

  /** @param {FeedStore} store @param {PanelActions} actions */
  constructor(store, actions) {
    super(store, "ghosts");
    const widths = CANDLE_WIDTHS.map((width) => option(width, `${width}-tick candles`));
    this.kind = select("rl-kind", () => this.choose(actions.draw), "", [option(0, "line"), ...widths]);
    this.kind.title = "candle: open, high, low and close of that many ticks; hollow = up, filled = down";
    this.colours = input("rl-colours", { type: "checkbox" });
    this.colours.addEventListener("change", actions.draw);
    this.coloured = Object.assign(make("label", "rl-mode", this.colours, "up and down in two colours"), { hidden: true });
    this.ghosts = select("rl-ghosts", () => store.do("ghosts.show", { count: Number(this.ghosts.value) }));
    this.ghostBox = labelled("background", this.ghosts);
    this.pause = button("rl-pause", "Freeze the chart; the feed keeps running (P)", actions.pause, "Pause");
    this.passed = status("rl-passed", "span");
    this.box = make("div", "rl-row", labelled("style", this.kind), this.coloured, this.ghostBox);
  }

  /** @param {() => void} draw */
  choose(draw) {
    this.candles = Number(this.kind.value);
    this.coloured.hidden = !this.candles;
    draw();
  }

  // Add what only some views have.
  /** @param {{ box: HTMLElement } | undefined} games @param {boolean} pausable */
  place(games, pausable) {
    if (games) this.box.prepend(games.box);
    this.ghostBox.hidden = !this.store.setup?.parts.includes("ghosts");
    this.pausable = pausable;
    if (pausable) this.box.append(make("span", "rl-row", this.pause, this.passed));
  }

  /** @param {ShownGame} shownGame */
  showPause(shownGame) {
    if (!this.pausable) return;
    const held = shownGame.held !== null;
    this.pause.setAttribute("aria-pressed", String(held));
    write(this.pause, held ? "Resume" : "Pause");
    this.pause.dataset.is = held ? "held" : "going";
    write(this.passed, held ? pausedText(shownGame) : "");
  }

  /** @param {PartStates["ghosts"]} state */
  draw({ count: shown, choices }) {
    if (!this.ghosts.childElementCount)
      this.ghosts.append(...choices.map((n) => option(n, GHOST_WORDS[n] ?? `${n} earlier games`)));
    this.ghosts.value = String(shown);
  }
}

/** @param {ShownGame} shownGame */
function pausedText({ now, passed }) {
  const tick = now.path.price.length - 1;
  return `paused${tick >= 0 ? ` at tick ${tick}` : ""}; ${count(passed, "new tick")}`;
}
