// How the feed is: one line of counts with their units, and all its metrics below it.
import { make, number, plain, write } from "./dom.js";

// Counts that stand in the line even while it is folded.
const COUNTS = [
  ["missing in the running game [ticks]", "missing in this game", "tick"],
  ["back-filled [ticks]", "back-filled", "tick"],
  ["connections lost [n]", "lost", "connection"],
  ["messages [n]", "taken", "frame"],
  ["dropped for slow subscribers [events]", "dropped", "event"],
];

export class FeedHealth {
  constructor(store, ...more) {
    this.store = store;
    this.shown = null;
    this.counts = make("span", "rl-counts");
    this.age = make("span", "rl-health-age");
    this.metrics = make("div", "rl-metrics");
    this.box = make("details", "rl-more", make("summary", "", this.age, this.counts), ...more, this.metrics);
    this.box.addEventListener("toggle", () => this.showMetrics());
  }

  show() {
    if ((this.store.status?.metrics ?? null) !== this.shown) this.showMetrics();
  }

  showAge(words) {
    write(this.age, words);
  }

  showMetrics() {
    this.shown = this.store.status?.metrics ?? null;
    const metrics = this.shown ?? [];
    const { ring } = this.store;
    const values = new Map(metrics);
    const counts = COUNTS.filter(([name]) => values.has(name)).map(([name, word, unit]) => {
      const count = values.get(name);
      return `${plain(count)} ${unit}${count === 1 ? "" : "s"} ${word}`;
    });
    const buffer = `buffer ${number(ring.length, 0)} of ${number(ring.maxlen, 0)} rows`;
    write(this.counts, [...counts, buffer].join("  ·  "));
    if (!this.box.open) return;
    this.metrics.replaceChildren(
      ...metrics.map(([name, value]) => make("div", "rl-fact", make("div", "rl-label", name), make("div", "rl-value", plain(value)))),
    );
  }
}
