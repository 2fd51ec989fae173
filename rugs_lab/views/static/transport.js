// The controls of a replay: play, step, seek, speed, which game. Shown at once, confirmed by the kernel.
import { badge, button, make, mark, number, write } from "./dom.js";

const PRESS_ICONS = {
  play: "M4 2 L13 8 L4 14 Z",
  pause: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  back: "M12 2 L4.5 8 L12 14 Z M2 2 H4 V14 H2 Z",
  step: "M4 2 L11.5 8 L4 14 Z M12 2 H14 V14 H12 Z",
  previous: "M8 2 L2 8 L8 14 Z M14 2 L8 8 L14 14 Z",
  next: "M8 2 L14 8 L8 14 Z M2 2 L8 8 L2 14 Z",
  UNKNOWN: "M2 7 H14 V9 H2 Z",
};
const SPEEDS = [0.25, 0.5, 1, 2, 4, 10, null]; // null: as fast as it goes
const MODES = [
  ["autoplay", "next game by itself"],
  ["loop", "begin again at the end"],
  ["shuffle", "games in random order"],
];

export class TransportPart {
  constructor(store) {
    this.store = store;
    this.wish = null; // {playing, id}: asked for, not yet confirmed
    this.dragging = null; // tick under the reader's hand
    this.shown = null;
    this.build();
  }

  build() {
    const press = (name, title, action) => {
      const icon = badge(`rl-icon-${name}`);
      const node = button(`rl-${name}`, title, action);
      node.setAttribute("aria-label", title);
      mark(icon, PRESS_ICONS, name, "");
      node.append(icon.box);
      node.icon = icon;
      return node;
    };
    this.previous = press("previous", "previous game", () => this.ask("previous"));
    this.back = press("back", "one tick back (key ←)", () => this.back1());
    this.play = press("play", "play or pause (space)", () => this.toggle());
    this.step = press("step", "one tick on (key →)", () => this.step1());
    this.next = press("next", "next game; what is open is settled at the end of this one", () => this.ask("next"));
    this.slider = make("input", "rl-slider");
    Object.assign(this.slider, { type: "range", min: "-1", max: "0", step: "1", value: "-1" });
    this.slider.setAttribute("aria-label", "tick");
    this.slider.addEventListener("input", () => this.drag());
    this.slider.addEventListener("change", () => this.drop());
    this.where = make("span", "rl-where");
    this.speed = make("select", "rl-speed");
    this.speed.setAttribute("aria-label", "speed");
    this.speed.title = "speed (keys + and −)";
    for (const value of SPEEDS) this.speed.append(Object.assign(make("option", "", speedText(value)), { value: String(value) }));
    this.speed.addEventListener("change", () => this.setSpeed(JSON.parse(this.speed.value)));
    this.modes = {};
    const modes = MODES.map(([name, title]) => {
      const tick = Object.assign(make("input", `rl-${name}`), { type: "checkbox" });
      tick.addEventListener("change", () => this.ask("set", { [name]: tick.checked }));
      this.modes[name] = tick;
      return Object.assign(make("label", "rl-mode", tick, make("span", "", name)), { title });
    });
    this.which = make("span", "rl-which");
    const buttons = make("span", "rl-presses", this.previous, this.back, this.play, this.step, this.next);
    this.say = make("div", "rl-transport-say");
    this.say.setAttribute("role", "status");
    this.box = make(
      "div",
      "rl-transport",
      make("div", "rl-seek", this.slider, this.where),
      make("div", "rl-controls", buttons, this.speed, make("span", "rl-modes", ...modes), this.which),
      this.say,
    );
  }

  get keys() {
    return {
      " ": () => this.toggle(),
      l: () => this.toggle(),
      arrowright: [() => this.step1()],
      arrowleft: [() => this.back1()],
      home: () => this.seek(-1),
      end: () => this.seek(this.state?.last ?? this.state?.frontier ?? 0),
      "+": () => this.faster(1),
      "-": () => this.faster(-1),
    };
  }

  get state() {
    return this.store.parts.replay_controls;
  }

  get playing() {
    return this.wish ? this.wish.playing : this.state?.playing ?? false;
  }

  // After "pause" was pressed the picture stands still at once, whenever the kernel gets to it.
  get held() {
    return this.wish !== null && !this.wish.playing;
  }

  ask(name, args) {
    return this.store.gone === null ? this.store.do(`replay_controls.${name}`, args) : 0;
  }

  toggle() {
    if (this.store.gone !== null) return;
    const playing = !this.playing;
    this.wish = { playing, id: this.ask("set", { playing }) };
    this.store.changed();
  }

  // A step holds the replay; many of them, as from a held key, become one.
  step1() {
    this.moveTo((this.target ?? this.tick) + 1);
  }

  back1() {
    this.moveTo((this.target ?? this.tick) - 1);
  }

  get words() {
    if (this.state?.ended) return "replay ended";
    return this.playing ? "replay plays" : "replay paused";
  }

  get tick() {
    return this.state?.tick ?? -1;
  }

  moveTo(tick) {
    const most = this.state?.last ?? Infinity;
    this.target = Math.min(Math.max(tick, -1), most);
    this.store.doNewest("replay_controls.hold", { tick: this.target });
  }

  seek(tick) {
    this.store.doNewest("replay_controls.seek", { tick });
  }

  drag() {
    this.dragging = Number(this.slider.value);
    this.seek(this.dragging);
    this.showWhere(this.state);
  }

  drop() {
    this.dragging = null;
  }

  setSpeed(speed) {
    this.ask("set", { speed });
  }

  faster(by) {
    const now = SPEEDS.findIndex((value) => String(value) === this.speed.value); // as shown, confirmed or not
    const place = Math.min(Math.max((now < 0 ? 2 : now) + by, 0), SPEEDS.length - 1);
    this.speed.value = String(SPEEDS[place]);
    this.setSpeed(SPEEDS[place]);
  }

  show() {
    const { state, store } = this;
    if (!state) return;
    if (this.wish && store.commandsDone >= this.wish.id) this.wish = null;
    if (store.flying === null) this.target = undefined;
    const playing = this.playing && !state.ended;
    mark(this.play.icon, PRESS_ICONS, playing ? "pause" : "play", "");
    this.play.dataset.is = playing ? "playing" : "paused";
    this.play.setAttribute("aria-pressed", String(playing));
    this.showWhere(state);
    if (state === this.shown) return;
    this.shown = state;
    const last = state.last ?? Math.max(state.frontier, state.tick, 0);
    this.slider.max = String(last);
    if (this.dragging === null) this.slider.value = String(state.tick);
    if (document.activeElement !== this.speed) this.speed.value = String(state.speed);
    for (const [name] of MODES) this.modes[name].checked = state[name];
    this.previous.disabled = this.next.disabled = state.count < 2;
    write(this.which, state.count > 1 ? `game ${number(state.position + 1, 0)} of ${number(state.count, 0)}` : "one game");
    write(this.say, [this.store.parts.commands?.trouble, state.ended ? "the replay is at its end" : ""].filter(Boolean).join("; "));
  }

  showWhere(state) {
    const tick = this.dragging ?? state.tick;
    const end = state.last === null ? "" : ` of ${state.last}`;
    write(this.where, tick < 0 ? `presale${end && `, ${state.last} ticks`}` : `tick ${tick}${end}`);
  }
}

function speedText(value) {
  return value === null ? "max" : `${value}×`;
}
