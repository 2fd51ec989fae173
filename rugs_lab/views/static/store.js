// What the page knows of one feed: fed by the kernel's messages, read by any number of panels.
import { Ring } from "./ring.js";

const ON_THE_TICK_AXIS = new Set(["snapshot", "start", "start_full", "active", "rug1a"]);
const IN_PLAY = new Set(["ACTIVATION", "ACTIVE", "RUG"]);
const ASK_AGAIN_MS = 2000;

export class Store {
  constructor(send) {
    this.send = send;
    this.watchers = new Set();
    this.setup = null;
    this.ring = null;
    this.seq = null;
    this.askedAt = -Infinity;
    this.holes = 0;
    this.failure = null;
    this.gone = null; // why the kernel no longer answers
    this.wish = null; // {live, id}: asked for, not yet confirmed
    this.done = 0;
    this.recordWish = null; // {on, id}, likewise
    this.recordDone = 0;
    this.parts = {}; // what the kernel last said of each part of the view
    this.asked = 0; // number of the last command asked for
    this.flying = null; // number of the command that `doNewest` waits for
    this.waiting = null; // what it sends then
    this.passed = 0; // ticks that came, over all games
    this.reached = new Map(); // game id -> how many ticks of it were counted in
    this.forget();
  }

  forget() {
    this.ids = new Map();
    this.game = null;
    this.path = { version: (this.path?.version ?? 0) + 1, price: [], backfilled: [], rug: null };
    this.ghost = null;
    this.status = null;
    this.table = [];
    this.last = { phase: "UNKNOWN", cooldown: NaN, players: NaN, trades: NaN, received: NaN };
    this.clock = NaN; // the kernel's clock minus the page's
  }

  receive(message, buffers) {
    if (message.kind === "setup") this.begin(message);
    else if (message.kind === "failed") this.failure = message.reason;
    else this.update(message, buffers);
    this.changed();
  }

  changed() {
    for (const watcher of this.watchers) watcher();
  }

  begin(setup) {
    this.setup = setup;
    if (this.ring?.maxlen !== setup.maxlen) this.ring = new Ring(setup.columns, setup.maxlen);
  }

  update(message, buffers) {
    const snapshot = message.kind === "snapshot";
    const fits = snapshot || (message.seq === this.seq + 1 && message.row === this.ring?.next);
    if (!this.setup || !fits) return this.ask(this.setup ? "snapshot" : "hello");
    this.seq = message.seq;
    if (snapshot) {
      this.forget();
      this.ring.reset(message.row);
    }
    for (const [code, id] of Object.entries(message.ids ?? {})) this.ids.set(Number(code), id);
    const values = floats(buffers?.[0]);
    let offset = (message.n ?? 0) * this.ring.columns.length;
    if (message.game !== undefined) this.play(message.game);
    // The path first: it may lack the newest rows, which then continue it.
    if (message.path) offset = this.replacePath(message.path, values, offset);
    if (message.n) {
      this.ring.append(values, 0, message.n);
      this.follow(this.ring.next - message.n);
    }
    if (message.rug_tick !== undefined) this.path.rug = message.rug_tick;
    if (message.ghost) offset = this.replaceGhost(message.ghost, values, offset);
    if (message.status) this.status = message.status;
    if (message.table) this.table = message.table;
    if (message.now_ms !== undefined) this.clock = message.now_ms - performance.now();
    if (message.done !== undefined) this.done = message.done;
    if (this.wish && this.done >= this.wish.id) this.wish = null;
    if (message.record_done !== undefined) this.recordDone = message.record_done;
    if (this.recordWish && this.recordDone >= this.recordWish.id) this.recordWish = null;
    if (message.parts) this.takeParts(message.parts);
    return undefined;
  }

  // Count the ticks that came, each once: a snapshot repeats what was counted before.
  count(game, tick) {
    const before = this.reached.get(game) ?? 0;
    if (!(tick + 1 > before)) return;
    this.passed += tick + 1 - before;
    this.reached.set(game, tick + 1);
  }

  takeParts(parts) {
    this.parts = { ...this.parts, ...parts };
    if (this.flying === null || this.commandsDone < this.flying) return;
    this.flying = null;
    if (this.waiting === null) return;
    const [name, args] = this.waiting;
    this.waiting = null;
    this.doNewest(name, args);
  }

