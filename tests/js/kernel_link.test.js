import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { floats, KernelLink, KernelStore } from "../../rugs_lab/views/static/kernel_link.js";
import { clock } from "./kernel.js";

const GONE = "kernel lost: it does not answer; run the cell again";

// A page whose setup has come; `pass` lets time go by and looks each second.
function page(t, { setup = { bokeh: "3.7" } } = {}) {
  const now = clock(t);
  const sent = [];
  const calls = {};
  const kernel = { status: "idle" };
  const model = {
    on: (event, call) => {
      calls[event] = call;
    },
    send: (content) => sent.push(content),
    widget_manager: { kernel },
  };
  t.mock.timers.enable({ apis: ["setInterval"] });
  const store = new KernelStore(() => {});
  store.setup = setup;
  store.watchers.add(() => {});
  const link = new KernelLink(model, store);
  t.after(() => link.close());
  const pass = (seconds) => {
    for (let i = 0; i < seconds; i++) {
      now.ms += 1000;
      t.mock.timers.tick(1000);
    }
  };
  return { kernel, link, model, pass, sent, store, calls };
}

test("a kernel that speaks is pinged now and then, and what the page has taken goes with it", (t) => {
  const { link, pass, sent, store } = page(t);
  store.took(41);
  link.received({});
  assert.deepEqual(sent, [{ kind: "ping", id: 1, seq: 41 }]);
  pass(2);
  link.received({ pong: 1 });
  pass(2);
  link.received({});
  assert.deepEqual(
    sent.map(({ id }) => id),
    [1, 2],
  );
});

test("silence is asked about once, and a kernel that does not answer is gone until it speaks again", (t) => {
  const { link, pass, sent, store } = page(t);
  pass(9);
  assert.deepEqual([sent.length, store.gone], [1, null]);
  pass(3);
  assert.equal(store.gone, GONE);
  link.received({ pong: 1 });
  assert.equal(store.gone, null);
});

test("a busy kernel is not gone, however long it takes", (t) => {
  const { kernel, pass, store } = page(t);
  kernel.status = "busy";
  pass(600);
  assert.equal(store.gone, null);
});

test("a restarted kernel is gone at once", (t) => {
  const { kernel, store, calls } = page(t);
  kernel.status = "restarting";
  calls.comm_live_update();
  assert.equal(store.gone, "kernel lost: run the cell again");
});

test("a view that failed sends nothing more, which is not the kernel's end", (t) => {
  const { pass, sent, store } = page(t);
  store.fail("ValueError: no");
  pass(60);
  assert.deepEqual([sent, store.gone, store.failure], [[], null, "this widget stopped: ValueError: no"]);
});

test("hello is said each second until the setup has come, where somebody looks", (t) => {
  const { pass, sent, store } = page(t, { setup: null });
  pass(2);
  store.watchers.clear();
  pass(1);
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ["hello", "hello"],
  );
});

test("a comm that is closed is no error", (t) => {
  const { link, model } = page(t);
  model.send = () => {
    throw new Error("closed");
  };
  t.mock.method(console, "debug", () => {});
  link.send({ kind: "hello" });
});

test("numbers are read from bytes wherever they begin", () => {
  const moved = new Uint8Array(19);
  moved.set(new Uint8Array(Float64Array.of(1.5, NaN).buffer), 3);
  assert.deepEqual(floats(new DataView(moved.buffer, 3)), Float64Array.of(1.5, NaN));
  assert.equal(floats(undefined).length, 0);
});

test("a lost network is not a lost kernel, and what it cuts off is asked for once it is back", (t) => {
  const { kernel, link, pass, sent, store } = page(t);
  kernel.connectionStatus = "connecting";
  pass(1);
  assert.match(store.gone, /^network lost/);
  pass(60);
  assert.deepEqual([sent, store.gone.startsWith("network lost")], [[], true]);
  kernel.connectionStatus = "connected";
  pass(1);
  assert.deepEqual([sent.at(-1).kind, store.gone], ["ping", null]);
  link.received({ pong: sent.at(-1).id });
  pass(3);
  assert.equal(store.gone, null);
});

test("a kernel that died while the network was lost is gone when it is back", (t) => {
  const { kernel, pass, store } = page(t);
  kernel.connectionStatus = "disconnected";
  pass(5);
  kernel.connectionStatus = "connected";
  pass(20);
  assert.equal(store.gone, GONE);
});

const PACKED = gzipSync(
  JSON.stringify([
    [{ kind: "setup", bokeh: "3.7" }, ""],
    [{ kind: "state", seq: null }, "AAAAAAAA8D8="],
  ]),
);

// A page that has come to know nothing of a kernel, with what was saved of it.
async function saved(t, snapshot) {
  const opened = page(t, { setup: null });
  const { model, store, pass } = opened;
  const received = [];
  store.receive = (message, buffers) => {
    received.push([message, buffers]);
    if (message.kind === "setup") store.setup = message;
  };
  model.widget_manager = {};
  model.get = () => snapshot;
  pass(1);
  await opened.link.recalled;
  return { ...opened, received };
}

test("without a kernel what was saved is shown, and a kernel is greeted until it answers", async (t) => {
  const { received, store, sent, pass } = await saved(t, PACKED.toString("base64"));
  assert.deepEqual(
    received.map(([{ kind }]) => kind),
    ["setup", "state"],
  );
  assert.deepEqual([...floats(received[1][1][0])], [1]);
  assert.match(store.gone, /^no kernel/);
  sent.length = 0;
  pass(2);
  assert.deepEqual(sent, Array(2).fill({ kind: "hello", seq: null }));
});

test("nothing was saved: nothing is shown", async (t) => {
  const { received, store } = await saved(t, "");
  assert.deepEqual([received, store.gone], [[], null]);
});
