// The newest rows in columns, as many as the feed keeps. They outlive every rendering of the widget.
/** @import { Column } from "./page" */

export class RingBuffer {
  /** @param {Column[]} columns @param {number} maxlen */
  constructor(columns, maxlen) {
    this.columns = columns;
    this.maxlen = maxlen;
    this.data = Object.fromEntries(columns.map((name) => [name, new Float64Array(maxlen)]));
    this.start = 0; // number of the oldest row held
    this.next = 0; // number of the row to come
  }

  /** @param {number} row */
  reset(row) {
    this.start = this.next = row;
  }

  get length() {
    return this.next - this.start;
  }

  // Append n rows: the first of `values`, column after column.
  /** @param {Float64Array} values @param {number} n */
  append(values, n) {
    this.columns.forEach((name, position) => {
      const column = this.data[name];
      for (let i = 0; i < n; i++) column[(this.next + i) % this.maxlen] = values[position * n + i];
    });
    this.next += n;
    this.start = Math.max(this.start, this.next - this.maxlen);
  }

  /** @param {Column} name @param {number} row */
  at(name, row) {
    return row >= this.start && row < this.next ? this.data[name][row % this.maxlen] : NaN;
  }

  // Rows from number `row` on as plain arrays, oldest first.
  /** @param {Column} name @param {number} row @param {number} [end] */
  slice(name, row, end = this.next) {
    const out = [];
    for (let i = Math.max(row, this.start); i < Math.min(end, this.next); i++) out.push(this.data[name][i % this.maxlen]);
    return out;
  }
}
