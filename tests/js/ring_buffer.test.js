import assert from "node:assert/strict";
import { test } from "node:test";
import { RingBuffer } from "../../rugs_lab/views/static/ring_buffer.js";

// Rows first to first + n - 1 of the columns "tick" (the number of the row) and "price" (ten times that).
function rows(first, n) {
  const numbers = Array.from({ length: n }, (_, i) => first + i);
  return Float64Array.from([...numbers, ...numbers.map((number) => 10 * number)]);
}

function filled(maxlen, ...counts) {
  const ring = new RingBuffer(["tick", "price"], maxlen);
  for (const n of counts) ring.append(rows(ring.next, n), n);
  return ring;
}

test("rows are held column by column and read by their number", () => {
  const ring = filled(5, 3);
  assert.deepEqual([ring.start, ring.next, ring.length], [0, 3, 3]);
  assert.deepEqual([ring.at("tick", 2), ring.at("price", 2)], [2, 20]);
  assert.deepEqual(ring.slice("price", 1), [10, 20]);
});

test("the oldest rows make room, whether the rows come singly, in pieces or in one piece", () => {
  for (const ring of [filled(4, 1, 1, 1, 1, 1, 1, 1, 1, 1), filled(4, 3, 3, 3), filled(4, 9)]) {
    assert.deepEqual([ring.start, ring.next, ring.length], [5, 9, 4]);
    assert.deepEqual(ring.slice("tick", 0), [5, 6, 7, 8]);
    assert.deepEqual(ring.slice("price", 7), [70, 80]);
  }
});

test("a row that is no longer or not yet held is not a number", () => {
  const ring = filled(4, 6);
  assert.deepEqual(
    [1, 2, 5, 6, -1, NaN].map((row) => ring.at("tick", row)),
    [NaN, 2, 5, NaN, NaN, NaN],
  );
});

test("a slice ends where it is told to, and never beyond what is held", () => {
  const ring = filled(4, 6);
  assert.deepEqual(ring.slice("tick", 3, 5), [3, 4]);
  assert.deepEqual(ring.slice("tick", 4, 99), [4, 5]);
  assert.deepEqual(ring.slice("tick", 5, 3), []);
});

test("after a reset it is empty and goes on with the number given", () => {
  const ring = filled(4, 6);
  ring.reset(1000);
  assert.deepEqual([ring.length, ring.at("tick", 5), ring.slice("tick", 0)], [0, NaN, []]);
  ring.append(rows(1000, 2), 2);
  assert.deepEqual(ring.slice("tick", 0), [1000, 1001]);
});

test("no rows change nothing", () => {
  const ring = filled(4, 2, 0);
  assert.deepEqual([ring.start, ring.next], [0, 2]);
});
