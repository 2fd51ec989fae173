// The bots on this feed beside the people who play: a line each, a figure of the newest games, and their trace.
import { NONE, make, number, signedShort, signedSol, sol, write } from "./dom.js";

const BOT_HEAD = ["bot", "state", "equity (SOL)", "realised (SOL)", "games", "profit per game (SOL), 95 %", "random, as active (SOL)", "nothing (SOL)"];
const BOT_DUEL_HEAD = ["game", "rug (tick)", "people", "best (SOL)", "median (SOL)"];
const BOT_STEP_HEAD = ["game", "tick", "saw (x)", "gave", "done"];
const BOT_SHAPES = ["M0 -6 L6 0 L0 6 L-6 0 Z", "M-5 -5 H5 V5 H-5 Z", "M0 -6 L6 5 H-6 Z", "M0 6 L6 -5 H-6 Z", "M-6 -2 H-2 V-6 H2 V-2 H6 V2 H2 V6 H-2 V2 H-6 Z", "M0 -6 A6 6 0 1 0 0 6 A6 6 0 1 0 0 -6 Z"];
const BOT_SMALLEST = 0.001; // SOL: below it the scale is linear
const BOT_FIGURE = { height: 190, left: 58, right: 12, top: 10, bottom: 26, most: 20 };
const BOT_SVG = "http://www.w3.org/2000/svg";

export class BotsPanel {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.width = 0;
    this.title = make("span", "rl-bots-title", "bots");
    this.money = make("span", "rl-bots-money", "");
    this.bots = botTable(BOT_HEAD);
    this.note = make("div", "rl-label rl-bots-note");
    this.figure = make("div", "rl-bots-figure");
    this.key = make("div", "rl-bots-key");
    this.duels = make("div", "");
    this.steps = botTable(BOT_STEP_HEAD);
    const left = make("div", "rl-bots-left", make("div", "rl-title", "profit in each game (SOL)"), this.key, this.figure, this.note);
    const trace = make("div", "rl-table rl-bots-trace", make("div", "rl-title", "newest orders"), make("div", "rl-scroll", this.steps.table));
    const games = make("div", "rl-table rl-bots-games", make("div", "rl-title", "bots against people"), make("div", "rl-scroll", this.duels));
    this.body = make("div", "rl-bots-body", make("div", "rl-table rl-scroll rl-bots-table", this.bots.table), left, games, trace);
    this.box = make("details", "rl-bots", make("summary", "", this.title, this.money), this.body);
    this.box.open = true;
    this.box.hidden = true;
    this.box.addEventListener("toggle", () => (this.shown = null));
    new ResizeObserver(() => this.width !== this.figure.clientWidth && this.draw()).observe(this.figure);
  }

  get state() {
    return this.store.parts.bots;
  }

  show() {
    const { state } = this;
    if (!state || state === this.shown) return;
    this.shown = state;
    const { bots, games } = state;
    // A strategy that was picked in the cell has its own figures there: its table stays folded until it is wanted.
    if (this.box.hidden && bots.length) this.box.open = (this.store.parts.strategy?.state ?? "none") === "none";
    this.box.hidden = !bots.length;
    if (!bots.length) return;
    write(this.title, bots.length === 1 ? "1 bot on paper money" : `${bots.length + state.more} bots on paper money`);
    write(this.money, bots.map(({ name, realised }) => `${name} ${signedSol(realised)} SOL`).join(", "));
    if (!this.box.open) return;
    this.bots.rows(bots.map((bot, place) => [
      [botGlyph(place), ` ${bot.name}`, bot.parameters],
      [bot.state === "stopped" ? "stopped" : botHolds(bot), "", bot.error],
      sol(bot.equity),
      signedSol(bot.realised),
      number(bot.games, 0),
      bot.mean === null ? NONE : bot.low === null ? `${signedShort(bot.mean)} (n = ${bot.games})` : `${signedShort(bot.mean)} [${signedShort(bot.low)}, ${signedShort(bot.high)}]`,
      bot.random === null ? NONE : signedShort(bot.random),
      "0",
    ]));
    this.showDuels(bots, games);
    this.showSteps(bots);
    this.draw();
  }

  showDuels(bots, games) {
    const heads = bots.map(({ name }) => `${name} (SOL)`).flatMap((head) => [head, "rank"]);
    const table = botTable([...BOT_DUEL_HEAD, ...heads]);
    table.rows(games.map(({ game, rug, people, bots: made }) => [
      [`…${game.slice(-6)}`, "", game],
      number(rug, 0),
      people.length ? number(people.length, 0) : NONE,
      people.length ? signedShort(people[0]) : NONE,
      people.length ? signedShort(botMiddle(people)) : NONE,
      ...made.flatMap((each) => (each ? [signedShort(each[0]), each[1] === null ? NONE : `${each[2] ? "≥ " : ""}${each[1]}`] : [NONE, NONE])),
    ]), "no game is finished yet");
    this.duels.replaceChildren(table.table);
    const boards = games.filter(({ people }) => people.length).length;
    write(this.note, `People: the best ten of each game, from its last leaderboard (${boards} of ${games.length} games), without practice players. Random: the mean of 10 bots that traded as much.`);
  }

  showSteps(bots) {
    const each = Math.ceil(9 / bots.length);
    const rows = bots.flatMap(({ steps }, place) => steps.slice(0, each).map((step) => ({ place, step })));
    this.steps.rows(rows.map(({ place, step: [game, tick, price, gave, done] }) => [
      [botGlyph(place), ` …${game.slice(-6)}`, game],
      tick < 0 ? "presale" : number(tick, 0),
      String(Number(price.toPrecision(5))),
      gave,
      done,
    ]), "no order yet");
  }

  // One column per game, the newest on the right; a scale that is linear up to 0.001 SOL and logarithmic beyond.
  draw() {
    const { state } = this;
    this.width = this.figure.clientWidth;
    if (!state?.bots.length || !this.width) return;
    const { height, left, right, top, bottom, most } = BOT_FIGURE;
    const room = Math.max(4, Math.min(most, Math.floor((this.width - left - right) / 24)));
    const games = state.games.slice(0, room).reverse();
    const values = games.flatMap(({ people, bots }) => [...people, ...bots.flatMap((each) => (each ? [each[0], each[3] ?? 0] : []))]);
    const reach = Math.max(botScale(0.01), ...values.map((value) => Math.abs(botScale(value)))) * 1.06;
    const y = (value) => top + ((reach - botScale(value)) / (2 * reach)) * (height - top - bottom);
    const step = (this.width - left - right) / Math.max(games.length, 8);
    const svg = botNode("svg", { viewBox: `0 0 ${this.width} ${height}`, height, width: this.width, role: "img" });
    svg.setAttribute("aria-label", "profit of people and bots in the newest games, SOL");
    for (const size of [0, 0.001, 0.01, 0.1, 1, 10])
      for (const value of size ? [size, -size] : [0]) {
        const crowded = size && y(0) - y(size) < 13;
        if (crowded || Math.abs(botScale(value)) > reach) continue;
        svg.append(botNode("line", { x1: left, x2: this.width - right, y1: y(value), y2: y(value), class: value ? "rl-bots-grid" : "rl-bots-zero" }));
        svg.append(botText(left - 6, y(value) + 4, signedShort(value), "end"));
      }
    games.forEach(({ game, rug, people, bots }, place) => {
      const x = left + (place + 0.5) * step;
      const column = botNode("g", {});
      column.append(botTitle(`game ${game}, rug at tick ${rug ?? "?"}`));
      for (const value of people) column.append(botNode("circle", { cx: x, cy: y(value), r: 3, class: "rl-bots-human" }));
      bots.forEach((each, bot) => {
        if (!each) return;
        const aside = x + (bots.length > 1 ? (bot - (bots.length - 1) / 2) * Math.min(7, step / bots.length) : 0);
        if (each[3] !== null) column.append(botNode("line", { x1: aside - 6, x2: aside + 6, y1: y(each[3]), y2: y(each[3]), class: "rl-bots-random" }));
        const shape = botNode("path", { d: BOT_SHAPES[bot], transform: `translate(${aside} ${y(each[0])})`, class: `rl-bots-bot rl-bots-${bot}` });
        shape.append(botTitle(`${state.bots[bot].name}: ${signedSol(each[0])} SOL`));
        column.append(shape);
      });
      if (games.length <= 8 || place % Math.ceil(games.length / 8) === 0) column.append(botText(x, height - 8, game.slice(-4), "middle"));
      svg.append(column);
    });
    this.figure.replaceChildren(svg);
    const marks = [
      ...state.bots.map(({ name }, bot) => make("span", "rl-bots-mark", botGlyph(bot), ` ${name}`)),
      make("span", "rl-bots-mark", botLegend(botNode("circle", { cx: 0, cy: 0, r: 3, class: "rl-bots-human" })), " a player"),
      make("span", "rl-bots-mark", botLegend(botNode("line", { x1: -6, x2: 6, y1: 0, y2: 0, class: "rl-bots-random" })), " random, as active"),
      make("span", "rl-bots-mark", botLegend(botNode("line", { x1: -7, x2: 7, y1: 0, y2: 0, class: "rl-bots-zero" })), " doing nothing"),
    ];
    this.key.replaceChildren(...marks);
  }
}

