// A static figure with facts above it and a small table below.
/** @import { StaticPicture, WidgetModel } from "./page" */
import { installBokeh } from "./bokeh_loader.js";
import { fact, hidePicture, make, Table } from "./dom.js";
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
  render({ model, el }) {
    const { figures, facts, head, rows, bokeh, picture, caption } = contentOf(model);
    const chart = make("div", "rl-static-chart");
    const box = make(
      "div",
      "rl-live rl-static",
      make("div", "rl-facts", ...facts.map(([label, words]) => fact(label, words))),
      chart,
    );
    box.dataset.lmSuppressShortcuts = "true";
    box.classList.add("rl-waiting"); // until a kernel has sent BokehJS: without one the picture below stays
    if (rows.length) {
      const table = new Table(head);
      for (const line of table.fill(rows)) for (const [i, label] of head.entries()) line.cells[i].dataset.label = label;
      box.append(make("div", "rl-label", caption), table.box);
    }
    el.append(box);
    const themed = new Themed(
      box,
      { chart },
      () => model.send({ kind: "bokeh" }),
      (made) => {
        hidePicture(box, picture);
        box.classList.remove("rl-waiting");
        return made;
      },
    );
    box.rugsLab = { figures: () => themed.built };
    const draw = () => themed.ensure(bokeh, figures);
    const unwatchTheme = onTheme(draw);
    requestAnimationFrame(draw);
    return () => {
      unwatchTheme();
      themed.close();
      box.remove();
    };
  },
});
