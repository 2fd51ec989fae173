// What is drawn over the price path: fills, bet windows, average cost, trades of others, games to compare.
/** @import { BetWindow, ChartModels, Colours, GamePath, Mark, OtherTrades, OwnLines, PartStates, PastGames, Path } from "./page" */
/** @import { ShownGame } from "./page" */
import { multiple, shortId, signedShort, sol } from "./formats.js";

/** @typedef {{ start: number, end: number }} Prices the edges of the axis */

const ENDED = /** @type {Record<string, string>} */ ({ won: "won", lost: "lost", void: "refunded" });
const MARKERS = /** @type {Record<string, string>} */ ({
  buy: "triangle",
  sell: "inverted_triangle",
  settled: "square",
  short_open: "diamond",
  short_close: "diamond",
});
const FILLS = /** @type {const} */ ({ buys: "buy", sells: "sell", settled: "settled" });
/** @type {{ marks: Mark[], bets: BetWindow[], average: number | null }} */
const UNTRADED = { marks: [], bets: [], average: null };
const APART = 0.3; // of the game lies between fills whose size and price stand in the chart, the newest first
const EDGE = 0.035; // a settlement at the rug price is drawn at the lower edge, so that it stays visible
const OTHER_MARKS = "bets bet_ends average other_trades overlays overlay_ends ghosts strategy_fills fill_texts";
export const MARK_MODELS = [...OTHER_MARKS.split(" "), ...Object.keys(FILLS)];

export class Marks {
  /** @param {ChartModels} parts @param {Colours} colours */
  constructor(parts, colours) {
    this.parts = parts;
    this.colours = colours;
    this.drawn = /** @type {Record<string, unknown[]>} */ ({});
  }

  /** @param {ShownGame["now"]} shown @param {Prices} prices */
  draw({ path, game, parts, previous }, { start, end }) {
    const { trade, other_trades: others, past_games: past, own_lines: own, ghosts, strategy_marks: strategy } = parts;
    const last = path.price.length - 1;
    const scale = { start, end };
    this.once("trade", [trade, path.version, last, game, start, end], () => this.drawTrade(trade, game, last, scale));
    this.once("others", [others, path.version, last, game], () => this.drawOthers(others, game, last));
    this.once("lines", [past, own, game, last], () => this.drawOverlays(past, own, game, last));
    this.once("ghosts", [ghosts, game, previous?.game], () => this.drawGhosts((previous && ghosts?.games) || [], game));
    this.once("strategy", [strategy, path.version, last, game, start, end], () => this.drawStrategy(strategy, path, game, scale));
  }

  /** @param {string} what @param {unknown[]} key @param {() => void} action */
  once(what, key, action) {
    if (this.drawn[what]?.every((value, i) => value === key[i])) return;
    this.drawn[what] = key;
    action();
  }

  /** @param {PartStates["trade"] | undefined} trade @param {string | null} game @param {number} last @param {Prices} prices */
  drawTrade(trade, game, last, prices) {
    const { bets: placed, ...here } = trade?.open && trade.game === game ? trade : UNTRADED;
    const marks = here.marks.filter(priced).filter(({ tick }) => tick <= last);
    for (const part of /** @type {(keyof typeof FILLS)[]} */ (Object.keys(FILLS))) {
      const some = marks.filter(({ what }) => what === FILLS[part]);
      this.parts[part].data = {
        tick: some.map(({ tick }) => tick),
        price: some.map(({ price }) => Math.max(price, at(EDGE, prices))),
        words: some.map(words),
      };
    }
    /** @type {typeof marks} */
    const told = [];
    for (const mark of marks.slice().reverse()) if (told.every(({ tick }) => tick - mark.tick > APART * last)) told.push(mark);
    const late = told.map(({ tick }) => tick > last / 2);
    this.parts.fill_texts.data = {
      tick: told.map(({ tick }) => tick),
      price: told.map(({ price }) => Math.max(price, at(EDGE, prices))),
      text: told.map(({ change, price }) => `${signedShort(change)} SOL at ${multiple(price, 4)}`),
      align: late.map((each) => (each ? "right" : "left")),
      shift: late.map((each) => (each ? -9 : 9)),
    };
    const bets = placed.filter(({ start }) => start <= last);
    this.parts.bets.data = {
      left: bets.map(({ start }) => start),
      right: bets.map(({ end }) => end),
      alpha: bets.map(({ ended }) => (ended === null ? 0.16 : 0.07)),
    };
    this.parts.bet_ends.data = {
      tick: bets.map(({ start }) => start),
      y: bets.map((_, i) => at(0.07 * (i % 2), prices)), // in two rows, so that texts do not overlap
      text: bets.map((bet) => `bet ${bet.stake} SOL${ending(bet)}`),
    };
    this.parts.average.data = { price: here.average === null ? [] : [here.average] };
  }

