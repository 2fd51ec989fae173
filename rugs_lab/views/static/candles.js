// Candles of a path: open, high, low and close of a fixed number of ticks each.
/** @import { Colours } from "./page" */
/** @typedef {{ start: number, open: number, high: number, low: number, close: number }} Candle */

const CANDLE_GAP = 0.14; // of the width, left free between two bodies

// Candle k of width w holds the ticks k w to k w + w - 1; one without a known price is left out.
/** @param {number[]} prices @param {number} width @returns {Candle[]} */
export function candlesOf(prices, width) {
  const candles = [];
  for (let start = 0; start < prices.length; start += width) {
    const known = prices.slice(start, start + width).filter((price) => !Number.isNaN(price));
    if (!known.length) continue;
    candles.push({ start, open: known[0], high: Math.max(...known), low: Math.min(...known), close: known[known.length - 1] });
  }
  return candles;
}

// As columns of the chart's data source: hollow when it rose, filled when it fell, in one colour or in two.
/** @param {Candle[]} candles @param {number} width @param {Colours} colours @param {boolean} [two] */
export function candleColumns(candles, width, { ground, price, buy, sell }, two) {
  const line = candles.map(({ open, close }) => (!two ? price : close >= open ? buy : sell));
  const half = (width * (1 - CANDLE_GAP)) / 2;
  const middle = candles.map(({ start }) => start + (width - 1) / 2);
  return {
    tick: middle,
    left: middle.map((x) => x - half),
    right: middle.map((x) => x + half),
    open: candles.map(({ open }) => open),
    high: candles.map(({ high }) => high),
    low: candles.map(({ low }) => low),
    close: candles.map(({ close }) => close),
    bottom: candles.map(({ open, close }) => Math.min(open, close)),
    top: candles.map(({ open, close }) => Math.max(open, close)),
    line,
    fill: candles.map(({ open, close }, i) => (close >= open ? ground : line[i])),
  };
}
