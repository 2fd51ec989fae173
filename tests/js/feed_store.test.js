import assert from "node:assert/strict";
import { test } from "node:test";
import { FeedStore, Switch } from "../../rugs_lab/views/static/feed_store.js";
import { clock, cooldown, Kernel, setup, tick, ticks } from "./kernel.js";

test("a snapshot gives rows, the running game and its path", () => {
  const store = new Kernel().snapshot([cooldown(5000), ...ticks(0, 1, 1.2)], {
    path: [
      [1, 1.2],
      [0, 0],
    ],
  });
  assert.deepEqual(store.ring.slice("price", 0), [NaN, 1, 1.2]);
  assert.deepEqual([store.gameId, store.path.price, store.path.rug], ["game-a", [1, 1.2], null]);
  assert.equal(store.last.phase, "ACTIVE");
});

test("ticks in their order continue the path; one that is there already, or without a price, does not", () => {
  const kernel = new Kernel();
  kernel.snapshot(ticks(0, 1, 1.1), {
    path: [
      [1, 1.1],
      [0, 0],
    ],
  });
  const store = kernel.rows([tick(1, 1.1), tick(2, 1.2), tick(2, 9), tick(3, NaN)]);
  assert.deepEqual(store.path.price, [1, 1.1, 1.2]);
});

test("a path that lacks the newest rows is continued by them", () => {
  const kernel = new Kernel();
  kernel.snapshot();
  assert.deepEqual(
    kernel.rows(ticks(2, 1.3, 1.4), {
      path: [
        [1, 1.1, 1.3],
        [0, 1, 0],
      ],
    }).path.price,
    [1, 1.1, 1.3, 1.4],
  );
});

test("a hole stays until the path comes back-filled; a tick that is still missing is not a number", () => {
  const kernel = new Kernel();
  kernel.snapshot(ticks(0, 1), { path: [[1], [0]] });
  const store = kernel.rows([tick(3, 1.3)]);
  assert.deepEqual(store.path.price, [1]);
  const { version } = store.path;
  kernel.rows([tick(4, 1.4)], {
    path: [
      [1, NaN, 1.2, 1.3],
      [0, 0, 1, 0],
    ],
  });
  assert.deepEqual(store.path.price, [1, NaN, 1.2, 1.3, 1.4]);
  assert.deepEqual(store.path.backfilled, [0, 0, 1, 0, 0]);
  assert.notEqual(store.path.version, version);
});

test("rows of another game, of a cooldown or of an unknown kind are no ticks of the path", () => {
  const kernel = new Kernel();
  kernel.snapshot();
  const store = kernel.rows([tick(0, 1, { game: 1 }), cooldown(100, { tick: 0, price: 1 }), tick(0, 1, { kind: "?" })], {
    ids: { 1: "game-b" },
  });
  assert.deepEqual(store.path.price, []);
});

test("a new game begins a new path; the last one is the previous game until it is shown itself", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot(ticks(0, 1, 0.02), { path: [[1, 0.02], [0, 0], 1], rug_tick: 1 });
  assert.equal(store.path.rug, 1);
  kernel.rows([], { ghost: [[1, 0.02], [0, 0], 1, 0] });
  assert.equal(store.previous, null);
  kernel.rows([tick(0, 1, { game: 1 })], { game: 1, rug_tick: null, ids: { 1: "game-b" }, path: [[], [], null, 1] });
  assert.deepEqual([store.gameId, store.path.price, store.path.rug], ["game-b", [1], null]);
  assert.deepEqual(store.previous, { game: 0, price: [1, 0.02], rug: 1 });
});

test("the tick of the rug comes with the rows, the path stays", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot(ticks(0, 1), { path: [[1], [0]] });
  const { version } = store.path;
  kernel.rows([tick(1, 0.02, { kind: "rug1a", phase: "RUG" })], { game: 0, rug_tick: 1 });
  assert.deepEqual([store.path.rug, store.path.price, store.path.version], [1, [1, 0.02], version]);
});

test("path and ghost in one message are told apart", () => {
  const kernel = new Kernel();
  kernel.snapshot();
  const store = kernel.rows(ticks(0, 1), { path: [[1], [0]], ghost: [[1, 2, 0.02], [0, 0, 0], 2, 7] });
  assert.deepEqual([store.path.price, store.ghost.price], [[1], [1, 2, 0.02]]);
});

