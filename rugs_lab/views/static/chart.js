// The Bokeh figure of one panel: built from the kernel's description, fed from the store.
/** @import { ChartControls, ChartModels, Colours, FeedStore, Figures, Ghost, Keys, Path, Range, ShownGame } from "./page" */
import { candleColumns, candlesOf } from "./candles.js";
import { decimal, multiple } from "./formats.js";
import { Gaps } from "./gaps.js";
import { MARK_MODELS, Marks } from "./marks.js";

const GAP_SPAN_MS = 60000;
const X_STEPS = [60, 80, 100, 125, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000];
// Models that the kernel named for this page: data sources, marks of the end of data, ranges, tickers.
const OWN_MODELS =
  "path backfilled ghost rug ghost_rug gaps cut cut_label price_label time_axis ticks prices times price_ticks time_ticks path_line candles";
export const MODELS = [...OWN_MODELS.split(" "), ...MARK_MODELS];
const BET_MARGIN = 3;
const GHOST_ROOM = 2;
const LABEL_PX = 215;
const TIME_LABEL_PX = 90;

export class Chart {
  /** @param {Figures} figures @param {FeedStore} store @param {Colours} colours @param {ShownGame} shownGame @param {ChartControls} controls */
  constructor(figures, store, colours, shownGame, controls) {
    this.figures = figures;
    this.store = store;
    this.shownGame = shownGame;
    this.controls = controls;
    this.following = shownGame.held === null;
    this.setting = false; // the ranges are being set by the chart, not by the reader
    this.onFollow = () => {};
    this.view = figures.views.chart;
    const { document } = this.view.roots[0].model;
    const named = MODELS.map((name) => [name, document.get_model_by_name(name)]);
    this.parts = /** @type {ChartModels} */ (Object.fromEntries(named));
    this.colours = colours;
    this.marks = new Marks(this.parts, this.colours);
    this.gaps = new Gaps(store, this.parts.gaps);
    this.drawn = {
      path: /** @type {Path["version"]} */ (-1),
      length: 0,
      ghost: /** @type {Ghost | null} */ (null),
      marks: "",
      candles: "",
    };
    // Not Bokeh's event "rangesupdate": it comes at the end of a drag, in which a tick would fit the ranges again.
    const { ticks, prices, times } = this.parts;
    for (const range of [ticks, prices, times]) range?.change.connect(() => this.moved());
    const east = -new Date().getTimezoneOffset() / 60;
    const local = `UTC${east < 0 ? "−" : "+"}${decimal(Math.abs(east))}`;
    this.parts.time_axis?.setv({ axis_label: `time of arrival (UTC; local time is ${local})` });
    this.draw();
    this.drawGaps();
  }

  plots() {
    return this.view.roots[0].model.children;
  }

  // The reader panned or zoomed: leave the ranges to them until they ask to follow again.
  moved() {
    if (this.setting) return;
    this.drawMarks();
    if (!this.following) return;
    this.following = false;
    this.onFollow();
  }

  follow() {
    this.shownGame.release();
    this.following = true;
    this.onFollow();
    this.draw();
  }

  /** @returns {Keys} */
  get keys() {
    return {
      ",": ["chart: back", () => this.look(-0.2), true],
      ".": ["chart: forward", () => this.look(0.2), true],
      i: ["chart: zoom in", () => this.look(0.1, 0.8), true],
      o: ["chart: zoom out", () => this.look(-0.125, 1.25), true],
      f: ["follow the game again", () => this.follow()],
    };
  }

  // As the mouse does: by a share of the ticks shown, and to so many times as many.
  /** @param {number} by @param {number} [times] */
  look(by, times = 1) {
    const { ticks } = this.parts;
    const width = ticks.end - ticks.start;
    const start = ticks.start + by * width;
    ticks.setv({ start, end: start + times * width });
  }

  // Freeze the chart until `follow`.
  pause() {
    this.shownGame.hold();
    this.following = false;
    this.onFollow();
    this.draw();
  }

  get path() {
    return this.shownGame.now.path;
  }

  get inPlay() {
    return this.path.price.length > 0;
  }

