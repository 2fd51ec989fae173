// Which game the chart shows: the running one or a past one; and past games drawn over it.
import { make, number } from "./dom.js";

export class GalleryPart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.select = make("select", "rl-choose");
    this.select.addEventListener("change", () => store.do("gallery.show", { game: this.select.value || null }));
    this.box = make("label", "rl-gallery", make("span", "rl-label", "chart shows"), this.select);
  }

  get state() {
    return this.store.parts.gallery;
  }

  compared(id) {
    return this.state?.compared.some((each) => each.game === id) ?? false;
  }

  // A tick box that draws a past game over the chart.
  tick(id) {
    const box = Object.assign(make("input", "rl-compare"), { type: "checkbox", checked: this.compared(id) });
    box.title = "draw this game over the chart, tick by tick";
    box.setAttribute("aria-label", `compare game ${id}`);
    box.addEventListener("change", () => this.store.do("gallery.compare", { game: id, on: box.checked }));
    return box;
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
  }
}
