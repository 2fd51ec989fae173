// The strategy widget: a form, the newest result, buttons; one panel per rendering.
/** @import { LabCommand, LabResult, LabSetup, LabState } from "./page" */
import { button, make, Table, write } from "./dom.js";
import { number, took } from "./formats.js";
import { LabStore } from "./lab_store.js";
import { legendKeys } from "./legend.js";
import { Rendering, widgetOf } from "./page_widget.js";
import { ParameterFields } from "./parameter_fields.js";
import { Themed } from "./theme.js";

const PATHS = ["path0", "path1", "path2", "path3"];
const STAGES = /** @type {Record<string, string>} */ ({
  waiting: "running",
  "first look": "preview",
  compiling: "compiling the strategy (once, takes some seconds)",
  sample: "running a sample",
  "all games": "running all games",
  baselines: "computing the random baseline",
  stopped: "cancelled",
  failed: "failed",
});
const ENGINES = /** @type {Record<string, string>} */ ({ compiled: "compiled", tick: "tick by tick" });
const PREVIEWS = /** @type {Record<string, string>} */ ({ "first look": "preview", sample: "sample" });
const RESULT_HEAD = ["figure", "value", "95 % interval", "n", "baseline"];
const KEYS = { buy: "buy", sell: "sell", settled: "settled by the rug", bet: "side bet window" };
const BELOW_PX = 200;

/** @extends {Rendering<LabStore>} */
class LabPanel extends Rendering {
  grown = new ResizeObserver(() => this.scroll());
  form = /** @type {ParameterFields | null} */ (null);
  written = /** @type {LabResult | null} */ (null);
  drawn = /** @type {LabResult | null} */ (null);

  loading = make("div", "rl-label", "loading the strategy widget");
  head = make("div", "rl-lab-strategy");
  about = make("div", "rl-label");
  engine = make("div", "rl-lab-engine");
  working = make("span");
  bar = Object.assign(make("progress", "rl-bar"), { ariaLabel: "progress of the run" });
  stop = button("", "Cancel the run; partial results are kept", () => this.store.send({ kind: "stop" }), "Cancel");
  progress = make("div", "rl-row rl-lab-progress", this.bar, this.working, this.stop);
  banner = make("div", "rl-banner");
  notes = make("div", "rl-warning");
  end = button("rl-lab-end", "close the widget below", () => this.store.press("lab.end"), "Close panel");
  message = make("div", "rl-message");
  table = new Table(RESULT_HEAD, "", "rl-lab-table");
  verdict = make("div", "rl-lab-verdict");
  places = Object.fromEntries(["equity", "profit", ...PATHS].map((name) => [name, make("div")]));
  games = make("div", "", make("div", "rl-label", "example games"), make("div", "rl-label rl-legend", ...legendKeys(KEYS)));

  /** @param {HTMLElement} el @param {LabStore} store */
  constructor(el, store) {
    super(el, store, "rl-live rl-lab", "strategy widget");
    this.box.append(this.loading);
    const ask = () => store.send({ kind: "bokeh" });
    this.themed = new Themed(this.box, this.places, ask, (figures) => {
      this.drawn = null;
      this.changed();
      return figures;
    });
    this.changed();
  }

  close() {
    this.grown.disconnect();
    this.themed.close();
    super.close();
  }

  get ready() {
    return this.themed.built !== null;
  }

