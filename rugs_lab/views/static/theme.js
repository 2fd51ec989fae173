// Light or dark, and what is drawn with BokehJS in that theme.
/** @import { Item, Theme } from "./page" */
import { bokehOf } from "./bokeh_loader.js";
import { make } from "./dom.js";
import { Figures } from "./figures.js";

const ATTRIBUTES = ["class", "data-jp-theme-light", "data-jp-theme-name"];

function mediaOfTheme() {
  return ["(forced-colors: active)", "(prefers-color-scheme: dark)"].map((query) => matchMedia(query));
}

// Whether the page is dark: by the system's forced colours, in JupyterLab, Notebook 7, VS Code, or by the system's preference.
function isDark() {
  const [forced, darkSystem] = mediaOfTheme().map(({ matches }) => matches);
  if (forced) return darkSystem;
  const { dataset, classList } = document.body;
  if (dataset.jpThemeLight !== undefined) return dataset.jpThemeLight === "false";
  if (classList.contains("vscode-dark") || classList.contains("vscode-high-contrast")) return true;
  return darkSystem && !classList.contains("vscode-light");
}

// Call when the page may have changed its theme; returns what ends that.
/** @param {() => void} call */
export function onTheme(call) {
  const themes = new MutationObserver(call);
  themes.observe(document.body, { attributes: true, attributeFilter: ATTRIBUTES });
  const media = mediaOfTheme();
  for (const each of media) each.addEventListener("change", call);
  return () => {
    themes.disconnect();
    for (const each of media) each.removeEventListener("change", call);
  };
}

// The Bokeh figures of a box: built once BokehJS is there, and again whenever the theme is another.
/** @template {{ close(): void }} T */
export class Themed {
  /**
   * @param {HTMLElement} box
   * @param {Record<string, HTMLElement>} hosts a node for each figure by name
   * @param {() => void} ask for BokehJS
   * @param {(figures: Figures, theme: Theme) => T} made what is kept of the figures; its `close` frees them
   */
  constructor(box, hosts, ask, made) {
    this.box = box;
    this.hosts = hosts;
    this.ask = ask;
    this.made = made;
    this.theme = /** @type {Theme | null} */ (null);
    this.saved = false; // whether it shows what was saved, without BokehJS
    this.built = /** @type {T | null} */ (null);
    this.work = Promise.resolve(); // one theme after the other, as they share the hosts
  }

  /** @param {string} version of BokehJS @param {Partial<Record<Theme, Record<string, Item>>>} items */
  ensure(version, items) {
    const theme = isDark() ? "dark" : "light";
    const [name, item] = Object.entries(items[theme] ?? {})[0] ?? [];
    const saved = typeof item === "string";
    if (this.theme === theme && this.saved === saved) return;
    this.theme = this.box.dataset.theme = theme;
    this.saved = saved;
    this.close();
    const drawn = items[theme];
    if (!drawn) return;
    if (saved) return this.hosts[name].replaceChildren(picture(item));
    const build = () => this.build(version, theme, drawn);
    this.work = this.work.then(build, build);
  }

  /** @param {string} version @param {Theme} theme @param {Record<string, Item>} items */
  async build(version, theme, items) {
    const figures = new Figures(await bokehOf(version, this.ask), this.hosts);
    if (this.stale(theme)) return;
    await figures.build(items);
    if (this.stale(theme)) figures.close();
    else this.built = this.made(figures, theme);
  }

  // Whether another theme was wanted meanwhile, or the box left the page: then the next call of `ensure` builds again.
  /** @param {Theme} theme */
  stale(theme) {
    if (this.theme !== theme) return true;
    if (!this.box.isConnected) this.theme = null;
    return !this.box.isConnected;
  }

  close() {
    this.built?.close();
    this.built = null;
  }
}

// SVG, of a widget that was saved.
/** @param {string} drawn */
function picture(drawn) {
  const src = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
  return Object.assign(make("img", "rl-saved-picture"), { src, alt: "the figures as they were saved" });
}
