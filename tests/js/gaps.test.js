import assert from "node:assert/strict";
import { test } from "node:test";
import { GAP_ROWS, Gaps } from "../../rugs_lab/views/static/gaps.js";
import { RingBuffer } from "../../rugs_lab/views/static/ring_buffer.js";

// A data source of Bokeh's: `stream` adds rows and keeps the newest so many.
class Source {
  data = { received_ms: [], gap_ms: [] };
  streamed = 0;

  stream(columns, rollover) {
    this.streamed += columns.received_ms.length;
    for (const [name, values] of Object.entries(columns)) this.data[name] = [...this.data[name], ...values].slice(-rollover);
  }
}

function strip(maxlen, ...times) {
  const store = { ring: new RingBuffer(["received_ms"], maxlen) };
  const gaps = new Gaps(store, new Source());
  const come = (...more) => store.ring.append(Float64Array.from(more), more.length);
  come(...times);
  return { store, gaps, source: gaps.source, come };
}

const regular = (n, from = 0) => Array.from({ length: n }, (_, i) => from + 250 * i);

test("each row has the time since the row before it; the first has none", () => {
  const { gaps, source } = strip(10, 1000, 1250, 1800);
  gaps.showNewest();
  assert.deepEqual(source.data, { received_ms: [1000, 1250, 1800], gap_ms: [NaN, 250, 550] });
});

test("new rows are streamed once, with the gap to the last row that was there", () => {
  const { gaps, source, come } = strip(10, 1000, 1250);
  gaps.showNewest();
  come(1700);
  gaps.showNewest();
  gaps.showNewest();
  assert.deepEqual(source.data.gap_ms, [NaN, 250, 450]);
  assert.equal(source.streamed, 3);
});

test("a clock that went back, and a time that is not known, make no gap", () => {
  const { gaps, source } = strip(10, 1000, 900, NaN, 1500, 1750);
  gaps.showNewest();
  assert.deepEqual(source.data.gap_ms, [NaN, NaN, NaN, NaN, 250]);
});

test("the strip begins anew when the ring has gone on without it, and knows the gap to a row still held", () => {
  const { gaps, source, come } = strip(4, 1000);
  gaps.showNewest();
  come(...regular(6, 2000));
  gaps.showNewest();
  assert.deepEqual(source.data.received_ms, [2500, 2750, 3000, 3250]);
  assert.deepEqual(source.data.gap_ms, [NaN, 250, 250, 250]);
});

test("it begins anew when the rows were taken back, and when a new ring took their place", () => {
  const { store, gaps, source, come } = strip(10, ...regular(5));
  gaps.showNewest();
  store.ring.reset(2);
  come(9000);
  gaps.showNewest();
  assert.deepEqual(source.data.received_ms, [9000]);
  store.ring = new RingBuffer(["received_ms"], 10);
  gaps.showNewest();
  assert.deepEqual(source.data.received_ms, []);
});

test("of many rows the newest are shown", () => {
  const { gaps, source } = strip(2000, ...regular(1000));
  gaps.showNewest();
  assert.equal(source.data.gap_ms.length, GAP_ROWS);
  assert.equal(source.data.gap_ms[0], 250);
});

test("a range shows the rows in it with the one before, as far as they are held", () => {
  const { gaps, source } = strip(10, ...regular(10));
  gaps.showRange(1000, 1600);
  assert.deepEqual(source.data.received_ms, [1000, 1250, 1500]);
  gaps.showRange(-5000, -1000);
  assert.deepEqual(source.data.received_ms, []);
  gaps.showRange(2100, 99999);
  assert.deepEqual(source.data.received_ms, [2000, 2250]);
});

test("the same range is not set twice, and following again begins anew", () => {
  const { gaps, source, come } = strip(10, ...regular(4));
  gaps.showRange(0, 600);
  const { data } = source;
  gaps.showRange(0, 700);
  assert.equal(source.data, data);
  come(1000);
  gaps.showNewest();
  assert.deepEqual(source.data.received_ms, [0, 250, 500, 750, 1000]);
});

test("the row after a time is found by halving, in a ring that has wrapped around", () => {
  const { gaps } = strip(6, ...regular(20));
  assert.deepEqual(
    [0, 3500, 3499, 4000, 99999].map((time) => gaps.firstAfter(time)),
    [14, 15, 14, 17, 20],
  );
});
