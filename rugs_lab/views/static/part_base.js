// Parts of a view beside the price chart: drawn when the kernel has sent another state.
/** @import { Child, FeedStore, PartStates } from "./page" */
import { make } from "./dom.js";

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

// A part that folds: title and summary are always visible, what is inside is drawn while it is open.
/** @template {keyof PartStates} K @extends {Part<K>} */
export class FoldingPart extends Part {
  title = make("span", "rl-part-title");
  brief = make("span", "rl-muted");
  box = make("details");

  /** @param {string} className @param {string} title @param {...Child} inside */
  folded(className, title, ...inside) {
    this.title.textContent = title;
    const box = make("details", `rl-part ${className}`, make("summary", "", this.title, this.brief), ...inside);
    box.addEventListener("toggle", () => this.fill());
    return box;
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
