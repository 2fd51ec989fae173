// The form of the strategy widget: a field for each parameter of the strategy, and those of the session.
/** @import { Group, LabSetup, Param, ParameterField, Params } from "./page" */
import { input, make, NUMBER, option, select, write } from "./dom.js";
import { typed } from "./formats.js";

/** @typedef {{ node: HTMLElement, set: (value: Param) => void, shown?: string }} Field */

export class ParameterFields {
  inputs = /** @type {Map<string, Field>} */ (new Map());

  /** @param {LabSetup} setup @param {(group: Group, name: string, value: Param) => void} change called with what the reader set */
  constructor({ fields, session }, change) {
    this.change = change;
    const parameters = make("div", "rl-column", ...fields.map((field) => this.field(field)));
    if (!fields.length) parameters.append(make("div", "rl-label", "this strategy has no parameters"));
    const conditions = make("div", "rl-column", ...session.map((field) => this.optional(field)));
    const titles = ["parameters", "session: cash and stop conditions"].map((text) => make("div", "rl-label", text));
    this.box = make("div", "rl-form", titles[0], parameters, titles[1], conditions);
  }

  /** @param {ParameterField} field */
  field(field) {
    const { name, kind, choices } = field;
    const took = (/** @type {Param} */ value) => this.take("params", name, value);
    const row = (/** @type {HTMLElement} */ node, /** @type {Field["set"]} */ set) => this.row("params", name, name, [node], set);
    if (kind === "bool") {
      const tick = input("", { type: "checkbox" });
      tick.addEventListener("change", () => took(tick.checked));
      return row(tick, (value) => (tick.checked = value === true));
    }
    if (kind === "fixed") {
      const shown = make("output", "rl-value");
      return row(shown, (value) => write(shown, String(value)));
    }
    if (kind !== "choice" && kind !== "text") return this.number(field, took);
    const words = choices.map((word) => option(word, word));
    const node = kind === "text" ? input("rl-amount", {}) : select("", () => {}, "", words);
    node.addEventListener("input", () => took(node.value));
    return row(node, (value) => (node.value = String(value)));
  }

  /** @param {ParameterField} field @param {(value: number) => void} took */
  number({ name, kind, low, high, step }, took) {
    const exact = input("rl-amount", NUMBER);
    const value = () => (kind === "int" && typed(exact.value) % 1 ? NaN : typed(exact.value));
    const range = { min: String(low), max: String(high), step: String(step) };
    const slider = input("rl-slider", { type: "range", ...range, ariaLabel: `${name}, ${low} to ${high}` });
    const note = make("span", "rl-label rl-field-note");
    const mark = () => {
      const none = !Number.isFinite(value());
      const what = kind === "int" ? "Not a whole number - ignored" : "Not a number - ignored";
      write(note, none ? what : value() < low || value() > high ? "outside the slider's range" : "");
      exact.setAttribute("aria-invalid", String(none));
    };
    slider.addEventListener("input", () => {
      exact.value = slider.value;
      mark();
      took(slider.valueAsNumber);
    });
    exact.addEventListener("input", () => {
      mark();
      if (!Number.isFinite(value())) return;
      slider.value = String(value());
      took(value());
    });
    const row = this.row("params", name, name, [exact, slider], (held) => {
      exact.value = slider.value = String(held);
      mark();
    });
    row.append(note);
    row.title = `slider: ${low} to ${high}`;
    return row;
  }

  // A number that may be left empty.
  /** @param {LabSetup["session"][0]} field */
  optional({ name, label, why }) {
    const placeholder = name === "cash" ? "" : "never";
    const node = input("rl-amount", { ...NUMBER, placeholder });
    node.addEventListener("input", () => {
      const value = typed(node.value);
      const none = name !== "cash" && node.value.trim() === "";
      node.setAttribute("aria-invalid", String(!none && !(value >= 0)));
      if (none || value >= 0) this.take("session", name, none ? null : value);
    });
    const row = this.row("session", name, label, [node], (value) => (node.value = String(value ?? "")));
    row.title = why;
    return row;
  }

  /** @param {Group} group @param {string} name @param {string} words @param {HTMLElement[]} nodes @param {Field["set"]} set */
  row(group, name, words, nodes, set) {
    const [node] = nodes;
    this.inputs.set(`${group} ${name}`, { node, set });
    node.id = `rugs-lab-${name}-${Math.random().toString(36).slice(2)}`;
    const label = Object.assign(make("label", "", words), { htmlFor: node.id });
    return make("div", "rl-field", label, ...nodes);
  }

  // The field no longer shows what the kernel sent last.
  /** @param {Group} group @param {string} name @param {Param} value */
  take(group, name, value) {
    const field = this.inputs.get(`${group} ${name}`);
    if (field) field.shown = undefined;
    this.change(group, name, value);
  }

  // Show what the kernel holds; a field somebody types in is left alone.
  /** @param {Params} params @param {Params} session */
  show(params, session) {
    for (const [group, values] of Object.entries({ params, session }))
      for (const [name, value] of Object.entries(values)) {
        const field = this.inputs.get(`${group} ${name}`);
        const key = JSON.stringify(value);
        if (!field || field.shown === key) continue;
        const { node } = field;
        const typing = node instanceof HTMLInputElement && node.inputMode && typed(node.value) === value;
        field.shown = key;
        if (!typing || !node.matches(":focus")) field.set(value);
      }
  }

  // Restore the initial values.
  /** @param {ParameterField[]} fields */
  reset(fields) {
    for (const { name, value, kind } of fields) {
      if (kind === "fixed") continue;
      this.inputs.get(`params ${name}`)?.set(value);
      this.take("params", name, value);
    }
  }
}
