// The leaderboard: the ten players with the highest profit. Names are set as text, whatever they hold.
/** @import { LeaderboardRow, PartStates } from "./page" */
import { make, playerCell, Table, write } from "./dom.js";
import { count, NONE, number } from "./formats.js";
import { FoldingPart } from "./part_base.js";

const BOARD_COLUMNS = ["no.", "player", "profit (SOL)", "profit (%)", "units", "average cost (x)", "open"];
const BOARD_NOTE =
  "Profits come from the server and lag one tick. Play-money players are marked practice and excluded from all statistics.";

/** @extends {FoldingPart<"leaderboard">} */
export class Leaderboard extends FoldingPart {
  table = new Table(BOARD_COLUMNS, "no players yet");
  box = this.folded("rl-leaderboard", "leaderboard", this.table.box, make("div", "rl-label", BOARD_NOTE));

  /** @param {PartStates["leaderboard"]} state */
  drawBrief({ rows }) {
    const real = rows.filter((row) => row[7] === false);
    const practice = rows.filter((row) => row[7]).length;
    const players = `${count(real.length, "player")}${practice ? `, ${practice} practice` : ""}`;
    const best = real.length ? `; best ${number(real[0][2], 4, "", "+")} SOL` : "";
    write(this.brief, rows.length ? `${players}${best}` : "no players yet");
  }

  /** @param {PartStates["leaderboard"]} state */
  drawInside({ rows }) {
    this.table.fill(rows.map(boardCells));
  }
}

/** @param {LeaderboardRow} row */
function boardCells([place, name, profit, percent, units, average, bet, practice]) {
  const profits = [number(profit, 4, "", "+"), number(percent, 1, "", "+")];
  const open = [units ? "position" : "", bet ? "side bet" : ""].filter(Boolean).join(", ") || NONE;
  const held = units ? number(units, 4) : NONE;
  return [number(place), playerCell(name, practice), ...profits, held, number(average, 3), open];
}
