// The meaning of lines and marks in the chart; only those that can occur.
/** @import { FeedStore } from "./page" */
import { make } from "./dom.js";

const BY_HAND = {
  buy: "your buy",
  sell: "your sell",
  settled: "settled at the rug",
  average: "average cost",
  bet: "side bet window",
};
const BY_OTHERS = { others: "other players: △ buy, ▽ sell, ◇ short" };
const BY_STRATEGY = { strategy: "strategy: △ buy, ▽ sell, □ settled, ◇ side bet" };

const GLYPHS = /** @type {Record<string, [glyph: string, colour: string]>} */ ({
  path: ["━━", "price"],
  ghost: ["┄┄", "ghost"],
  backfilled: ["○", "backfilled"],
  rug: ["✕", "rug"],
  buy: ["▲", "buy"],
  sell: ["▼", "sell"],
  settled: ["■", "rug"],
  average: ["┄┄", "buy"],
  bet: ["▒", "bet"],
  ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`other${i}`, ["━━", `other${i}`]])), // lines of the reader's own
});

/** @param {Record<string, string>} keys */
export function legendKeys(keys) {
  return Object.entries(keys).map(([name, text]) => {
    const [glyph, colour] = GLYPHS[name] ?? ["", "text"];
    const shown = Object.assign(make("b", "", glyph), { ariaHidden: "true" });
    shown.style.cssText = `color: var(--rl-${colour}); forced-color-adjust: none`;
    return make("span", `rl-key-${name}`, shown, make("span", "", glyph && " ", text));
  });
}

export class Legend {
  box = make("div", "rl-label rl-legend");
  words = "";

  /** @param {FeedStore} store */
  constructor(store) {
    this.store = store;
  }

  show() {
    const { trade, strategy, ghosts, other_trades: others, own_lines: own } = this.store.parts;
    const count = ghosts?.count ?? 1;
    const lines = (own?.lines ?? []).map(([name, , trouble], i) => [`other${i}`, trouble ? `${name} (${trouble})` : name]);
    const keys = {
      path: "this game",
      ...(count > 0 && { ghost: count > 1 ? `${count} earlier games (older = fainter)` : "previous game" }),
      backfilled: "back-filled tick",
      rug: "rug",
      ...(trade?.open && trade.lines > 0 && BY_HAND),
      ...(others?.ticks.length && BY_OTHERS),
      ...((strategy?.state ?? "none") !== "none" && BY_STRATEGY),
      ...Object.fromEntries(lines),
    };
    if (this.words === JSON.stringify(keys)) return;
    this.words = JSON.stringify(keys);
    this.box.replaceChildren(...legendKeys(keys));
  }
}
