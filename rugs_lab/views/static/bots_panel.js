// The bots on this feed beside the players: a line each, a figure of the newest games, and their newest orders.
/** @import { Bot, BotsGame, Child, FeedStore, PartStates } from "./page" */
import { idCell, make, svg, Table, write } from "./dom.js";
import { count, multiple, NONE, number, signedShort, sol } from "./formats.js";
import { FoldingPart } from "./part_base.js";

const BOT_HEAD = [
  "bot",
  "state",
  "equity (SOL)",
  "realised (SOL)",
  "games",
  "profit per game (SOL), 95 %",
  "random, equal risk (SOL)",
  "no trades (SOL)",
];
const BOT_DUEL_HEAD = ["game", "rug (tick)", "players", "best (SOL)", "median (SOL)"];
const BOT_STEP_HEAD = ["game", "tick", "price (x)", "decision", "result"];
const BOT_SHAPES = [
  "M0 -6 L6 0 L0 6 L-6 0 Z",
  "M-5 -5 H5 V5 H-5 Z",
  "M0 -6 L6 5 H-6 Z",
  "M0 6 L6 -5 H-6 Z",
  "M-6 -2 H-2 V-6 H2 V-2 H6 V2 H2 V6 H-2 V2 H-6 Z",
  "M0 -6 A6 6 0 1 0 0 6 A6 6 0 1 0 0 -6 Z",
];
const BOT_COLOURS = ["price", "rug", "buy", "sell", "bet", "backfilled"];
const BOT_SMALLEST = 0.001; // SOL: below it the scale is linear
const BOT_FIGURE = { height: 190, left: 58, right: 12, top: 10, bottom: 26, most: 20 };
const BOT_LINES = {
  grid: "stroke: var(--rl-line)",
  zero: "stroke: var(--rl-text); stroke-width: 1.2",
  random: "stroke: var(--rl-muted); stroke-width: 2",
  player: "stroke: var(--rl-ghost); stroke-width: 1.4; fill: none",
  bot: "stroke: var(--rl-ground); stroke-width: 0.8",
};
const BOT_STEPS = 9; // lines of the table of orders

/** @extends {FoldingPart<"bots">} */
export class BotsPanel extends FoldingPart {
  width = 0;
  bots = new Table(BOT_HEAD, "", "rl-bots-wide rl-bots-table");
  steps = new Table(BOT_STEP_HEAD, "no orders yet");
  note = make("div", "rl-label");
  figure = make("div", "rl-bots-figure");
  key = make("div", "rl-row");
  games = make("div", "rl-bots-games");
  profits = make("div", "", make("div", "rl-label", "profit in each game (SOL)"), this.key, this.figure, this.note);
  trace = make("div", "rl-bots-wide rl-bots-orders", make("div", "rl-label", "newest orders"), this.steps.box);
  box = this.folded("rl-bots", "bots", make("div", "rl-halves", this.bots.box, this.profits, this.games, this.trace));

  /** @param {FeedStore} store @param {"bots"} name */
  constructor(store, name) {
    super(store, name);
    this.box.open = true;
    this.box.hidden = true;
    const fit = () => this.width !== this.figure.clientWidth && this.shown && this.drawFigure(this.shown);
    new ResizeObserver(fit).observe(this.figure);
  }

  /** @param {PartStates["bots"]} state */
  drawBrief({ bots, more }) {
    // A strategy picked in the widget shows its figures there: this table stays folded until it is opened.
    if (this.box.hidden && bots.length) this.box.open = (this.store.parts.strategy?.state ?? "none") === "none";
    this.box.hidden = !bots.length;
    write(this.title, `${count(bots.length + more, "bot")} on paper money`);
    write(this.brief, bots.map(({ name, realised }) => `${name} ${sol(realised, "+")} SOL`).join(", "));
  }

  /** @param {PartStates["bots"]} state */
  drawInside(state) {
    const { bots, games } = state;
    if (!bots.length) return;
    this.bots.fill(bots.map(botCells));
    this.drawDuels(bots, games);
    this.drawSteps(bots);
    this.drawFigure(state);
  }

  /** @param {Bot[]} bots @param {BotsGame[]} games */
  drawDuels(bots, games) {
    const theirs = bots.flatMap(({ name }) => [`${name} (SOL)`, "rank"]);
    const table = new Table([...BOT_DUEL_HEAD, ...theirs], "no finished games yet");
    table.fill(games.map(duelCells));
    this.games.replaceChildren(make("div", "rl-label", "bots and players"), table.box);
    const boards = games.filter(({ people }) => people.length).length;
    const whose = `the ten best of each game on its last leaderboard (${boards} of ${games.length} games), practice players excluded`;
    write(this.note, `Players: ${whose}. Random: mean of 10 random strategies of equal risk.`);
  }

  /** @param {Bot[]} bots */
  drawSteps(bots) {
    const each = Math.ceil(BOT_STEPS / bots.length);
    const rows = bots.flatMap(({ steps }, place) =>
      steps.slice(0, each).map(([game, tick, price, order, result]) => {
        const seen = multiple(price, 5, "");
        return [idCell(game, botGlyph(place), " "), tick < 0 ? "presale" : number(tick), seen, order, result];
      }),
    );
    this.steps.fill(rows);
  }

