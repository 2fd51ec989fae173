// Parts of a view beside the price chart: drawn when their state, as the kernel sent it last, is another.
import { make } from "./dom.js";

/** @import { PartStates } from "./messages" */
/** @import { FeedStore } from "./feed_store.js" */

/** @template {keyof PartStates} K */
export class Part {
  shown = /** @type {PartStates[K] | null} */ (null);

  /** @param {FeedStore} store @param {K} name */
  constructor(store, name) {
    this.store = store;
    this.name = name;
  }

  /** @returns {PartStates[K] | undefined} */
  get state() {
    return this.store.parts[this.name];
  }

  show() {
    const { state } = this;
    if (!state || state === this.shown) return;
    this.shown = state;
    this.draw(state);
  }

  /** @param {PartStates[K]} _state */
  draw(_state) {}
}

// A part that folds. Its title and a few words stand there always; what is inside is drawn while it is open.
/** @template {keyof PartStates} K @extends {Part<K>} */
export class FoldingPart extends Part {
  /** @param {FeedStore} store @param {K} name @param {string} className @param {string} title */
  constructor(store, name, className, title) {
    super(store, name);
    this.title = make("span", "rl-part-title", title);
    this.brief = make("span", "rl-brief");
    this.box = make("details", `rl-part ${className}`, make("summary", "", this.title, this.brief));
    this.box.addEventListener("toggle", () => this.fill());
  }

  fill() {
    if (this.box.open && this.shown) this.drawInside(this.shown);
  }

  /** @param {PartStates[K]} state */
  draw(state) {
    this.drawBrief(state);
    this.fill();
  }

  /** @param {PartStates[K]} _state */
  drawBrief(_state) {}

  /** @param {PartStates[K]} _state */
  drawInside(_state) {}
}
