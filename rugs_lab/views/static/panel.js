// The words and numbers around the chart. Everything that came over the wire is set as text, never as markup.
import { AboutPart } from "./about.js";
import { BoardPart } from "./board.js";
import { BotsPart } from "./bots.js";
import { BroadcastPart } from "./broadcast.js";
import { ChartControls } from "./controls.js";
import { NONE, badge, button, make, mark, number, signedNumber, write } from "./dom.js";
import { GalleryPart } from "./gallery.js";
import { Health } from "./health.js";
import { Legend } from "./legend.js";
import { PickerPart } from "./picker.js";
import { RecordPart } from "./record.js";
import { StrategyPart } from "./strategy.js";
import { TradePart } from "./trade.js";
import { TransportPart } from "./transport.js";

const ICONS = {
  ACTIVE: "M3 2 L13 8 L3 14 Z",
  ACTIVATION: "M3 2 L13 8 L3 14 Z",
  PRESALE: "M8 2 L14 8 L8 14 L2 8 Z",
  COOLDOWN: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  GENESIS: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  RUG: "M3 1.6 L8 6.6 L13 1.6 L14.4 3 L9.4 8 L14.4 13 L13 14.4 L8 9.4 L3 14.4 L1.6 13 L6.6 8 L1.6 3 Z",
  UNKNOWN: "M2 7 H14 V9 H2 Z",
  live: "M8 3 A5 5 0 1 0 8 13 A5 5 0 1 0 8 3 Z",
  connecting: "M2 7 H5 V9 H2 Z M6.5 7 H9.5 V9 H6.5 Z M11 7 H14 V9 H11 Z",
  reconnecting: "M2 7 H5 V9 H2 Z M6.5 7 H9.5 V9 H6.5 Z M11 7 H14 V9 H11 Z",
  stale: "M8 2 L15 14 H1 Z",
  stopped: "M3 3 H13 V13 H3 Z",
};
const FACTS = [
  ["tick", "tick"],
  ["peak", "peak"],
  ["drawdown", "from peak"],
  ["players", "players"],
  ["trades", "trades"],
  ["game", "game"],
];
const SOURCES = { received: "live", backfilled: "backfilled", history: "history", seed: "seed", nothing: "–" };
const VERIFIED = new Map([
  [true, "verified"],
  [false, "wrong"],
]);

const PART_KINDS = { replay_controls: TransportPart, trade: TradePart, game_list: PickerPart, past_games: GalleryPart, game_facts: AboutPart, bots: BotsPart, strategy: StrategyPart, leaderboard: BoardPart, trade_tape: BroadcastPart };

export class Panel {
  constructor(box, store, actions) {
    this.store = store;
    this.parts = null; // built when the kernel has said which there are
    this.shownTable = null;
    this.build(box, actions);
  }

  build(box, actions) {
    this.phase = badge("rl-phase");
    this.price = make("div", "rl-price");
    this.facts = {};
    const facts = make("div", "rl-facts");
    for (const [key, label] of FACTS) {
      this.facts[key] = make("div", "rl-value");
      facts.append(make("div", "rl-fact", make("div", "rl-label", label), this.facts[key]));
    }
    this.state = badge("rl-state");
    this.age = make("span", "rl-age");
    this.toggle = button("rl-toggle", "start or stop the feed (key L)", actions.toggle);
    this.follow = button("rl-follow", "let the chart follow the game again", actions.follow, "Follow");
    this.record = new RecordPart(this.store, actions.record);
    this.banner = make("div", "rl-banner");
    this.banner.setAttribute("role", "status");
    this.chart = make("div", "rl-chart");
    this.countdown = make("div", "rl-countdown");
    this.rows = make("tbody");
    this.health = new Health(this.store, this.record.place);
    this.controls = new ChartControls(this.store, actions);
    this.legend = new Legend(this.store);
    this.plot = make("div", "rl-plot", make("div", "rl-over", this.controls.box, this.legend.box), make("div", "rl-stage", this.chart, this.countdown));
    this.below = make("div", "rl-below");
    this.aside = this.games();
    box.append(
      make(
        "header",
        "rl-head",
        make("div", "rl-now", this.phase.box, this.price),
        facts,
        make(
          "div",
          "rl-feed",
          make("div", "rl-feed-words", this.state.box, this.age, this.record.badge.box),
          make("div", "rl-buttons", this.follow, this.record.button, this.toggle),
        ),
      ),
      this.banner,
      this.record.note,
      make("div", "rl-body", this.plot, this.aside),
      this.below,
      this.health.box,
    );
  }

  games() {
    const head = make("tr", "");
    for (const name of ["game", "peak (x)", "length (ticks)", "source", "seed"]) {
      const cell = make("th", "", name);
      cell.scope = "col";
      head.append(cell);
    }
    const table = make("table", "", make("thead", "", head), this.rows);
    return make("aside", "rl-games rl-table", make("div", "rl-title", "last games"), make("div", "rl-scroll", table));
  }