  /** @param {OtherTrades | undefined} trades @param {string | null} game @param {number} last */
  drawOthers(trades, game, last) {
    const { ticks, prices, kinds } = trades && trades.game === game ? trades : { ticks: [], prices: [], kinds: [] };
    const shown = ticks.map((_, i) => i).filter((i) => ticks[i] <= last);
    this.parts.other_trades.data = {
      tick: shown.map((i) => ticks[i]),
      price: shown.map((i) => prices[i]),
      marker: shown.map((i) => MARKERS[kinds[i]] ?? "circle"),
    };
  }

  // Earlier games but the previous one, which is drawn on its own; the older the fainter.
  /** @param {GamePath[]} games @param {string | null} game */
  drawGhosts(games, game) {
    const older = games.slice(1).filter((each) => each.game !== game);
    this.parts.ghosts.data = { ...lines(older), alpha: older.map((_, i) => 0.75 - 0.14 * i) };
  }

  // What a strategy did, hollow; a side bet stands at the price of its tick.
  /** @param {PartStates["strategy_marks"] | undefined} strategy @param {Path} path @param {string | null} game @param {Prices} prices */
  drawStrategy(strategy, path, game, prices) {
    const { marks, bets } = strategy && strategy.game === game ? strategy : UNTRADED;
    const { buy, sell, rug, bet } = this.colours;
    const colours = { buy, sell, settled: rug };
    const fills = marks.filter(priced).map((mark) => ({
      tick: mark.tick,
      price: mark.price,
      marker: MARKERS[mark.what],
      colour: colours[mark.what],
      text: `strategy: ${words(mark)}`,
    }));
    const placed = bets.map((each) => ({
      tick: each.start,
      price: path.price[Math.max(each.start, 0)],
      marker: "diamond",
      colour: bet,
      text: `strategy: side bet ${each.stake} SOL to tick ${each.end}${ending(each)}`,
    }));
    const shown = [...fills, ...placed].filter(({ tick, price }) => tick < path.price.length && price > 0);
    this.parts.strategy_fills.data = {
      tick: shown.map(({ tick }) => tick),
      price: shown.map(({ price }) => Math.max(price, at(EDGE, prices))),
      marker: shown.map(({ marker }) => marker),
      colour: shown.map(({ colour }) => colour),
      words: shown.map(({ text }) => text),
    };
  }

  // Lines of the reader's own, and past games to compare.
  /** @param {PastGames | undefined} past @param {OwnLines | undefined} own @param {string | null} game @param {number} last */
  drawOverlays(past, own, game, last) {
    const here = own && own.game === game ? own.lines : [];
    const shown = here.map(([name, values]) => ({ game: name, text: name, prices: values.slice(0, last + 1), end: last }));
    for (const { game: id, prices, rug } of past?.compared ?? [])
      if (id !== game && prices.length) shown.push({ game: id, text: shortId(id), prices, end: (rug ?? prices.length) - 1 });
    const colour = shown.map((_, i) => this.colours.others[i % this.colours.others.length]);
    const ends = shown.map(({ prices, end }) => Math.max(Math.min(prices.length - 1, end), 0));
    this.parts.overlays.data = { ...lines(shown), colour, name: shown.map((each) => each.game) };
    this.parts.overlay_ends.data = {
      tick: ends,
      price: shown.map(({ prices }, i) => prices[ends[i]] ?? NaN),
      colour,
      text: shown.map(({ text }) => text),
    };
  }
}

// The price at a share of the axis, from the lower edge.
/** @param {number} share @param {Prices} prices */
function at(share, { start, end }) {
  return start * (end / start) ** share;
}

/** @param {Pick<GamePath, "prices">[]} games */
function lines(games) {
  return {
    ticks: games.map(({ prices }) => prices.map((_, tick) => tick)),
    prices: games.map(({ prices }) => prices.map((price) => price ?? NaN)),
  };
}

/** @param {Mark} mark @returns {mark is Mark & { price: number }} */
function priced(mark) {
  return mark.price !== null;
}

/** @param {BetWindow} bet */
function ending({ ended }) {
  return ended ? `: ${ENDED[ended] ?? ended}` : "";
}

/** @param {Mark & { price: number }} mark */
function words({ label, price, change, profit }) {
  const gain = profit === null ? "" : `, profit ${sol(profit, "+")} SOL`;
  return `${label} at ${multiple(price)}: ${sol(change, "+")} SOL${gain}`;
}
