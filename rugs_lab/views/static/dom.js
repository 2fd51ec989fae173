// DOM nodes and their text. Text is always set as text, never as markup.
/** @import { Badge, Child } from "./page" */
import { shortId } from "./formats.js";

const SVG = "http://www.w3.org/2000/svg";
// A field for a number; those of type "number" do not take a decimal comma in every browser.
export const NUMBER = { type: "text", inputMode: "decimal", autocomplete: /** @type {const} */ ("off") };
/** @type {WeakMap<Node, string>} */
const written = new WeakMap();

// Write text only when it changed.
/** @param {Node} node @param {string} text */
export function write(node, text) {
  if (written.get(node) === text) return;
  written.set(node, text);
  node.textContent = text;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name] its classes
 * @param {...Child} children
 */
export function make(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...Child} children */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {string} name @param {string} title @param {() => void} action @param {string} [text] */
export function button(name, title, action, text = "") {
  const node = Object.assign(make("button", name, text), { type: "button", title });
  node.addEventListener("click", action);
  node.addEventListener("keydown", (event) => event.repeat && event.key === "Enter" && event.preventDefault());
  return node;
}

/** @param {string} name @param {Partial<HTMLInputElement>} properties @returns {HTMLInputElement} */
export function input(name, properties) {
  const node = make("input", name);
  for (const [key, value] of Object.entries(properties)) Reflect.set(node, key, value);
  return node;
}

/** @param {string} name @param {() => void} action @param {string} [label] @param {HTMLElement[]} [options] */
export function select(name, action, label, options = []) {
  const node = make("select", name, ...options);
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("change", action);
  return node;
}

// Text that screen readers announce when it changes.
/** @param {string} name */
export function status(name, tag = /** @type {"div" | "span"} */ ("div")) {
  const node = make(tag, name);
  node.setAttribute("role", "status");
  return node;
}

/** @param {string | number | null} value @param {string} text */
export function option(value, text) {
  return new Option(text, String(value));
}

/** @param {string} name @returns {Badge} */
export function badge(name) {
  const path = svg("path", {});
  const text = make("span");
  const extra = make("span", "rl-extra");
  const icon = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
  return { box: make("div", `rl-badge ${name}`, icon, text, extra), path, text, extra };
}

const RUNNING = "M3 2 L13 8 L3 14 Z";
const PAUSED = "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z";
const TRYING = "M2 7 H5 V9 H2 Z M6.5 7 H9.5 V9 H6.5 Z M11 7 H14 V9 H11 Z";
const WARNING = "M8 2 L15 14 H1 Z";
const DOT = "M8 2 A6 6 0 1 0 8 14 A6 6 0 1 0 8 2 Z";
const ICONS = /** @type {Record<string, string>} */ ({
  // of phases
  ACTIVE: RUNNING,
  ACTIVATION: RUNNING,
  PRESALE: "M8 2 L14 8 L8 14 L2 8 Z",
  COOLDOWN: PAUSED,
  GENESIS: PAUSED,
  RUG: "M3 1.6 L8 6.6 L13 1.6 L14.4 3 L9.4 8 L14.4 13 L13 14.4 L8 9.4 L3 14.4 L1.6 13 L6.6 8 L1.6 3 Z",
  UNKNOWN: "M2 7 H14 V9 H2 Z",
  // of feeds and recordings
  live: "M8 3 A5 5 0 1 0 8 13 A5 5 0 1 0 8 3 Z",
  connecting: TRYING,
  reconnecting: TRYING,
  asked: TRYING,
  stale: WARNING,
  stopped: "M3 3 H13 V13 H3 Z",
  off: `${DOT} M8 4 A4 4 0 1 1 8 12 A4 4 0 1 1 8 4 Z`,
  recording: DOT,
  waiting: PAUSED,
  slow: WARNING,
  failing: WARNING,
  // of the controls of a replay
  play: RUNNING,
  pause: PAUSED,
  back: "M12 2 L4.5 8 L12 14 Z M2 2 H4 V14 H2 Z",
  forward: "M4 2 L11.5 8 L4 14 Z M12 2 H14 V14 H12 Z",
  previous: "M8 2 L2 8 L8 14 Z M14 2 L8 8 L14 14 Z",
  next: "M8 2 L14 8 L8 14 Z M2 2 L8 8 L2 14 Z",
});