  /** @param {LabSetup} setup */
  build(setup) {
    const form = new ParameterFields(setup, (group, name, value) => this.store.request(group, name, value));
    const defaults = button("", "restore the initial values", () => form.reset(setup.fields), "Reset");
    const replayTitle = "replay these games below, with this strategy and these values";
    const replay = button("rl-lab-replay", replayTitle, () => this.run("lab.replay"), "Run on replay");
    const liveTitle = "trade paper money on the live feed below, with these values";
    const live = button("rl-lab-live", liveTitle, () => this.run("lab.live"), "Run on live");
    write(this.head, setup.strategy);
    write(this.about, setup.about);
    const { equity, profit, ...paths } = this.places;
    const pair = make("div", "rl-halves rl-lab-large", equity, profit);
    const games = make("div", "rl-halves", ...Object.values(paths));
    const buttons = make("div", "rl-row", replay, live, this.end, defaults);
    const left = make("div", "rl-column rl-lab-left", form.box, buttons, this.message);
    const right = make("div", "rl-column rl-lab-right", this.table.box, this.verdict, this.notes, pair, this.games, games);
    const state = make("div", "", this.engine, this.progress);
    const head = make("div", "rl-lab-head", make("div", "rl-lab-title", this.head, this.about), state);
    this.loading.remove();
    this.box.append(head, this.banner, make("div", "rl-lab-body", left, right));
    return form;
  }

  // Run something below, and scroll to it when it appears.
  /** @param {LabCommand} name */
  run(name) {
    this.store.press(name);
    if (this.host.parentElement) this.grown.observe(this.host.parentElement);
  }

  scroll() {
    const below = this.host.nextElementSibling;
    if (!below || below.clientHeight < BELOW_PX) return;
    below.scrollIntoView({ block: "nearest" });
    this.grown.disconnect();
  }

  draw() {
    const { setup, state, result, gone, failure, flying } = this.store;
    if (!setup) return;
    this.form ??= this.build(setup);
    this.themed.ensure(setup.bokeh, setup.figures);
    const reason = failure ?? gone;
    this.banner.hidden = reason === null && !state?.error;
    this.banner.dataset.is = reason === null ? "failing" : "gone";
    write(this.banner, reason ?? state?.error ?? "");
    if (state) {
      if (!flying) this.form.show(state.params, state.session);
      this.showState(state);
    }
    if (result && result !== this.written) {
      this.written = result;
      this.showResult(result, setup);
    }
    this.box.dataset.is = state?.error ? "failed" : state?.working ? "working" : "still";
    if (!this.themed.built || !result || this.drawn === result) return;
    this.drawn = result;
    this.themed.built.set(result.figures);
  }

  /** @param {LabState} state */
  showState({ stage, working, done, total, engine, reason, seconds, notes, below }) {
    const games = number(this.store.result?.games ?? 0);
    write(this.engine, engine ? `${games} games, ${ENGINES[engine] ?? engine}, in ${took(seconds)}` : "");
    this.progress.style.visibility = working || stage === "stopped" ? "visible" : "hidden";
    this.stop.hidden = !working;
    this.bar.hidden = !working;
    if (total > 0) Object.assign(this.bar, { max: total, value: done });
    else this.bar.removeAttribute("value");
    const words = STAGES[stage] ?? (working ? stage : "");
    write(this.working, `${words}${working && done && total > 0 ? ` ${number(done)} of ${number(total)}` : ""}`);
    const slow = engine === "tick" && reason ? [`run tick by tick, because the strategy cannot be compiled: ${reason}`] : [];
    this.notes.hidden = !notes.length && !slow.length;
    write(this.notes, [...notes, ...slow].join("\n"));
    this.end.hidden = !below;
    write(this.message, this.store.commandWords);
    this.message.dataset.is = "rejected";
  }

  /** @param {LabResult} result @param {LabSetup} setup */
  showResult({ rows, stage, games, verdict, figures }, setup) {
    const lines = this.table.fill(rows.map(([name, ...values]) => [make("th", "", name), ...values]));
    for (const line of lines) line.cells[1].className = "rl-lab-value";
    const preview = stage in PREVIEWS;
    write(this.verdict, `${preview ? `${PREVIEWS[stage]}, ${number(games)} of ${number(setup.games)} games: ` : ""}${verdict}`);
    this.box.dataset.of = preview ? "sample" : "all";
    this.games.hidden = !PATHS.some((name) => figures[name]);
  }
}

export default widgetOf(LabStore, LabPanel);
