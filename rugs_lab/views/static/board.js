// The leaderboard: the ten players with the highest profit. Names are set as text, whatever they hold.
import { NONE, make, number, signedNumber, write } from "./dom.js";

const BOARD_COLUMNS = ["", "player", "profit (SOL)", "profit (%)", "units", "average cost (x)", "open"];

export class BoardPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.brief = make("span", "rl-brief");
    this.rows = make("tbody");
    const head = make("tr", "", ...BOARD_COLUMNS.map((name) => Object.assign(make("th", "", name), { scope: "col" })));
    const table = make("table", "", make("thead", "", head), this.rows);
    this.note = make("div", "rl-note", "Profits are the server's and lag one tick behind the price. Play money is marked practice; it counts in no statistic.");
    const title = make("span", "rl-part-title", "leaderboard");
    this.box = make("details", "rl-board rl-part", make("summary", "", title, this.brief), make("div", "rl-scroll rl-table", table), this.note);
    this.box.addEventListener("toggle", () => this.fill());
  }

  show() {
    const state = this.store.parts.leaderboard;
    if (!state || state === this.shown) return;
    this.shown = state;
    const real = state.rows.filter((row) => !row[7]);
    const [best] = real;
    const practice = state.rows.length - real.length;
    const players = `${real.length} ${real.length === 1 ? "player" : "players"}${practice ? `, ${practice} practising` : ""}`;
    write(this.brief, best ? `${players}; best ${profit(best[2])} SOL` : state.rows.length ? players : "nobody yet");
    this.fill();
  }

  fill() {
    if (!this.box.open || !this.shown) return;
    const rows = this.shown.rows.map(([place, name, gain, percent, units, average, bet, practice]) => {
      const who = make("td", "rl-who", name ?? "(no name)");
      who.title = name ?? "";
      if (practice) who.append(make("span", "rl-practice", "practice"));
      const cells = [
        number(place, 0),
        who,
        profit(gain),
        percent === null ? NONE : signedNumber(percent, 1),
        units ? number(units, 4) : NONE,
        average === null ? NONE : number(average, 3),
        [units ? "position" : "", bet ? "side bet" : ""].filter(Boolean).join(", ") || NONE,
      ];
      return make("tr", practice ? "rl-is-practice" : "", ...cells.map((each) => (each === who ? who : make("td", "", each))));
    });
    if (!rows.length) rows.push(make("tr", "", Object.assign(make("td", "rl-none", "nobody yet"), { colSpan: BOARD_COLUMNS.length })));
    this.rows.replaceChildren(...rows);
  }
}

function profit(value) {
  return value === null ? NONE : signedNumber(value, 4);
}
