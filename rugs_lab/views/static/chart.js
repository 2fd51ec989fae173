// The Bokeh figure of one panel: built from the kernel's description, fed from the store.
import { candleColumns, candlesOf } from "./candles.js";
import { Gaps } from "./gaps.js";
import { MARK_PARTS, Marks } from "./marks.js";

const GAP_SPAN_MS = 60000;
const X_STEPS = [60, 80, 100, 125, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000];
// Models that the kernel named for this page: data sources, marks of the end of data, ranges, a ticker.
const PARTS = [
  "path", "backfilled", "ghost", "rug", "ghost_rug", "gaps",
  "cut", "cut_label", "ticks", "prices", "times", "price_ticks", "time_ticks", "path_line", "candles", ...MARK_PARTS
];
const BET_MARGIN = 3;
const GHOST_ROOM = 2;
const LABEL_PX = 215;
const TIME_LABEL_PX = 90;

export class Chart {
  // `picture`: what is shown; `controls`: how.
  constructor(host, store, theme, picture, controls) {
    this.host = host;
    this.store = store;
    this.theme = theme;
    this.picture = picture;
    this.controls = controls;
    this.following = picture.held === null;
    this.onFollow = () => {};
    this.view = null;
    this.closed = false;
  }

  async build(Bokeh) {
    const item = this.store.setup.figures[this.theme];
    const view = await Bokeh.embed.embed_item(item, this.host);
    this.bokeh = Bokeh;
    this.document = view.roots[0].model.document;
    if (this.closed) return this.free();
    this.view = view;
    // A focused figure hides in a shadow tree, whose host JupyterLab sees before it sees the box around it.
    for (const child of this.host.children) child.dataset.lmSuppressShortcuts = "true";
    const named = (name) => this.document.get_model_by_name(name);
    this.parts = Object.fromEntries(PARTS.map((name) => [name, named(name)]));
    this.marks = new Marks(this.parts, this.store.setup.colours[this.theme]);
    // Not Bokeh's event "rangesupdate": it comes at the end of a drag, in which a tick would fit the ranges again.
    const { ticks, prices, times } = this.parts;
    for (const range of [ticks, prices, times]) range?.change.connect(() => this.moved());
    this.forgetDrawn();
    this.draw();
    return this.drawGaps();
  }

  plots() {
    return this.view.roots[0].model.children;
  }

  forgetDrawn() {
    this.drawn = { path: -1, length: 0, ghost: undefined, marks: "", candles: "" };
    this.gaps = new Gaps(this.store, this.parts.gaps);
  }

  close() {
    this.closed = true;
    if (this.view) this.free();
  }

  free() {
    this.document.clear();
    this.document.views_manager?.clear(); // what is no root of the document: its notifications
    const documents = this.bokeh.documents;
    const position = documents.indexOf(this.document);
    if (position >= 0) documents.splice(position, 1);
    this.view = null;
    this.host.replaceChildren();
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
    this.picture.release();
    this.following = true;
    this.onFollow();
    this.draw();
  }

  // Hold the picture; "follow" lets it go on.
  pause() {
    this.picture.hold();
    this.following = false;
    this.onFollow();
    this.draw();
  }

  get path() {
    return this.picture.path;
  }

  get inPlay() {
    return this.path.price.length > 0;
  }

  draw() {
    if (!this.view) return;
    if (this.picture.outdated) return this.follow();
    this.drawPath();
    this.drawCandles();
    this.drawGhost();
    if (this.following) this.fit();
    this.drawMarks();
    return undefined;
  }

  drawPath() {
    const { drawn, parts, path } = this;
    if (drawn.path !== path.version) {
      parts.path.data = { tick: path.price.map((_, tick) => tick), price: path.price.slice() };
      // Where every tick is known from elsewhere none is the exception.
      const backfilled = path.price.map((_, tick) => tick).filter((tick) => path.backfilled[tick]);
      const ticks = backfilled.length < path.price.length ? backfilled : [];
      parts.backfilled.data = { tick: ticks, price: ticks.map((tick) => path.price[tick]) };
      drawn.path = path.version;
    } else if (path.price.length > drawn.length) {
      const price = path.price.slice(drawn.length);
      parts.path.stream({ tick: price.map((_, i) => drawn.length + i), price }, this.store.setup.maxlen);
    }
    drawn.length = path.price.length;
  }

  drawCandles() {
    const { drawn, parts, path, store } = this;
    const width = this.controls.candles;
    const key = width ? `${width} ${path.version} ${path.price.length}` : "";
    if (key === drawn.candles) return;
    drawn.candles = key;
    parts.path_line.visible = width === 0;
    const candles = width ? candlesOf(path.price, width) : [];
    parts.candles.data = candleColumns(candles, width, store.setup.colours[this.theme]);
  }

  drawGhost() {
    const ghost = this.picture.previous;
    if (ghost === this.drawn.ghost) return;
    this.drawn.ghost = ghost;
    const price = ghost?.price ?? [];
    this.parts.ghost.data = { tick: price.map((_, tick) => tick), price: price.slice() };
  }

