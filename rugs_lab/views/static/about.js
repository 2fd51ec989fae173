// What is known of the recorded game: each figure with what would be expected.
import { make, write } from "./dom.js";

export class AboutPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.title = make("summary", "");
    this.facts = make("div", "rl-facts");
    this.box = make("details", "rl-about", this.title, this.facts);
    this.box.open = true;
  }

  show() {
    const state = this.store.parts.game_facts;
    if (!state || state === this.shown) return;
    this.shown = state;
    this.box.hidden = !state.game;
    write(this.title, state.facts.length ? `about this game (…${(state.game ?? "").slice(-6)})` : "about this game: told when it was played");
    this.facts.replaceChildren(
      ...state.facts.map(([name, value, expected]) =>
        make("div", "rl-fact", make("div", "rl-label", name), make("div", "rl-value", value), make("div", "rl-label", expected)),
      ),
    );
  }
}
