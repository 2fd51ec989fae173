// BokehJS, once per page and version, however many widgets need it. The bytes come from the kernel.
/** @import { BokehEntry, Buffers } from "./page" */

const SHELF = Symbol.for("rugs_lab.bokeh");
const ASK_BOKEH_AGAIN_MS = 8000;

/** @param {string} version @returns {BokehEntry} */
function place(version) {
  const page = /** @type {{ [SHELF]?: Map<string, BokehEntry> }} */ (/** @type {unknown} */ (window));
  page[SHELF] ??= new Map();
  const known = page[SHELF].get(version);
  if (known) return known;
  const entry = /** @type {BokehEntry} */ (/** @type {unknown} */ ({ asks: [], installed: false }));
  entry.ready = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
  page[SHELF].set(version, entry);
  return entry;
}

/** @param {string} version */
function present(version) {
  return window.Bokeh?.[version] ?? (window.Bokeh?.version === version ? window.Bokeh : undefined);
}

// Return a promise of BokehJS. The kernels of all widgets that need it are asked in turn, by `ask`, until it arrives.
/** @param {string} version @param {() => void} ask */
export function bokehOf(version, ask) {
  const entry = place(version);
  const there = present(version);
  if (there) entry.resolve(there);
  else if (!entry.installed) {
    entry.asks.push(ask);
    if (entry.timer === undefined) {
      entry.timer = setInterval(() => askNext(entry), ASK_BOKEH_AGAIN_MS);
      askNext(entry);
    }
  }
  return entry.ready;
}

/** @param {BokehEntry} entry */
function askNext({ asks }) {
  const [ask] = asks.splice(0, 1);
  asks.push(ask);
  ask();
}

/** @param {string} version @param {Buffers} buffers */
export function installBokeh(version, [bytes]) {
  const entry = place(version);
  if (entry.installed || present(version)) return;
  entry.installed = true;
  clearInterval(entry.timer);
  entry.asks.length = 0;
  const url = URL.createObjectURL(new Blob([/** @type {DataView<ArrayBuffer>} */ (bytes)], { type: "text/javascript" }));
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => {
    URL.revokeObjectURL(url);
    const Bokeh = present(version);
    if (Bokeh) entry.resolve(Bokeh);
  };
  script.onerror = () => entry.reject(new Error("BokehJS did not load"));
  document.head.append(script);
}
