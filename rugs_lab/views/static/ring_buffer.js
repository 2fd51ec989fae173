// The page's ring: the newest rows in columns, as many as the feed keeps. It outlives every rendering of the cell.

export class RingBuffer {
  constructor(columns, maxlen) {
    this.columns = columns;
    this.maxlen = maxlen;
    this.data = Object.fromEntries(columns.map((name) => [name, new Float64Array(maxlen)]));
    this.start = 0; // number of the oldest row held
    this.next = 0; // number of the row to come
  }

  reset(row) {
    this.start = row;
    this.next = row;
  }

  get length() {
    return this.next - this.start;
  }

  // Append n rows that stand in `values` from `offset` on, column after column.
  append(values, offset, n) {
    this.columns.forEach((name, position) => {
      const column = this.data[name];
      const from = offset + position * n;
      for (let i = 0; i < n; i++) column[(this.next + i) % this.maxlen] = values[from + i];
    });
    this.next += n;
    this.start = Math.max(this.start, this.next - this.maxlen);
  }

  at(name, row) {
    return row >= this.start && row < this.next ? this.data[name][row % this.maxlen] : NaN;
  }

  // Rows from number `row` on as plain arrays, oldest first.
  slice(name, row) {
    const out = [];
    for (let i = Math.max(row, this.start); i < this.next; i++) out.push(this.data[name][i % this.maxlen]);
    return out;
  }
}
