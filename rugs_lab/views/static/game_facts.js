// Facts about the recorded game, each beside its expected value.
/** @import { PartStates } from "./page" */
import { fact, make, write } from "./dom.js";
import { shortId } from "./formats.js";
import { Part } from "./part_base.js";

/** @extends {Part<"game_facts">} */
export class GameFacts extends Part {
  title = make("summary");
  facts = make("div", "rl-facts");
  box = Object.assign(make("details", "rl-over", this.title, this.facts), { open: true });

  /** @param {PartStates["game_facts"]} state */
  draw({ game, facts }) {
    this.box.hidden = !game;
    const what = facts.length ? ` (${shortId(game ?? "")})` : ": hidden until you have played the game";
    write(this.title, `about this game${what}`);
    this.facts.replaceChildren(...facts.map(([name, value, expected]) => fact(name, value, expected)));
  }
}
