import assert from "node:assert/strict";
import { test } from "node:test";
import { LabStore } from "../../rugs_lab/views/static/lab_store.js";
import { clock } from "./kernel.js";

function page(t) {
  const now = clock(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const store = new LabStore((content) => sent.push(content));
  const pass = (ms) => {
    now.ms += ms;
    t.mock.timers.tick(ms);
  };
  return { sent, store, pass };
}

const state = (taken, more = {}) => ({ kind: "state", seq: 1, taken, ...more });

test("values that are set at nearly the same time go together, the newest of each", (t) => {
  const { sent, store, pass } = page(t);
  store.request("params", "take", 1.1);
  store.request("params", "take", 1.2);
  store.request("session", "cash", 2);
  assert.deepEqual([sent, store.flying], [[], true]);
  pass(0);
  assert.deepEqual(sent, [{ kind: "request", id: 1, params: { take: 1.2 }, session: { cash: 2 } }]);
});

test("a slider that is dragged sends at most every 60 ms", (t) => {
  const { sent, store, pass } = page(t);
  for (let i = 0; i < 20; i++) {
    store.request("params", "take", i);
    pass(10);
  }
  pass(60);
  assert.deepEqual(
    sent.map(({ params }) => params.take),
    [0, 6, 12, 18, 19],
  );
});

test("the form is ahead of the kernel until the newest request is answered, or for five seconds", (t) => {
  const { store, pass } = page(t);
  store.request("params", "take", 1);
  pass(0);
  store.receive(state(0), []);
  assert.equal(store.flying, true);
  store.receive(state(1), []);
  assert.equal(store.flying, false);
  pass(100);
  store.request("params", "take", 2);
  pass(0);
  pass(4900);
  assert.equal(store.flying, true);
  pass(200);
  assert.equal(store.flying, false); // never answered
});

test("a page that was loaded again is ahead of the kernel too, though the page before made as many requests", (t) => {
  const { store, pass } = page(t);
  store.receive(state(1), []);
  store.request("params", "take", 1);
  pass(0);
  store.receive(state(1), []);
  assert.equal(store.flying, true);
  store.receive(state(2), []);
  assert.equal(store.flying, false);
});

test("what Python set before anything was asked for is shown", (t) => {
  const { store } = page(t);
  store.receive(state(9), []);
  assert.equal(store.flying, false);
});

test("the columns of a result are put in their places", (t) => {
  const { store } = page(t);
  const figures = {
    equity: { equity: { data: { game: { $: [0, 2] }, equity: { $: [2, 1] } } }, title: { text: "a" } },
    profit: null,
  };
  store.receive({ kind: "result", seq: 5, figures, stage: "sample" }, [new DataView(Float64Array.of(0, 1, 2.5).buffer)]);
  assert.deepEqual(store.result.figures.equity, { equity: { data: { game: [0, 1], equity: [2.5] } }, title: { text: "a" } });
  assert.deepEqual([store.result.stage, store.seq], ["sample", 5]);
});

test("buttons are numbered, and do nothing when the kernel is gone", (t) => {
  const { sent, store } = page(t);
  store.press("lab.replay");
  store.lose("gone");
  store.press("lab.live");
  assert.deepEqual(sent, [{ kind: "do", name: "lab.replay", id: 1 }]);
});

test("a button that was pressed says how long it waits, and then what was wrong", (t) => {
  const { sent, store, pass } = page(t);
  store.receive(state(0, { commands: 4, trouble: "too small" }), []);
  assert.equal(store.commandWords, "too small");
  store.press("lab.live");
  pass(1500);
  assert.deepEqual(sent, [{ kind: "do", name: "lab.live", id: 5 }]);
  assert.equal(store.commandWords, "command sent, waits for the kernel (1.5 s)");
  store.press("lab.end");
  assert.equal(store.commandWords, "2 commands sent, wait for the kernel (1.5 s)");
  store.receive(state(0, { commands: 6, trouble: "not done: what you saw" }), []);
  assert.equal(store.commandWords, "not done: what you saw");
});
