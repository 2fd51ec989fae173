// What a chart shows: the running game or a past one that the reader chose, live or frozen.
/** @import { FeedStore, Ghost, PartStates, PastGames, Path } from "./page" */
/** @typedef {{ path: Path, game: string | null, previous: Ghost | null, cut: boolean, parts: Partial<PartStates> }} Shown */

export class ShownGame {
  /** @param {FeedStore} store */
  constructor(store) {
    this.store = store;
    this.held = /** @type {Shown & { chosen?: string, passed: number } | null} */ (null); // when the reader paused
    this.count = 0; // makes the versions of different paths different
    this.chosen = /** @type {{ from: NonNullable<PastGames["shown"]>, path: Path } | null} */ (null);
  }

  /** @returns {Path} */
  get running() {
    const { chosen } = this.store;
    if (chosen === null) return this.store.path;
    if (this.chosen?.from !== chosen) {
      const price = chosen.prices.map((each) => each ?? NaN);
      this.count += 1;
      const path = { version: `${chosen.game} ${this.count}`, price, backfilled: chosen.backfilled, rug: chosen.rug };
      this.chosen = { from: chosen, path };
    }
    return this.chosen.path;
  }

  // "This game", the running one or a past one, and what is drawn with it.
  /** @returns {Shown} */
  get now() {
    if (this.held) return this.held;
    const { chosen, gameId, parts } = this.store;
    const alone = chosen !== null;
    return {
      path: this.running,
      game: chosen?.game ?? gameId,
      previous: alone || parts.ghosts?.count === 0 ? null : this.store.previous,
      cut: !alone && this.store.cut,
      parts,
    };
  }

  // Freeze what is shown, whatever arrives.
  hold() {
    if (this.held) return;
    const { now, store } = this;
    const { path } = now;
    this.count += 1;
    const copy = { version: `held ${this.count}`, price: path.price.slice(), backfilled: path.backfilled.slice(), rug: path.rug };
    this.held = { ...now, path: copy, chosen: store.chosen?.game, passed: store.passed };
  }

  release() {
    this.held = null;
  }

  // Another game was chosen meanwhile: the reader wants to see that one.
  get outdated() {
    return this.held !== null && this.held.chosen !== this.store.chosen?.game;
  }

  // Ticks that arrived since it was frozen.
  get passed() {
    return this.held ? this.store.passed - this.held.passed : 0;
  }
}