// A table whose cells are texts, or [node or text, text, title].
function botTable(heads) {
  const row = make("tr", "", ...heads.map((name) => Object.assign(make("th", "", name), { scope: "col" })));
  const body = make("tbody");
  const rows = (lines, none = "") => {
    const made = lines.map((cells) => make("tr", "", ...cells.map(botCell)));
    if (!made.length && none) made.push(make("tr", "", Object.assign(make("td", "rl-none", none), { colSpan: heads.length })));
    body.replaceChildren(...made);
  };
  return { table: make("table", "", make("thead", "", row), body), rows };
}

function botCell(content) {
  if (!Array.isArray(content)) return make("td", "", content);
  const [first, then, title] = content;
  const cell = make("td", "rl-id", first, then);
  if (title) cell.title = title;
  return cell;
}

function botHolds({ units, bet }) {
  return [units && "holds", bet && "side bet"].filter(Boolean).join(", ") || "waits";
}

function botGlyph(bot) {
  return botLegend(botNode("path", { d: BOT_SHAPES[bot], class: `rl-bots-bot rl-bots-${bot}` }));
}

function botLegend(...children) {
  const svg = botNode("svg", { viewBox: "-8 -8 16 16", width: 14, height: 14, class: "rl-bots-glyph" });
  svg.setAttribute("aria-hidden", "true");
  svg.append(...children);
  return svg;
}

function botNode(tag, attributes) {
  const made = document.createElementNS(BOT_SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function botText(x, y, words, anchor) {
  const made = botNode("text", { x, y, "text-anchor": anchor, class: "rl-bots-text" });
  made.textContent = words;
  return made;
}

function botTitle(words) {
  const made = botNode("title", {});
  made.textContent = words;
  return made;
}

function botScale(value) {
  return Math.sign(value) * Math.log10(1 + Math.abs(value) / BOT_SMALLEST);
}

function botMiddle(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
