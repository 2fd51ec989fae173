// Bokeh figures of one rendering: built from the kernel's description, and updated with the state it sends.
/** @import { BokehJS, BokehView, FigureState, Item } from "./page" */

export class Figures {
  /** @param {BokehJS} Bokeh @param {Record<string, HTMLElement>} hosts a node for each figure by name */
  constructor(Bokeh, hosts) {
    this.bokeh = Bokeh;
    this.hosts = hosts;
    this.views = /** @type {Record<string, BokehView>} */ ({});
  }

  /** @param {Record<string, Item>} items */
  async build(items) {
    for (const [name, host] of Object.entries(this.hosts)) {
      host.replaceChildren();
      this.views[name] = await this.bokeh.embed.embed_item(items[name], host);
      // A focused figure hides in a shadow tree, whose host JupyterLab sees before it sees the box around it.
      for (const child of host.querySelectorAll(":scope > *")) child.setAttribute("data-lm-suppress-shortcuts", "true");
    }
  }

  /** @param {string} name */
  document(name) {
    return this.views[name]?.roots[0].model.document;
  }

  /** @param {Record<string, FigureState>} states of each figure; one without is hidden */
  set(states) {
    for (const [name, host] of Object.entries(this.hosts)) {
      const state = states[name];
      host.hidden = !state;
      const document = this.document(name);
      if (!state || !document) continue;
      for (const [model, properties] of Object.entries(state)) document.get_model_by_name(model)?.setv(properties);
    }
  }

  close() {
    for (const [name, host] of Object.entries(this.hosts)) {
      const document = this.document(name);
      if (!document) continue;
      document.clear();
      document.views_manager?.clear(); // its notifications, which are not roots of the document
      const position = this.bokeh.documents.indexOf(document);
      if (position >= 0) this.bokeh.documents.splice(position, 1);
      host.replaceChildren();
    }
    this.views = {};
  }
}

// Put the columns back in the place of {"$": [start, length]}.
/** @template T @param {T} value @param {Float64Array} floats @returns {T} */
export function unpacked(value, floats) {
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  const place = /** @type {{ $?: [number, number] }} */ (value).$;
  /** @type {unknown} */
  const made = place
    ? Array.from(floats.subarray(place[0], place[0] + place[1]))
    : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpacked(each, floats)]));
  return /** @type {T} */ (made);
}