  close() {
    this.figures.close();
  }

  /** @returns {void} */
  draw() {
    if (this.shownGame.outdated) return this.follow();
    this.drawPath();
    this.drawCandles();
    this.drawGhost();
    if (this.following) this.fit();
    this.drawMarks();
  }

  drawPath() {
    const { drawn, parts, path } = this;
    if (drawn.path !== path.version) {
      parts.path.data = { tick: path.price.map((_, tick) => tick), price: path.price.slice() };
      // Back-filled ticks are marked only where others are not.
      const backfilled = path.price.map((_, tick) => tick).filter((tick) => path.backfilled[tick]);
      const ticks = backfilled.length < path.price.length ? backfilled : [];
      parts.backfilled.data = { tick: ticks, price: ticks.map((tick) => path.price[tick]) };
      drawn.path = path.version;
    } else if (path.price.length > drawn.length) {
      const price = path.price.slice(drawn.length);
      parts.path.stream({ tick: price.map((_, i) => drawn.length + i), price }, this.store.ring.maxlen);
    }
    drawn.length = path.price.length;
  }

  drawCandles() {
    const { drawn, parts, path } = this;
    const { candles: width, colours } = this.controls;
    const key = width ? `${width} ${colours.checked} ${path.version} ${path.price.length}` : "";
    if (key === drawn.candles) return;
    drawn.candles = key;
    parts.path_line.visible = width === 0;
    const candles = width ? candlesOf(path.price, width) : [];
    parts.candles.data = candleColumns(candles, width, this.colours, colours.checked);
  }

  drawGhost() {
    const ghost = this.shownGame.now.previous;
    if (ghost === this.drawn.ghost) return;
    this.drawn.ghost = ghost;
    const price = ghost?.price ?? [];
    this.parts.ghost.data = { tick: price.map((_, tick) => tick), price: price.slice() };
  }

  // Ranges move in steps, so that a running game does not make the axes crawl.
  fit() {
    const { path, inPlay } = this;
    const { previous, cut, parts: states } = this.shownGame.now;
    const shown = inPlay ? path : (previous ?? path);
    const compared = states.past_games?.compared ?? [];
    const all = [shown, ...compared.map(({ prices, rug }) => ({ price: prices, rug }))];
    const prices = all.flatMap(({ price, rug }) => price.slice(0, rug ?? undefined)).filter(positive);
    const betEnd = states.trade?.open && states.trade.bet ? states.trade.bet.end + BET_MARGIN : 0;
    const longest = Math.max(...all.map(({ price }) => price.length));
    const needed = Math.max(longest * (cut && inPlay ? 1.35 : 1.12), inPlay ? betEnd : 0);
    const end = X_STEPS.find((step) => step >= needed) ?? needed;
    let low = prices.reduce((a, b) => Math.min(a, b), 0.8);
    let high = prices.reduce((a, b) => Math.max(a, b), 1.25);
    if (inPlay && previous) {
      // Within reason, room for the previous game too: it should not seem to end at the edge of the chart.
      const behind = previous.price.slice(0, Math.min(end + 1, previous.rug ?? Infinity)).filter(positive);
      low = Math.max(low / GHOST_ROOM, Math.min(low, ...behind));
      high = Math.min(high * GHOST_ROOM, Math.max(high, ...behind));
    }
    this.set(this.parts.ticks, 0, end);
    this.set(this.parts.prices, stepped(low / 1.04, Math.floor), stepped(high * 1.04, Math.ceil));
  }

  /** @param {Range} range @param {number} start @param {number} end */
  set(range, start, end) {
    if (range.start === start && range.end === end) return;
    this.setting = true;
    range.setv({ start, end });
    this.setting = false;
  }

