// The tape of broadcast trades: at their tick, with how late they came. Names are set as text.
import { NONE, make, number, write } from "./dom.js";

const TAPE_COLUMNS = ["game", "tick", "what", "amount (SOL)", "price (x)", "player", "late (ticks)"];
const TRADE_WORDS = { buy: "▲ buy", sell: "▼ sell", short_open: "◇ short", short_close: "◇ cover" };

export class BroadcastPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.brief = make("span", "rl-brief");
    this.rows = make("tbody");
    const head = make("tr", "", ...TAPE_COLUMNS.map((name) => Object.assign(make("th", "", name), { scope: "col" })));
    const table = make("table", "", make("thead", "", head), this.rows);
    this.note = make("div", "rl-note", "Only 5 to 13 % of all trades are broadcast, 0 to 8 ticks late; each stands at its own tick.");
    const title = make("span", "rl-part-title", "trades tape");
    this.box = make("details", "rl-broadcast rl-part", make("summary", "", title, this.brief), make("div", "rl-scroll rl-table", table), this.note);
    this.box.addEventListener("toggle", () => this.fill());
  }

  show() {
    const state = this.store.parts.trade_tape;
    if (!state || state === this.shown) return;
    this.shown = state;
    const { trades, practice } = state;
    const words = `${number(trades, 0)} heard, ${practice ? `${number(practice, 0)} of them practice` : "none of them practice"}`;
    write(this.brief, trades ? words : "none heard yet");
    this.fill();
  }

  fill() {
    if (!this.box.open || !this.shown) return;
    const rows = this.shown.rows.map(([game, tick, kind, amount, price, name, practice, late]) => {
      const id = make("td", "rl-id", `…${game.slice(-6)}`);
      id.title = game;
      const who = make("td", "rl-who", name ?? "(no name)");
      who.title = name ?? "";
      if (practice) who.append(make("span", "rl-practice", "practice"));
      const words = [number(tick, 0), TRADE_WORDS[kind] ?? kind, number(amount, 4), number(price, 4)];
      const cells = words.map((text) => make("td", "", text));
      return make("tr", practice ? "rl-is-practice" : "", id, ...cells, who, make("td", "", late === null ? NONE : `${late}`));
    });
    if (!rows.length) rows.push(make("tr", "", Object.assign(make("td", "rl-none", "none heard yet"), { colSpan: TAPE_COLUMNS.length })));
    this.rows.replaceChildren(...rows);
  }
}