// Give a badge the icon and text of a state.
/** @param {Badge} place @param {string} key @param {string} text @param {string} [extra] */
export function mark(place, key, text, extra = "") {
  if (place.box.dataset.is !== key) {
    place.box.dataset.is = key;
    place.path.setAttribute("d", ICONS[key] ?? ICONS.UNKNOWN);
  }
  write(place.text, text);
  write(place.extra, extra);
}

/** @param {string} label @param {Child} value @param {string} [note] */
export function fact(label, value, note) {
  const shown = typeof value === "string" ? make("div", "rl-value", value) : value;
  const below = note === undefined ? [] : [make("div", "rl-label", note)];
  return make("div", "rl-fact", make("div", "rl-label", label), shown, ...below);
}

/** @param {string} label @param {HTMLElement} control */
export function labelled(label, control) {
  return make("label", "rl-control", make("span", "rl-label", label), control);
}

// Labelled values to be written later, by their keys.
/**
 * @template {string} K
 * @param {Record<K, string>} labels
 * @param {string} [name]
 */
export function facts(labels, name = "") {
  const values = /** @type {Record<K, HTMLElement>} */ ({});
  const box = make("div", `rl-facts ${name}`);
  for (const key of /** @type {K[]} */ (Object.keys(labels))) {
    values[key] = make("div", "rl-value");
    box.append(fact(labels[key], values[key]));
  }
  return { box, values };
}

export class Table {
  /** @param {Child[]} heads @param {string} [none] what stands there without a row @param {string} [name] */
  constructor(heads, none = "", name = "") {
    this.none = none;
    this.heads = heads.map((head) => Object.assign(make("th", "", head), { scope: "col" }));
    this.head = make("tr", "", ...this.heads);
    this.body = make("tbody");
    const table = make("table", "", make("thead", "", this.head), this.body);
    // What scrolls takes the focus; a list of buttons has one inside.
    const named = { ariaLabel: `table: ${this.heads.map((head) => head.textContent).join(", ")}`, role: "group" };
    const stop = { tabIndex: heads.every((head) => typeof head === "string") ? 0 : -1 };
    this.box = Object.assign(make("div", `rl-table rl-scroll ${name}`, table), named, stop);
  }

  /** @param {Child[][]} rows @returns {HTMLTableRowElement[]} */
  fill(rows) {
    const lines = rows.map((cells) => make("tr", "", ...cells.map(inTable)));
    const none = () => make("tr", "", Object.assign(make("td", "rl-none", this.none), { colSpan: this.heads.length }));
    const held = [...this.body.rows].find((line) => line.contains(document.activeElement))?.textContent;
    this.body.replaceChildren(...(rows.length || !this.none ? lines : [none()]));
    const again = lines.find((line) => line.textContent === held);
    again?.querySelector(/** @type {"button"} */ ("button, input"))?.focus();
    return lines;
  }
}

/** @param {Child} child */
function inTable(child) {
  return child instanceof HTMLTableCellElement ? child : make("td", "", child);
}

/** @param {string} id of a game @param {...Child} before */
export function idCell(id, ...before) {
  return Object.assign(make("td", "rl-id", ...before, shortId(id)), { title: id });
}

/** @param {string | null} name @param {boolean | null} practice null: another currency than SOL */
export function playerCell(name, practice) {
  const cell = Object.assign(make("td", "rl-player", name ?? "(no name)"), { title: name ?? "" });
  if (practice !== false) cell.append(make("span", "rl-practice", practice ? "practice" : "other currency"));
  return cell;
}

// Have the widget, as long as its box is in the page, hide the picture below it that stands in for it later.
/** @param {HTMLElement} box @param {string} id */
export function hidePicture(box, id) {
  if (!box.querySelector(":scope > style")) box.append(make("style", "", `#${id} { display: none !important; }`));
}
