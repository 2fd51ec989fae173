// The controls of a replay: play, step, seek, speed, which game. Shown at once, confirmed by the kernel.
/** @import { Commands, Keys, PartStates } from "./page" */
import { badge, button, input, make, mark, option, select, status, write } from "./dom.js";
import { Switch } from "./feed_store.js";
import { number } from "./formats.js";
import { Part } from "./part_base.js";

const PRESS_ICONS = {
  play: "M4 2 L13 8 L4 14 Z",
  pause: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  back: "M12 2 L4.5 8 L12 14 Z M2 2 H4 V14 H2 Z",
  forward: "M4 2 L11.5 8 L4 14 Z M12 2 H14 V14 H12 Z",
  previous: "M8 2 L2 8 L8 14 Z M14 2 L8 8 L14 14 Z",
  next: "M8 2 L14 8 L8 14 Z M2 2 L8 8 L2 14 Z",
  UNKNOWN: "M2 7 H14 V9 H2 Z",
};
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
    this.slider.addEventListener("change", () => this.drop());
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
      " ": () => this.toggle(),
      l: () => this.toggle(),
      arrowright: [() => this.step(1)],
      arrowleft: [() => this.step(-1)],
      home: () => this.seek(-1),
      end: () => this.seek(this.state?.last ?? this.state?.frontier ?? 0),
      "+": () => this.faster(1),
      "-": () => this.faster(-1),
    };
  }

  get playing() {
    return this.playSwitch.wanted ?? this.state?.playing ?? false;
  }

  // After "Pause" was pressed the chart freezes at once, whenever the kernel gets to it.
  get held() {
    return this.playSwitch.wanted === false;
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

  drop() {
    this.dragging = null;
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
    mark(this.play.icon, PRESS_ICONS, playing ? "pause" : "play", "");
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

/** @param {string} className @param {keyof typeof PRESS_ICONS} shape @param {string} title @param {() => void} action */
function press(className, shape, title, action) {
  const icon = badge("");
  const node = Object.assign(button(className, title, action), { ariaLabel: title });
  mark(icon, PRESS_ICONS, shape, "");
  node.append(icon.box);
  return { node, icon };
}

/** @param {number | null} speed */
function speedOption(speed) {
  return option(speed, speed === null ? "max" : `${speed}×`);
}
