// Which game the chart shows: the running one or a past one; and past games drawn over it.
/** @import { PartStates } from "./page" */
import { button, input, labelled, make, option, select } from "./dom.js";
import { number, shortId } from "./formats.js";
import { Part } from "./part_base.js";

/** @extends {Part<"past_games">} */
export class PastGames extends Part {
  select = select("", () => this.choose());
  earlier = button("rl-page", "show the game before this one", () => this.turn(1), "‹");
  later = button("rl-page", "show the game after this one", () => this.turn(-1), "›");
  box = make("span", "rl-row rl-past-games", labelled("chart shows", this.select), this.earlier, this.later);

  // A tick box that draws a past game over the chart.
  /** @param {string} id */
  tick(id) {
    const checked = this.state?.compared.some(({ game }) => game === id) ?? false;
    const title = "overlay this game on the chart, aligned by tick";
    const box = input("rl-compare", { type: "checkbox", checked, title, ariaLabel: `compare game ${id}` });
    box.addEventListener("change", () => this.store.do("past_games.compare", { game: id, on: box.checked }));
    return box;
  }

  choose() {
    this.store.do("past_games.show", { game: this.select.value || null });
    this.showTurns();
  }

  // The list begins with the running game and goes back in time.
  /** @param {number} by */
  turn(by) {
    const { options, selectedIndex } = this.select;
    const place = Math.min(Math.max(selectedIndex + by, 0), options.length - 1);
    if (place === selectedIndex) return;
    this.select.selectedIndex = place;
    this.choose();
  }

  showTurns() {
    const { options, selectedIndex } = this.select;
    this.later.disabled = selectedIndex <= 0;
    this.earlier.disabled = selectedIndex >= options.length - 1;
  }

  /** @param {PartStates["past_games"]} state */
  draw({ games, shown }) {
    const past = games.map(([id, peak, ticks]) => option(id, `${shortId(id)}: peak ${number(peak, 2)}x, ${number(ticks)} ticks`));
    this.select.replaceChildren(option("", "running game"), ...past);
    this.select.value = shown?.game ?? "";
    this.box.dataset.is = shown ? "past" : "running";
    this.showTurns();
  }
}
