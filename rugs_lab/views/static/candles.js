// Candles of a path: first, highest, lowest and last price of so many ticks each, by tick.

const CANDLE_GAP = 0.14; // of the width, left free between two bodies

// Candle k of width w holds the ticks k w to k w + w - 1; one without a known price is left out.
export function candlesOf(prices, width) {
  const candles = [];
  for (let start = 0; start < prices.length; start += width) {
    const known = prices.slice(start, start + width).filter((price) => !Number.isNaN(price));
    if (!known.length) continue;
    const high = known.reduce((a, b) => Math.max(a, b));
    const low = known.reduce((a, b) => Math.min(a, b));
    candles.push({ start, open: known[0], high, low, close: known[known.length - 1] });
  }
  return candles;
}

// As columns of the chart's data source; `colours`: hollow when it rose, filled when it fell.
export function candleColumns(candles, width, colours) {
  const half = (width * (1 - CANDLE_GAP)) / 2;
  const middle = candles.map(({ start }) => start + (width - 1) / 2);
  const column = (read) => candles.map(read);
  return {
    tick: middle,
    left: middle.map((x) => x - half),
    right: middle.map((x) => x + half),
    open: column((each) => each.open),
    high: column((each) => each.high),
    low: column((each) => each.low),
    close: column((each) => each.close),
    bottom: column((each) => Math.min(each.open, each.close)),
    top: column((each) => Math.max(each.open, each.close)),
    fill: column((each) => (each.close >= each.open ? colours.ground : colours.price)),
  };
}
