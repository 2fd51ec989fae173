// What the page knows of one feed: fed by the kernel's messages, read by any number of panels.
/** @import { Buffers, Commands, FinishedGame, Ghost, PartStates, Path, Phase, Send, Setup, Status, Update } from "./page" */
import { ANSWER_MS, floats, KernelStore } from "./kernel_link.js";
import { RingBuffer } from "./ring_buffer.js";

const ON_THE_TICK_AXIS = new Set(["snapshot", "start", "start_full", "active", "rug1a"]);
const IN_PLAY = new Set(["ACTIVATION", "ACTIVE", "RUG"]);
const ASK_AGAIN_MS = 2000;
const NOTHING = { phase: /** @type {Phase} */ ("UNKNOWN"), cooldown: NaN, players: NaN, trades: NaN, received: NaN };

// A switch in the kernel: what the reader asked for is shown at once, and confirmed later.
export class Switch {
  constructor() {
    this.wanted = /** @type {boolean | null} */ (null); // asked for, not yet confirmed
    this.asked = 0; // number of the last request
    this.done = 0; // number of the last one carried out
  }

  /** @param {boolean} on @param {number} [number] */
  ask(on, number = Math.max(this.asked, this.done) + 1) {
    this.wanted = on;
    this.asked = number;
    return number;
  }

  /** @param {number} [done] */
  confirm(done = this.done) {
    this.done = done;
    if (done >= this.asked) this.wanted = null;
  }
}

export class FeedStore extends KernelStore {
  /** @param {Send} send */
  constructor(send) {
    super(send);
    this.setup = /** @type {Setup | null} */ (null);
    this.ring = new RingBuffer([], 0);
    this.askedAt = -Infinity;
    this.holes = 0;
    this.running = new Switch();
    this.recorder = new Switch();
    this.parts = /** @type {Partial<PartStates>} */ ({}); // what the kernel sent last of each part of the view
    this.flying = /** @type {number | null} */ (null); // number of the command that `doNewest` waits for
    this.flyingSince = 0;
    this.waiting = /** @type {(() => number) | null} */ (null); // sends the command that follows it
    this.passed = 0; // ticks that arrived, over all games
    this.reached = /** @type {Map<string | undefined, number>} */ (new Map()); // ticks counted per game
    this.versions = 0; // of paths
    this.ids = /** @type {Map<number, string>} */ (new Map()); // of games, by their code
    this.game = /** @type {number | null} */ (null); // code of the running one
    this.path = this.newPath();
    this.ghost = /** @type {Ghost | null} */ (null);
    this.status = /** @type {Status | null} */ (null);
    this.table = /** @type {FinishedGame[]} */ ([]);
    this.last = { ...NOTHING };
    this.clock = NaN; // the kernel's clock minus the page's
  }

  forget() {
    this.ids.clear();
    this.game = this.ghost = this.status = null;
    this.path = this.newPath();
    this.table = [];
    this.last = { ...NOTHING };
    this.clock = NaN;
  }

  /** @param {number[]} [price] @param {number[]} [backfilled] @param {number | null} [rug] @returns {Path} */
  newPath(price = [], backfilled = [], rug = null) {
    this.versions += 1;
    return { version: this.versions, price, backfilled, rug };
  }

  /** @param {Setup | Update} message @param {Buffers} [buffers] */
  receive(message, buffers) {
    if (message.kind === "setup") this.begin(message);
    else this.update(message, buffers);
    this.changed();
  }

  /** @param {Setup} setup */
  begin(setup) {
    this.setup = setup;
    if (this.ring.maxlen !== setup.maxlen) this.ring = new RingBuffer(setup.columns, setup.maxlen);
  }

  /** @param {Update} message @param {Buffers} [buffers] */
  update(message, buffers) {
    const snapshot = message.kind === "snapshot";
    const fits = snapshot || (this.seq !== null && message.seq === this.seq + 1 && message.row === this.ring.next);
    if (!this.setup || !fits) return this.ask(this.setup ? "snapshot" : "hello");
    this.took(message.seq);
    if (snapshot) {
      this.forget();
      this.ring.reset(message.row);
    }
    for (const [code, id] of Object.entries(message.ids ?? {})) this.ids.set(Number(code), id);
    const values = floats(buffers?.[0]);
    let offset = message.n * this.ring.columns.length;
    const next = (/** @type {number} */ n) => {
      offset += n;
      return Array.from(values.subarray(offset - n, offset));
    };
    if (message.game !== undefined && message.game !== this.game) this.play(message.game);
    // The path first: it may lack the newest rows, which then continue it.
    if (message.path) this.path = this.newPath(next(message.path.n), next(message.path.n), message.path.rug_tick);
    this.ring.append(values, message.n);
    this.follow(this.setup, this.ring.next - message.n);
    if (message.rug_tick !== undefined) this.path.rug = message.rug_tick;
    if (message.ghost) this.ghost = { game: message.ghost.game, price: next(message.ghost.n), rug: message.ghost.rug_tick };
    if (message.status) this.status = message.status;
    if (message.table) this.table = message.table;
    if (message.now_ms !== undefined) this.clock = message.now_ms - performance.now();
    this.running.confirm(message.done);
    this.recorder.confirm(message.record_done);
    if (message.parts) this.takeParts(message.parts);
  }

