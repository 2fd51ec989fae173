// Bokeh figures of one rendering: built from the kernel's description, and set by what the kernel says of them.

export class Figures {
  // `hosts`: node for each figure by name.
  constructor(hosts) {
    this.hosts = hosts;
    this.views = new Map();
    this.closed = false;
  }

  async build(Bokeh, items) {
    this.bokeh = Bokeh;
    for (const [name, host] of Object.entries(this.hosts)) {
      const view = await Bokeh.embed.embed_item(items[name], host);
      this.views.set(name, view);
      if (this.closed) return this.free();
      // A focused figure hides in a shadow tree, whose host JupyterLab sees before it sees the box around it.
      for (const child of host.children) child.dataset.lmSuppressShortcuts = "true";
    }
    return undefined;
  }

  document(name) {
    return this.views.get(name)?.roots[0].model.document;
  }

  // `states`: for each figure, by the name of a model in it, the properties to set. One without is hidden.
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
    this.closed = true;
    this.free();
  }

  free() {
    for (const [name, host] of Object.entries(this.hosts)) {
      const document = this.document(name);
      if (!document) continue;
      document.clear();
      document.views_manager?.clear(); // what is no root of the document: its notifications
      const position = this.bokeh.documents.indexOf(document);
      if (position >= 0) this.bokeh.documents.splice(position, 1);
      host.replaceChildren();
    }
    this.views.clear();
  }
}

// Put the columns back in the place of {"$": [start, length]}.
export function unpacked(value, floats) {
  if (Array.isArray(value)) return value;
  if (value === null || typeof value !== "object") return value;
  if (value.$) return Array.from(floats.subarray(value.$[0], value.$[0] + value.$[1]));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unpacked(each, floats)]));
}
