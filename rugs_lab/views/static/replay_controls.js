// The controls of a replay: play, step, seek, speed, which game. Shown at once, confirmed by the kernel.
/** @import { Commands, Keys, PartStates } from "./page" */
import { badge, button, input, make, mark, option, select, status, write } from "./dom.js";
import { Switch } from "./feed_store.js";
import { number } from "./formats.js";
import { Part } from "./part_base.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 10, null]; // null: as fast as it goes
const MODES = /** @type {const} */ ({
  autoplay: "play the next game automatically",
  loop: "start over after the last game",
  shuffle: "games in random order",
});

/** @extends {Part<"replay_controls">} */
export class ReplayControls extends Part {
  playSwitch = new Switch();
  dragging = /** @type {number | null} */ (null); // tick under the reader's hand
  target = /** @type {number | undefined} */ (undefined); // tick that was stepped to
  play = press("rl-play", "play", "play or pause (space)", () => this.toggle());
  previous = press("rl-previous", "previous", "previous game", () => this.ask("replay_controls.previous", {})).node;
  next = press("rl-next", "next", "next game; open positions are settled at the end of this one", () =>
    this.ask("replay_controls.next", {}),
  ).node;
  back = press("", "back", "one tick back (key ←)", () => this.step(-1)).node;
  forward = press("", "forward", "one tick forward (key →)", () => this.step(1)).node;
  slider = input("rl-slider", { type: "range", min: "-1", max: "0", step: "1", value: "-1", ariaLabel: "tick" });
  where = make("span", "rl-where");
  speed = select("rl-speed", () => this.set({ speed: JSON.parse(this.speed.value) }), "speed", SPEEDS.map(speedOption));
  modes = { autoplay: this.mode("autoplay"), loop: this.mode("loop"), shuffle: this.mode("shuffle") };
  which = make("span", "rl-muted rl-which");
  message = status("rl-muted");
  box = make("fieldset", "rl-over", make("div", "rl-row", this.slider, this.where), this.row(), this.message);

  row() {
    this.slider.addEventListener("input", () => this.drag());
    this.slider.addEventListener("change", () => (this.dragging = null));
    this.speed.title = "speed (keys + and −)";
    const buttons = make("span", "rl-row rl-play-buttons", this.previous, this.back, this.play.node, this.forward, this.next);
    const modes = make("span", "rl-row", ...Object.values(this.modes).map(({ box }) => box));
    return make("div", "rl-row", buttons, this.speed, modes, this.which);
  }

  /** @param {keyof typeof MODES} name */
  mode(name) {
    const tick = input("", { type: "checkbox" });
    tick.addEventListener("change", () => this.set({ [name]: tick.checked }));
    return { tick, box: Object.assign(make("label", "rl-mode", tick, make("span", "", name)), { title: MODES[name] }) };
  }

  /** @returns {Keys} */
  get keys() {
    return {
      " ": ["play or pause", () => this.toggle()],
      l: ["play or pause", () => this.toggle()],
      arrowright: ["one tick forward", () => this.step(1), true],
      arrowleft: ["one tick back", () => this.step(-1), true],
      home: ["presale", () => this.seek(-1)],
      end: ["last tick", () => this.seek(this.state?.last ?? this.state?.frontier ?? 0)],
      "+": ["faster", () => this.faster(1)],
      "-": ["slower", () => this.faster(-1)],
    };
  }

  get playing() {
    return this.playSwitch.wanted ?? this.state?.playing ?? false;
  }

  /** @template {keyof Commands} K @param {K} name @param {Commands[K]} args */
  ask(name, args) {
    return this.store.gone === null ? this.store.do(name, args) : 0;
  }

  /** @param {Commands["replay_controls.set"]} settings */
  set(settings) {
    return this.ask("replay_controls.set", settings);
  }

  toggle() {
    if (this.store.gone !== null) return;
    const playing = !this.playing;
    this.playSwitch.ask(playing, this.set({ playing }));
    this.store.changed();
  }

  // A step pauses the replay; many at once, as from a held key, become one.
  /** @param {number} by */
  step(by) {
    const to = (this.target ?? this.state?.tick ?? -1) + by;
    this.target = Math.min(Math.max(to, -1), this.state?.last ?? Infinity);
    this.store.doNewest("replay_controls.hold", { tick: this.target });
  }

  get words() {
    if (this.state?.ended) return "replay ended";
    return this.playing ? "replay playing" : "replay paused";
  }

  /** @param {number} tick */
  seek(tick) {
    this.store.doNewest("replay_controls.seek", { tick });
  }

  drag() {
    this.dragging = Number(this.slider.value);
    this.seek(this.dragging);
    if (this.state) this.showWhere(this.state);
  }

  /** @param {number} by */
  faster(by) {
    const now = SPEEDS.findIndex((value) => String(value) === this.speed.value); // as shown, confirmed or not
    const speed = SPEEDS[Math.min(Math.max((now < 0 ? 2 : now) + by, 0), SPEEDS.length - 1)];
    this.speed.value = String(speed);
    this.set({ speed });
  }

  show() {
    const { state, store } = this;
    if (!state) return;
    this.playSwitch.confirm(store.commandsDone);
    if (store.gone !== null) this.playSwitch.wanted = null;
    if (store.flying === null) this.target = undefined;
    const playing = this.playing && !state.ended;
    mark(this.play.icon, playing ? "pause" : "play", "");
    this.play.node.dataset.is = playing ? "playing" : "paused";
    this.play.node.setAttribute("aria-pressed", String(playing));
    this.showWhere(state);
    write(this.message, [store.commandWords, state.ended ? "end of the replay" : ""].filter(Boolean).join("; "));
    super.show();
  }

  /** @param {PartStates["replay_controls"]} state */
  draw(state) {
    this.slider.max = String(state.last ?? Math.max(state.frontier, state.tick, 0));
    if (this.dragging === null) this.slider.value = String(state.tick);
    if (document.activeElement !== this.speed) this.speed.value = String(state.speed);
    for (const name of /** @type {(keyof typeof MODES)[]} */ (Object.keys(MODES))) this.modes[name].tick.checked = state[name];
    this.previous.disabled = this.next.disabled = state.count < 2;
    write(this.which, state.count > 1 ? `game ${number(state.position + 1)} of ${number(state.count)}` : "one game");
  }

  /** @param {PartStates["replay_controls"]} state */
  showWhere(state) {
    const tick = this.dragging ?? state.tick;
    const end = state.last === null ? "" : ` of ${state.last}`;
    write(this.where, tick < 0 ? `presale${end && `, ${state.last} ticks`}` : `tick ${tick}${end}`);
  }
}

/** @param {string} className @param {string} shape @param {string} title @param {() => void} action */
function press(className, shape, title, action) {
  const icon = badge("");
  const node = Object.assign(button(className, title, action), { ariaLabel: title });
  mark(icon, shape, "");
  node.append(icon.box);
  return { node, icon };
}

/** @param {number | null} speed */
function speedOption(speed) {
  return option(speed, speed === null ? "max" : `${speed}×`);
}
