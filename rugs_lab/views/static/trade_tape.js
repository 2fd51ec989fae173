// The tape of broadcast trades: at their tick, with their delay. Names are set as text.
/** @import { PartStates, TapeRow } from "./page" */
import { idCell, make, playerCell, Table, write } from "./dom.js";
import { number } from "./formats.js";
import { FoldingPart } from "./part_base.js";

const TAPE_COLUMNS = ["game", "tick", "type", "amount (SOL)", "price (x)", "player", "late (ticks)"];
const TAPE_NOTE = "Only 5 to 13 % of all trades are broadcast, 0 to 8 ticks late; each is listed at its own tick.";
const TRADE_WORDS = /** @type {Record<string, string>} */ ({
  buy: "▲ buy",
  sell: "▼ sell",
  short_open: "◇ short",
  short_close: "◇ cover",
});

/** @extends {FoldingPart<"trade_tape">} */
export class TradeTape extends FoldingPart {
  table = new Table(TAPE_COLUMNS, "none received yet");
  box = this.folded("rl-trade-tape", "trade tape", this.table.box, make("div", "rl-label", TAPE_NOTE));

  /** @param {PartStates["trade_tape"]} state */
  drawBrief({ trades, practice }) {
    const some = `${number(trades)} received, ${practice ? number(practice) : "none"} of them practice`;
    write(this.brief, trades ? some : "none received yet");
  }

  /** @param {PartStates["trade_tape"]} state */
  drawInside({ rows }) {
    this.table.fill(rows.map(tapeCells));
  }
}

/** @param {TapeRow} row */
function tapeCells([game, tick, kind, amount, price, name, practice, late]) {
  const what = TRADE_WORDS[kind] ?? kind;
  return [idCell(game), number(tick), what, number(amount, 4), number(price, 4), playerCell(name, practice), number(late)];
}