  // Count each tick that arrived once: a snapshot repeats what was counted before.
  /** @param {string | undefined} game @param {number} tick */
  count(game, tick) {
    const before = this.reached.get(game) ?? 0;
    if (!(tick + 1 > before)) return;
    this.passed += tick + 1 - before;
    this.reached.set(game, tick + 1);
  }

  /** @param {Partial<PartStates>} parts */
  takeParts(parts) {
    this.parts = { ...this.parts, ...parts };
    if (this.flying === null || this.commandsDone < this.flying) return;
    this.flying = null;
    this.fly(this.waiting);
  }

  // Nobody will confirm what was asked for.
  /** @param {string} reason */
  lose(reason) {
    this.running.wanted = this.recorder.wanted = this.flying = this.waiting = null;
    this.asked = this.commandsDone;
    super.lose(reason);
  }

  get commands() {
    return this.parts.commands ?? super.commands;
  }

  // Ask for something to be done; returns the number by which `commandsDone` will have reached it.
  // What is seen now goes with it, and by `seq` since when: the kernel does nothing on what is out of date.
  /** @template {keyof Commands} K @param {K} name @param {Commands[K]} args */
  do(name, args) {
    const { price } = this.path;
    const seen = { game: this.gameId, tick: price.length - 1, price: price.at(-1) ?? null };
    this.send({ kind: "do", name, args, id: this.next(), seen });
    this.changed();
    return this.asked;
  }

  // The same for a control that is dragged: one at a time, and of those that wait only the newest.
  /** @template {keyof Commands} K @param {K} name @param {Commands[K]} args */
  doNewest(name, args) {
    this.waiting = () => this.do(name, args);
    if (this.flying === null || performance.now() - this.flyingSince > ANSWER_MS) this.fly(this.waiting);
  }

  /** @param {(() => number) | null} send */
  fly(send) {
    this.waiting = null;
    if (send === null) return;
    this.flying = send();
    this.flyingSince = performance.now();
  }

  /** @param {"hello" | "snapshot"} kind */
  ask(kind) {
    const now = performance.now();
    if (now - this.askedAt < ASK_AGAIN_MS) return;
    this.askedAt = now;
    this.holes += 1;
    this.send({ kind });
  }

  /** @param {number} code of the game that runs now */
  play(code) {
    this.game = code;
    this.path = this.newPath();
    this.last.trades = NaN;
  }

  // Read the rows from number `row` on: the newest value of everything, and the ticks in their order.
  /** @param {Setup} setup @param {number} row */
  follow(setup, row) {
    const { ring, last, path } = this;
    for (let i = row; i < ring.next; i++) {
      const [game, tick, price] = [ring.at("game", i), ring.at("tick", i), ring.at("price", i)];
      const phase = setup.phases[ring.at("phase", i)];
      last.received = latest(ring.at("received_ms", i), last.received);
      last.players = latest(ring.at("players", i), last.players);
      const counts = ON_THE_TICK_AXIS.has(setup.kinds[ring.at("kind", i)]) && IN_PLAY.has(phase);
      if (counts) this.count(this.ids.get(game), tick);
      if (game !== this.game) continue;
      last.phase = phase;
      last.cooldown = ring.at("cooldown_ms", i);
      if (IN_PLAY.has(phase)) last.trades = latest(ring.at("trade_count", i), last.trades);
      if (counts && tick === path.price.length && !Number.isNaN(price)) {
        path.price.push(price);
        path.backfilled.push(0);
      }
    }
  }

  // Id of the running game.
  get gameId() {
    return (this.game === null ? undefined : this.ids.get(this.game)) ?? null;
  }

  // The previous game, unless it is the one being shown.
  get previous() {
    return this.ghost && this.ghost.game !== this.game ? this.ghost : null;
  }

  get inPlay() {
    return this.path.price.length > 0;
  }

  // A past game that the reader chose to see instead of the running one.
  get chosen() {
    return this.parts.past_games?.shown ?? null;
  }

  // Data arrived earlier but no longer do.
  get cut() {
    const state = this.status?.state;
    if (Number.isNaN(this.last.received)) return false;
    return this.gone !== null || state === "stale" || state === "reconnecting" || state === "stopped";
  }

  get cutText() {
    const stopped = this.gone === null && this.status?.state === "stopped";
    return `${stopped ? "stopped" : "disconnected"}: data ends here`;
  }

  // Seconds since the last message, by the kernel's clock.
  age() {
    return (performance.now() + this.clock - this.last.received) / 1000;
  }

  // Seconds to the next connection, by the kernel's clock; NaN where none is waited for.
  again() {
    return ((this.status?.again_ms ?? NaN) - performance.now() - this.clock) / 1000;
  }

  // Ask for the feed to run or not.
  /** @param {boolean} live */
  setLive(live) {
    this.send({ kind: "live", live, id: this.running.ask(live) });
    this.changed();
  }

  get live() {
    return this.running.wanted ?? this.status?.live ?? false;
  }

  // Ask for the feed to be recorded or not.
  /** @param {boolean} on */
  setRecording(on) {
    this.send({ kind: "record", on, id: this.recorder.ask(on) });
    this.changed();
  }

  // What is known of the recording; null where the feed cannot be recorded.
  get record() {
    return this.status?.record ?? null;
  }

  get recording() {
    return this.recorder.wanted ?? this.record?.on ?? false;
  }
}

/** @param {number} value @param {number} before */
function latest(value, before) {
  return Number.isNaN(value) ? before : value;
}
