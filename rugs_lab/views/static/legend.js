// What the lines and marks of the chart mean; only what can be there.
import { make, write } from "./dom.js";

const ALWAYS = [
  ["rl-key-path", "this game"],
  ["rl-key-ghost", "previous game"],
  ["rl-key-backfilled", "back-filled tick"],
  ["rl-key-rug", "rug"],
];
const BY_HAND = [
  ["rl-key-buy", "your buy"],
  ["rl-key-sell", "your sell"],
  ["rl-key-settled", "settled at the rug"],
  ["rl-key-average", "average cost"],
  ["rl-key-bet", "side bet window"],
];
const BY_OTHERS = [["rl-key-crowd", "other people's: △ buy, ▽ sell, ◇ short"]];
const BY_STRATEGY = [["rl-key-strategy", "the strategy's: △ buy, ▽ sell, □ settled, ◇ side bet"]];

export class Legend {
  constructor(store) {
    this.store = store;
    this.box = make("div", "rl-legend");
    this.keys = {};
    for (const [name, text] of [...ALWAYS, ...BY_HAND, ...BY_OTHERS, ...BY_STRATEGY]) this.box.append((this.keys[name] = make("span", name, text)));
  }

  show() {
    const { trade, strategy, ghosts, other_trades: crowd } = this.store.parts;
    for (const [name] of BY_HAND) this.keys[name].hidden = !trade?.open || trade.lines === 0;
    for (const [name] of BY_OTHERS) this.keys[name].hidden = !crowd?.ticks.length;
    for (const [name] of BY_STRATEGY) this.keys[name].hidden = (strategy?.state ?? "none") === "none";
    const count = ghosts?.count ?? 1;
    this.keys["rl-key-ghost"].hidden = count === 0;
    write(this.keys["rl-key-ghost"], count > 1 ? `${count} earlier games, the older the fainter` : "previous game");
  }
}
