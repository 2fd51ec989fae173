// The live widget: one panel and one chart per rendering.
/** @import { Setup } from "./page" */
import { Chart } from "./chart.js";
import { FeedStore } from "./feed_store.js";
import { ownKeys } from "./keys.js";
import { LivePanel } from "./live_panel.js";
import { Rendering, widgetOf } from "./page_widget.js";
import { ShownGame } from "./shown_game.js";
import { Themed } from "./theme.js";

const BEAT_MS = 250;

/** @extends {Rendering<FeedStore>} */
class LiveView extends Rendering {
  /** @param {HTMLElement} el @param {FeedStore} store */
  constructor(el, store) {
    super(el, store, "rl-live", "price chart; L starts and stops the feed, P freezes the chart");
    const actions = {
      toggle: () => store.gone === null && store.setLive(!store.live),
      record: () => store.gone === null && store.setRecording(!store.recording),
      follow: () => this.chart?.follow(),
      draw: () => this.changed(),
      pause: () => (this.shownGame.held ? this.chart?.follow() : this.chart?.pause()),
    };
    this.shownGame = new ShownGame(store);
    this.panel = new LivePanel(this.box, store, actions);
    const { chart, controls } = this.panel;
    const ask = () => store.send({ kind: "bokeh" });
    this.themed = new Themed(this.box, { chart }, ask, (figures, theme) => {
      const { colours } = /** @type {Setup} */ (store.setup);
      const made = new Chart(figures, store, colours[theme], this.shownGame, controls);
      made.onFollow = this.changed;
      return made;
    });
    ownKeys(this.box, () => this.panel.parts?.replay_controls?.keys ?? { l: actions.toggle, p: actions.pause });
    this.seen = true;
    this.painted = 0;
    this.sight = new IntersectionObserver((entries) => {
      this.seen = entries[entries.length - 1].isIntersecting;
      this.changed();
    });
    this.sight.observe(this.box);
    this.clock = setInterval(() => this.beat(), BEAT_MS);
    document.addEventListener("visibilitychange", this.changed);
    this.changed();
  }

  close() {
    this.sight.disconnect();
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.changed);
    this.themed.close();
    super.close();
  }

  get chart() {
    return this.themed.built;
  }

  get visible() {
    return this.seen && document.visibilityState === "visible";
  }

  // New data go to Bokeh at once, which paints with the browser's next frame; text is written in that frame.
  // A view that is not visible waits until it is.
  changed() {
    if (!this.visible) return;
    if (!this.held) this.chart?.draw();
    super.changed();
  }

  draw() {
    const setup = this.store.setup;
    if (!setup) return;
    this.themed.ensure(setup.bokeh, setup.figures);
    this.panel.show(setup, this.chart?.following ?? true, this.shownGame);
    this.painted += 1;
  }

  // What need not be drawn with every message: the age of the last one, and the strip of gaps.
  beat() {
    if (!this.visible) return;
    this.panel.showAge();
    if (!this.held) this.chart?.drawGaps();
  }

  // After "Stop" was pressed the chart freezes at once, whenever the kernel gets to it.
  get held() {
    return this.store.running.wanted === false || (this.panel.parts?.replay_controls?.held ?? false);
  }
}

export const liveView = widgetOf(FeedStore, LiveView);
export default liveView;
