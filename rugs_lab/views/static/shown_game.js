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

  // "This game": the running one, or a past one.
  get path() {
    return this.held ? this.held.path : this.running;
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

  get game() {
    if (this.held) return this.held.game;
    return this.store.chosen?.game ?? this.store.gameId;
  }

  get previous() {
    if (this.held) return this.held.previous;
    if (this.store.parts.ghosts?.count === 0) return null;
    return this.store.chosen === null ? this.store.previous : null;
  }

  get cut() {
    if (this.held) return this.held.cut;
    return this.store.chosen === null && this.store.cut;
  }

  get parts() {
    return this.held ? this.held.parts : this.store.parts;
  }

  // Freeze what is shown, whatever arrives.
  hold() {
    if (this.held) return;
    const { path, game, previous, cut, parts, store } = this;
    this.count += 1;
    const copy = { version: `held ${this.count}`, price: path.price.slice(), backfilled: path.backfilled.slice(), rug: path.rug };
    this.held = { path: copy, game, previous, cut, parts, chosen: store.chosen?.game, passed: store.passed };
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
