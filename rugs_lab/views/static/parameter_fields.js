// The form of the strategy cell: a field for each parameter of the strategy, and those of the session.
import { make, write } from "./dom.js";

export class ParameterFields {
  // `change(group, name, value)` is called with what the reader set.
  constructor(fields, session, change) {
    this.inputs = new Map();
    this.change = change;
    const parameters = make("div", "rl-fields", ...fields.map((field) => this.field(field)));
    if (!fields.length) parameters.append(make("div", "rl-label", "this strategy has no parameters"));
    const conditions = make("div", "rl-session", ...session.map((field) => this.number(field)));
    this.box = make(
      "div",
      "rl-form",
      make("div", "rl-title", "parameters"),
      parameters,
      make("div", "rl-title", "session: cash and when it ends"),
      conditions,
    );
  }

  field({ name, kind, low, high, step, choices }) {
    const label = make("label", "rl-field-name", name);
    const key = `params ${name}`;
    const took = (value) => this.change("params", name, value);
    if (kind === "bool") {
      const tick = make("input");
      tick.type = "checkbox";
      tick.addEventListener("change", () => took(tick.checked));
      this.inputs.set(key, [(value) => (tick.checked = value), tick]);
      return this.row("rl-field rl-field-tick", name, label, tick);
    }
    if (kind === "choice") {
      const list = make("select", "", ...choices.map((each) => new Option(each, each)));
      list.addEventListener("change", () => took(list.value));
      this.inputs.set(key, [(value) => (list.value = value), list]);
      return this.row("rl-field", name, label, list);
    }
    if (kind === "text") {
      const text = make("input", "rl-amount");
      text.addEventListener("input", () => took(text.value));
      this.inputs.set(key, [(value) => (text.value = value), text]);
      return this.row("rl-field", name, label, text);
    }
    if (kind === "fixed") {
      const shown = make("output", "rl-value");
      this.inputs.set(key, [(value) => write(shown, value), shown]);
      return this.row("rl-field", name, label, shown);
    }
    const exact = make("input", "rl-amount rl-exact");
    exact.type = "number";
    exact.step = kind === "int" ? "1" : "any";
    const slider = make("input", "rl-slider");
    Object.assign(slider, { type: "range", min: low, max: high, step });
    slider.setAttribute("aria-label", `${name}, ${low} to ${high}`);
    const note = make("span", "rl-label rl-field-note");
    const mark = () => {
      const value = exact.valueAsNumber;
      const none = !Number.isFinite(value);
      write(note, none ? "not a number: not taken" : value < low || value > high ? "outside of the slider's range" : "");
      exact.setAttribute("aria-invalid", String(none));
    };
    slider.addEventListener("input", () => {
      exact.value = slider.value;
      mark();
      took(slider.valueAsNumber);
    });
    exact.addEventListener("input", () => {
      mark();
      if (!Number.isFinite(exact.valueAsNumber)) return;
      slider.value = exact.value;
      took(exact.valueAsNumber);
    });
    const set = (value) => {
      exact.value = value;
      slider.value = value;
      mark();
    };
    this.inputs.set(key, [set, exact, slider]);
    const row = this.row("rl-field rl-field-number", name, label, exact, slider);
    row.append(note);
    row.title = `slider: ${low} to ${high}`;
    return row;
  }

  // A number that may be left empty.
  number({ name, label, why }) {
    const input = make("input", "rl-amount");
    Object.assign(input, { type: "number", step: "any", min: "0", placeholder: name === "cash" ? "" : "never" });
    input.addEventListener("input", () => {
      if (input.validity.badInput || (name === "cash" && input.value === "")) return;
      this.change("session", name, input.value === "" ? null : input.valueAsNumber);
    });
    const set = (value) => (input.value = value ?? "");
    this.inputs.set(`session ${name}`, [set, input]);
    const row = this.row("rl-field", name, make("label", "rl-field-name", label), input);
    row.title = why;
    return row;
  }

  row(className, name, label, ...inputs) {
    const id = `rl-${name}-${Math.random().toString(36).slice(2)}`;
    inputs[0].id = id;
    label.htmlFor = id;
    return make("div", className, label, ...inputs);
  }

  // Show what the kernel holds; a field somebody types in is left alone.
  show(params, session) {
    const held = [["params", params], ["session", session]];
    for (const [group, values] of held)
      for (const [name, value] of Object.entries(values)) {
        const found = this.inputs.get(`${group} ${name}`);
        if (!found) continue;
        const [set, ...nodes] = found;
        const key = JSON.stringify(value);
        if (nodes[0].rlShown === key) continue;
        if (nodes[0] === nodes[0].getRootNode().activeElement && nodes[0].type === "number" && nodes[0].valueAsNumber === value) continue;
        nodes[0].rlShown = key;
        set(value);
      }
  }

  // What the reader changed is no longer what was shown last.
  edited(group, name) {
    const found = this.inputs.get(`${group} ${name}`);
    if (found) found[1].rlShown = undefined;
  }
}