  // Ranges move in steps, so that a running game does not make the axes crawl.
  fit() {
    const { path, inPlay, picture } = this;
    const { previous, parts: told } = picture;
    const shown = inPlay ? path : previous ?? path;
    const compared = told.past_games?.compared ?? [];
    const all = [shown, ...compared.map(({ prices, rug }) => ({ price: prices, rug }))];
    const prices = all.flatMap(({ price, rug }) => price.slice(0, rug ?? undefined)).filter((price) => price > 0);
    const betEnd = told.trade?.bet ? told.trade.bet.end + BET_MARGIN : 0;
    const longest = Math.max(...all.map(({ price }) => price.length));
    const needed = Math.max(longest * (picture.cut && inPlay ? 1.35 : 1.12), inPlay ? betEnd : 0);
    const end = X_STEPS.find((step) => step >= needed) ?? needed;
    let low = prices.reduce((a, b) => Math.min(a, b), 0.8);
    let high = prices.reduce((a, b) => Math.max(a, b), 1.25);
    if (inPlay && previous) {
      // So that the game before does not look as if it ended where it leaves the picture; within reason.
      const behind = previous.price.slice(0, Math.min(end + 1, previous.rug ?? Infinity)).filter((price) => price > 0);
      low = Math.max(low / GHOST_ROOM, Math.min(low, ...behind));
      high = Math.min(high * GHOST_ROOM, Math.max(high, ...behind));
    }
    this.set(this.parts.ticks, 0, end);
    this.set(this.parts.prices, stepBelow(low / 1.04), stepAbove(high * 1.04));
  }

  set(range, start, end) {
    if (range.start === start && range.end === end) return;
    this.setting = true;
    range.setv({ start, end });
    this.setting = false;
  }

  drawMarks() {
    const { store, parts, drawn, path, picture, inPlay } = this;
    const { previous, cut } = picture;
    const end = inPlay ? path.price.length - 1 : 0;
    const { ticks, prices } = parts;
    this.marks.draw(picture, prices);
    const shown = [ticks.start, ticks.end, prices.start, prices.end, this.host.clientWidth];
    const key = [path.version, path.price.length, path.rug, previous?.game, cut, store.cutText, ...shown].join();
    if (key === drawn.marks) return;
    drawn.marks = key;
    parts.price_ticks.ticks = logTicks(prices.start, prices.end);
    parts.rug.data = this.rugMark(path);
    parts.ghost_rug.data = this.rugMark(inPlay ? null : previous);
    parts.cut.setv({ visible: cut, left: end });
    this.placeCutLabel(end);
  }

  // Inside the empty part where it fits, else left of where the data end, else in the middle.
  placeCutLabel(end) {
    const { ticks, prices, cut_label: label } = this.parts;
    const width = this.plots()[0].inner_width;
    const left = ((end - ticks.start) / (ticks.end - ticks.start)) * width;
    const place = width - left > LABEL_PX ? "left" : left > LABEL_PX ? "right" : "center";
    label.setv({
      visible: this.picture.cut,
      text: this.store.cutText,
      x: place === "center" ? (ticks.start + ticks.end) / 2 : end,
      y: prices.start ** 0.1 * prices.end ** 0.9,
      x_offset: { left: 10, right: -10, center: 0 }[place],
      text_align: place,
    });
  }

  // At its price, or at the lower edge while that lies below the axis; the text always says the price.
  rugMark(game) {
    const price = game?.rug == null ? NaN : game.price[game.rug];
    if (!(price > 0)) return { tick: [], y: [], text: [], align: [], shift: [], marker: [] };
    const { start, end } = this.parts.prices;
    const edge = start * (end / start) ** 0.035;
    const left = game.rug > 0.55 * this.parts.ticks.end;
    return {
      tick: [game.rug],
      y: [Math.max(price, edge)],
      text: [`rug at tick ${game.rug}: ${Number(price.toPrecision(3))}x`],
      align: [left ? "right" : "left"],
      shift: [left ? -10 : 10],
      marker: [price < edge ? "inverted_triangle" : "x"],
    };
  }

  // The strip is drawn from a slower clock than the prices: painting it costs as much as painting them.
  drawGaps() {
    if (!this.view || !this.parts.gaps) return undefined;
    const { parts, store } = this;
    const room = Math.max(2, Math.floor(this.plots()[1].inner_width / TIME_LABEL_PX));
    parts.time_ticks.desired_num_ticks = Math.min(room, 8);
    if (this.picture.held) return undefined;
    if (!this.following) return this.gaps.showRange(parts.times.start, parts.times.end);
    this.gaps.showNewest();
    const end = store.last.received;
    const until = end > 0 ? end : Date.now(); // without a frame the axis still tells the time
    this.set(parts.times, until - GAP_SPAN_MS, until);
    return undefined;
  }
}

const STEP = Math.log(1.12);

function stepBelow(value) {
  return Math.exp(Math.floor(Math.log(value) / STEP) * STEP);
}

function stepAbove(value) {
  return Math.exp(Math.ceil(Math.log(value) / STEP) * STEP);
}

const MANTISSAS = [
  [1],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
];
const FEWEST_TICKS = 4;

// Round values for a log axis: the sparsest of some grids that has enough of them in the range.
function logTicks(start, end) {
  const from = Math.floor(Math.log10(start));
  const to = Math.ceil(Math.log10(end));
  let ticks = [];
  for (const mantissas of MANTISSAS) {
    ticks = [];
    for (let power = from; power <= to; power++)
      for (const mantissa of mantissas) ticks.push(Number((mantissa * 10 ** power).toPrecision(6)));
    ticks = ticks.filter((tick) => tick >= start && tick <= end);
    if (ticks.length >= FEWEST_TICKS) return ticks;
  }
  const step = 10 ** Math.floor(Math.log10((end - start) / 2));
  const first = Math.ceil(start / step);
  const count = Math.min(Math.floor(end / step) - first + 1, 20);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}
