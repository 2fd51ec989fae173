// The list of a replay's games: sorted by the kernel, a page at a time; a click plays one.
/** @import { GameListRow, PartStates, SortKey } from "./page" */
import { button, make, Table, write } from "./dom.js";
import { count, NONE, number, shortId } from "./formats.js";
import { oneStop } from "./keys.js";
import { Part } from "./part_base.js";

const LIST_COLUMNS = { position: "no.", id: "game", ticks: "length (ticks)", peak: "peak (x)", status: "status" };
const HERE = "go to the page of the game being played";
const SORT_KEYS = /** @type {SortKey[]} */ (Object.keys(LIST_COLUMNS));

/** @extends {Part<"game_list">} */
export class GameList extends Part {
  lines = /** @type {HTMLTableRowElement[]} */ ([]);
  table = new Table(
    SORT_KEYS.map((key) => button("rl-sort", `sort by ${LIST_COLUMNS[key]}`, () => this.sort(key), LIST_COLUMNS[key])),
  );
  stops = [oneStop(this.table.head), oneStop(this.table.body)];
  title = make("span", "rl-label");
  before = button("rl-page", "previous page", () => this.store.do("game_list.turn", { pages: -1 }), "‹");
  after = button("rl-page", "next page", () => this.store.do("game_list.turn", { pages: 1 }), "›");
  here = button("rl-page rl-here", HERE, () => this.store.do("game_list.show", {}), "current");
  pages = make("span", "rl-row", this.here, this.before, this.after);
  box = make("fieldset", "rl-game-list", make("div", "rl-table-head", this.title, this.pages), this.table.box);

  /** @param {SortKey} by */
  sort(by) {
    const descending = by === this.state?.by ? !this.state.descending : by === "ticks" || by === "peak";
    this.store.do("game_list.sort", { by, descending });
  }

  show() {
    super.show();
    const position = this.store.parts.replay_controls?.position;
    this.lines.forEach((line, i) => {
      if (this.shown?.rows[i][0] === position) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    });
  }

  /** @param {PartStates["game_list"]} state */
  draw({ rows, offset, here, total, by, descending, size }) {
    write(this.title, `${count(total, "game")}${total > size ? `: ${offset + 1} to ${offset + rows.length}` : ""}`);
    this.before.hidden = this.after.hidden = total <= size;
    this.here.hidden = here === offset;
    this.before.disabled = offset === 0;
    this.after.disabled = offset + rows.length >= total;
    const order = descending ? "descending" : "ascending";
    for (const [i, head] of this.table.heads.entries()) head.setAttribute("aria-sort", SORT_KEYS[i] === by ? order : "none");
    this.lines = this.table.fill(rows.map((row) => this.cells(row)));
  }

  /** @param {GameListRow} row */
  cells([position, id, ticks, peak, status]) {
    const play = () => this.store.do("replay_controls.select", { position });
    const pick = button("rl-id rl-pick", `play game ${id}`, play, shortId(id));
    return [number(position + 1), pick, number(ticks), number(peak, 2), status ?? NONE];
  }
}
