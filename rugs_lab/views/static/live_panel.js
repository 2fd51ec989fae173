// Text and numbers around the chart. Everything received is set as text, never as markup.
/** @import { FeedStore, FinishedGame, PanelActions, PartStates, Setup, ShownGame } from "./page" */
import { Alerts } from "./alerts_panel.js";
import { BotsPanel } from "./bots_panel.js";
import { ChartControls } from "./chart_controls.js";
import { badge, button, facts, idCell, make, mark, status, Table, write } from "./dom.js";
import { FeedHealth } from "./feed_health.js";
import { duration, NONE, number, shortId } from "./formats.js";
import { GameFacts } from "./game_facts.js";
import { GameList } from "./game_list.js";
import { OFFLINE } from "./kernel_link.js";
import { Leaderboard } from "./leaderboard_panel.js";
import { Legend } from "./legend.js";
import { PastGames } from "./past_games.js";
import { RecordButton } from "./record_button.js";
import { ReplayControls } from "./replay_controls.js";
import { StrategyPanel } from "./strategy_panel.js";
import { TradePanel } from "./trade_panel.js";
import { TradeTape } from "./trade_tape.js";

const COMPACT_PX = 250; // charts lower than that have nothing above them
const GAPS_PX = 120;
const FACTS = { tick: "tick", peak: "peak", drawdown: "drawdown", players: "players", trades: "trades", game: "game" };
const GAME_COLUMNS = ["game", "peak (x)", "length (ticks)", "source", "seed"];
const SOURCES = /** @type {Record<string, string>} */ ({ received: "live", nothing: NONE });

export class LivePanel {
  parts = /** @type {ReturnType<typeof partsOf> | null} */ (null); // made when the setup has arrived
  compact = false;
  shownTable = /** @type {unknown[]} */ ([]);
  phase = badge("rl-phase");
  price = make("div", "rl-price");
  facts = facts(FACTS);
  state = badge("rl-state");
  age = make("span", "rl-label");
  banner = status("rl-banner");
  chart = Object.assign(make("div", "rl-chart"), { role: "figure", ariaLabel: "price by tick; the newest is above in words" });
  countdown = make("div", "rl-countdown");
  table = new Table(GAME_COLUMNS, "no finished games yet");
  below = make("fieldset");
  needKernel = [this.below];
  aside = make("aside", "rl-games", make("div", "rl-label", "recent games"), this.table.box);

  /** @param {HTMLElement} box @param {FeedStore} store @param {PanelActions} actions */
  constructor(box, store, actions) {
    this.store = store;
    this.box = box;
    this.toggle = button("rl-toggle", "Start or stop the feed (L)", actions.toggle);
    this.follow = button("rl-follow", "Follow the running game again", actions.follow, "Follow");
    this.record = new RecordButton(store, actions.record);
    this.health = new FeedHealth(store);
    this.controls = new ChartControls(store, actions);
    this.legend = new Legend(store);
    this.over = make("div", "rl-column rl-over", this.controls.box, this.legend.box);
    this.stage = make("div", "rl-stage", this.chart, this.countdown);
    this.plot = make("div", "rl-plot", this.over, this.stage);
    this.body = make("div", "rl-body", this.plot, this.aside);
    const feedWords = make("div", "rl-feed-state", this.state.box, this.age, this.record.badge.box);
    this.buttons = make("div", "rl-row", this.follow, this.record.button, this.toggle);
    const now = make("div", "rl-column rl-now", this.phase.box, this.price);
    const head = make("div", "rl-head", now, this.facts.box, make("div", "rl-row rl-feed", feedWords, this.buttons));
    box.append(head, this.banner, this.record.note, this.body, this.below, this.health.box);
  }

  // Place the parts of this view, once it is known which it has.
  /** @param {Setup} setup */
  place({ parts: names, height, shown }) {
    const parts = partsOf(this.store, new Set(names));
    const { replay_controls, game_list, past_games, game_facts } = parts;
    const chosen = (/** @type {(keyof typeof parts)[]} */ some) => {
      return some.flatMap((name) => (shown.includes(name) ? (parts[name]?.box ?? []) : []));
    };
    this.compact = height < COMPACT_PX;
    this.box.classList.toggle("rl-compact", this.compact);
    this.stage.hidden = !shown.includes("chart");
    this.health.box.hidden = !shown.includes("health");
    for (const part of [replay_controls, game_list]) if (part) this.needKernel.push(part.box);
    if (parts.alerts) this.body.before(parts.alerts.box);
    if (replay_controls && shown.includes("controls")) this.plot.append(replay_controls.box);
    if (game_facts && shown.includes("facts")) this.plot.append(game_facts.box);
    if (game_list) this.aside.replaceChildren(game_list.box);
    this.controls.place(past_games, !replay_controls);
    this.plot.hidden = !this.plot.querySelector(":scope > :not([hidden], .rl-over), :scope > fieldset, :scope > details");
    this.below.append(...chosen(["trade", "strategy", "bots"]));
    this.below.append(make("div", "rl-halves rl-pair", ...chosen(["leaderboard", "trade_tape"])));
    if (replay_controls) {
      this.age.hidden = this.toggle.hidden = true;
      for (const value of [this.facts.values.players, this.facts.values.trades])
        if (value.parentElement) value.parentElement.hidden = true; // not recorded
    }
    this.chart.style.minHeight = `${height + (shown.includes("gaps") ? GAPS_PX : 0)}px`;
    return parts;
  }

