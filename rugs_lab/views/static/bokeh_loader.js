// BokehJS, once per page and version, however many cells want it. The bytes come from the kernel.

const SHELF = Symbol.for("rugs_lab.bokeh");
const ASK_BOKEH_AGAIN_MS = 8000;

function place(version) {
  const shelf = (window[SHELF] ??= new Map());
  if (!shelf.has(version)) {
    const entry = { asks: [], timer: null, installed: false };
    entry.ready = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    shelf.set(version, entry);
  }
  return shelf.get(version);
}

function present(version) {
  return window.Bokeh?.[version] ?? (window.Bokeh?.version === version ? window.Bokeh : undefined);
}

// Return a promise of BokehJS. The kernels of those who want it are asked in turn, by `ask`, until it is there.
export function bokehOf(version, ask) {
  const entry = place(version);
  const there = present(version);
  if (there) entry.resolve(there);
  else if (!entry.installed) {
    entry.asks.push(ask);
    if (entry.timer === null) {
      entry.timer = setInterval(() => askNext(entry), ASK_BOKEH_AGAIN_MS);
      askNext(entry);
    }
  }
  return entry.ready;
}

function askNext(entry) {
  const ask = entry.asks.shift();
  entry.asks.push(ask);
  ask();
}

export function installBokeh(version, bytes) {
  const entry = place(version);
  if (entry.installed || present(version)) return;
  entry.installed = true;
  clearInterval(entry.timer);
  entry.asks.length = 0;
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => {
    URL.revokeObjectURL(url);
    entry.resolve(present(version));
  };
  script.onerror = () => entry.reject(new Error("BokehJS did not load"));
  document.head.append(script);
}
