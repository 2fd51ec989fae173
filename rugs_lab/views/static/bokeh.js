// BokehJS, once per page and version, however many cells want it. The bytes come from the kernel.

const SHELF = Symbol.for("rugs_lab.bokeh");
const ASK_BOKEH_AGAIN_MS = 8000;

function place(version) {
  const shelf = (window[SHELF] ??= new Map());
  if (!shelf.has(version)) {
    const entry = { askedAt: -Infinity, installed: false };
    entry.ready = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    shelf.set(version, entry);
  }
  return shelf.get(version);
}

function present(version) {
  return window.Bokeh?.[version] ?? (window.Bokeh?.version === version ? window.Bokeh : undefined);
}

// Return a promise of BokehJS; `ask` is called when nobody asked the kernel for it lately.
export function bokehOf(version, ask) {
  const entry = place(version);
  const there = present(version);
  if (there) entry.resolve(there);
  else if (!entry.installed && performance.now() - entry.askedAt > ASK_BOKEH_AGAIN_MS) {
    entry.askedAt = performance.now();
    ask();
  }
  return entry.ready;
}

export function installBokeh(version, bytes) {
  const entry = place(version);
  if (entry.installed || present(version)) return;
  entry.installed = true;
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
