// What every cell of ours is: one store per widget, kept while its renderings come and go, and a line to the kernel.
import { installBokeh } from "./bokeh_loader.js";
import { KernelLink } from "./kernel_link.js";

export const widgetOf = (Store, Rendering) => () => {
  let store;
  let link;
  const renderings = new Set();
  return {
    initialize({ model }) {
      store = new Store((content) => link.send(content));
      link = new KernelLink(model, store);
      model.on("msg:custom", (message, buffers) => {
        link.heard(message);
        if (message.kind === "bokeh") installBokeh(store.setup.bokeh, buffers[0]);
        else store.receive(message, buffers);
      });
      return () => link.close();
    },
    render({ el }) {
      if (renderings.size === 0) store.send({ kind: "hello" });
      const rendering = new Rendering(el, store);
      renderings.add(rendering);
      return () => {
        rendering.close();
        renderings.delete(rendering);
        if (renderings.size === 0) store.send({ kind: "bye" });
      };
    },
  };
};
