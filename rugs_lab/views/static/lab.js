// The strategy cell: a form, the newest result, buttons; one panel per rendering.
import { bokehOf } from "./bokeh.js";
import { cellOf } from "./cell.js";
import { button, make, write } from "./dom.js";
import { Figures, unpacked } from "./figures.js";
import { Form } from "./form.js";
import { isDark, onTheme } from "./theme.js";

const SEND_MS = 60;
const ANSWER_MS = 5000;
const PATHS = ["path0", "path1", "path2", "path3"];
const WORDS = {
  waiting: "playing",
  "first look": "a first look",
  compiling: "compiling the strategy (once, some seconds)",
  sample: "playing a sample",
  "all games": "playing all games",
  baselines: "playing a random strategy to hold it against",
  stopped: "stopped",
  failed: "failed",
};
const BELOW_MS = 150;
const BELOW_TRIES = 60;
const BELOW_PX = 200;
const OF = { "first look": "first look", sample: "sample" };

class LabStore {
  constructor(send) {
    this.send = send;
    this.watchers = new Set();
    this.setup = this.state = this.result = this.gone = this.timer = null;
    this.seq = this.asked = this.commandsAsked = 0;
    this.results = 0;
    this.sentAt = -Infinity;
    this.unsent = { params: {}, session: {} };
  }

  changed() {
    for (const watcher of this.watchers) watcher();
  }

  receive(message, buffers) {
    this.seq = Math.max(this.seq, message.seq ?? 0);
    if (message.kind === "setup") this.setup = message;
    else if (message.kind === "state") this.state = message;
    else if (message.kind === "failed") this.gone = `this cell stopped: ${message.reason}`;
    else if (message.kind === "result") {
      const bytes = buffers[0];
      const floats = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      this.result = { ...message, figures: unpacked(message.figures, floats) };
      this.results += 1;
    }
    this.changed();
  }

  // Whether the form is ahead of the kernel: what the kernel says of the fields is old then.
  get flying() {
    if (this.timer !== null) return true;
    return this.state?.taken !== this.asked && this.asked > 0 && performance.now() - this.sentAt < ANSWER_MS;
  }

  wish(group, name, value) {
    this.unsent[group][name] = value;
    if (this.timer !== null) return;
    const wait = Math.max(0, this.sentAt + SEND_MS - performance.now());
    this.timer = setTimeout(() => this.sendWish(), wait);
  }

  sendWish() {
    this.timer = null;
    this.sentAt = performance.now();
    this.asked += 1;
    this.send({ kind: "request", id: this.asked, ...this.unsent });
    this.unsent = { params: {}, session: {} };
  }

  press(name) {
    if (this.gone !== null) return;
    this.commandsAsked += 1;
    this.send({ kind: "do", name: `lab.${name}`, id: this.commandsAsked });
    this.changed();
  }
}

class LabRendering {
  constructor(el, store) {
    this.store = store;
    this.box = make("div", "rl-live rl-lab");
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", "strategy cell");
    this.box.dataset.lmSuppressShortcuts = "true";
    this.box.rugsLab = this; // for tests and for looking in from the console
    this.host = el;
    this.loading = make("div", "rl-label", "the strategy cell is loading");
    this.box.append(this.loading);
    el.append(this.box);
    this.frame = null;
    this.figures = null;
    this.theme = null;
    this.drawn = null;
    this.changed = this.changed.bind(this);
    store.watchers.add(this.changed);
    this.unwatchTheme = onTheme(this.changed);
    this.changed();
  }

  close() {
    this.store.watchers.delete(this.changed);
    this.unwatchTheme();
    cancelAnimationFrame(this.frame);
    clearInterval(this.looking);
    this.figures?.close();
    this.box.remove();
  }

