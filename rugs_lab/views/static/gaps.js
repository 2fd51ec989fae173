// The strip of times between messages: the newest rows of the ring as they come, or those the reader scrolled to.
/** @import { RingBuffer, Source } from "./page" */

export const GAP_ROWS = 700;

export class Gaps {
  /** @param {{ ring: RingBuffer }} store @param {Source} source */
  constructor(store, source) {
    this.store = store;
    this.source = source;
    this.row = -1; // next row to draw; -1: begin anew
    this.range = "";
  }

  showNewest() {
    const { source } = this;
    const { ring } = this.store;
    if (this.row < 0 || ring.start > this.row || ring.next < this.row) {
      this.row = Math.max(ring.start, ring.next - GAP_ROWS);
      source.data = { received_ms: [], gap_ms: [] };
    }
    if (ring.next === this.row) return;
    source.stream(this.columns(Math.max(this.row, ring.next - GAP_ROWS), ring.next), GAP_ROWS);
    this.row = ring.next;
    this.range = "";
  }

  // Rows of a time range, as far as the buffer holds them; of too many the newest.
  /** @param {number} start @param {number} end milliseconds since 1970 */
  showRange(start, end) {
    const { source } = this;
    const { ring } = this.store;
    const last = this.firstAfter(end);
    const first = Math.max(this.firstAfter(start) - 1, ring.start, last - GAP_ROWS);
    const range = `${first} ${last}`;
    if (range === this.range) return;
    this.range = range;
    this.row = -1;
    source.data = this.columns(first, last);
  }

  /** @param {number} first @param {number} end */
  columns(first, end) {
    const { ring } = this.store;
    const received = ring.slice("received_ms", first, end);
    const gaps = received.map((at, i) => at - (i ? received[i - 1] : ring.at("received_ms", first - 1)));
    return { received_ms: received, gap_ms: gaps.map((gap) => (gap > 0 ? gap : NaN)) };
  }

  // Number of the first row that came after a time.
  /** @param {number} time */
  firstAfter(time) {
    const { ring } = this.store;
    const place = ring.slice("received_ms", ring.start, ring.next).findIndex((each) => each > time);
    return place < 0 ? ring.next : ring.start + place;
  }
}