  // Put the parts of this view in their places, once it is known which there are.
  place(names) {
    this.parts = Object.fromEntries(names.filter((name) => PART_KINDS[name]).map((name) => [name, new PART_KINDS[name](this.store)]));
    const { replay_controls: transport, trade, game_list: picker, past_games: gallery, game_facts: about, bots, strategy, leaderboard: board, trade_tape: broadcast } = this.parts;
    if (transport) this.plot.append(transport.box);
    if (trade) this.below.append(trade.box);
    if (about) this.plot.append(about.box);
    if (picker) this.aside.replaceChildren(picker.box);
    this.controls.place(gallery, !transport);
    if (strategy) this.below.append(strategy.box);
    if (bots) this.below.append(bots.box);
    if (board) this.below.append(make("div", "rl-pair", board.box, broadcast.box));
    if (transport) {
      this.age.hidden = this.toggle.hidden = true;
      for (const key of ["players", "trades"]) this.facts[key].parentElement.hidden = true; // not recorded
      this.chart.style.setProperty("--rl-chart-height", `${this.store.setup.height}px`);
    }
  }

  show(following, picture) {
    const { store } = this;
    if (this.parts === null) this.place(store.setup.parts);
    for (const part of Object.values(this.parts)) part.show();
    // The only game of a replay is in the chart already.
    this.aside.hidden = !this.parts.game_list && store.parts.replay_controls?.count === 1;
    this.plot.parentElement.classList.toggle("rl-alone", this.aside.hidden);
    this.showPhase();
    this.showFacts();
    this.showFeed();
    this.record.show();
    this.controls.show(picture);
    this.legend.show();
    this.health.show();
    this.follow.hidden = following;
    if (store.table !== this.shownTable || store.parts.past_games !== this.shownGallery) this.showTable();
  }

  showPhase() {
    const { phase, cooldown } = this.store.last;
    const waiting = (phase === "PRESALE" || phase === "COOLDOWN" || phase === "GENESIS") && cooldown > 0;
    const paused = waiting && this.parts.replay_controls !== undefined && !this.parts.replay_controls.playing;
    const seconds = waiting && !paused ? `${(cooldown / 1000).toFixed(1)} s` : "";
    mark(this.phase, ICONS, phase, phase === "UNKNOWN" ? "WAITING" : phase, seconds);
    const what = phase === "PRESALE" ? "presale" : "cooldown";
    write(this.countdown, waiting ? (paused ? `${what} (paused)` : `${what}: next game in ${seconds}`) : "");
    this.countdown.hidden = !waiting || this.store.cut;
  }

  showFacts() {
    const { path, last, ids, game, inPlay } = this.store;
    const tick = path.price.length - 1;
    const price = inPlay ? path.price[tick] : NaN;
    const before = path.rug === null ? path.price : path.price.slice(0, path.rug);
    const peak = before.reduce((best, value, at) => (value > (before[best] ?? 0) ? at : best), -1);
    const fall = peak >= 0 ? price / before[peak] - 1 : NaN;
    write(this.price, number(price, 4, "x"));
    write(this.facts.tick, inPlay ? `${tick}` : NONE);
    write(this.facts.peak, peak >= 0 ? `${number(before[peak], 2, "x")} at ${peak}` : NONE);
    write(this.facts.drawdown, Number.isNaN(fall) ? NONE : `${signedNumber(fall * 100, 1)} %`);
    write(this.facts.players, number(last.players, 0));
    write(this.facts.trades, number(last.trades, 0));
    const id = ids.get(game);
    write(this.facts.game, id ? shortId(id) : NONE);
    this.facts.game.title = id ?? "";
  }

  showFeed() {
    const { status, wish, gone, failure } = this.store;
    const state = gone !== null ? "stopped" : status?.state ?? "connecting";
    const shown = state === "live" && this.parts.replay_controls ? this.parts.replay_controls.words : state;
    const words = wish ? (wish.live ? "starting" : "stopping") : gone !== null ? "no kernel" : shown;
    mark(this.state, ICONS, wish ? "connecting" : state, words, "");
    write(this.toggle, this.store.live ? "Stop" : "Start");
    this.toggle.setAttribute("aria-pressed", String(this.store.live));
    this.toggle.disabled = gone !== null;
    const reason = failure !== null ? `this view failed: ${failure}` : gone ?? this.reason(state, status);
    write(this.banner, reason);
    this.banner.hidden = !reason;
    this.banner.dataset.is = failure !== null || gone !== null ? "gone" : state;
    this.showAge();
  }

  reason(state, status) {
    if (state === "live" || !status?.reason) return "";
    return status.reason;
  }

  showAge() {
    const age = this.store.age();
    write(this.age, Number.isNaN(age) ? "no frame yet" : `last frame ${duration(Math.max(age, 0))} ago`);
    if (this.parts && !this.parts.replay_controls) this.health.showAge(this.age.textContent);
  }

  showTable() {
    this.shownTable = this.store.table;
    this.shownGallery = this.store.parts.past_games;
    const rows = this.shownTable.map(([id, peak, ticks, status, source, verified]) => {
      const name = make("td", "rl-id", shortId(id));
      name.title = id;
      if (this.parts.past_games) name.prepend(this.parts.past_games.tick(id));
      const known = make("td", "", SOURCES[source] ?? source);
      known.title = status;
      const seed = make("td", "", VERIFIED.get(verified) ?? NONE);
      return make("tr", "", name, make("td", "", number(peak ?? NaN, 2)), make("td", "", number(ticks, 0)), known, seed);
    });
    if (!rows.length) rows.push(make("tr", "", this.noGame()));
    this.rows.replaceChildren(...rows);
  }

  noGame() {
    const cell = make("td", "rl-none", "no finished game yet");
    cell.colSpan = 5;
    return cell;
  }
}

function shortId(id) {
  return id.length > 6 ? `…${id.slice(-6)}` : id;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