  // One column per game, the newest on the right; a scale that is linear up to 0.001 SOL and logarithmic beyond.
  /** @param {PartStates["bots"]} state */
  drawFigure(state) {
    this.width = this.figure.clientWidth;
    if (!state.bots.length || !this.width) return;
    const { height, left, right, top, bottom, most } = BOT_FIGURE;
    const room = Math.max(4, Math.min(most, Math.floor((this.width - left - right) / 24)));
    const games = state.games.slice(0, room).reverse();
    const made = games.flatMap(({ bots }) => bots.flatMap((each) => (each ? [each[0], each[3] ?? 0] : [])));
    const values = [...games.flatMap(({ people }) => people), ...made];
    const reach = Math.max(botScale(0.01), ...values.map((value) => Math.abs(botScale(value)))) * 1.06;
    const y = (/** @type {number} */ value) => top + ((reach - botScale(value)) / (2 * reach)) * (height - top - bottom);
    const step = (this.width - left - right) / Math.max(games.length, 8);
    const spoken = { role: "img", "aria-label": "profit of players and bots in recent games, SOL" };
    const figure = svg("svg", { viewBox: `0 0 ${this.width} ${height}`, height, width: this.width, ...spoken });
    for (const size of [0, 0.001, 0.01, 0.1, 1, 10]) {
      const crowded = size && y(0) - y(size) < 13;
      if (crowded || botScale(size) > reach) continue;
      for (const value of size ? [size, -size] : [0])
        figure.append(
          botLine(left, this.width - right, y(value), value ? BOT_LINES.grid : BOT_LINES.zero),
          botText(left - 6, y(value) + 4, signedShort(value), "end"),
        );
    }
    games.forEach(({ game, rug, people, bots }, place) => {
      const x = left + (place + 0.5) * step;
      const column = svg("g", {}, svg("title", {}, `game ${game}, rug at tick ${rug ?? "?"}`));
      column.append(...people.map((value) => botPlayer(x, y(value))));
      bots.forEach((each, bot) => {
        if (!each) return;
        const aside = x + (bots.length > 1 ? (bot - (bots.length - 1) / 2) * Math.min(7, step / bots.length) : 0);
        if (each[3] !== null) column.append(botLine(aside - 6, aside + 6, y(each[3]), BOT_LINES.random));
        const title = svg("title", {}, `${state.bots[bot].name}: ${sol(each[0], "+")} SOL`);
        column.append(botShape(bot, { transform: `translate(${aside} ${y(each[0])})` }, title));
      });
      if (games.length <= 8 || place % Math.ceil(games.length / 8) === 0)
        column.append(botText(x, height - 8, game.slice(-4), "middle"));
      figure.append(column);
    });
    this.figure.replaceChildren(figure);
    const marks = [
      ...state.bots.map(({ name }, bot) => make("span", "", botGlyph(bot), ` ${name}`)),
      make("span", "", botIcon(botPlayer(0, 0)), " a player"),
      make("span", "", botIcon(botLine(-6, 6, 0, BOT_LINES.random)), " random, equal risk"),
      make("span", "", botIcon(botLine(-7, 7, 0, BOT_LINES.zero)), " no trades"),
    ];
    this.key.replaceChildren(...marks);
  }
}

/** @param {Bot} bot @param {number} place @returns {Child[]} */
function botCells(bot, place) {
  const { mean, low, high } = bot;
  const interval = low === null ? `(n = ${bot.games})` : `[${signedShort(low)}, ${signedShort(high)}]`;
  const holds = [bot.units && "position", bot.bet && "side bet"].filter(Boolean).join(", ") || "no position";
  const name = Object.assign(make("td", "rl-id", botGlyph(place), ` ${bot.name}`), { title: bot.parameters });
  const words = ["paused", "stopped"].includes(bot.state) ? bot.state : holds;
  const state = Object.assign(make("td", "rl-id", words), { title: bot.error });
  const each = mean === null ? NONE : `${signedShort(mean)} ${interval}`;
  return [name, state, sol(bot.equity), sol(bot.realised, "+"), number(bot.games), each, signedShort(bot.random), "0"];
}

/** @param {BotsGame} game @returns {Child[]} */
function duelCells({ game, rug, people, bots }) {
  const [best, middle] = [people[0], botMiddle(people)].map(signedShort);
  const humans = [people.length ? number(people.length) : NONE, best, middle];
  const made = bots.flatMap((each) => {
    if (!each) return [NONE, NONE];
    const [profit, rank, atLeast] = each;
    return [signedShort(profit), rank === null ? NONE : `${atLeast ? "≥ " : ""}${rank}`];
  });
  return [idCell(game), number(rug), ...humans, ...made];
}

/** @param {number} bot @param {Record<string, string>} attributes @param {...Child} children */
function botShape(bot, attributes, ...children) {
  const style = `${BOT_LINES.bot}; fill: var(--rl-${BOT_COLOURS[bot]})`;
  return svg("path", { d: BOT_SHAPES[bot], style, ...attributes }, ...children);
}

/** @param {number} bot */
function botGlyph(bot) {
  return botIcon(botShape(bot, {}));
}

/** @param {Node} child */
function botIcon(child) {
  return svg("svg", { viewBox: "-8 -8 16 16", width: 14, height: 14, class: "rl-bots-icon", "aria-hidden": "true" }, child);
}

/** @param {number} cx @param {number} cy */
function botPlayer(cx, cy) {
  return svg("circle", { cx, cy, r: 3, class: "rl-bots-player", style: BOT_LINES.player });
}

/** @param {number} x1 @param {number} x2 @param {number} y @param {string} style */
function botLine(x1, x2, y, style) {
  return svg("line", { x1, x2, y1: y, y2: y, style });
}

/** @param {number} x @param {number} y @param {string} words @param {string} anchor */
function botText(x, y, words, anchor) {
  return svg("text", { x, y, "text-anchor": anchor, class: "rl-bots-text" }, words);
}

/** @param {number} value */
function botScale(value) {
  return Math.sign(value) * Math.log10(1 + Math.abs(value) / BOT_SMALLEST);
}

/** @param {number[]} sorted */
function botMiddle(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
