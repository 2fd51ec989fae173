// The live cell: one panel and one chart per rendering.
import { bokehOf } from "./bokeh.js";
import { cellOf } from "./cell.js";
import { Chart } from "./chart.js";
import { ownKeys } from "./keys.js";
import { Panel } from "./panel.js";
import { Picture } from "./picture.js";
import { Store } from "./store.js";
import { isDark, onTheme } from "./theme.js";

const BEAT_MS = 250;

class Rendering {
  constructor(el, store) {
    this.store = store;
    this.box = document.createElement("div");
    this.box.className = "rl-live";
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", "price chart; key L starts and stops, P holds the picture");
    this.box.rugsLab = this; // for tests and for looking in from the console
    el.append(this.box);
    const actions = {
      toggle: () => store.gone === null && store.wishFor(!store.live),
      record: () => store.gone === null && store.wishToRecord(!store.recording),
      follow: () => this.chart?.follow(),
      draw: () => this.changed(),
      pause: () => (this.picture.held ? this.chart?.follow() : this.chart?.pause()),
    };
    this.picture = new Picture(store);
    this.panel = new Panel(this.box, store, actions);
    ownKeys(this.box, () => this.panel.parts?.replay_controls?.keys ?? { l: actions.toggle, p: actions.pause });
    this.seen = true;
    this.frame = null;
    this.painted = 0;
    this.watch();
    this.changed();
  }

  watch() {
    this.changed = this.changed.bind(this);
    this.store.watchers.add(this.changed);
    this.sight = new IntersectionObserver((entries) => {
      this.seen = entries[entries.length - 1].isIntersecting;
      this.changed();
    });
    this.sight.observe(this.box);
    this.unwatchTheme = onTheme(this.changed);
    this.clock = setInterval(() => this.beat(), BEAT_MS);
    document.addEventListener("visibilitychange", this.changed);
  }

  close() {
    this.store.watchers.delete(this.changed);
    this.sight.disconnect();
    this.unwatchTheme();
    clearInterval(this.clock);
    cancelAnimationFrame(this.frame);
    document.removeEventListener("visibilitychange", this.changed);
    this.chart?.close();
    this.box.remove();
  }

  get visible() {
    return this.seen && document.visibilityState === "visible";
  }

  // New data go to Bokeh at once, which paints with the browser's next frame; the words follow with that frame.
  // A view nobody sees waits until it is seen.
  changed() {
    if (!this.visible) return;
    if (!this.held) this.chart?.draw();
    if (this.frame !== null) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    if (!this.store.setup) return;
    this.ensureChart();
    this.panel.show(this.chart?.following ?? true, this.picture);
    this.painted += 1;
  }

  // What need not follow every frame: the age of the last one, and the strip of gaps.
  beat() {
    if (!this.visible) return;
    this.panel.showAge();
    if (!this.held) this.chart?.drawGaps();
  }

  // After "stop" was pressed the picture stands still at once, whenever the kernel gets to it.
  get held() {
    return (this.store.wish !== null && !this.store.wish.live) || (this.panel.parts?.replay_controls?.held ?? false);
  }

  ensureChart() {
    const theme = isDark() ? "dark" : "light";
    if (this.theme === theme) return;
    this.theme = theme;
    this.box.dataset.theme = theme;
    this.chart?.close();
    this.chart = null;
    const { setup } = this.store;
    bokehOf(setup.bokeh, () => this.store.send({ kind: "bokeh" })).then((Bokeh) => {
      if (this.theme !== theme || !this.box.isConnected) return;
      this.chart = new Chart(this.panel.chart, this.store, theme, this.picture, this.panel.controls);
      this.chart.onFollow = this.changed;
      this.chart.build(Bokeh);
    });
  }
}

export default cellOf(Store, Rendering);
