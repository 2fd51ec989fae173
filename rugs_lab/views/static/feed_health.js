// The health of the feed: one line of counts with their units, and all metrics below it.
/** @import { FeedStore, Metric } from "./page" */
import { fact, make, write } from "./dom.js";
import { number, plain } from "./formats.js";

// Metrics in the line, which is there even while the rest is folded: unit and words.
export const COUNTS = /** @type {[name: string, unit: string, words: string][]} */ ([
  ["missing in the running game [ticks]", "tick", "missing in this game"],
  ["back-filled [ticks]", "tick", "back-filled"],
  ["connections lost [n]", "connection", "lost"],
  ["messages [n]", "message", "received"],
  ["dropped for slow subscribers [events]", "event", "dropped"],
]);

export class FeedHealth {
  shown = /** @type {Metric[] | undefined} */ (undefined);
  counts = make("span");
  age = make("span");
  metrics = make("div", "rl-facts rl-metrics");

  /** @param {FeedStore} store */
  constructor(store) {
    this.store = store;
    this.box = make("details", "rl-part rl-muted rl-health", make("summary", "", this.age, this.counts), this.metrics);
    this.box.addEventListener("toggle", () => this.showMetrics());
  }

  show() {
    if (this.store.status?.metrics !== this.shown) this.showMetrics();
  }

  showMetrics() {
    this.shown = this.store.status?.metrics;
    const metrics = this.shown ?? [];
    const { ring } = this.store;
    const values = new Map(metrics);
    const counts = COUNTS.filter(([name]) => values.has(name)).map(([name, unit, words]) => {
      const value = values.get(name);
      return `${plain(value)} ${unit}${value === 1 ? "" : "s"} ${words}`;
    });
    write(this.counts, [...counts, `buffer ${number(ring.length)} of ${number(ring.maxlen)} rows`].join("  ·  "));
    if (!this.box.open) return;
    const { record } = this.store;
    const file = /** @type {Metric} */ ([record?.on ? "current file" : "last file", record?.path ?? null]);
    const places = /** @type {Metric[]} */ (record ? [["recordings folder", record.folder], file] : []);
    this.metrics.replaceChildren(...[...places, ...metrics].map(([name, value]) => fact(name, plain(value))));
  }
}
