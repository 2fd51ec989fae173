// A figure with a few words above it and a small table below; it does not move.
import { bokehOf, installBokeh } from "./bokeh.js";
import { make } from "./dom.js";
import { Figures } from "./figures.js";
import { isDark, onTheme } from "./theme.js";

function labelled(cell, label) {
  cell.dataset.label = label;
  return cell;
}

export default () => ({
  initialize({ model }) {
    model.on("msg:custom", (message, buffers) => {
      if (message.kind === "bokeh") installBokeh(model.get("content").bokeh, buffers[0]);
    });
  },
  render({ model, el }) {
    const { figures, facts, head, rows, bokeh } = model.get("content");
    const chart = make("div", "rl-still-chart");
    const box = make("div", "rl-live rl-still");
    box.dataset.lmSuppressShortcuts = "true";
    const lines = facts.map(([label, words]) => make("div", "rl-fact", make("div", "rl-label", label), make("div", "rl-value", words)));
    box.append(make("div", "rl-facts", ...lines), chart);
    if (rows.length) {
      const titles = make("tr", "", ...head.map((text) => make("th", "", text)));
      const body = rows.map((row) => make("tr", "", ...row.map((text, i) => labelled(make("td", "", text), head[i]))));
      const table = make("table", "", make("thead", "", titles), make("tbody", "", ...body));
      box.append(make("div", "rl-title", "games that differ"), make("div", "rl-table rl-scroll", table));
    }
    el.append(box);
    let shown = null;
    let theme = null;
    const draw = () => {
      const wanted = isDark() ? "dark" : "light";
      if (wanted === theme) return;
      theme = wanted;
      box.dataset.theme = theme;
      shown?.close();
      shown = null;
      bokehOf(bokeh, () => model.send({ kind: "bokeh" })).then((Bokeh) => {
        if (theme !== wanted || !box.isConnected) return;
        shown = new Figures({ chart });
        shown.build(Bokeh, figures[wanted]);
      });
    };
    box.rugsLab = { figures: () => shown };
    const unwatchTheme = onTheme(draw);
    requestAnimationFrame(draw);
    return () => {
      unwatchTheme();
      shown?.close();
      box.remove();
    };
  },
});
