import assert from "node:assert/strict";
import { test } from "node:test";
import { candleColumns, candlesOf } from "../../rugs_lab/views/static/candles.js";

const COLOURS = { ground: "white", price: "blue" };

test("a candle holds the first, highest, lowest and last price of its ticks", () => {
  assert.deepEqual(candlesOf([1, 3, 0.5, 2, 4], 4), [
    { start: 0, open: 1, high: 3, low: 0.5, close: 2 },
    { start: 4, open: 4, high: 4, low: 4, close: 4 },
  ]);
});

test("missing prices are passed over, and candles without any are left out", () => {
  assert.deepEqual(candlesOf([NaN, 2, NaN, NaN, NaN, 3], 2), [
    { start: 0, open: 2, high: 2, low: 2, close: 2 },
    { start: 4, open: 3, high: 3, low: 3, close: 3 },
  ]);
});

test("no prices make no candles", () => {
  assert.deepEqual(candlesOf([], 4), []);
  assert.deepEqual(candleColumns([], 0, COLOURS).tick, []);
});

test("a body lies around the middle of its ticks, hollow where it rose or stood, filled where it fell", () => {
  const columns = candleColumns(candlesOf([1, 2, 2, 1, 3, 3], 2), 2, COLOURS);
  assert.deepEqual(columns.tick, [0.5, 2.5, 4.5]);
  assert.deepEqual(columns.fill, ["white", "blue", "white"]);
  assert.deepEqual(
    [columns.bottom, columns.top],
    [
      [1, 1, 3],
      [2, 2, 3],
    ],
  );
  assert.ok(columns.right[0] < columns.left[1]);
});