  /** @param {Setup} setup @param {boolean} following @param {ShownGame} shownGame */
  show(setup, following, shownGame) {
    const { store } = this;
    this.parts ??= this.place(setup);
    for (const box of this.needKernel) box.disabled = store.gone !== null;
    for (const part of Object.values(this.parts)) part?.show();
    // The only game of a replay is in the chart already.
    const one = !this.parts.game_list && store.parts.replay_controls?.count === 1;
    this.aside.hidden = one || !setup.shown.includes("games");
    this.body.classList.toggle("rl-alone", this.aside.hidden);
    const empty = store.last.phase === "UNKNOWN" && Number.isNaN(store.last.received);
    this.facts.box.hidden = empty || this.compact;
    this.over.hidden = this.facts.box.hidden || this.stage.hidden;
    this.showPhase(empty);
    this.showFacts();
    this.showFeed();
    this.record.show();
    this.controls.show();
    this.controls.showPause(shownGame);
    this.legend.show();
    this.health.show();
    this.follow.hidden = following;
    const table = [store.table, store.parts.past_games];
    if (!table.every((each, i) => each === this.shownTable[i])) this.table.fill(store.table.map((row) => this.gameCells(row)));
    this.shownTable = table;
  }

  /** @param {boolean} empty */
  showPhase(empty) {
    const { phase, cooldown } = this.store.last;
    const waiting = (phase === "PRESALE" || phase === "COOLDOWN" || phase === "GENESIS") && cooldown > 0;
    const paused = waiting && this.parts?.replay_controls?.playing === false;
    const seconds = waiting && !paused ? duration(cooldown / 1000) : "";
    mark(this.phase, phase, phase === "UNKNOWN" ? "WAITING" : phase, seconds);
    const what = phase === "PRESALE" ? "presale" : "cooldown";
    write(this.countdown, waiting ? (paused ? `${what} (paused)` : `${what}: next game in ${seconds}`) : "");
    if (empty) write(this.countdown, "no data yet: waiting for the first message");
    this.countdown.hidden = !this.countdown.textContent || this.store.cut;
  }

  showFacts() {
    const { values } = this.facts;
    const { path, last, gameId, inPlay } = this.store;
    const tick = path.price.length - 1;
    const price = inPlay ? path.price[tick] : NaN;
    const before = path.rug === null ? path.price : path.price.slice(0, path.rug);
    const peak = before.reduce((best, value, at) => (value > (before[best] ?? 0) ? at : best), -1);
    const change = peak >= 0 ? price / before[peak] - 1 : NaN;
    write(this.price, number(price, 4, "x"));
    write(values.tick, inPlay ? `${tick}` : NONE);
    write(values.peak, peak >= 0 ? `${number(before[peak], 2, "x")} at ${peak}` : NONE);
    write(values.drawdown, Number.isNaN(change) ? NONE : `${number(change * 100, 1, "", "+")} %`);
    write(values.players, number(last.players));
    write(values.trades, number(last.trades));
    write(values.game, gameId ? shortId(gameId) : NONE);
    values.game.title = gameId ?? "";
  }

  showFeed() {
    const { status, running, gone, failure, live } = this.store;
    const asked = running.wanted === null ? null : running.wanted ? "starting" : "stopping";
    const state = gone !== null ? "stopped" : (status?.state ?? "connecting");
    const shown = state === "live" && this.parts?.replay_controls ? this.parts.replay_controls.words : state;
    const lost = gone === OFFLINE ? "no network" : "no kernel";
    mark(this.state, asked ? "connecting" : state, asked ?? (gone === null ? shown : lost));
    write(this.toggle, live ? "Stop" : "Start");
    this.toggle.setAttribute("aria-pressed", String(live));
    this.toggle.disabled = gone !== null;
    const reason = failure ?? gone ?? (state === "live" ? "" : (status?.reason ?? ""));
    write(this.banner, reason);
    this.banner.hidden = !reason;
    this.banner.dataset.is = failure !== null || gone !== null ? "gone" : state;
    this.showAge();
  }

  showAge() {
    const again = Math.ceil(this.store.again());
    write(this.state.extra, again > 0 && this.store.running.wanted === null ? `again in ${duration(again, 0)}` : "");
    const age = this.store.age();
    const words = Number.isNaN(age) ? "no message yet" : `last message ${duration(age)} ago`;
    write(this.age, words);
    if (this.parts && !this.parts.replay_controls) write(this.health.age, `${words}  ·  `);
    if (this.store.commandWords) for (const part of [this.parts?.trade, this.parts?.replay_controls]) part?.show();
  }

  /** @param {FinishedGame} game */
  gameCells([id, peak, ticks, status, source, verified]) {
    const known = Object.assign(make("td", "", SOURCES[source] ?? source), { title: status });
    const seed = verified === null ? NONE : verified ? "verified" : "mismatch";
    const tick = this.parts?.past_games?.tick(id);
    return [idCell(id, ...(tick ? [tick] : [])), number(peak, 2), number(ticks), known, seed];
  }
}

/** @param {FeedStore} store @param {Set<string>} names */
function partsOf(store, names) {
  /** @template {keyof PartStates} K @template T @param {K} name @param {new (store: FeedStore, name: K) => T} Kind */
  const made = (name, Kind) => (names.has(name) ? new Kind(store, name) : undefined);
  return {
    alerts: made("alerts", Alerts),
    replay_controls: made("replay_controls", ReplayControls),
    trade: made("trade", TradePanel),
    game_list: made("game_list", GameList),
    past_games: made("past_games", PastGames),
    game_facts: made("game_facts", GameFacts),
    bots: made("bots", BotsPanel),
    strategy: made("strategy", StrategyPanel),
    leaderboard: made("leaderboard", Leaderboard),
    trade_tape: made("trade_tape", TradeTape),
  };
}