test("what is known stays when a row does not mention it, and is forgotten with a snapshot", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot([tick(0, 1, { players: 240, trade_count: 9, received_ms: 5000 })]);
  kernel.rows([tick(1, 1.1, { received_ms: NaN })]);
  assert.deepEqual([store.last.players, store.last.trades, store.last.received], [240, 9, 5000]);
  kernel.snapshot();
  assert.deepEqual([store.last.players, store.last.phase, store.table, store.status], [NaN, "UNKNOWN", [], null]);
});

test("a missing message is noticed: nothing is taken, and a snapshot is asked for every two seconds until it comes", (t) => {
  const now = clock(t);
  const kernel = new Kernel();
  const store = kernel.snapshot(ticks(0, 1), { path: [[1], [0]] });
  kernel.message("rows", ticks(1, 1.1)); // is lost
  for (const ms of [1000, 1100, 2900, 3100]) {
    now.ms = ms;
    kernel.rows(ticks(2, 1.2));
  }
  assert.deepEqual(kernel.sent, [{ kind: "snapshot" }, { kind: "snapshot" }]);
  assert.deepEqual([store.path.price, store.ring.next, store.seq, store.holes], [[1], 1, 1, 2]);
  kernel.snapshot(ticks(4, 1.4), {
    path: [
      [1, 1.1, 1.2, 1.3, 1.4],
      [0, 0, 0, 0, 0],
    ],
  });
  assert.deepEqual([store.path.price.length, store.ring.at("price", 6)], [5, 1.4]);
});

test("rows that do not join those that are held are a hole too, though the message has the right number", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot(ticks(0, 1));
  kernel.row = 5;
  kernel.rows(ticks(1, 1.1));
  assert.deepEqual([kernel.sent, store.ring.next], [[{ kind: "snapshot" }], 1]);
});

test("before the setup nothing can be read, and hello is said", () => {
  const kernel = new Kernel(0);
  kernel.rows(ticks(0, 1));
  kernel.snapshot();
  assert.deepEqual([kernel.sent, kernel.store.seq], [[{ kind: "hello" }], null]);
});

test("a kernel that begins again with another buffer starts from its snapshot", () => {
  const kernel = new Kernel(10);
  const store = kernel.snapshot(ticks(0, 1, 1.1));
  store.receive(setup(4));
  kernel.rows(ticks(2, 1.2));
  assert.deepEqual([kernel.sent, store.ring.length], [[{ kind: "snapshot" }], 0]);
  kernel.row = 90;
  kernel.snapshot(ticks(5, 1, 2, 3, 4, 5, 6));
  assert.deepEqual([store.ring.start, store.ring.slice("price", 0)], [92, [3, 4, 5, 6]]);
});

test("ticks are counted over all games, each once, also those that were missed", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot(ticks(0, 1, 1.1));
  kernel.rows([tick(4, 1.4), tick(3, 1.3)]);
  assert.equal(store.passed, 5);
  kernel.snapshot(ticks(0, 1, 1.1, 1.2));
  assert.equal(store.passed, 5);
  kernel.rows([tick(0, 1, { game: 1 })], { ids: { 1: "game-b" } });
  assert.equal(store.passed, 6);
});

test("data that come no more are cut, unless there never were any", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot([], { status: { state: "stale" } });
  assert.equal(store.cut, false);
  kernel.rows([tick(0, 1, { received_ms: 5000 })]);
  assert.deepEqual([store.cut, store.cutText], [true, "disconnected: data ends here"]);
  kernel.rows([], { status: { state: "stopped" } });
  assert.equal(store.cutText, "stopped: data ends here");
  kernel.rows([], { status: { state: "live" } });
  assert.equal(store.cut, false);
  store.lose("kernel lost");
  assert.deepEqual([store.cut, store.cutText], [true, "disconnected: data ends here"]);
});

test("the age of the last message is told by the kernel's clock", (t) => {
  const now = clock(t);
  const store = new Kernel().snapshot([tick(0, 1, { received_ms: 50_000 })], { now_ms: 50_250 });
  now.ms += 1000;
  assert.equal(store.age(), 1.25);
});

test("a request is shown at once and confirmed by its number, not by an older one", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot([], { status: { state: "live", live: true } });
  store.setLive(false);
  store.setLive(true);
  store.setLive(false);
  assert.deepEqual(
    kernel.sent.map(({ live, id }) => [live, id]),
    [
      [false, 1],
      [true, 2],
      [false, 3],
    ],
  );
  kernel.rows([], { done: 2 });
  assert.equal(store.live, false);
  kernel.rows([], { done: 3 });
  assert.equal(store.live, true); // as the kernel says
});

