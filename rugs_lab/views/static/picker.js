// The list of a replay's games: sorted by the kernel, a page of them at a time; a click plays one.
import { NONE, button, make, number, write } from "./dom.js";

const PICK_COLUMNS = [
  ["position", "nr"],
  ["id", "game"],
  ["ticks", "length (ticks)"],
  ["peak", "peak (x)"],
  ["status", "status"],
];

export class PickerPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.heads = new Map();
    const head = make("tr", "");
    for (const [key, label] of PICK_COLUMNS) {
      const sort = button("rl-sort", `sort by ${label}`, () => this.sort(key), label);
      const cell = Object.assign(make("th", "", sort), { scope: "col" });
      this.heads.set(key, cell);
      head.append(cell);
    }
    this.rows = make("tbody");
    this.title = make("span", "rl-title");
    this.before = button("rl-page", "the games before these", () => this.turn(-1), "‹");
    this.after = button("rl-page", "the games after these", () => this.turn(1), "›");
    this.here = button("rl-page rl-here", "the page with the game that is played", () => this.store.do("game_list.show"), "show");
    const table = make("table", "", make("thead", "", head), this.rows);
    this.box = make(
      "div",
      "rl-picker rl-table",
      make("div", "rl-picker-head", this.title, make("span", "rl-pages", this.here, this.before, this.after)),
      make("div", "rl-scroll", table),
    );
  }

  get state() {
    return this.store.parts.game_list;
  }

  sort(by) {
    const { by: before, descending } = this.state;
    this.store.do("game_list.sort", { by, descending: by === before ? !descending : by === "ticks" || by === "peak" });
  }

  turn(pages) {
    this.store.do("game_list.turn", { pages });
  }

  show() {
    const { state } = this;
    const position = this.store.parts.replay_controls?.position;
    if (!state || (state === this.shown && position === this.shownPosition)) return;
    this.shown = state;
    this.shownPosition = position;
    const { rows, offset, here, total, by, descending, size } = state;
    write(this.title, `${number(total, 0)} ${total === 1 ? "game" : "games"}${total > size ? `: ${offset + 1} to ${offset + rows.length}` : ""}`);
    this.before.hidden = this.after.hidden = total <= size;
    this.here.hidden = here === offset;
    this.before.disabled = offset === 0;
    this.after.disabled = offset + rows.length >= total;
    for (const [key, cell] of this.heads)
      cell.setAttribute("aria-sort", key === by ? (descending ? "descending" : "ascending") : "none");
    this.rows.replaceChildren(...rows.map((row) => this.row(row, position)));
  }

  row([place, id, ticks, peak, status], position) {
    const pick = button("rl-pick", `play game ${id}`, () => this.store.do("replay_controls.select", { position: place }), `…${id.slice(-6)}`);
    const cells = [number(place + 1, 0), pick, ticks === null ? NONE : number(ticks, 0), peak === null ? NONE : number(peak, 2), status ?? NONE];
    const line = make("tr", "", ...cells.map((each) => make("td", "", each)));
    if (place === position) line.setAttribute("aria-current", "true");
    return line;
  }
}
