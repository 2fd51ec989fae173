import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  decimal,
  duration,
  multiple,
  number,
  plain,
  shortId,
  signedShort,
  sol,
  took,
  typed,
} from "../../rugs_lab/views/static/formats.js";

function table(format, rows) {
  for (const [...args] of rows) {
    const expected = args.pop();
    const { name } = format;
    test(`${name}(${args.map((each) => (typeof each === "string" ? `"${each}"` : each)).join(", ")}) is "${expected}"`, () =>
      assert.equal(format(...args), expected));
  }
}

table(number, [
  [0, "0"],
  [1234567, "1,234,567"],
  [1.005, 1, "x", "1.0x"],
  [-1234.5, 2, "−1,234.50"],
  [-0.001, 2, "0.00"],
  [-0, "0"],
  [NaN, "–"],
  [null, 2, "x", "–"],
  [undefined, "–"],
  [Infinity, "–"],
]);
table(number, [
  [3.456, 2, "", "+", "+3.46"],
  [-12.34, 1, "", "+", "−12.3"],
  [0.04, 1, "", "+", "0.0"],
  [null, 4, "", "+", "–"],
]);
table(sol, [
  [0, "0.000"],
  [1, "1.000"],
  [0.1, "0.100"],
  [0.123456, "0.123456"],
  [0.000000001, "0.000000001"],
  [123456789.12345678, "123456789.123456776"],
  [-0.5, "−0.500"],
  [-1e-12, "0.000"],
  [1e30, "1e+30"],
  [NaN, "–"],
  [null, "–"],
]);
table(sol, [
  [0.25, "+", "+0.250"],
  [-0.25, "+", "−0.250"],
  [0, "+", "0.000"],
  [-0, "+", "0.000"],
  [NaN, "+", "–"],
  [null, "+", "–"],
]);
table(signedShort, [
  [0.00123456, "+0.001235"],
  [-12345.678, "−12350"],
  [100, "+100"],
  [-1e-12, "0"],
  [0, "0"],
  [NaN, "–"],
  [null, "–"],
]);
table(decimal, [
  [0.01, "0.01"],
  [100, "100"],
  [4.8828125e-7, "0.000000488"],
  [0, "0"],
]);
table(multiple, [
  [1.23456789, "1.23457x"],
  [0.018, 3, "0.018x"],
  [250, "250x"],
  [null, "–"],
  [NaN, "–"],
]);
table(count, [
  [1, "tick", "1 tick"],
  [0, "game", "0 games"],
  [12345, "line", "12,345 lines"],
]);
table(plain, [
  [1234.567, "1,234.57"],
  [0.5, "0.5"],
  [-3, "−3"],
  [100, "100"],
  [NaN, "–"],
  [null, "–"],
  ["live", "live"],
  [true, "true"],
]);
table(shortId, [
  ["20260101-0123456789abcdef", "…abcdef"],
  ["abc", "abc"],
]);
table(duration, [
  [0, "0.0 s"],
  [-0.3, "0.0 s"],
  [9.94, "9.9 s"],
  [59.94, "59.9 s"],
  [59.97, "1 min 0 s"],
  [3599.4, "59 min 59 s"],
  [3599.7, "1 h 0 min"],
  [90061, "25 h 1 min"],
]);
table(took, [
  [0, "1 ms"],
  [0.0042, "4 ms"],
  [0.0994, "99 ms"],
  [0.0996, "0.1 s"],
  [12.34, "12.3 s"],
]);
table(typed, [
  ["0.01", 0.01],
  [" 1,5 ", 1.5],
  ["1e-3", 0.001],
  [".5", 0.5],
  ["-2", -2],
  ["", NaN],
  ["1,000.5", NaN],
  ["much", NaN],
  ["0x10", NaN],
  ["Infinity", NaN],
]);