  changed() {
    if (this.frame !== null) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (!this.store.setup) return;
      if (!this.form) this.build();
      this.show();
    });
  }

  build() {
    const { setup } = this.store;
    this.loading.remove();
    this.form = new Form(setup.fields, setup.session, (group, name, value) => {
      this.form.edited(group, name);
      this.store.wish(group, name, value);
    });
    this.head = make("div", "rl-lab-strategy", setup.strategy);
    this.about = make("div", "rl-label rl-lab-about", setup.about);
    this.engine = make("div", "rl-lab-engine");
    this.working = make("span", "rl-lab-stage");
    this.bar = make("progress", "rl-lab-bar");
    this.stop = button("rl-lab-stop", "end what is played; what was seen of it stays", () => this.store.send({ kind: "stop" }), "stop");
    this.progress = make("div", "rl-lab-progress", this.bar, this.working, this.stop);
    this.banner = make("div", "rl-banner");
    this.notes = make("div", "rl-lab-notes");
    this.defaults = button("rl-lab-defaults", "the values at the beginning", () => this.reset(), "as at first");
    const replay = button("rl-lab-replay", "replay these games below, with this strategy and these values", () => this.run("replay"), "run on replay");
    const live = button("rl-lab-live", "trade paper money on the live feed below, with these values", () => this.run("live"), "run on live");
    this.end = button("rl-lab-end", "close the cell below", () => this.store.press("end"), "close below");
    this.say = make("div", "rl-say");
    this.table = make("table", "");
    this.verdict = make("div", "rl-lab-verdict");
    const places = Object.fromEntries(["equity", "profit", ...PATHS].map((name) => [name, make("div", `rl-lab-figure rl-lab-${name}`)]));
    this.places = places;
    const paths = make("div", "rl-lab-paths", ...PATHS.map((name) => places[name]));
    this.pathWords = make("div", "rl-title", "some of the games");
    const legend = make("div", "rl-legend");
    for (const [key, words] of [["buy", "buy"], ["sell", "sell"], ["settled", "settled by the rug"], ["bet", "side bet's window"]])
      legend.append(make("span", `rl-key-${key}`, words));
    const title = make("div", "rl-lab-title", this.head, this.about);
    const state = make("div", "rl-lab-state", this.engine, this.progress);
    this.box.append(
      make("div", "rl-lab-head", title, state),
      this.banner,
      make(
        "div",
        "rl-lab-body",
        make("div", "rl-lab-left", this.form.box, make("div", "rl-buttons", replay, live, this.end, this.defaults), this.say),
        make(
          "div",
          "rl-lab-right",
          make("div", "rl-table rl-lab-table", this.table),
          this.verdict,
          this.notes,
          make("div", "rl-lab-pair", places.equity, places.profit),
          this.pathWords,
          legend,
          paths,
        ),
      ),
    );
  }

  // Have something run below, and bring it into sight when it is there.
  run(name) {
    const before = this.host.nextElementSibling;
    this.store.press(name);
    clearInterval(this.looking);
    let tries = 0;
    this.looking = setInterval(() => {
      const below = this.host.nextElementSibling;
      const there = below && below !== before && below.clientHeight > BELOW_PX;
      if (there) below.scrollIntoView({ block: "nearest" });
      tries += 1;
      if (there || tries > BELOW_TRIES) clearInterval(this.looking);
    }, BELOW_MS);
  }

  reset() {
    for (const { name, value, kind } of this.store.setup.fields) {
      if (kind === "fixed") continue;
      this.form.edited("params", name);
      this.form.inputs.get(`params ${name}`)[0](value);
      this.store.wish("params", name, value);
    }
  }

  show() {
    const { store } = this;
    const { state, result } = store;
    this.ensureFigures();
    this.banner.hidden = store.gone === null && !state?.error;
    this.banner.dataset.is = store.gone === null ? "failing" : "gone";
    write(this.banner, store.gone ?? state?.error ?? "");
    if (state) {
      if (!store.flying) this.form.show(state.params, state.session);
      this.showState(state);
    }
    if (result && result !== this.written) {
      this.written = result;
      this.showRows(result);
    }
    this.box.dataset.is = state?.error ? "failed" : state?.working ? "working" : "still";
    this.draw();
  }

  showState(state) {
    const took = state.seconds < 0.0995 ? `${Math.max(1, Math.round(state.seconds * 1000))} ms` : `${state.seconds.toFixed(1)} s`;
    const engines = { compiled: "compiled", tick: "tick by tick" };
    const games = (this.store.result?.games ?? 0).toLocaleString("en-US");
    write(this.engine, state.engine ? `${games} games, ${engines[state.engine] ?? state.engine}, in ${took}` : "");
    this.progress.style.visibility = state.working || state.stage === "stopped" ? "visible" : "hidden";
    this.stop.hidden = !state.working;
    this.bar.hidden = !state.working;
    if (state.total > 0) Object.assign(this.bar, { max: state.total, value: state.done });
    else this.bar.removeAttribute("value");
    const count = state.total > 0 ? ` ${state.done.toLocaleString("en-US")} of ${state.total.toLocaleString("en-US")}` : "";
    write(this.working, state.working ? `${WORDS[state.stage] ?? state.stage}${state.done ? count : ""}` : WORDS[state.stage] ?? "");
    const notes = [...state.notes];
    if (state.engine === "tick" && state.reason) notes.push(`tick by tick, as the strategy cannot be compiled: ${state.reason}`);
    this.notes.hidden = !notes.length;
    write(this.notes, notes.join("\n"));
    this.end.hidden = !state.below;
    write(this.say, state.trouble);
    this.say.dataset.is = "refused";
  }

  showRows(result) {
    const head = make("tr", "", ...["", "value", "95 % interval", "n", "to hold against it"].map((text) => make("th", "", text)));
    const rows = result.rows.map(([name, value, interval, n, baseline]) =>
      make("tr", "", make("th", "", name), make("td", "rl-lab-value", value), make("td", "", interval), make("td", "", n), make("td", "", baseline)),
    );
    this.table.replaceChildren(make("thead", "", head), make("tbody", "", ...rows));
    const part = OF[result.stage] ? `${OF[result.stage]}, ${result.games.toLocaleString("en-US")} of ${this.store.setup.games.toLocaleString("en-US")} games: ` : "";
    write(this.verdict, `${part}${result.verdict}`);
    this.box.dataset.of = OF[result.stage] ? "sample" : "all";
    const shown = PATHS.some((name) => result.figures[name]);
    this.pathWords.hidden = !shown;
  }

  draw() {
    const { result } = this.store;
    if (!this.ready || !result || this.drawn === result) return;
    this.drawn = result;
    this.figures.set(result.figures);
  }

  ensureFigures() {
    const theme = isDark() ? "dark" : "light";
    if (this.theme === theme) return;
    this.theme = theme;
    this.box.dataset.theme = theme;
    this.figures?.close();
    this.ready = false;
    this.drawn = null;
    const { setup } = this.store;
    bokehOf(setup.bokeh, () => this.store.send({ kind: "bokeh" })).then(async (Bokeh) => {
      if (this.theme !== theme || !this.box.isConnected) return;
      const figures = new Figures(this.places);
      this.figures = figures;
      await figures.build(Bokeh, setup.figures[theme]);
      if (this.figures !== figures || figures.closed) return;
      this.ready = true;
      this.changed();
    });
  }
}

export default cellOf(LabStore, LabRendering);