  drawMarks() {
    const { store, parts, drawn, path, inPlay } = this;
    const { now } = this.shownGame;
    const { previous, cut } = now;
    const end = inPlay ? path.price.length - 1 : 0;
    const { ticks, prices } = parts;
    this.marks.draw(now, prices);
    const shown = [ticks.start, ticks.end, prices.start, prices.end, this.figures.hosts.chart.clientWidth];
    const key = [path.version, path.price.length, path.rug, previous?.game, cut, store.cutText, ...shown].join();
    if (key === drawn.marks) return;
    drawn.marks = key;
    parts.price_ticks.ticks = logTicks(prices.start, prices.end);
    parts.rug.data = this.rugMark(path);
    parts.ghost_rug.data = this.rugMark(inPlay ? null : previous);
    parts.cut.setv({ visible: cut, left: end });
    const price = path.price[end] ?? NaN;
    const visible = price > prices.start && price < prices.end && !cut;
    parts.price_label.setv({ visible, x: ticks.end, y: price, text: multiple(price, 5) });
    this.placeCutLabel(end);
  }

  // In the empty part where it fits, else to the left of the end of data, else in the middle.
  /** @param {number} end of the data */
  placeCutLabel(end) {
    const { ticks, prices, cut_label: label } = this.parts;
    const width = this.plots()[0].inner_width;
    const left = ((end - ticks.start) / (ticks.end - ticks.start)) * width;
    const place = width - left > LABEL_PX ? "left" : left > LABEL_PX ? "right" : "center";
    label.setv({
      visible: this.shownGame.now.cut,
      text: this.store.cutText,
      x: place === "center" ? (ticks.start + ticks.end) / 2 : end,
      y: prices.start ** 0.1 * prices.end ** 0.9,
      x_offset: { left: 10, right: -10, center: 0 }[place],
      text_align: place,
    });
  }

  // At its price, or at the lower edge while that lies below the axis; the text always gives the price.
  /** @param {Path | Ghost | null} game */
  rugMark(game) {
    const price = game?.rug == null ? NaN : game.price[game.rug];
    if (game?.rug == null || !(price > 0)) return { tick: [], y: [], text: [], align: [], shift: [], marker: [] };
    const { start, end } = this.parts.prices;
    const edge = start * (end / start) ** 0.035;
    const left = game.rug > 0.55 * this.parts.ticks.end;
    return {
      tick: [game.rug],
      y: [Math.max(price, edge)],
      text: [`rug at tick ${game.rug}: ${multiple(price, 3)}`],
      align: [left ? "right" : "left"],
      shift: [left ? -10 : 10],
      marker: [price < edge ? "inverted_triangle" : "x"],
    };
  }

  // The strip is drawn less often than the prices: it costs as much to paint as they do.
  drawGaps() {
    if (!this.parts.gaps) return;
    const { parts, store } = this;
    const room = Math.max(2, Math.floor(this.plots()[1].inner_width / TIME_LABEL_PX));
    parts.time_ticks.desired_num_ticks = Math.min(room, 8);
    if (this.shownGame.held) return;
    if (!this.following) return this.gaps.showRange(parts.times.start, parts.times.end);
    this.gaps.showNewest();
    const end = store.last.received;
    const until = end > 0 ? end : Date.now(); // without a message the axis still shows the time
    this.set(parts.times, until - GAP_SPAN_MS, until);
  }
}

const STEP = Math.log(1.12);

/** @param {number | null} price @returns {price is number} */
function positive(price) {
  return price !== null && price > 0;
}

/** @param {number} value @param {(steps: number) => number} round */
function stepped(value, round) {
  return Math.exp(round(Math.log(value) / STEP) * STEP);
}

const MANTISSAS = [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]];
const FEWEST_TICKS = 4;

// Round values for a log axis: the sparsest of some grids that has enough of them in the range.
/** @param {number} start @param {number} end */
function logTicks(start, end) {
  const from = Math.floor(Math.log10(start));
  const to = Math.ceil(Math.log10(end));
  const powers = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  for (const mantissas of MANTISSAS) {
    const all = powers.flatMap((power) => mantissas.map((mantissa) => Number((mantissa * power).toPrecision(6))));
    const ticks = all.filter((tick) => tick >= start && tick <= end);
    if (ticks.length >= FEWEST_TICKS) return ticks;
  }
  const step = 10 ** Math.floor(Math.log10((end - start) / 2));
  const first = Math.ceil(start / step);
  const count = Math.min(Math.floor(end / step) - first + 1, 20);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}
