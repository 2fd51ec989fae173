// The base of all widgets: one store per widget, kept while its renderings come and go, and the connection to the kernel.
/** @import { Buffers, KernelStore, Send, WidgetModel } from "./page" */
import { installBokeh } from "./bokeh_loader.js";
import { hidePicture, make } from "./dom.js";
import { KernelLink } from "./kernel_link.js";
import { onTheme } from "./theme.js";

// A box that shows a store. It is drawn with the browser's next frame after something changed.
/** @template {KernelStore} S */
export class Rendering {
  /** @param {HTMLElement} el @param {S} store @param {string} name @param {string} label */
  constructor(el, store, name, label) {
    this.host = el;
    this.store = store;
    this.box = make("div", name);
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", label);
    this.box.dataset.lmSuppressShortcuts = "true";
    this.box.rugsLab = this;
    el.append(this.box);
    this.frame = /** @type {number | null} */ (null);
    this.changed = this.changed.bind(this);
    store.watchers.add(this.changed);
    this.unwatchTheme = onTheme(this.changed);
  }

  close() {
    this.store.watchers.delete(this.changed);
    this.unwatchTheme();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.box.remove();
  }

  changed() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      const { setup } = this.store;
      if (!setup) return;
      hidePicture(this.box, setup.picture);
      this.draw();
    });
  }

  draw() {}
}

/**
 * @template {KernelStore & { receive(message: never, buffers: Buffers): void }} S
 * @param {new (send: Send) => S} Store
 * @param {new (el: HTMLElement, store: S) => { close(): void }} View
 */
export function widgetOf(Store, View) {
  return () => {
    /** @type {S} */
    let store;
    /** @type {KernelLink} */
    let link;
    const views = new Set();
    return {
      /** @param {{ model: WidgetModel }} widget */
      initialize({ model }) {
        store = new Store((content) => link.send(content));
        link = new KernelLink(model, store);
        model.on("msg:custom", (message, buffers) => {
          const { kind, reason } = /** @type {{ kind: string, reason: string }} */ (message);
          link.received(message);
          if (kind === "failed") store.fail(reason);
          else if (kind !== "bokeh") store.receive(message, buffers);
          else if (store.setup) installBokeh(store.setup.bokeh, buffers);
        });
        return () => link.close();
      },
      /** @param {{ el: HTMLElement }} place */
      render({ el }) {
        if (views.size === 0) store.send({ kind: "hello" });
        const view = new View(el, store);
        views.add(view);
        return () => {
          view.close();
          views.delete(view);
          if (views.size === 0) store.send({ kind: "bye" });
        };
      },
    };
  };
}
