// Nodes and the words in them. Text is always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
export const NONE = "–";
const written = new WeakMap();

// Write text only when it changed.
export function write(node, text) {
  if (written.get(node) === text) return;
  written.set(node, text);
  node.textContent = text;
}

// Give a badge the shape and words of a state.
export function mark(place, icons, key, text, extra = "") {
  if (place.box.dataset.is !== key) {
    place.box.dataset.is = key;
    place.path.setAttribute("d", icons[key] ?? icons.UNKNOWN);
  }
  write(place.text, text);
  write(place.extra, extra);
}

export function make(tag, name, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...children);
  return node;
}

export function button(name, title, action, text = "") {
  const node = make("button", name, text);
  node.type = "button";
  node.title = title;
  node.addEventListener("click", action);
  return node;
}

export function badge(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  svg.append(path);
  const text = make("span", "rl-word");
  const extra = make("span", "rl-extra");
  return { box: make("div", `rl-badge ${name}`, svg, text, extra), path, text, extra };
}

export function number(value, digits, unit = "") {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text}${unit}`;
}

// SOL to the last lamport, without zeros that say nothing.
export function sol(value) {
  const text = Math.abs(value).toFixed(9).replace(/0{1,6}$/, "");
  return value < 0 ? `−${text}` : text;
}

// Words with the sign of a value before them, for a screen reader and a colour-blind reader too; none for 0.
function withSign(value, text) {
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

// A gain or a loss: SOL to the last lamport.
export function signedSol(value) {
  return withSign(value, sol(Math.abs(value)));
}

// The same to four significant digits.
export function signedShort(value) {
  return withSign(value, sol(Number(Math.abs(value).toPrecision(4))).replace(/\.?0+$/, ""));
}

// Any number to so many digits after the point.
export function signedNumber(value, digits) {
  return withSign(value, number(Math.abs(value), digits));
}

export function plain(value) {
  if (value === null || value === undefined) return NONE;
  if (typeof value !== "number") return String(value);
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
