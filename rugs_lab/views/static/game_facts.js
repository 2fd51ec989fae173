// What is known of the recorded game: each figure with what would be expected.
import { fact, make, write } from "./dom.js";
import { shortId } from "./formats.js";
import { Part } from "./part_base.js";

/** @import { PartStates } from "./messages" */
/** @import { FeedStore } from "./feed_store.js" */

/** @extends {Part<"game_facts">} */
export class GameFacts extends Part {
  /** @param {FeedStore} store */
  constructor(store) {
    super(store, "game_facts");
    this.title = make("summary", "");
    this.facts = make("div", "rl-facts");
    this.box = make("details", "rl-about", this.title, this.facts);
    this.box.open = true;
  }

  /** @param {PartStates["game_facts"]} state */
  draw({ game, facts }) {
    this.box.hidden = !game;
    write(this.title, facts.length ? `about this game (${shortId(game ?? "")})` : "about this game: told when it was played");
    this.facts.replaceChildren(...facts.map(([name, value, expected]) => fact(name, value, expected)));
  }
}
