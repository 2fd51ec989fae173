// Which game the chart shows: the running one or a past one; and past games drawn over it.
import { button, make, number } from "./dom.js";

export class GalleryPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.select = make("select", "rl-choose");
    this.select.addEventListener("change", () => store.do("past_games.show", { game: this.select.value || null }));
    this.earlier = button("rl-turn", "the game before the one shown", () => this.turn(1), "‹");
    this.later = button("rl-turn", "the game after the one shown", () => this.turn(-1), "›");
    const label = make("label", "rl-control", make("span", "rl-label", "chart shows"), this.select);
    this.box = make("span", "rl-gallery", label, this.earlier, this.later);
  }

  get state() {
    return this.store.parts.past_games;
  }

  compared(id) {
    return this.state?.compared.some((each) => each.game === id) ?? false;
  }

  // A tick box that draws a past game over the chart.
  tick(id) {
    const box = Object.assign(make("input", "rl-compare"), { type: "checkbox", checked: this.compared(id) });
    box.title = "draw this game over the chart, tick by tick";
    box.setAttribute("aria-label", `compare game ${id}`);
    box.addEventListener("change", () => this.store.do("past_games.compare", { game: id, on: box.checked }));
    return box;
  }

  // The list begins with the running game and goes back in time.
  turn(by) {
    const { options, selectedIndex } = this.select;
    const place = Math.min(Math.max(selectedIndex + by, 0), options.length - 1);
    if (place === selectedIndex) return;
    this.select.selectedIndex = place;
    this.store.do("past_games.show", { game: this.select.value || null });
    this.showTurns();
  }

  showTurns() {
    const { options, selectedIndex } = this.select;
    this.later.disabled = selectedIndex <= 0;
    this.earlier.disabled = selectedIndex >= options.length - 1;
  }

  show() {
    const { state } = this;
    if (!state || state === this.shown) return;
    this.shown = state;
    const options = [Object.assign(make("option", "", "the running game"), { value: "" })];
    for (const [id, peak, ticks] of state.games)
      options.push(Object.assign(make("option", "", `…${id.slice(-6)}: peak ${number(peak, 2)}x, ${number(ticks, 0)} ticks`), { value: id }));
    this.select.replaceChildren(...options);
    this.select.value = state.shown?.game ?? "";
    this.box.dataset.is = state.shown ? "past" : "running";
    this.showTurns();
  }
}