test("a request has a higher number than any that another page made", () => {
  const kernel = new Kernel();
  kernel.snapshot([], { done: 7, record_done: 3 });
  kernel.store.setLive(false);
  kernel.store.setRecording(true);
  assert.deepEqual(
    kernel.sent.map(({ kind, id }) => [kind, id]),
    [
      ["live", 8],
      ["record", 4],
    ],
  );
});

test("what was asked for of a kernel that is gone is no longer waited for", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot([], { status: { state: "live", live: true, record: { on: false } } });
  store.setLive(false);
  store.setRecording(true);
  store.lose("kernel lost");
  assert.deepEqual([store.live, store.recording, store.gone], [true, false, "kernel lost"]);
});

test("a switch is confirmed by the number it was given", () => {
  const made = new Switch();
  made.ask(true, 12);
  made.confirm(11);
  assert.equal(made.wanted, true);
  made.confirm(13);
  assert.equal(made.wanted, null);
});

test("commands are numbered on from what the kernel has done", () => {
  const kernel = new Kernel();
  kernel.snapshot([], { parts: { commands: { done: 4, trouble: "" } } });
  assert.deepEqual([kernel.store.do("trade.cancel", {}), kernel.store.do("trade.open", {})], [5, 6]);
  assert.deepEqual(kernel.sent[0], {
    kind: "do",
    name: "trade.cancel",
    args: {},
    id: 5,
    seen: { game: "game-a", tick: -1, price: null },
  });
});

test("of the places a slider was dragged over only the newest is sent, when the one before is done", () => {
  const kernel = new Kernel();
  kernel.snapshot();
  for (const place of [1, 2, 3]) kernel.store.doNewest("replay_controls.seek", { tick: place });
  assert.deepEqual(
    kernel.sent.map(({ args }) => args.tick),
    [1],
  );
  kernel.done(0);
  assert.equal(kernel.sent.length, 1);
  kernel.done(1);
  assert.deepEqual(
    kernel.sent.map(({ args, id }) => [args.tick, id]),
    [
      [1, 1],
      [3, 2],
    ],
  );
  kernel.done(2);
  assert.deepEqual([kernel.sent.length, kernel.store.flying], [2, null]);
});

test("a command that is never answered does not block the slider", (t) => {
  const now = clock(t);
  const kernel = new Kernel();
  kernel.snapshot();
  kernel.store.doNewest("replay_controls.seek", { tick: 1 });
  kernel.store.doNewest("replay_controls.seek", { tick: 2 });
  now.ms += 6000;
  kernel.store.doNewest("replay_controls.seek", { tick: 3 });
  assert.deepEqual(
    kernel.sent.map(({ args }) => args.tick),
    [1, 3],
  );
  kernel.done(1); // late, of the first
  assert.equal(kernel.store.flying, 2);
  kernel.done(2);
  assert.equal(kernel.store.flying, null);
});

test("states of parts are taken one by one, the others stay", () => {
  const kernel = new Kernel();
  const store = kernel.snapshot([], { parts: { trade: { open: false, cash: 1 }, ghosts: { count: 1 } } });
  const before = store.parts;
  kernel.parts({ ghosts: { count: 3 } });
  assert.deepEqual([store.parts.trade.cash, store.parts.ghosts.count, before.ghosts.count], [1, 3, 1]);
});

test("watchers are called with every message, and no longer when they have gone", () => {
  const store = new FeedStore(() => {});
  let calls = 0;
  const watcher = () => {
    calls += 1;
  };
  store.watchers.add(watcher);
  store.receive(setup());
  store.fail("ValueError: no");
  store.watchers.delete(watcher);
  store.lose("gone");
  assert.deepEqual([calls, store.failure], [2, "this widget stopped: ValueError: no"]);
});

test("a command says how long it waits, and what was wrong with it", (t) => {
  const now = clock(t);
  const kernel = new Kernel();
  const store = kernel.snapshot();
  store.do("trade.cancel", {});
  assert.equal(store.commandWords, "command sent, waits for the kernel (0.0 s)");
  now.ms += 3200;
  store.do("trade.cancel", {});
  assert.equal(store.commandWords, "2 commands sent, wait for the kernel (3.2 s)");
  kernel.done(2, "not executed: too old");
  assert.equal(store.commandWords, "not executed: too old");
  store.do("trade.cancel", {});
  store.lose("kernel lost");
  assert.equal(store.commandWords, "not executed: too old");
});
