// The types of the page: messages, what modules hand to one another, and BokehJS as far as it is used.
import type { Item, PageMessage } from "./messages";

export type { ChartControls } from "./chart_controls.js";
export type { FeedStore } from "./feed_store.js";
export type { Figures } from "./figures.js";
export type { KernelStore } from "./kernel_link.js";
export type { Group, LabStore } from "./lab_store.js";
export * from "./messages";
export type { RingBuffer } from "./ring_buffer.js";
export type { ShownGame } from "./shown_game.js";

export type Child = Node | string;
export type Buffers = (DataView | Uint8Array)[];
export type Send = (content: PageMessage) => void;

/** A game's path as far as it came; another `version` is another path, the same one may have grown. */
export interface Path {
  version: number | string;
  price: number[];
  backfilled: (number | boolean)[];
  rug: number | null;
}

/** The last finished game; `game` is its code. */
export interface Ghost {
  game: number;
  price: number[];
  rug: number | null;
}

export interface PanelActions {
  toggle(): void;
  record(): void;
  follow(): void;
  draw(): void;
  pause(): void;
}

/** What a key does, in words and as a function; `held`: also again and again while it is held. */
export type Keys = Record<string, [words: string, action: () => void, held?: boolean]>;

export interface Badge {
  box: HTMLElement;
  path: SVGElement;
  text: HTMLElement;
  extra: HTMLElement;
}

/** The widget's side of the comm, as anywidget has it. */
export interface WidgetModel {
  on(event: string, call: (content: never, buffers: Buffers) => void): void;
  send(content: object): void;
  get(name: string): unknown;
  widget_manager?: { kernel?: { status: string; connectionStatus?: string } };
}

export type Columns = Record<string, unknown[]>;

export interface Source {
  data: Columns;
  stream(columns: Columns, rollover?: number): void;
}

export interface Range {
  start: number;
  end: number;
  setv(ends: { start: number; end: number }): void;
  change: { connect(call: () => void): void };
}

export interface Annotation {
  visible: boolean;
  left: number;
  setv(properties: object): void;
}

/** Models of the price chart by the names that the kernel gave them. */
export type ChartModels = Record<SourceName, Source> & {
  ticks: Range;
  prices: Range;
  times: Range;
  cut: Annotation;
  cut_label: Annotation;
  price_label: Annotation;
  time_axis?: Annotation;
  path_line: Annotation;
  price_ticks: { ticks: number[] };
  time_ticks: { desired_num_ticks: number };
};
type SourceName = "path" | "backfilled" | "ghost" | "rug" | "ghost_rug" | "gaps" | "candles" | MarkName;
export type MarkName =
  | "bets"
  | "bet_ends"
  | "average"
  | "other_trades"
  | "buys"
  | "sells"
  | "settled"
  | "overlays"
  | "overlay_ends"
  | "ghosts"
  | "strategy_fills"
  | "fill_texts";

interface BokehDocument {
  clear(): void;
  views_manager?: { clear(): void };
  get_model_by_name(name: string): { setv(properties: object): void };
}

export interface BokehView {
  roots: { model: { document: BokehDocument; children: { inner_width: number }[] } }[];
}

export interface BokehJS {
  version?: string;
  documents: BokehDocument[];
  embed: { embed_item(item: Item, host: HTMLElement): Promise<BokehView> };
}

/** BokehJS of one version, on its way to a page. */
export interface BokehEntry {
  /** Of those who want it. */
  asks: (() => void)[];
  timer?: ReturnType<typeof setInterval>;
  installed: boolean;
  ready: Promise<BokehJS>;
  resolve(Bokeh: BokehJS): void;
  reject(error: Error): void;
}

declare global {
  interface Window {
    /** The newest, and each that is there by its version. */
    Bokeh?: BokehJS & Record<string, BokehJS | undefined>;
  }
  interface HTMLElement {
    /** For tests and for looking in from the console. */
    rugsLab?: object;
  }
}