  get commandsDone() {
    return this.parts.commands?.done ?? 0;
  }

  // Ask for something to be done; returns the number by which `commandsDone` will have reached it.
  do(name, args = {}) {
    this.asked = Math.max(this.asked, this.commandsDone) + 1;
    this.send({ kind: "do", name, args, id: this.asked });
    return this.asked;
  }

  // The same for a control that is dragged: one at a time, and of those that wait only the newest.
  doNewest(name, args) {
    if (this.flying !== null) {
      this.waiting = [name, args];
      return;
    }
    this.flying = this.do(name, args);
  }

  ask(what) {
    const now = performance.now();
    if (now - this.askedAt < ASK_AGAIN_MS) return;
    this.askedAt = now;
    this.holes += 1;
    this.send({ kind: what });
  }

  play(code) {
    if (code === this.game) return;
    this.game = code;
    this.path = { version: this.path.version + 1, price: [], backfilled: [], rug: null };
    this.last.trades = NaN;
  }

  // Take the rows from number `row` on: what was last said of everything, and the ticks in their order.
  follow(row) {
    const { ring, last, path, setup } = this;
    for (let i = row; i < ring.next; i++) {
      last.received = latest(ring.at("received_ms", i), last.received);
      last.players = latest(ring.at("players", i), last.players);
      const counts = ON_THE_TICK_AXIS.has(setup.kinds[ring.at("kind", i)]) && IN_PLAY.has(setup.phases[ring.at("phase", i)]);
      if (counts) this.count(this.ids.get(ring.at("game", i)), ring.at("tick", i));
      if (ring.at("game", i) !== this.game) continue;
      last.phase = setup.phases[ring.at("phase", i)];
      last.cooldown = ring.at("cooldown_ms", i);
      if (IN_PLAY.has(last.phase)) last.trades = latest(ring.at("trade_count", i), last.trades);
      const price = ring.at("price", i);
      if (counts && ring.at("tick", i) === path.price.length && !Number.isNaN(price)) {
        path.price.push(price);
        path.backfilled.push(0);
      }
    }
  }

  replacePath(said, values, offset) {
    this.path = {
      version: this.path.version + 1,
      price: Array.from(values.subarray(offset, offset + said.n)),
      backfilled: Array.from(values.subarray(offset + said.n, offset + 2 * said.n)),
      rug: said.rug_tick,
    };
    return offset + 2 * said.n;
  }

  replaceGhost(said, values, offset) {
    const price = Array.from(values.subarray(offset, offset + said.n));
    this.ghost = { game: said.game, price, rug: said.rug_tick };
    return offset + 2 * said.n;
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

  // Data came, and come no more.
  get cut() {
    const state = this.status?.state;
    if (Number.isNaN(this.last.received)) return false;
    return this.gone !== null || state === "stale" || state === "reconnecting" || state === "stopped";
  }

  get cutText() {
    const stopped = this.gone === null && this.status?.state === "stopped";
    return `${stopped ? "stopped" : "disconnected"}: data ends here`;
  }

  // Seconds since the last frame came, by the kernel's clock.
  age() {
    return (performance.now() + this.clock - this.last.received) / 1000;
  }

  // Ask for the feed to run or not; shown at once, confirmed later.
  wishFor(live) {
    this.wish = { live, id: Math.max(this.done, this.wish?.id ?? 0) + 1 };
    this.send({ kind: "live", live, id: this.wish.id });
    this.changed();
  }

  get live() {
    return this.wish ? this.wish.live : this.status?.live ?? false;
  }

  // Ask for the feed to be recorded or not; shown at once, confirmed later.
  wishToRecord(on) {
    this.recordWish = { on, id: Math.max(this.recordDone, this.recordWish?.id ?? 0) + 1 };
    this.send({ kind: "record", on, id: this.recordWish.id });
    this.changed();
  }

  // What is known of the recording; null where the feed cannot be recorded.
  get record() {
    return this.status?.record ?? null;
  }

  get recording() {
    return this.recordWish ? this.recordWish.on : this.record?.on ?? false;
  }
}

function latest(value, before) {
  return Number.isNaN(value) ? before : value;
}

// A copy, because a float64 view must begin at a multiple of eight bytes.
function floats(view) {
  if (!view || !view.byteLength) return new Float64Array(0);
  const { buffer, byteOffset, byteLength } = view;
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
