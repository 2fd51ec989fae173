// A kernel for tests: setup and messages as rugs_lab/views/page/page_messages.py makes them, and what it was asked.
import { FeedStore } from "../../rugs_lab/views/static/feed_store.js";

export const COLUMNS = [
  ...["received_ms", "game", "kind", "phase", "tick", "price", "active", "rugged"],
  ...["cooldown_ms", "allow_pre_round_buys", "trade_count", "players"],
];
const KINDS = ["snapshot", "start", "start_full", "active", "rug1a", "cooldown"];
const PHASES = ["UNKNOWN", "COOLDOWN", "PRESALE", "ACTIVATION", "ACTIVE", "RUG"];

export function setup(maxlen = 100, more = {}) {
  return { kind: "setup", bokeh: "3.7", columns: COLUMNS, kinds: KINDS, phases: PHASES, maxlen, height: 400, parts: [], ...more };
}

export const tick = (number, price, more = {}) => ({ tick: number, price, kind: "active", phase: "ACTIVE", ...more });
export const cooldown = (ms, more = {}) => ({ cooldown_ms: ms, kind: "cooldown", phase: "COOLDOWN", ...more });
export const ticks = (first, ...prices) => prices.map((price, i) => tick(first + i, price));

// The bytes of some columns as they come over the wire: at an offset that no float64 array may begin at.
function bytes(...columns) {
  const floats = Float64Array.from(columns.flat());
  const moved = new Uint8Array(floats.byteLength + 3);
  moved.set(new Uint8Array(floats.buffer), 3);
  return [new DataView(moved.buffer, 3)];
}

export class Kernel {
  sent = []; // what the page asked for
  seq = 0;
  row = 0;

  constructor(maxlen = 100) {
    this.store = new FeedStore((content) => this.sent.push(content));
    if (maxlen) this.store.receive(setup(maxlen));
  }

  // Make the next message; `path` and `ghost`: [prices, backfilled].
  message(kind, rows, { path, ghost, ...more } = {}) {
    this.seq += 1;
    const message = { kind, seq: this.seq, row: this.row, n: rows.length, ...more };
    const codes = { kind: KINDS, phase: PHASES };
    const values = COLUMNS.map((name) =>
      rows.map((row) => codes[name]?.indexOf(row[name]) ?? row[name] ?? (name === "game" ? 0 : NaN)),
    );
    for (const [name, [prices, backfilled, rug_tick = null, game = 0]] of Object.entries({ path, ghost }).filter(
      ([, each]) => each,
    )) {
      message[name] = { game, n: prices.length, rug_tick };
      values.push(prices, backfilled);
    }
    this.row += rows.length;
    return [message, bytes(...values)];
  }

  send(kind, rows, more) {
    this.store.receive(...this.message(kind, rows, more));
  }

  snapshot(rows = [], more = {}) {
    this.send("snapshot", rows, { ids: { 0: "game-a" }, game: 0, rug_tick: null, now_ms: 1000, ...more });
    return this.store;
  }

  rows(rows, more) {
    this.send("rows", rows, more);
    return this.store;
  }

  parts(states) {
    return this.rows([], { parts: states });
  }

  done(number, trouble = "") {
    return this.parts({ commands: { done: number, trouble } });
  }
}

// A clock that stands until a test moves it.
export function clock(t) {
  const now = { ms: 1000 };
  t.mock.method(performance, "now", () => now.ms);
  return now;
}
