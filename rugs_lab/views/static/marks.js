// What is drawn over the price path: fills, bet windows, average cost, trades of others, games to compare.
import { signedSol } from "./dom.js";

const ENDED = { won: "won", lost: "lost", void: "given back" };
const OTHERS_MARKERS = { buy: "triangle", sell: "inverted_triangle", short_open: "diamond", short_close: "diamond" };
export const MARK_PARTS = ["bets", "bet_ends", "average", "other_trades", "buys", "sells", "settled", "overlays", "overlay_ends", "ghosts", "strategy_fills"];
const STRATEGY_MARKERS = { buy: "triangle", sell: "inverted_triangle", settled: "square" };

const EDGE = 0.035; // a settlement at the rug price is drawn at the lower edge, so that it stays in sight

export class Marks {
  constructor(parts, colours) {
    this.parts = parts;
    this.colours = colours;
    this.drawn = {};
  }

  // `picture` is what the chart shows, `start` and `end` the edges of its prices.
  draw({ path, game, parts, previous }, { start, end }) {
    const { trade, other_trades: crowd, past_games: gallery, ghosts, strategy_marks: strategy } = parts;
    const last = path.price.length - 1;
    this.once("trade", [trade, path.version, last, game, start, end], () => this.drawTrade(trade, game, last, start, end));
    this.once("other_trades", [crowd, path.version, last, game], () => this.drawCrowd(crowd, game, last));
    this.once("past_games", [gallery, game], () => this.drawOverlays(gallery, game));
    this.once("ghosts", [ghosts, game, previous?.game], () => this.drawGhosts(previous === null ? [] : ghosts?.games ?? [], game));
    this.once("strategy", [strategy, path.version, last, game, start, end], () => this.drawStrategy(strategy, path, game, start * (end / start) ** EDGE));
  }

  once(what, key, action) {
    const before = this.drawn[what];
    if (before && before.every((value, i) => value === key[i])) return;
    this.drawn[what] = key;
    action();
  }

  drawTrade(trade, game, last, start, end) {
    const here = trade?.open && trade.game === game;
    const edge = start * (end / start) ** EDGE;
    const marks = here ? trade.marks.filter((mark) => mark.tick <= last && mark.price !== null) : [];
    for (const [part, what] of [["buys", "buy"], ["sells", "sell"], ["settled", "settled"]]) {
      const some = marks.filter((mark) => mark.what === what);
      this.parts[part].data = {
        tick: some.map((mark) => mark.tick),
        price: some.map((mark) => Math.max(mark.price, edge)),
        words: some.map(words),
      };
    }
    const bets = here ? trade.bets.filter((bet) => bet.start <= last) : [];
    this.parts.bets.data = {
      left: bets.map((bet) => bet.start),
      right: bets.map((bet) => bet.end),
      alpha: bets.map((bet) => (bet.ended === null ? 0.16 : 0.07)),
    };
    this.parts.bet_ends.data = {
      tick: bets.map((bet) => bet.start),
      y: bets.map((_, i) => start * (end / start) ** (0.07 * (i % 2))), // in two rows, so that words do not meet
      text: bets.map((bet) => `bet ${bet.stake} SOL${bet.ended ? `: ${ENDED[bet.ended]}` : ""}`),
    };
    this.parts.average.data = { price: here && trade.average !== null ? [trade.average] : [] };
  }

  drawCrowd(crowd, game, last) {
    const shown = crowd && crowd.game === game ? crowd.ticks.map((tick, i) => [tick, i]).filter(([tick]) => tick <= last) : [];
    this.parts.other_trades.data = {
      tick: shown.map(([tick]) => tick),
      price: shown.map(([, i]) => crowd.prices[i]),
      marker: shown.map(([, i]) => OTHERS_MARKERS[crowd.kinds[i]] ?? "circle"),
    };
  }

  // Earlier games but the previous one, which is drawn on its own; the older the fainter.
  drawGhosts(games, game) {
    const older = games.slice(1).filter((each) => each.game !== game);
    this.parts.ghosts.data = {
      ticks: older.map(({ prices }) => prices.map((_, tick) => tick)),
      prices: older.map(({ prices }) => prices.map((price) => price ?? NaN)),
      alpha: older.map((_, i) => 0.75 - 0.14 * i),
    };
  }

  // What a strategy did, hollow; a side bet stands at the price of its tick.
  drawStrategy(strategy, path, game, edge) {
    const here = strategy && strategy.game === game;
    const last = path.price.length - 1;
    const fills = here ? strategy.marks.map((mark) => ({ ...mark, marker: STRATEGY_MARKERS[mark.what], text: `strategy: ${words(mark)}` })) : [];
    const bets = here ? strategy.bets.map(({ start, end, stake, ended }) => ({
      tick: start,
      price: path.price[Math.max(start, 0)],
      marker: "diamond",
      what: "bet",
      text: `strategy: side bet ${stake} SOL to tick ${end}${ended ? `: ${ENDED[ended] ?? ended}` : ""}`,
    })) : [];
    const colours = { buy: this.colours.buy, sell: this.colours.sell, settled: this.colours.rug, bet: this.colours.bet };
    const shown = [...fills, ...bets].filter(({ tick, price }) => tick <= last && price > 0);
    this.parts.strategy_fills.data = {
      tick: shown.map(({ tick }) => tick),
      price: shown.map(({ price }) => Math.max(price, edge)),
      marker: shown.map(({ marker }) => marker),
      colour: shown.map(({ what }) => colours[what]),
      words: shown.map(({ text }) => text),
    };
  }

  drawOverlays(gallery, game) {
    const games = (gallery?.compared ?? []).filter((each) => each.game !== game && each.prices.length);
    const colours = games.map((_, i) => this.colours.others[i % this.colours.others.length]);
    const ends = games.map(({ prices, rug }) => Math.max((rug ?? prices.length) - 1, 0));
    this.parts.overlays.data = {
      ticks: games.map(({ prices }) => prices.map((_, tick) => tick)),
      prices: games.map(({ prices }) => prices.map((price) => price ?? NaN)),
      colour: colours,
      name: games.map((each) => each.game),
    };
    this.parts.overlay_ends.data = {
      tick: ends,
      price: games.map(({ prices }, i) => prices[ends[i]] ?? NaN),
      colour: colours,
      text: games.map((each) => `…${each.game.slice(-6)}`),
    };
  }
}

function words({ label, price, change, profit }) {
  const at = `at ${Number(price.toPrecision(6))}x`;
  const gain = profit === null ? "" : `, profit ${signedSol(profit)} SOL`;
  return `${label} ${at}: ${signedSol(change)} SOL${gain}`;
}
