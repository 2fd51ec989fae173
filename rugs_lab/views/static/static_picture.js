// A figure that does not change. The picture below, and the words and tables beside it, are HTML of their own.
/** @import { StaticPicture, WidgetModel } from "./page" */
import { installBokeh } from "./bokeh_loader.js";
import { hidePicture, make } from "./dom.js";
import { inflated } from "./kernel_link.js";
import { onTheme, Themed } from "./theme.js";

/** @param {WidgetModel} model */
function contentOf(model) {
  return /** @type {StaticPicture} */ (model.get("content"));
}

export default () => ({
  /** @param {{ model: WidgetModel }} widget */
  initialize({ model }) {
    model.on("msg:custom", (/** @type {{ kind: string }} */ message, buffers) => {
      if (message.kind === "bokeh") installBokeh(contentOf(model).bokeh, buffers);
    });
  },
  /** @param {{ model: WidgetModel, el: HTMLElement }} place */
  async render({ model, el }) {
    const { figures, bokeh, picture } = contentOf(model);
    const chart = make("div", "rl-static-chart");
    const box = make("div", "rl-live rl-static", chart);
    box.dataset.lmSuppressShortcuts = "true";
    box.classList.add("rl-waiting"); // until a kernel has sent BokehJS: without one the picture below stays
    el.append(box);
    const themed = new Themed(
      box,
      { chart },
      () => model.send({ kind: "bokeh" }),
      (made) => {
        hidePicture(box, `${picture} img`);
        box.classList.remove("rl-waiting");
        return made;
      },
    );
    box.rugsLab = { figures: () => themed.built };
    const items = await inflated(figures).json();
    const draw = () => themed.ensure(bokeh, items);
    const unwatchTheme = onTheme(draw);
    requestAnimationFrame(draw);
    return () => {
      unwatchTheme();
      themed.close();
      box.remove();
    };
  },
});
