// The meaning of lines and marks in the chart; only those that can occur.
/** @import { FeedStore } from "./page" */
import { make, write } from "./dom.js";

const ALWAYS = { path: "this game", ghost: "previous game", backfilled: "back-filled tick", rug: "rug" };
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
  always = legendKeys(ALWAYS);
  byHand = legendKeys(BY_HAND);
  byOthers = legendKeys(BY_OTHERS);
  byStrategy = legendKeys(BY_STRATEGY);
  box = make("div", "rl-label rl-legend", ...this.always, ...this.byHand, ...this.byOthers, ...this.byStrategy);

  /** @param {FeedStore} store */
  constructor(store) {
    this.store = store;
  }

  show() {
    const { trade, strategy, ghosts, other_trades: others } = this.store.parts;
    for (const key of this.byHand) key.hidden = !trade?.open || trade.lines === 0;
    for (const key of this.byOthers) key.hidden = !others?.ticks.length;
    for (const key of this.byStrategy) key.hidden = (strategy?.state ?? "none") === "none";
    const count = ghosts?.count ?? 1;
    const ghost = this.always[1];
    ghost.hidden = count === 0;
    write(ghost.children[1], count > 1 ? ` ${count} earlier games (older = fainter)` : " previous game");
  }
}
